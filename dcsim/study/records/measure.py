"""Measures of one replication: a run in, a row of figures and its monthly series out."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dcsim.accounts.figures import gpu_figures
from dcsim.accounts.gpu.days import gpu_minutes, group_stock, stocks
from dcsim.accounts.gpu.driving_path import driving_path, last_work
from dcsim.accounts.money.finance import cash
from dcsim.accounts.money.ledger import capital_kinds, operating_kinds
from dcsim.accounts.months import Months
from dcsim.clock import Floats
from dcsim.gpu_states import IN_SERVICE
from dcsim.pipeline import DatedRun, Run
from dcsim.scenario.plan import Plan
from dcsim.study.records.rows import RUN_FAILED, RUN_OK, RowColumn, Rows, text_column
from dcsim.types import MilestoneResult, Steps, Timeline
from dcsim.units import MINUTES_PER_DAY

Value = float | str | np.datetime64 | None
NEVER = np.datetime64("NaT", "s")
DELIVERY = "delivery"
"""Path of a milestone whose GPUs no construction work held back."""


@dataclass(frozen=True)
class Measured:
    """Figures and series of one replication."""

    values: Mapping[str, Value]
    series: Mapping[str, Floats]
    months: NDArray[np.datetime64]


def measure(run: Run) -> Measured:
    """Return the figures and series of a run that `Rows` holds, by their names there.

    Times are local, without a zone. GPUs and energized power are the level at the end of each
    month, facility power is its mean, carbon-free energy its share of the month's load met in the
    same hour, and spending (capital, GPUs and running costs) adds up from the start.
    """
    dated = DatedRun(run.plan, run.timeline, run.accounts.milestones)
    values: dict[str, Value] = {
        **_values_of_dates(dated, run.accounts.gpu_minutes),
        **{
            name: np.nan if value is None else float(value)
            for name, value in run.accounts.key_figures.items()
        },
    }
    months = Months.of(run.timeline.calendar)
    series = _series_of_levels(run.timeline, months) | _series_of_flows(run, months)
    return Measured(values, series, months.day.astype("datetime64[M]"))


def measure_dates(run: DatedRun) -> Measured:
    """Return those figures and series of a run that its dates decide, as `measure` does.

    Which these are says `dcsim.study.records.dated_metrics`.
    """
    by_state = stocks(run.timeline)
    minutes = gpu_minutes(run.timeline, by_state)
    in_service = group_stock(run.timeline, *IN_SERVICE)
    values: dict[str, Value] = {
        **_values_of_dates(run, minutes),
        **gpu_figures(run.timeline, by_state, in_service, minutes),
    }
    months = Months.of(run.timeline.calendar)
    levels = _series_of_levels(run.timeline, months)
    return Measured(values, levels, months.day.astype("datetime64[M]"))


def measure_milestones(run: DatedRun) -> Measured:
    """Return for each milestone of a run whether it is met, and when, as `measure` does."""
    values: dict[str, Value] = {"replication": float(run.plan.replication), "status": RUN_OK}
    for milestone in run.milestones:
        values |= _dates_of(milestone)
    return Measured(values, {}, np.empty(0, dtype="datetime64[M]"))


def _values_of_dates(run: DatedRun, minutes_by_state: Mapping[str, int]) -> dict[str, Value]:
    return {
        "replication": float(run.plan.replication),
        "status": RUN_OK,
        "cause": None,
        **{f"input.{key}": value for key, value in inputs(run.plan)},
        **dict(_milestone_values(run)),
        **{f"work.{t.name}.finish": _moment(run, t.finish_min) for t in run.timeline.tasks},
        **{
            f"gpu_days.{state}": minutes / MINUTES_PER_DAY
            for state, minutes in minutes_by_state.items()
        },
    }


def failed(replication: int, cause: str) -> Measured:
    """Return the row of a replication that failed."""
    values: dict[str, Value] = {
        "replication": float(replication),
        "status": RUN_FAILED,
        "cause": cause,
    }
    return Measured(values, {}, np.empty(0, dtype="datetime64[M]"))


def rows_of(measured: Sequence[Measured]) -> Rows:
    """Return replications as rows, in the order given; values that one lacks are missing there."""
    names = dict.fromkeys(name for one in measured for name in one.values)
    columns = {name: _column([one.values.get(name) for one in measured]) for name in names}
    longest = max(measured, key=lambda one: len(one.months))
    nothing = np.full(len(longest.months), np.nan)
    series = {
        name: np.array([one.series.get(name, nothing) for one in measured])
        for name in longest.series
    }
    return Rows(columns, series, longest.months)


def _column(values: list[Value]) -> RowColumn:
    known = [value for value in values if value is not None]
    if not known or any(isinstance(value, str) for value in known):
        return text_column([None if value is None else str(value) for value in values])
    if isinstance(known[0], np.datetime64):
        return np.array([NEVER if value is None else value for value in values], "datetime64[s]")
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def inputs(plan: Plan) -> Iterator[tuple[str, float | str]]:
    """Yield the drawn values of a plan: uncertain inputs, and events that occur (1) or not (0)."""
    for key, drawn in plan.inputs.items():
        yield key, drawn.value
    for task in plan.site.works:
        if 0 < task.probability_frac < 1:
            key = f"works.{task.name}"
            yield f"{key}.comes", float(plan.comes(key, task.probability_frac))
    for risk in plan.site.risks:
        if 0 < risk.probability_frac < 1:
            key = f"risks.{risk.name}"
            yield f"{key}.happens", float(plan.comes(key, risk.probability_frac))


def _milestone_values(run: DatedRun) -> Iterator[tuple[str, Value]]:
    calendar = run.timeline.calendar
    for milestone in run.milestones:
        yield from _dates_of(milestone).items()
        until_min = None
        if milestone.reached is not None:
            day = datetime.date.fromisoformat(milestone.reached)
            until_min = calendar.minute_of(day, at_end=True)
        # What opens a capacity that only a plug-in knows, only the plug-in could tell.
        plugged = milestone.metric in run.plan.site.extension.milestone_metrics
        path = "" if plugged else _driving_path(run, milestone.metric, until_min)
        yield f"milestone.{milestone.name}.path", path


def _dates_of(milestone: MilestoneResult) -> dict[str, Value]:
    head, margin = f"milestone.{milestone.name}", milestone.margin_days
    day = milestone.reached
    return {
        f"{head}.met": float(milestone.met),
        f"{head}.reached": NEVER if day is None else np.datetime64(day, "s"),
        f"{head}.margin_days": np.nan if margin is None else margin,
    }


def _driving_path(run: DatedRun, metric: str, until_min: int | None) -> str:
    """Return the works that set the date of a milestone, or that it waited for deliveries."""
    last = last_work(run.timeline, metric, until_min)
    if last is None or (metric.startswith("gpus") and not _gpus_waited(run, last)):
        return DELIVERY if metric.startswith("gpus") else ""
    return " > ".join(task.name for task in driving_path(run.timeline.tasks, last))


def _gpus_waited(run: DatedRun, work: str) -> bool:
    """Tell whether GPUs stood waiting for something to be built when a work was done."""
    finish_min = next(t.finish_min for t in run.timeline.tasks if t.name == work)
    if finish_min is None:
        return True
    return run.timeline.stock("hall_works", "grid_works", "cooling").at(finish_min - 1) > 0


def _moment(run: DatedRun, minute: int | None) -> np.datetime64:
    if minute is None:
        return NEVER
    return np.datetime64(run.timeline.calendar.moment(minute).replace(tzinfo=None), "s")


def _series_of_levels(timeline: Timeline, months: Months) -> dict[str, Floats]:
    ends = months.edges_min[1:] - 1

    def level(steps: Steps) -> Floats:
        return np.append(0.0, steps.level)[np.searchsorted(steps.time_min, ends, side="right")]

    return {
        "gpus_online": level(timeline.stock("online")),
        **{
            f"gpus_online.{name}": level(timeline.stock("online", product=name))
            for name in timeline.products
        },
        "energized_mw": level(timeline.capacity["energized"]),
    }


def _series_of_flows(run: Run, months: Months) -> dict[str, Floats]:
    facility_mwh = months.total(run.load.facility_power_mw)
    clean_mwh = months.total(run.accounts.carbon_free_mw)
    with np.errstate(invalid="ignore", divide="ignore"):
        cfe_frac = np.where(facility_mwh > 0, clean_mwh / facility_mwh, np.nan)
    series = {
        "facility_power_mw": months.mean(run.load.facility_power_mw),
        "cfe_frac": cfe_frac,
    }
    money = run.plan.site.money
    if money is not None:
        series[f"spent_{money.currency.lower()}"] = _spent(run, months)
    return series


def _spent(run: Run, months: Months) -> Floats:
    money = run.plan.site.money
    assert money is not None
    flow = cash(money, run.accounts.ledger, run.timeline.calendar.start.date())
    cost = -flow.of(*capital_kinds(), *operating_kinds())
    month = flow.day.astype("datetime64[M]").astype(np.int64)
    first = int(months.day[0].astype("datetime64[M]").astype(np.int64))
    place = np.clip(month - first, 0, months.day.size - 1)
    return np.cumsum(np.bincount(place, weights=cost, minlength=months.day.size))
