"""`dcsim show`: the effective scenario, where each value stands and where it is from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from dcsim.errors import Problem, ScenarioError, printable, printable_json
from dcsim.results.run_folder import yaml_text
from dcsim.scenario.draws.values import Leaf
from dcsim.scenario.scenario import Scenario, load


def show_scenario(
    path: Path,
    *,
    key: str,
    origin: bool,
    sources: bool,
    as_json: bool,
    overrides: Sequence[str],
    root: Path | None,
) -> None:
    """Print a scenario that was read, layered and checked."""
    scenario = load(path, overrides=overrides, root=root)
    if not (origin or sources or key):
        data = scenario.resolved
        click.echo(printable_json(_json(data) if as_json else yaml_text(data)))
        return
    if as_json:
        leaves = leaves_below(scenario, key)
        click.echo(printable_json(_json([leaf._asdict() for leaf in leaves])))
        return
    for line in source_lines(scenario, key, origin=origin, sources=sources):
        click.echo(line)


def _json(data: Any) -> str:
    return json.dumps(data, indent=1, ensure_ascii=False)


def leaves_below(scenario: Scenario, key: str) -> list[Leaf]:
    """Return the values at or below a key; all of them for an empty one."""
    below = f"{key}." if key else ""
    leaves = [leaf for leaf in scenario.leaves if f"{leaf.key}.".startswith(below)]
    if not leaves:
        message = "no such key; 'dcsim show' prints all of them"
        raise ScenarioError([Problem(str(scenario.path), key, message)])
    return leaves


def source_lines(scenario: Scenario, key: str, *, origin: bool, sources: bool) -> Iterator[str]:
    """Yield a line a value and, with sources, what they are and what has none."""
    leaves = leaves_below(scenario, key)
    for leaf in leaves:
        yield printable(_line(leaf, origin=origin, sources=sources))
    if sources:
        yield from _sources(scenario, leaves)


def _line(leaf: Leaf, *, origin: bool, sources: bool) -> str:
    line = f"{leaf.key} = {leaf.text}"
    if origin:
        line = f"{leaf.where}: {line}"
    if sources and not leaf.is_text:
        line += f"  [{leaf.confidence or 'no source'}{': ' + leaf.source if leaf.source else ''}]"
    return line


def _sources(scenario: Scenario, leaves: Sequence[Leaf]) -> Iterator[str]:
    numbers = [leaf for leaf in leaves if not leaf.is_text]
    without = [leaf.key for leaf in numbers if leaf.source is None and leaf.confidence is None]
    counts: dict[str, int] = {}
    for leaf in numbers:
        counts[leaf.confidence or "no source"] = counts.get(leaf.confidence or "no source", 0) + 1
    yield ""
    yield ", ".join(f"{n} {name}" for name, n in sorted(counts.items()))
    used = sorted({name for leaf in leaves if leaf.source for name in leaf.source.split()})
    for name in used:
        about = scenario.resolved.get("sources", {}).get(name, {})
        parts = [str(about[k]) for k in ("title", "year", "where") if k in about]
        yield printable(f"{name}: {', '.join(parts)}")
    if without:
        yield printable(f"without a source: {', '.join(without)}")
