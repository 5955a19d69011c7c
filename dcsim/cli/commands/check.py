"""`dcsim check` and `dcsim baseline`: gates for CI."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

import click

from dcsim.cli.output import verdicts
from dcsim.cli.output.counting import Counting
from dcsim.cli.output.markdown import markdown
from dcsim.errors import OutputError, printable, printable_json
from dcsim.scenario.scenario import load
from dcsim.study.checks import baseline as base
from dcsim.study.checks.check import (
    CheckResult,
    CheckSettings,
    case_name,
    check_file,
    pins_of,
    pins_of_removed,
    run_and_judge,
    scenario_files,
    single_run,
)
from dcsim.study.checks.gates import Verdict
from dcsim.study.engine.engine import Engine
from dcsim.study.engine.interrupt import interruptible
from dcsim.study.run.replications import case_of, replicate
from dcsim.study.store.store import ResultStore

EXIT_GATE_FAILED, EXIT_BAD_INPUT, EXIT_SOME_FAILED = 1, 2, 3
GONE = "the scenario is gone"
MOST_SUMMARY = 1 << 20
"""Bytes of a summary that GitHub takes."""


class Choices(NamedTuple):
    """What the command was told."""

    baseline: Path | None
    replications: int
    junit: Path | None
    summary: Path | None
    form: str
    against: str | None
    strict: bool
    store: Path
    root: Path | None


def check(paths: Sequence[Path], choices: Choices, engine: Engine) -> None:
    """Validate, prove, run and judge; leave with the exit code that belongs to it."""
    if choices.against is not None:
        from dcsim.cli.commands.against import check_against  # noqa: PLC0415  (needs git)

        check_against(paths, choices, engine)
        return
    checked = checked_files(paths, choices, engine)
    tell(checked, choices, extra_summary="")
    sys.exit(exit_code(checked, strict=choices.strict))


def checked_files(paths: Sequence[Path], choices: Choices, engine: Engine) -> list[CheckResult]:
    """Return what was found of each scenario file."""
    files = scenario_files(paths)
    pins = [] if choices.baseline is None else base.read_baseline(choices.baseline)
    checked = [check_file(path, str(path), choices.root) for path in files]
    if any(one.problems for one in checked):
        return checked
    with ResultStore.open(choices.store, create=True) as store, interruptible():
        settings = settings_of(choices, store, engine)
        for one, path in zip(checked, files, strict=True):
            mine = [] if choices.baseline is None else pins_of(pins, choices.baseline, path)
            run_and_judge(one, mine, settings)
    if choices.baseline is not None:
        lost = pins_of_removed(pins, choices.baseline, files)
        checked += [_gone(name, gone) for name, gone in lost.items()]
    return checked


def _gone(name: str, pins: Sequence[base.Pin]) -> CheckResult:
    """Return the failed pins of a scenario that is not there any more."""
    found = CheckResult(name)
    found.verdicts = [
        Verdict(f"baseline {one.metric}", name, "fail", "as pinned", GONE, one.metric)
        for one in pins
    ]
    return found


def settings_of(choices: Choices, store: ResultStore, engine: Engine) -> CheckSettings:
    """Return how scenarios are checked."""

    def watch(name: str) -> Counting:
        again = f"the same command; what is finished is in {choices.store}"
        return Counting(case_name(name), again, quiet=choices.form != "text")

    return CheckSettings(
        replications=choices.replications,
        store=store,
        engine=engine,
        root=choices.root,
        watch=watch,
    )


def exit_code(checked: Sequence[CheckResult], *, strict: bool) -> int:
    """Return what the command ends with."""
    if any(one.problems for one in checked):
        return EXIT_BAD_INPUT
    if any(one.fails for one in checked):
        return EXIT_GATE_FAILED
    if strict and any(v.outcome == "inconclusive" for one in checked for v in one.verdicts):
        return EXIT_GATE_FAILED
    return EXIT_SOME_FAILED if any(one.n_failed for one in checked) else 0


def tell(checked: Sequence[CheckResult], choices: Choices, *, extra_summary: str) -> None:
    """Print in the form that was asked for, and write the files."""
    _print(checked, choices.form)
    if choices.junit is not None:
        _write(choices.junit, verdicts.junit(checked))
    text = _cut(extra_summary or markdown(checked))
    if choices.summary is not None:
        _write(choices.summary, text.encode())
    if step := os.environ.get("GITHUB_STEP_SUMMARY"):
        _append(Path(step), text)


def _print(checked: Sequence[CheckResult], form: str) -> None:
    if form == "json":
        said = {"scenarios": verdicts.as_plain(checked)}
        click.echo(printable_json(json.dumps(said, ensure_ascii=False)))
    elif form == "sarif":
        click.echo(verdicts.sarif(checked, _version()))
    else:
        for line in verdicts.text_lines(checked):
            click.echo(printable(line))
    for line in verdicts.github_lines(checked) if form == "github" else ():
        click.echo(line)


def _cut(text: str) -> str:
    if len(text.encode()) <= MOST_SUMMARY:
        return text
    kept = text.encode()[: MOST_SUMMARY - 200].decode(errors="ignore")
    return kept[: kept.rfind("\n")] + "\n\n… the rest does not fit into a summary.\n"


def _version() -> str:
    try:
        return version("dcsim")
    except PackageNotFoundError:
        return "0"


def _write(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        raise _cannot(path, error) from None


def _append(path: Path, text: str) -> None:
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise _cannot(path, error) from None


def _cannot(path: Path, error: OSError) -> OutputError:
    reason = os.strerror(error.errno) if error.errno else str(error)
    return OutputError(f"{path}: cannot be written: {reason}")


class PinChoices(NamedTuple):
    """What `dcsim baseline pin` was told."""

    tolerance: str
    reason: str
    replications: int
    store: Path
    root: Path | None


def pin(
    file: Path, path: Path, metrics: Sequence[str], choices: PinChoices, engine: Engine
) -> None:
    """Run a scenario and pin metrics of it in a baseline."""
    pins = base.read_baseline(file) if file.exists() else []
    scenario = load(path, root=choices.root)
    name = os.path.relpath(path, file.parent)
    with ResultStore.open(choices.store, create=True) as store, interruptible():
        if choices.replications:
            case = case_of(scenario, case_name(str(path)))
            rows, _ = replicate(case, choices.replications, store, engine)
        else:
            settings = CheckSettings(replications=0, store=store, engine=engine)
            rows = single_run(scenario, str(path), settings)
    for metric in metrics:
        new = base.pin_of(
            scenario, name, metric, rows, tolerance=choices.tolerance, reason=choices.reason
        )
        pins, told = base.with_pin(pins, new)
        click.echo(printable(f"pinned {metric} of {name} within {new.tolerance}"))
        if told:
            click.echo(printable(f"  {told}"))
    base.write_baseline(file, pins)


def show(file: Path, *, as_json: bool) -> None:
    """Print the pins of a baseline."""
    pins = base.read_baseline(file)
    if as_json:
        click.echo(printable_json(file.read_text(encoding="utf-8").rstrip()))
        return
    for one in pins:
        many = f"mean of {one.replications:,} runs" if one.replications else "single run"
        known = [value for value in one.values if value is not None]
        value = f"{sum(known) / len(known):.6g}" if known else "never"
        said = f"{one.metric}: {value} ({many}) within {one.tolerance}: {one.reason}"
        line = f"{one.scenario}  {said}"
        click.echo(printable(line))
        for told in one.raised:
            click.echo(printable(f"  {told}"))
