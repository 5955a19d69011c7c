"""`dcsim show`: the effective scenario, where each value stands and where it is from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from dcsim.errors import Problem, ScenarioError, printable
from dcsim.runfiles import yaml_text
from dcsim.scenario.scenario import Scenario, load
from dcsim.scenario.values import Leaf


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
        click.echo(json.dumps(data, indent=1, ensure_ascii=False) if as_json else yaml_text(data))
        return
    leaves = [
        leaf for leaf in scenario.leaves if f"{leaf.key}.".startswith(f"{key}." if key else "")
    ]
    if not leaves:
        raise ScenarioError(
            [Problem(str(path), key, "no such key; 'dcsim show' prints all of them")]
        )
    if as_json:
        click.echo(json.dumps([leaf._asdict() for leaf in leaves], indent=1, ensure_ascii=False))
        return
    for leaf in leaves:
        click.echo(printable(_line(leaf, origin=origin, sources=sources)))
    if sources:
        _sources(scenario, leaves)


def _line(leaf: Leaf, *, origin: bool, sources: bool) -> str:
    line = f"{leaf.key} = {leaf.text}"
    if origin:
        line = f"{leaf.where}: {line}"
    if sources and not leaf.is_text:
        line += f"  [{leaf.confidence or 'no source'}{': ' + leaf.source if leaf.source else ''}]"
    return line


def _sources(scenario: Scenario, leaves: Sequence[Leaf]) -> None:
    numbers = [leaf for leaf in leaves if not leaf.is_text]
    without = [leaf.key for leaf in numbers if leaf.source is None and leaf.confidence is None]
    counts: dict[str, int] = {}
    for leaf in numbers:
        counts[leaf.confidence or "no source"] = counts.get(leaf.confidence or "no source", 0) + 1
    click.echo("")
    click.echo(", ".join(f"{n} {name}" for name, n in sorted(counts.items())))
    used = sorted({name for leaf in leaves if leaf.source for name in leaf.source.split()})
    for name in used:
        about = scenario.resolved.get("sources", {}).get(name, {})
        parts = [str(about[k]) for k in ("title", "year", "where") if k in about]
        click.echo(printable(f"{name}: {', '.join(parts)}"))
    if without:
        click.echo(printable(f"without a source: {', '.join(without)}"))
