"""`dcsim show`: effective values of a scenario, with file and line, source and confidence."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dcsim.cli.options import ROOT, SCENARIO, SET, json_option
from dcsim.errors import Problem, ScenarioError, printable, printable_json

if TYPE_CHECKING:
    from dcsim.scenario.draws.values import Leaf
    from dcsim.scenario.scenario import Scenario


@click.command("show")
@SCENARIO
@click.argument("key", required=False, default="")
@click.option("--origin", is_flag=True, help="Print file and line of every effective value.")
@click.option("--sources", is_flag=True, help="Print source and confidence of every value.")
@json_option("Print as JSON.")
@SET
@ROOT
def show_command(
    scenario: Path,
    *,
    key: str,
    origin: bool,
    sources: bool,
    as_json: bool,
    overrides: tuple[str, ...],
    root: Path | None,
) -> None:
    """Print the effective values of SCENARIO, all or those below KEY, checked and layered."""
    from dcsim.results.run_folder import yaml_text
    from dcsim.scenario.load import load
    from dcsim.scenario.text.file_format import with_format

    loaded = load(scenario, overrides=overrides, root=root)
    if not (origin or sources or key):
        data = with_format(loaded.resolved)
        click.echo(printable_json(_indented_json(data) if as_json else yaml_text(data)))
        return
    if as_json:
        leaves = leaves_below(loaded, key)
        click.echo(printable_json(_indented_json([leaf._asdict() for leaf in leaves])))
        return
    for line in source_lines(loaded, key, origin=origin, sources=sources):
        click.echo(line)


def _indented_json(data: Any) -> str:
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
    """Yield a line a value and, with sources, counts, titles and the values without any.

    Parameters
    ----------
    scenario : Scenario
    key : str
        Only values at or below this key; empty for all.
    origin, sources : bool
        Whether to write file and line, and source and confidence, of each value.
    """
    leaves = leaves_below(scenario, key)
    for leaf in leaves:
        yield printable(_leaf_line(leaf, origin=origin, sources=sources))
    if sources:
        yield from _source_summary(scenario, leaves)


def _leaf_line(leaf: Leaf, *, origin: bool, sources: bool) -> str:
    line = f"{leaf.key} = {leaf.text}"
    if origin:
        line = f"{leaf.where}: {line}"
    if sources and not leaf.is_text:
        line += f"  [{leaf.confidence or 'no source'}{': ' + leaf.source if leaf.source else ''}]"
    return line


def _source_summary(scenario: Scenario, leaves: Sequence[Leaf]) -> Iterator[str]:
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
