"""`dcsim compare`: scenarios side by side under common random numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dcsim.cli.options import (
    DEFAULT_STORE,
    FILE_PATH,
    JSON,
    engine_keywords,
    engine_options,
    root_option,
    store_option,
)
from dcsim.cli.output.assumptions import assumption_line
from dcsim.cli.output.counting import Counting
from dcsim.cli.output.fitting import terminal_width, wrapped
from dcsim.cli.output.tables import json_line, right_table
from dcsim.errors import printable
from dcsim.limits import LEAST_PAIRS, MAX_REPLICATIONS
from dcsim.study.engine.interrupt import interruptible

if TYPE_CHECKING:
    from dcsim.study.engine.options import EngineOptions
    from dcsim.study.statistics.paired import Difference, MilestoneDifference


MAX_CHANGES_SHOWN = 12


@click.command("compare")
@click.argument("scenarios", type=FILE_PATH, nargs=-1, required=True)
@click.option(
    "--replications",
    type=click.IntRange(LEAST_PAIRS, MAX_REPLICATIONS),
    default=50,
    show_default=True,
    help="Of each scenario, with common random numbers.",
)
@engine_options
@store_option("Folder of results. [default: runs/store]", default=None)
@click.option("--out", type=FILE_PATH, help="Folder for the figure. [default: none is drawn]")
@JSON
@root_option()
def compare_command(scenarios: tuple[Path, ...], **options: Any) -> None:
    """Compare SCENARIOS with the first of them: assumptions, dates, figures, in pairs."""
    engine = engine_keywords(options)
    print_comparison(scenarios, engine, **options)


def print_comparison(
    paths: Sequence[Path],
    engine: EngineOptions,
    *,
    replications: int,
    store: Path | None,
    out: Path | None,
    root: Path | None,
    as_json: bool,
) -> None:
    """Run scenarios with common random numbers and print how each differs from the first.

    Parameters
    ----------
    paths : sequence of Path
        Scenario files, two or more.
    engine : EngineOptions
        Where runs are computed.
    replications : int
        Of each scenario.
    store : Path or None
        Folder of finished runs; None is ``runs/store``.
    out : Path or None
        Folder for figures; None draws none.
    root : Path or None
        Folder that all files must lie in; None is that of each scenario.
    as_json : bool
        Whether to print JSON instead of tables.
    """
    from dcsim.results.output_files import refuse_unwritable_place
    from dcsim.scenario.load import load
    from dcsim.study.run.compare import compare

    if out is not None:
        refuse_unwritable_place(out / "figure")
    folder = store or DEFAULT_STORE
    again = f"the same command; what is finished is in {folder}"
    with Counting(f"{len(paths)} scenarios", again, quiet=as_json) as progress, interruptible():
        found = compare(
            *(load(path, root=root) for path in paths),
            replications=replications,
            store=folder,
            watch=progress,
            **engine,
        )
    comparisons, first = found.summary, found.labels[0]
    if as_json:
        click.echo(json_line(comparisons))
    else:
        for label, parts in comparisons.items():
            for line in comparison_lines(first, label, parts, replications):
                click.echo(printable(line))
    if out is not None:
        from dcsim.plots.study.files import save_comparison_figures

        tables = {label: one.rows for label, one in found.replications.items()}
        for file in save_comparison_figures(tables, out):
            click.echo(printable(str(file)))


def comparison_lines(first: str, label: str, parts: Mapping[str, Any], n: int) -> Iterator[str]:
    """Yield how a scenario differs from the first: assumptions, milestones, figures.

    Parameters
    ----------
    first, label : str
        Names of the first scenario and of the other.
    parts : mapping
        Differences as plain data: ``assumptions``, ``milestones``, ``figures``.
    n : int
        Replications of each.
    """
    from dcsim.study.attribution.differences import Assumption
    from dcsim.study.statistics.paired import Difference, MilestoneDifference

    yield f"{label} against {first}, {n:,} replications with common random numbers"
    yield "=" * 78
    changes = [Assumption(**change) for change in parts["assumptions"]]
    yield "Changed assumptions"
    for change in changes[:MAX_CHANGES_SHOWN]:
        yield from wrapped(f"  {assumption_line(change)}", terminal_width(100), indent="    ")
    if len(changes) > MAX_CHANGES_SHOWN:
        yield f"  … and {len(changes) - MAX_CHANGES_SHOWN} more; --json has all"
    if not changes:
        yield "  nothing"
    yield ""
    yield from _milestone_lines([MilestoneDifference(**one) for one in parts["milestones"]])
    yield from _figure_lines([Difference(**one) for one in parts["figures"]])


def _milestone_lines(milestones: Sequence[MilestoneDifference]) -> Iterator[str]:
    if not milestones:
        return
    body, same = [], []
    for one in milestones:
        if not (one.only_a or one.only_b or one.n_earlier or one.n_later):
            same.append(one.name)
            continue
        before, after = one.both + one.only_a, one.both + one.only_b
        days = "–"
        if not math.isnan(one.days):
            days = f"{one.days:+,.0f}"
            if math.isfinite(one.days_low) and math.isfinite(one.days_high):
                days += f" ({one.days_low:+,.0f} to {one.days_high:+,.0f})"
        change = f"{one.change:+.0%} ({one.low:+.0%} to {one.high:+.0%})"
        body.append([one.name, f"{before / one.n:.0%}", f"{after / one.n:.0%}", change, days])
    yield "Milestone confidence, and days later where both meet it (median, 95 % intervals)"
    if body:
        yield from right_table(["milestone", "before", "after", "change", "days later"], body)
    yield from _unchanged_lines(same)
    yield ""


def _unchanged_lines(names: Sequence[str]) -> Iterator[str]:
    if names:
        yield from wrapped(f"Unchanged: {'; '.join(names)}", terminal_width(100), indent="  ")


def _figure_lines(figures: Sequence[Difference]) -> Iterator[str]:
    from dcsim.study.records.labels import KEY_FIGURES

    body, same = [], []
    for one in figures:
        if not one.n:
            continue
        if not (one.share_higher or one.share_lower):
            same.append(KEY_FIGURES[one.name].text.partition(" [")[0])
            continue
        known = KEY_FIGURES[one.name]
        signed = known._replace(form=known.form.replace("{:", "{:+"))
        median, low, high = map(signed.shown, (one.median, one.median_low, one.median_high))
        known_ends = math.isfinite(one.median_low) and math.isfinite(one.median_high)
        interval = f"{low} to {high}" if known_ends else "–"
        body.append([known.text, median, interval, f"{one.share_higher:.0%}"])
    yield "Change of each figure, pair by pair (median, 95 % interval)"
    if body:
        yield from right_table(["figure", "change", "interval", "higher in"], body)
    yield from _unchanged_lines(same)
    yield ""
