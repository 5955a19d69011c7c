"""`dcsim drivers`: which assumptions move the dates and figures of a study."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dcsim.cli.options import JSON, STORE, STUDY
from dcsim.cli.output.tables import json_line, right_table
from dcsim.cli.stores import study_manifest
from dcsim.errors import ModelError, printable
from dcsim.units import HOURS_PER_DAY

if TYPE_CHECKING:
    from dcsim.study.records.rows import Rows
    from dcsim.study.sensitivity.discovery import DisplayUnit
    from dcsim.study.sensitivity.indices import MorrisIndex, SobolIndex
    from dcsim.study.sensitivity.sensitivity import RankEffect, Swing


MAX_INPUTS_SHOWN = 12
LEAST_RUNS = 10
"""Fewer runs say nothing of fifths."""


@click.command("drivers")
@STORE
@STUDY
@click.option("--metric", "-m", help="Column to explain. [default: days late of each milestone]")
@click.option("--milestone", help="Milestone whose misses are described. [default: the last]")
@click.option("--plots", is_flag=True, help="Draw the tornado into the store's folder.")
@JSON
def drivers_command(
    store: Path,
    *,
    study: str | None,
    metric: str | None,
    milestone: str | None,
    plots: bool,
    as_json: bool,
) -> None:
    """Print which assumptions move the dates in STORE, and which ranges miss a milestone."""
    from dcsim.results.output_files import refuse_unwritable_place
    from dcsim.study.run.runner import study_table
    from dcsim.study.statistics.milestones import milestone_names
    from dcsim.study.store.store import ResultStore

    if plots:
        refuse_unwritable_place(store / "figure")
    opened = ResultStore.open(store, create=False)
    manifest = study_manifest(opened, study)
    rows = study_table(opened, manifest)
    about = manifest.get("about", {})
    names = milestone_names(rows)
    missed = milestone or (names[-1] if names else None)
    if missed is not None and missed not in names:
        raise ModelError(f"there is no milestone {missed!r}; there is {', '.join(names) or 'none'}")
    wanted = metric or (f"milestone.{missed}" if missed else None)
    if wanted is None:
        raise ModelError("the study has no milestone; name a column with --metric")
    if as_json:
        click.echo(json_line(_driver_data(rows, wanted, missed, about)))
    else:
        for line in driver_lines(rows, wanted, missed, about):
            click.echo(printable(line))
    if plots:
        from dcsim.plots.study.files import save_driver_figures

        for file in save_driver_figures(rows, about, wanted, store):
            click.echo(printable(str(file)))


def driver_lines(
    rows: Rows, metric: str, milestone: str | None, about: Mapping[str, Any]
) -> Iterator[str]:
    """Yield the inputs that drive a metric, and in words the ranges that miss a milestone.

    Parameters
    ----------
    rows : Rows
        The runs of a study.
    metric : str
        Column of `rows`, or ``milestone.NAME`` for its days late.
    milestone : str or None
        Milestone whose misses are described.
    about : mapping
        What the study's manifest says of its design and the units of its inputs.

    Yields
    ------
    str
        Lines of tables: swings, indices, then sentences on the misses.
    """
    from dcsim.study.sensitivity.discovery import discover
    from dcsim.study.sensitivity.screening import independent_rows

    drawn = independent_rows(rows, about)
    if drawn.n_rows >= LEAST_RUNS:
        yield from _tornado_lines(drawn, metric, display_units(about))
    yield from _index_lines(rows, metric, about)
    if milestone is not None:
        found = discover(drawn, milestone, units=display_units(about))
        yield f"Ranges that miss {milestone} ({found.n_missed:,} of {found.n:,} runs do):"
        yield from (f"  {sentence}" for sentence in found.sentences)


def _tornado_lines(rows: Rows, metric: str, units: Mapping[str, DisplayUnit]) -> Iterator[str]:
    from dcsim.study.sensitivity.sensitivity import rank_effects, tornado_of

    swings = tornado_of(rows, metric)
    effects = {effect.name: effect for effect in rank_effects(rows, metric).effects}
    unit = "days late" if metric.startswith("milestone.") else metric
    yield f"{metric}: median {swings.median:,.4g} {unit}, over {swings.outcome.values.size:,} runs"
    if swings.outcome.n_never:
        yield (
            f"  {swings.outcome.n_never:,} runs never reach it and count as "
            f"{swings.outcome.never_days:,.0f} days late"
        )
    head = ["input", "lowest fifth", "highest fifth", "metric there", "and there", "rank corr."]
    body = [
        _swing_row(swing, effects.get(swing.name), units)
        for swing in swings.swings[:MAX_INPUTS_SHOWN]
    ]
    yield from right_table(head, body)
    if len(swings.swings) > MAX_INPUTS_SHOWN:
        yield f"… and {len(swings.swings) - MAX_INPUTS_SHOWN} inputs that move it less"
    yield ""


def _swing_row(
    swing: Swing, effect: RankEffect | None, units: Mapping[str, DisplayUnit]
) -> list[str]:
    from dcsim.study.sensitivity.discovery import DisplayUnit

    unit = units.get(swing.name, DisplayUnit(""))
    rank = "" if effect is None else f"{effect.correlation:+.2f}"
    ends = (input_text(swing.at_low, unit), input_text(swing.at_high, unit))
    return [swing.name, *ends, f"{swing.low:,.4g}", f"{swing.high:,.4g}", rank]


def input_text(value: float | str, unit: DisplayUnit) -> str:
    """Return a value of an input with its unit."""
    if isinstance(value, str):
        return value
    return f"{value / unit.size:,.4g} {unit.name}".rstrip()


def _index_lines(rows: Rows, metric: str, about: Mapping[str, Any]) -> Iterator[str]:
    from dcsim.study.sensitivity.indices import SobolIndex
    from dcsim.study.sensitivity.screening import design_indices

    found = design_indices(rows, metric, about)
    if not found:
        return
    if isinstance(found[0], SobolIndex):
        yield "Sobol indices: share of the variance through an input alone, and with all others"
        head = ["input", "first", "±", "total", "±"]
    else:
        yield "Morris: mean absolute effect over the whole range, and its spread"
        head = ["input", "mu*", "±", "sigma"]
    yield from right_table(head, [_index_row(index) for index in found])
    yield ""


def _index_row(index: SobolIndex | MorrisIndex) -> list[str]:
    from dcsim.study.sensitivity.indices import MorrisIndex

    name, *numbers = index
    if isinstance(index, MorrisIndex):
        numbers = [index.mu_star, index.mu_star_half_width, index.sigma]
    return [name, *(f"{number:.3g}" for number in numbers)]


def display_units(about: Mapping[str, Any]) -> dict[str, DisplayUnit]:
    """Return the unit in which each input is shown: hours as days where that reads better."""
    from dcsim.study.sensitivity.discovery import DisplayUnit

    return {
        key: DisplayUnit("days", HOURS_PER_DAY)
        if unit == "h" and _is_long(key)
        else DisplayUnit(unit)
        for key, unit in about.get("units", {}).items()
    }


def _is_long(key: str) -> bool:
    """Tell whether hours of a key are those of works and deliveries."""
    return key.split(".", 1)[0] in ("works", "risks", "orders", "expansion")


def _driver_data(
    rows: Rows, metric: str, milestone: str | None, about: Mapping[str, Any]
) -> dict[str, Any]:
    from dcsim.study.sensitivity.discovery import discover
    from dcsim.study.sensitivity.screening import design_indices, independent_rows
    from dcsim.study.sensitivity.sensitivity import rank_effects, tornado_of

    drawn = independent_rows(rows, about)
    swings = tornado_of(drawn, metric)
    return {
        "metric": metric,
        "median": swings.median,
        "tornado": [swing._asdict() for swing in swings.swings],
        "rank": [effect._asdict() for effect in rank_effects(drawn, metric).effects],
        "indices": [index._asdict() for index in design_indices(rows, metric, about)],
        "misses": discover(drawn, milestone).sentences if milestone else [],
    }
