"""`dcsim explain`: which assumptions make a metric differ between two scenarios."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import click

from dcsim.cli.commands.replications import right_table
from dcsim.errors import OutputError, cut, printable, printable_json
from dcsim.results.run_folder import cannot_write
from dcsim.scenario.scenario import load
from dcsim.study.attribution.differences import Assumption
from dcsim.study.attribution.explain import Asked, Explained, Part, explain
from dcsim.study.attribution.mixed import By
from dcsim.study.engine.interrupt import interruptible

MOST_CHANGES = 3
"""Changes of a group that are told."""


class Choices(NamedTuple):
    """What the command was told."""

    metric: str
    by: By
    replications: int
    orders: int
    out: Path | None
    as_json: bool
    root: Path | None


def print_explanation(before: Path, after: Path, choices: Choices) -> None:
    """Print the parts of a change as a table, and draw them if asked to."""
    if choices.out is not None and choices.out.suffix not in (".png", ".svg"):
        raise OutputError(f"{choices.out}: name a .png or .svg file")
    if choices.out is not None and not choices.out.parent.is_dir():
        raise OutputError(f"{choices.out}: there is no folder {choices.out.parent}")
    first, second = (load(path, root=choices.root) for path in (before, after))
    asked = Asked(choices.metric, choices.by, choices.replications, choices.orders)
    told = _Told(quiet=choices.as_json)
    with interruptible():
        found = explain(first, second, asked, watch=told)
    told.end()
    if choices.as_json:
        click.echo(printable_json(json.dumps(as_plain(found), ensure_ascii=False)))
    else:
        for line in lines_of(found, before.stem, after.stem):
            click.echo(printable(line))
    if choices.out is not None:
        from dcsim.plots import drawn  # noqa: PLC0415  (matplotlib only on request)
        from dcsim.plots.study.waterfall import waterfall_figure  # noqa: PLC0415

        form = choices.out.suffix.removeprefix(".")
        axes = waterfall_figure(found, before.stem, after.stem)
        (content,) = drawn("explain", axes, (form,)).values()
        try:
            choices.out.write_bytes(content)
        except OSError as error:
            raise cannot_write(choices.out, error) from None
        click.echo(printable(f"Written {choices.out}"), err=choices.as_json)


class _Told:
    """Says now and then how far it is."""

    def __init__(self, *, quiet: bool) -> None:
        self.on_terminal = sys.stderr.isatty() and not quiet

    def __call__(self, n_done: int, n_total: int) -> None:
        if self.on_terminal:
            click.echo(f"\r{n_done:,} of about {n_total:,} runs", nl=False, err=True)

    def end(self) -> None:
        """Leave the line."""
        if self.on_terminal:
            click.echo(err=True)


def lines_of(found: Explained, before: str, after: str) -> Iterator[str]:
    """Yield the change and its parts."""
    metric = found.metric
    old, new = metric.shown(found.before), metric.shown(found.after)
    yield f"{metric.name}: {old} in {before}, {new} in {after}"
    sure = (
        f" ± {metric.change(1.96 * found.change_error).lstrip('+')}" if found.change_error else ""
    )
    yield f"Change {metric.change(found.change)}{sure}"
    yield ""
    moving = [part for part in found.parts if part.share or part.alone or part.last]
    still = [part for part in found.parts if part not in moving]
    body = [_row(part, found) for part in moving]
    total = metric.change(sum(part.share for part in found.parts))
    body.append(["together", total, "100%" if found.change else "–", "", ""])
    heads = ["changed", "share of the change", "", "alone", "last"]
    yield from right_table(heads, body)
    if still:
        names = cut(", ".join(part.group.label for part in still), 200)
        yield f"Nothing by {len(still)} other{'s' if len(still) > 1 else ''}: {names}"
    yield ""
    for part in moving:
        yield from _said(part)
    yield ""
    how = "all orders" if found.exact else f"{found.n_orders} orders, ± 1.96 standard errors"
    yield f"Shapley values over {how}; {found.n_runs:,} runs, the same luck in all."


def _row(part: Part, found: Explained) -> list[str]:
    metric = found.metric
    share = metric.change(part.share)
    if part.error:
        share += f" ± {metric.change(1.96 * part.error).lstrip('+')}"
    of = f"{abs(part.share / found.change) + 0.0:.0%}" if found.change else "–"
    if found.change and part.share / found.change < -0.005:
        of = f"-{of}"
    label = cut(part.group.label, 44)
    return [label, share, of, metric.change(part.alone), metric.change(part.last)]


def _said(part: Part) -> Iterator[str]:
    changes = sorted(part.group.changes, key=_is_aside)
    for change in changes[:MOST_CHANGES]:
        yield f"  {said(change)}"
    if len(changes) > MOST_CHANGES:
        yield f"  … and {len(changes) - MOST_CHANGES} more in {cut(part.group.label, 44)}"


def _is_aside(change: Assumption) -> tuple[bool, bool]:
    """Sort what has another value before names, and before what is there on one side alone."""
    is_name = change.key.endswith((".name", ".label"))
    return is_name, change.before is None or change.after is None


def said(change: Assumption) -> str:
    """Return a changed assumption as one line."""
    before, after = (
        "nothing" if text is None else cut(text, 50) for text in (change.before, change.after)
    )
    source = f"  [{change.source}]" if change.source else ""
    return f"{change.key}: {before} -> {after}{source}"


def as_plain(found: Explained) -> Mapping[str, Any]:
    """Return all of it as plain data."""
    return {
        "metric": found.metric.name,
        "unit": "day" if found.metric.is_day else found.metric.unit,
        "before": found.before,
        "after": found.after,
        "change": found.change,
        "change_standard_error": found.change_error,
        "exact": found.exact,
        "orders": found.n_orders,
        "runs": found.n_runs,
        "parts": [
            {
                "changed": part.group.label,
                "share": part.share,
                "standard_error": part.error,
                "alone": part.alone,
                "last": part.last,
                "assumptions": [change._asdict() for change in part.group.changes],
            }
            for part in found.parts
        ],
    }
