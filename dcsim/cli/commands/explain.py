"""`dcsim explain`: the assumptions that make a metric differ between two scenarios."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dcsim.cli.options import FILE_PATH, JSON, root_option
from dcsim.cli.output.assumptions import assumption_line
from dcsim.cli.output.counting import RunCounter
from dcsim.cli.output.fitting import terminal_width, wrapped
from dcsim.cli.output.tables import right_table
from dcsim.errors import OutputError, printable, printable_json
from dcsim.limits import LEAST_ORDERS, MAX_REPLICATIONS
from dcsim.study.engine.interrupt import interruptible

if TYPE_CHECKING:
    from dcsim.study.attribution.differences import Assumption
    from dcsim.study.attribution.explanation import Explanation, GroupShare
    from dcsim.study.attribution.mixed import By


MOST_CHANGES_OF_GROUP = 3
"""Changes of a group that are printed."""


@dataclass(frozen=True)
class ExplainOptions:
    """Options of `dcsim explain`."""

    metric: str
    by: By
    replications: int
    orders: int
    out: Path | None
    as_json: bool
    root: Path | None


@click.command("explain")
@click.argument("before", type=FILE_PATH)
@click.argument("after", type=FILE_PATH)
@click.option("--metric", required=True, help="Figure to explain, such as gpus_online_2030.")
@click.option(
    "--by",
    type=click.Choice(["section", "name"]),
    default="section",
    show_default=True,
    help="Group assumptions by section of the file, or by the thing they belong to.",
)
@click.option(
    "--replications",
    type=click.IntRange(0, MAX_REPLICATIONS),
    default=0,
    show_default=True,
    help="Explain the mean change of so many runs; 0 takes the single run at the medians.",
)
@click.option(
    "--orders",
    type=click.IntRange(LEAST_ORDERS),
    default=24,
    show_default=True,
    help="Orders to look at where more than eight groups differ.",
)
@click.option("--out", type=FILE_PATH, help="Draw the parts into this .png or .svg file.")
@JSON
@root_option()
def explain_command(before: Path, after: Path, **options: Any) -> None:
    """Say which assumptions make a metric of AFTER differ from that of BEFORE."""
    print_explanation(before, after, ExplainOptions(**options))


def print_explanation(before: Path, after: Path, options: ExplainOptions) -> None:
    """Print the parts of a change as a table, and draw them on request.

    Parameters
    ----------
    before, after : Path
        Scenario files.
    options : ExplainOptions
    """
    from dcsim.scenario.load import load
    from dcsim.study.attribution.explain import explain

    _check_figure_file(options.out)
    first, second = (load(path, root=options.root) for path in (before, after))
    with RunCounter(quiet=options.as_json) as counter, interruptible():
        explained = explain(
            first,
            second,
            options.metric,
            by=options.by,
            replications=options.replications,
            orders=options.orders,
            watch=counter,
        )
    if options.as_json:
        click.echo(printable_json(json.dumps(explanation_data(explained), ensure_ascii=False)))
    else:
        for line in explanation_lines(explained):
            click.echo(printable(line))
    if options.out is not None:
        _save_waterfall(options.out, explained)
        click.echo(printable(f"Written {options.out}"), err=options.as_json)


def _check_figure_file(out: Path | None) -> None:
    """Refuse a file of another kind, or that cannot be written, before anything is computed."""
    from dcsim.results.output_files import refuse_unwritable_file

    if out is not None and out.suffix not in (".png", ".svg"):
        raise OutputError(f"{out}: name a .png or .svg file")
    refuse_unwritable_file(out)


def _save_waterfall(out: Path, explained: Explanation) -> None:
    from dcsim.plots import figure_files, waterfall
    from dcsim.results.output_files import write_output_file

    axes = waterfall(explained)
    (content,) = figure_files("explain", axes, (out.suffix.removeprefix("."),)).values()
    write_output_file(out, content)


def explanation_lines(explained: Explanation, width: int | None = None) -> Iterator[str]:
    """Yield the change of a metric, its parts as a table, and the assumptions behind them.

    Parameters
    ----------
    explained : Explanation
    width : int, optional
        Columns of the terminal; those it has by default.
    """
    from dcsim.study.records.labels import group_label

    metric, (before, after) = explained.run_metric, explained.names
    old, new = metric.shown(explained.before), metric.shown(explained.after)
    room = terminal_width(100) if width is None else width
    yield from wrapped(f"{metric.words}: {old} in {before}, {new} in {after}", room, indent="  ")
    error = explained.change_error
    half_width = f" ± {metric.change(1.96 * error).lstrip('+')}" if error else ""
    yield from wrapped(f"Change {metric.change(explained.change)}{half_width}", room)
    yield ""
    moving = [part for part in explained.parts if part.share or part.alone or part.last]
    still = [part for part in explained.parts if part not in moving]
    body = [_part_row(part, explained) for part in moving]
    total = metric.change(sum(part.share for part in explained.parts))
    body.append(["together", total, "100%" if explained.change else "–", "", ""])
    yield from right_table(
        ["changed", "share of the change", "", "alone", "last"], body, width=width
    )
    if still:
        names = ", ".join(group_label(part.group.label) for part in still)
        head = f"No effect of {len(still)} other{'s' if len(still) > 1 else ''}"
        yield from wrapped(f"{head}: {names}", room, indent="  ")
    yield ""
    for part in moving:
        for line in _change_lines(part):
            yield from wrapped(f"  {line}", room, indent="    ")
    yield ""
    orders = f"{explained.n_orders} orders, ± 1.96 standard errors"
    over = "all orders" if explained.exact else orders
    yield from wrapped(
        f"Shapley values over {over}; {explained.n_runs:,} runs, common random numbers in all.",
        room,
    )


def _part_row(part: GroupShare, explained: Explanation) -> list[str]:
    from dcsim.study.records.labels import group_label

    metric = explained.run_metric
    share = metric.change(part.share)
    if part.error:
        share += f" ± {metric.change(1.96 * part.error).lstrip('+')}"
    of = f"{abs(part.share / explained.change) + 0.0:.0%}" if explained.change else "–"
    if explained.change and part.share / explained.change < -0.005:
        of = f"-{of}"
    return [
        group_label(part.group.label),
        share,
        of,
        metric.change(part.alone),
        metric.change(part.last),
    ]


def _change_lines(part: GroupShare) -> Iterator[str]:
    from dcsim.study.records.labels import group_label

    changes = sorted(part.group.changes, key=_is_aside)
    for change in changes[:MOST_CHANGES_OF_GROUP]:
        yield assumption_line(change)
    if len(changes) > MOST_CHANGES_OF_GROUP:
        n_more = len(changes) - MOST_CHANGES_OF_GROUP
        yield f"… and {n_more} more in {group_label(part.group.label)}; --json has all"


def _is_aside(change: Assumption) -> tuple[bool, bool]:
    """Sort what has another value before names, and before what is there on one side alone."""
    is_name = change.key.endswith((".name", ".label"))
    return is_name, change.before is None or change.after is None


def explanation_data(explained: Explanation) -> Mapping[str, Any]:
    """Return a change and its parts as plain data."""
    return {
        "metric": explained.metric,
        "unit": explained.unit,
        "before": explained.before,
        "after": explained.after,
        "change": explained.change,
        "change_standard_error": explained.change_error,
        "exact": explained.exact,
        "orders": explained.n_orders,
        "runs": explained.n_runs,
        "parts": [
            {
                "changed": part.group.label,
                "share": part.share,
                "standard_error": part.error,
                "alone": part.alone,
                "last": part.last,
                "assumptions": [change._asdict() for change in part.group.changes],
            }
            for part in explained.parts
        ],
    }
