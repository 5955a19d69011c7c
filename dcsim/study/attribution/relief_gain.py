"""Relief: what lifting each constraint alone is worth, in GPU-days and dates, as a table."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from dcsim.results.table import Table, day_of, table_of_records
from dcsim.results.tabular import Tabular
from dcsim.types import MilestoneResult


class ConstraintGain(NamedTuple):
    """The gain from lifting one constraint; medians where there are many replications."""

    constraint: str
    """Such as ``power``."""
    label: str
    """The same in words."""
    gpu_days: float
    """GPU-days gained: each GPU of the orders up to its earlier end, with or without it."""
    gpus_online_max: float
    """Most GPUs online without it."""
    milestones: tuple[MilestoneResult, ...]
    """Those of the scenario in order, without the constraint."""
    gpu_days_run: float = math.nan
    """GPU-days online up to the horizon, more than as planned: retired and replaced GPUs too."""
    gpu_days_earlier: float = math.nan
    """The part of `gpu_days` by which GPUs come online earlier."""
    gpu_days_later: float = math.nan
    """The part by which others come online later."""
    gpus_earlier: float = math.nan
    """GPUs that come online earlier: GPU-days that a day of this delay costs."""
    low: float = math.nan
    """In one of ten replications `gpu_days` is no more than that."""
    high: float = math.nan
    """In one of ten replications `gpu_days` is no less than that."""
    share_gaining: float = math.nan
    """Share of the replications in which `gpu_days` is above zero. [1]"""
    reason: str = ""
    """Why GPU-days are lost, in a sentence, if they are."""

    @property
    def days_earlier(self) -> float:
        """Mean days by which GPUs that come online earlier do so; NaN without any."""
        return self.gpu_days_earlier / self.gpus_earlier if self.gpus_earlier else math.nan


class MilestoneShift(NamedTuple):
    """A milestone as planned and without one constraint; medians over many replications."""

    milestone: str
    """Name of the milestone."""
    constraint: str
    """The constraint that is lifted, see `ConstraintGain`."""
    label: str
    """The constraint in words."""
    planned: str | None
    """Day it is reached as planned, ISO; None if never within the run."""
    reached: str | None
    """The same without the constraint."""
    days_earlier: float
    """Days by which it is earlier; NaN where either never is."""
    met: bool
    """True if it is in time without the constraint."""
    days_low: float = math.nan
    """Days that one in ten of the replications that reach it both ways stays below."""
    days_high: float = math.nan
    """Days that one in ten of them lies above."""
    chance_planned: float = math.nan
    """Share of the replications in time as planned. [1]"""
    chance_lifted: float = math.nan
    """The same without the constraint. [1]"""


@dataclass(frozen=True, repr=False)
class Relief(Tabular):
    """The worth of lifting each constraint alone, the largest first.

    Its main table has a row a constraint: GPU-days gained, their share of those as planned, and the
    most GPUs online without it. Gains do not add up: behind each constraint stands the next.
    """

    scenario: str
    """Name of the site."""
    replication: int
    """Number of the set of random numbers; 0 where there are many."""
    gpu_days: float
    """GPU-days online up to the horizon as planned."""
    gpus_online_max: float
    """Most GPUs online as planned."""
    milestones: tuple[MilestoneResult, ...]
    """Those of the scenario in order, as planned."""
    gains: tuple[ConstraintGain, ...]
    """One a constraint, the largest gain first."""
    horizon: str = ""
    """Day before which GPU-days count, ISO: the end of the run, or an earlier one that was asked
    for."""
    replications: int = 0
    """Number of replications of which the figures are medians; 0 for a single run."""
    shifts: tuple[MilestoneShift, ...] = ()
    """One a milestone and constraint, in their orders."""

    @property
    def table(self) -> Table:
        """A row a constraint: label, GPU-days gained and their parts, most GPUs online.

        Columns are constraint, label, gpu_days, share_frac, gpu_days_run, gpu_days_earlier,
        gpu_days_later, gpus_earlier, days_earlier, gpus_online_max, reason; with replications low,
        high and share_gaining. A day of the delay costs as many GPU-days as GPUs come earlier.
        """
        rows = [
            {
                "constraint": gain.constraint,
                "label": gain.label,
                "gpu_days": gain.gpu_days,
                "share_frac": self.share_of(gain),
                **self._spread(gain),
                "gpu_days_run": gain.gpu_days_run,
                "gpu_days_earlier": gain.gpu_days_earlier,
                "gpu_days_later": gain.gpu_days_later,
                "gpus_earlier": gain.gpus_earlier,
                "days_earlier": gain.days_earlier,
                "gpus_online_max": gain.gpus_online_max,
                "reason": gain.reason,
            }
            for gain in self.gains
        ]
        gpu_days = ("gpu_days", "low", "high", "gpu_days_run", "gpu_days_earlier", "gpu_days_later")
        units = dict.fromkeys(gpu_days, "GPU-day")
        units |= {"share_frac": "1", "share_gaining": "1", "gpus_online_max": "GPU"}
        units |= {"gpus_earlier": "GPU", "days_earlier": "day"}
        shown = {name: unit for name, unit in units.items() if rows and name in rows[0]}
        return table_of_records(rows, units=shown, index=("constraint",))

    def _spread(self, gain: ConstraintGain) -> dict[str, float]:
        if not self.replications:
            return {}
        return {"low": gain.low, "high": gain.high, "share_gaining": gain.share_gaining}

    @property
    def dates(self) -> Table:
        """A row a milestone and constraint: the day it is reached as planned and without that.

        Columns are milestone, constraint, planned, reached, days_earlier, met; with
        replications days_low, days_high, chance_planned and chance_lifted. Days are NaT where
        the milestone is not reached within the run; days_earlier is NaN there.
        """
        names = ["milestone", "constraint", "planned", "reached", "days_earlier", "met"]
        units = {"days_earlier": "day"}
        if self.replications:
            names += ["days_low", "days_high", "chance_planned", "chance_lifted"]
            units |= {"days_low": "day", "days_high": "day"}
            units |= {"chance_planned": "1", "chance_lifted": "1"}
        return table_of_records(
            [_shift_record(shift, names) for shift in self.shifts],
            names=names,
            units=units,
            dates=("planned", "reached"),
            index=("milestone", "constraint"),
        )

    def share_of(self, gain: ConstraintGain) -> float:
        """Return `gain` over the GPU-days as planned; 0 if there are none."""
        return gain.gpu_days / self.gpu_days if self.gpu_days else 0.0

    def chance_of(self, milestone: str) -> float:
        """Return the share of the replications in which a milestone is in time as planned.

        Parameters
        ----------
        milestone : str
            Its name.
        """
        return next(one.chance_planned for one in self.shifts if one.milestone == milestone)

    def _headline(self) -> str:
        most = self.gains[0]
        if most.gpu_days <= 0:
            return f"{self.scenario}: no constraint alone costs GPU-days online"
        return (
            f"{self.scenario}: lifting {most.label} alone gains {most.gpu_days:,.0f} "
            f"GPU-days online ({self.share_of(most):+.1%})"
        )

    def _notebook_tables(self) -> dict[str, Table]:
        tables = {"Lifted alone": self.table}
        return tables | {"Milestones": self.dates} if self.milestones else tables


def _shift_record(shift: MilestoneShift, names: list[str]) -> dict[str, Any]:
    record = shift._asdict()
    days = {name: day_of(record[name]) for name in ("planned", "reached")}
    return {name: (record | days)[name] for name in names}


def days_between(planned: str | None, reached: str | None) -> float | None:
    """Return how many days earlier a day is reached than planned; None if either never is.

    >>> days_between("2028-03-01", "2028-02-01"), days_between(None, "2028-02-01")
    (29.0, None)
    """
    if planned is None or reached is None:
        return None
    day = datetime.date.fromisoformat
    return float((day(planned) - day(reached)).days)


def moved_milestones(relief: Relief) -> Iterator[tuple[MilestoneResult, list[MilestoneShift]]]:
    """Yield each milestone as planned, and the constraints without which it is another.

    Another date, or with replications another chance. The constraint with which it would be
    reached earliest comes first.
    """
    for planned in relief.milestones:
        moved = [
            shift
            for shift in relief.shifts
            if shift.milestone == planned.name
            and (
                shift.reached != shift.planned
                or shift.chance_planned < shift.chance_lifted
                or shift.chance_planned > shift.chance_lifted
            )
        ]
        yield planned, sorted(moved, key=lambda shift: shift.reached or "9999")
