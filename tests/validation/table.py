"""All cases, and the table of what they come to."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.validation import (
    cases_failures,
    cases_power,
    cases_profiles,
    cases_supply,
    cases_weather,
)
from tests.validation.case import Case

MODULES = (cases_weather, cases_power, cases_supply, cases_profiles, cases_failures)


class Judged(NamedTuple):
    """A case and what dcsim found."""

    case: Case
    found: float


@functools.cache
def all_cases() -> tuple[Case, ...]:
    """Return all cases, in the order of the table."""
    return tuple(case for module in MODULES for case in module.cases())


def judged(data: Path) -> list[Judged]:
    """Measure all cases that can be, given what is in the folder of real data."""
    there = data.is_dir()
    able = [case for case in all_cases() if there or not case.needs_data]
    return [Judged(case, case.measure(data)) for case in able]


def markdown(found: Sequence[Judged]) -> Iterator[str]:
    """Yield the table as Markdown, a heading for each part."""
    part = ""
    for case, value in found:
        if case.part != part:
            part = case.part
            yield from (
                "",
                f"## {part}",
                "",
                "| what | published or closed form | dcsim | unit | difference | tolerance | |",
                "|---|---|---|---|---|---|---|",
            )
        apart = case.difference(value)
        off, most = (
            (f"{apart:+.2%}", f"{case.tolerance:.3g}".rstrip("0"))
            if case.relative
            else (f"{apart:+.2g}", f"{case.tolerance:.2g}")
        )
        most = f"{case.tolerance:.2%}" if case.relative else most
        passed = "pass" if case.passes(value) else "FAIL"
        yield (
            f"| {case.name} | {case.expected:,.7g} | {value:,.7g} | {case.unit} | {off} "
            f"| {most} | {passed} |"
        )


def sources(found: Sequence[Judged]) -> Iterator[str]:
    """Yield where the figures of each part come from."""
    by_part: dict[str, dict[str, None]] = {}
    for case, _ in found:
        by_part.setdefault(case.part, {})[case.source] = None
    for part, names in by_part.items():
        yield f"- {part}: {'; '.join(names)}."
