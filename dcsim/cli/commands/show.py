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
    from dcsim.scenario.defaults import Default
    from dcsim.scenario.draws.values import Leaf
    from dcsim.scenario.scenario import Scenario


@click.command("show")
@SCENARIO
@click.argument("key", required=False, default="")
@click.option("--origin", is_flag=True, help="Print file and line of every effective value.")
@click.option("--sources", is_flag=True, help="Print source and confidence of every value.")
@click.option(
    "--defaults/--no-defaults",
    default=True,
    show_default=True,
    help="Print the values that SCENARIO leaves to dcsim, too.",
)
@json_option("Print as JSON.")
@SET
@ROOT
def show_command(
    scenario: Path,
    *,
    key: str,
    origin: bool,
    sources: bool,
    defaults: bool,
    as_json: bool,
    overrides: tuple[str, ...],
    root: Path | None,
) -> None:
    """Print the effective values of SCENARIO, all or those below KEY, checked and layered.

    Values that the scenario leaves to dcsim are marked as defaults, with what they follow from.
    """
    from dcsim.cli.output.defaults import commented, noted, with_defaults
    from dcsim.results.run_folder import yaml_text
    from dcsim.scenario.defaults import defaults_of
    from dcsim.scenario.load import load
    from dcsim.scenario.text.file_format import with_format

    loaded = load(scenario, overrides=overrides, root=root)
    found = list(defaults_of(loaded.site)) if defaults else []
    if not (origin or sources or key):
        data = with_format(with_defaults(loaded, found, noted if as_json else commented))
        click.echo(printable_json(_indented_json(data) if as_json else yaml_text(data)))
        for note in () if as_json else _file_notes(loaded):
            click.echo(printable(f"# Note: {note}"))
        return
    if as_json:
        click.echo(printable_json(_indented_json(_leaf_data(loaded, found, key))))
        return
    for line in source_lines(loaded, key, found, origin=origin, sources=sources):
        click.echo(line)


def _file_notes(scenario: Scenario) -> tuple[str, ...]:
    """Return what a run would say of the data files of a scenario; none without files."""
    from dcsim.data_files import read_data_files
    from dcsim.supply.assets.models import notes_of_assets

    if not scenario.files:
        return ()
    try:
        return (*read_data_files(scenario), *notes_of_assets(scenario.plan()))
    except ScenarioError:
        return ("its data files are not as they should be; 'dcsim check' says why.",)


def _indented_json(data: Any) -> str:
    return json.dumps(data, indent=1, ensure_ascii=False)


def _leaf_data(scenario: Scenario, defaults: Sequence[Default], key: str) -> list[dict[str, Any]]:
    """Return the values at or below a key as plain data; `default` marks those of dcsim."""
    from dcsim.cli.output.defaults import mark_of

    marks = {one.key: mark_of(one) for one in defaults}
    leaves = leaves_below(scenario, key, defaults)
    return [{**leaf._asdict(), "default": marks.get(leaf.key)} for leaf in leaves]


def leaves_below(scenario: Scenario, key: str, defaults: Sequence[Default]) -> list[Leaf]:
    """Return the values at or below a key, all of them for an empty one; then the defaults.

    Parameters
    ----------
    scenario : Scenario
    key : str
    defaults : sequence of Default
        Those of the scenario that are to be shown.

    Returns
    -------
    list of Leaf
        A default stands where its mark says.

    Raises
    ------
    ScenarioError
        If nothing stands there.
    """
    from dcsim.cli.output.defaults import leaf_of

    below = f"{key}." if key else ""
    every = [*scenario.leaves, *map(leaf_of, defaults)]
    leaves = [leaf for leaf in every if f"{leaf.key}.".startswith(below)]
    if not leaves:
        message = "no such key; 'dcsim show' prints all of them"
        raise ScenarioError([Problem(str(scenario.path), key, message)])
    return leaves


def source_lines(
    scenario: Scenario,
    key: str,
    defaults: Sequence[Default] = (),
    *,
    origin: bool,
    sources: bool,
) -> Iterator[str]:
    """Yield a line a value and, with sources, counts, titles and the values without any.

    Parameters
    ----------
    scenario : Scenario
    key : str
        Only values at or below this key; empty for all.
    defaults : sequence of Default
        Those of the scenario, marked in the lines.
    origin, sources : bool
        Whether to write file and line, and source and confidence, of each value.
    """
    leaves = leaves_below(scenario, key, defaults)
    keys = {one.key for one in defaults}
    for leaf in leaves:
        is_default = leaf.key in keys
        yield printable(_leaf_line(leaf, origin=origin, sources=sources, is_default=is_default))
    if sources:
        yield from _source_summary(scenario, [leaf for leaf in leaves if leaf.key not in keys])
        n_defaults = sum(leaf.key in keys for leaf in leaves)
        if n_defaults:
            yield f"defaults: {n_defaults}"


def _leaf_line(leaf: Leaf, *, origin: bool, sources: bool, is_default: bool) -> str:
    line = f"{leaf.key} = {leaf.text}"
    if is_default:  # its place is its mark
        return f"{leaf.where}: {line}" if origin and not sources else f"{line}  [{leaf.where}]"
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
