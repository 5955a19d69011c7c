"""`dcsim drivers`: which assumptions move the dates and figures of a study."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dcsim.cli.options import JSON, STORE, STUDY
from dcsim.cli.output.fitting import terminal_width, wrapped
from dcsim.cli.output.tables import json_line, right_table
from dcsim.cli.stores import study_manifest
from dcsim.errors import ModelError, printable
from dcsim.units import HOURS_PER_DAY

if TYPE_CHECKING:
    from dcsim.study.records.rows import Rows
    from dcsim.study.sensitivity.discovery import DisplayUnit
    from dcsim.study.sensitivity.effects import DriverAnalysis, InputEffect
    from dcsim.study.sensitivity.indices import MorrisIndex, SobolIndex


MAX_INPUTS_SHOWN = 12


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
    from dcsim.study.sensitivity.effects import reaching_rows
    from dcsim.study.sensitivity.screening import independent_rows

    independent = independent_rows(rows, about)
    yield from _analysis_lines(reaching_rows(independent, about, metric), metric, about)
    yield from _index_lines(rows, metric, about)
    if milestone is not None:
        drawn = reaching_rows(independent, about, f"milestone.{milestone}")
        found = discover(drawn, milestone, units=display_units(about))
        yield f"Ranges that miss {milestone} ({found.n_missed:,} of {found.n:,} runs do):"
        for sentence in found.sentences:
            yield from wrapped(f"  {sentence}", terminal_width(100), indent="    ")


def _analysis_lines(rows: Rows, metric: str, about: Mapping[str, Any]) -> Iterator[str]:
    """Yield for each question of a metric the inputs that move it beyond chance."""
    from dcsim.study.sensitivity.effects import driver_analyses

    units = display_units(about)
    for one in driver_analyses(rows, metric):
        shown, head = _question_text(one)
        yield from wrapped(head, terminal_width(100), indent="  ")
        names = ["input", "lowest fifth", "highest fifth", "there", "and there", "change (95 %)"]
        body = [_effect_row(effect, units, shown) for effect in one.effects[:MAX_INPUTS_SHOWN]]
        if body:
            yield from right_table(names, body)
        else:
            yield "  No input moves it more than chance would."
        n_more = max(len(one.effects) - MAX_INPUTS_SHOWN, 0)
        if n_more:
            yield f"… and {n_more} inputs that move it less"
        n_chance = one.n_tested - len(one.effects)
        yield f"Left out: {n_chance} of {one.n_tested} inputs whose effect may be chance."
        yield ""


def _question_text(analysis: DriverAnalysis) -> tuple[Callable[[float], str], str]:
    """Return how the outcome of an analysis is written, and the line above its table."""
    from dcsim.study.records.labels import label_of

    name = analysis.metric.removeprefix("milestone.")
    if analysis.question == "comes":
        head = f"{name}: does it come at all? In {analysis.typical:.0%} of {analysis.n:,} runs"
        return (lambda value: f"{value:.0%}"), head
    if analysis.question == "late":
        late = f"median {analysis.typical:+,.0f} days late"
        return (lambda value: f"{value:+,.0f} days"), (
            f"{name}: if it comes, when? {late}, over the {analysis.n:,} runs that reach it"
        )
    label = label_of(analysis.metric)
    head = f"{label.text}: median {label.shown(analysis.typical)}, over {analysis.n:,} runs"
    return label.shown, head


def _effect_row(
    effect: InputEffect, units: Mapping[str, DisplayUnit], shown: Callable[[float], str]
) -> list[str]:
    from dcsim.study.sensitivity.discovery import DisplayUnit

    swing, unit = effect.swing, units.get(effect.swing.name, DisplayUnit(""))
    ends = (input_text(swing.at_low, unit), input_text(swing.at_high, unit))
    change, low, high = (shown(value) for value in (swing.swing, effect.low, effect.high))
    return [swing.name, *ends, shown(swing.low), shown(swing.high), f"{change} ({low} to {high})"]


def input_text(value: float | str, unit: DisplayUnit) -> str:
    """Return a value of an input with its unit; of a series its first and last value."""
    if isinstance(value, str):
        first, *more = value.strip("{}").split(", ")
        return f"{first} … {more[-1]}" if more else value
    shown = value / unit.size
    return f"{shown:{',.0f' if abs(shown) >= 1000 else ',.4g'}} {unit.name}".rstrip()


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
    from dcsim.study.sensitivity.effects import driver_analyses, reaching_rows
    from dcsim.study.sensitivity.screening import design_indices, independent_rows
    from dcsim.study.sensitivity.sensitivity import rank_effects, tornado_of

    drawn = reaching_rows(independent_rows(rows, about), about, metric)
    swings = tornado_of(drawn, metric)
    return {
        "metric": metric,
        "median": swings.median,
        "tornado": [swing._asdict() for swing in swings.swings],
        "rank": [effect._asdict() for effect in rank_effects(drawn, metric).effects],
        "analyses": [
            {**one._asdict(), "effects": [effect_data(effect) for effect in one.effects]}
            for one in driver_analyses(drawn, metric)
        ],
        "indices": [index._asdict() for index in design_indices(rows, metric, about)],
        "misses": discover(drawn, milestone).sentences if milestone else [],
    }


def effect_data(effect: InputEffect) -> dict[str, Any]:
    """Return the effect of an input as plain data."""
    return {**effect._asdict(), "swing": effect.swing._asdict(), "change": effect.swing.swing}
