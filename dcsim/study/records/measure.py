"""Measures of one replication: a run in, a row of figures and its monthly series out."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dcsim.accounts.gpu.driving_path import driving_path, last_work
from dcsim.accounts.money.finance import cash
from dcsim.accounts.money.ledger import capital_kinds, operating_kinds
from dcsim.accounts.months import Months
from dcsim.clock import Floats
from dcsim.pipeline import Run
from dcsim.scenario.plan import Plan
from dcsim.study.records.rows import RUN_FAILED, RUN_OK, RowColumn, Rows, text_column
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
    values: dict[str, Value] = {
        "replication": float(run.plan.replication),
        "status": RUN_OK,
        "cause": None,
        **{f"input.{key}": value for key, value in inputs(run.plan)},
        **dict(_milestone_values(run)),
        **{f"work.{t.name}.finish": _moment(run, t.finish_min) for t in run.timeline.tasks},
        **{
            f"gpu_days.{state}": minutes / MINUTES_PER_DAY
            for state, minutes in run.accounts.gpu_minutes.items()
        },
        **{
            name: np.nan if value is None else float(value)
            for name, value in run.accounts.key_figures.items()
        },
    }
    months = Months.of(run.timeline.calendar)
    return Measured(values, _monthly_series(run, months), months.day.astype("datetime64[M]"))


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


def _milestone_values(run: Run) -> Iterator[tuple[str, Value]]:
    calendar = run.timeline.calendar
    for milestone in run.accounts.milestones:
        head = f"milestone.{milestone.name}"
        yield f"{head}.met", float(milestone.met)
        day = None if milestone.reached is None else datetime.date.fromisoformat(milestone.reached)
        yield f"{head}.reached", NEVER if day is None else np.datetime64(day, "s")
        margin = milestone.margin_days
        yield f"{head}.margin_days", np.nan if margin is None else margin
        until_min = None if day is None else calendar.minute_of(day, at_end=True)
        # What opens a capacity that only a plug-in knows, only the plug-in could tell.
        plugged = milestone.metric in run.plan.site.extension.milestone_metrics
        yield f"{head}.path", "" if plugged else _driving_path(run, milestone.metric, until_min)


def _driving_path(run: Run, metric: str, until_min: int | None) -> str:
    """Return the works that set the date of a milestone, or that it waited for deliveries."""
    last = last_work(run.timeline, metric, until_min)
    if last is None or (metric.startswith("gpus") and not _gpus_waited(run, last)):
        return DELIVERY if metric.startswith("gpus") else ""
    return " > ".join(task.name for task in driving_path(run.timeline.tasks, last))


def _gpus_waited(run: Run, work: str) -> bool:
    """Tell whether GPUs stood waiting for something to be built when a work was done."""
    finish_min = next(t.finish_min for t in run.timeline.tasks if t.name == work)
    if finish_min is None:
        return True
    return run.timeline.stock("hall_works", "grid_works", "cooling").at(finish_min - 1) > 0


def _moment(run: Run, minute: int | None) -> np.datetime64:
    if minute is None:
        return NEVER
    return np.datetime64(run.timeline.calendar.moment(minute).replace(tzinfo=None), "s")


def _monthly_series(run: Run, months: Months) -> dict[str, Floats]:
    timeline, ends = run.timeline, months.edges_min[1:] - 1

    def level(*, product: str | None = None) -> Floats:
        stock = timeline.stock("online", product=product)
        return np.append(0.0, stock.level)[np.searchsorted(stock.time_min, ends, side="right")]

    energized = timeline.capacity["energized"]
    facility_mwh = months.total(run.load.facility_power_mw)
    clean_mwh = months.total(run.accounts.carbon_free_mw)
    with np.errstate(invalid="ignore", divide="ignore"):
        cfe_frac = np.where(facility_mwh > 0, clean_mwh / facility_mwh, np.nan)
    series = {
        "gpus_online": level(),
        **{f"gpus_online.{name}": level(product=name) for name in timeline.products},
        "energized_mw": np.append(0.0, energized.level)[
            np.searchsorted(energized.time_min, ends, side="right")
        ],
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
