"""Relief: a scenario in, what lifting each constraint alone is worth in GPU-days and dates out."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from dcsim.accounts.gpu.milestones import check_milestones, reads_load
from dcsim.gpu_states import LIFTABLE
from dcsim.limits import whole_number
from dcsim.pipeline import problems_located
from dcsim.power import make_load
from dcsim.ramp import run_ramp
from dcsim.ramp.relief import lifted_ramps, online_gpu_days
from dcsim.results.table import Table, day_of, table_of_records
from dcsim.results.tabular import Tabular
from dcsim.scenario.plan import Plan
from dcsim.scenario.scenario import Scenario, require_scenario
from dcsim.types import MilestoneResult, Timeline
from dcsim.weather import make_weather


class ConstraintGain(NamedTuple):
    """The gain from lifting one constraint."""

    constraint: str
    """Such as ``power``."""
    label: str
    """The same in words."""
    gpu_days: float
    """GPU-days online over the run, more than as planned."""
    gpus_online_max: float
    """Most GPUs online without it."""
    milestones: tuple[MilestoneResult, ...]
    """Those of the scenario in order, without the constraint."""


@dataclass(frozen=True, repr=False)
class Relief(Tabular):
    """The worth of lifting each constraint alone, the largest first.

    Its main table has a row a constraint: GPU-days gained, their share of those as planned, and the
    most GPUs online without it. Gains do not add up: behind each constraint stands the next.
    """

    scenario: str
    """Name of the site."""
    replication: int
    """Number of the set of random numbers."""
    gpu_days: float
    """GPU-days online over the run as planned."""
    gpus_online_max: float
    """Most GPUs online as planned."""
    milestones: tuple[MilestoneResult, ...]
    """Those of the scenario in order, as planned."""
    gains: tuple[ConstraintGain, ...]
    """One a constraint, the largest gain first."""

    @property
    def table(self) -> Table:
        """A row a constraint: constraint, label, gpu_days, share_frac, gpus_online_max."""
        rows = [
            {
                "constraint": gain.constraint,
                "label": gain.label,
                "gpu_days": gain.gpu_days,
                "share_frac": self.share_of(gain),
                "gpus_online_max": gain.gpus_online_max,
            }
            for gain in self.gains
        ]
        units = {"gpu_days": "GPU-day", "share_frac": "1", "gpus_online_max": "GPU"}
        return table_of_records(rows, units=units, index=("constraint",))

    @property
    def dates(self) -> Table:
        """A row a milestone and constraint: the day it is reached as planned and without that.

        Columns are milestone, constraint, planned, reached, days_earlier, met. Days are NaT
        where the milestone is not reached within the run; days_earlier is NaN there.
        """
        rows = [
            {
                "milestone": planned.name,
                "constraint": gain.constraint,
                "planned": day_of(planned.reached),
                "reached": day_of(lifted.reached),
                "days_earlier": days_between(planned.reached, lifted.reached),
                "met": lifted.met,
            }
            for place, planned in enumerate(self.milestones)
            for gain in self.gains
            for lifted in (gain.milestones[place],)
        ]
        return table_of_records(
            rows,
            names=("milestone", "constraint", "planned", "reached", "days_earlier", "met"),
            units={"days_earlier": "day"},
            dates=("planned", "reached"),
            index=("milestone", "constraint"),
        )

    def share_of(self, gain: ConstraintGain) -> float:
        """Return `gain` over the GPU-days as planned; 0 if there are none."""
        return gain.gpu_days / self.gpu_days if self.gpu_days else 0.0

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


def relief(scenario: Scenario, replication: int = 0) -> Relief:
    """Repeat the ramp with one constraint lifted at a time: GPU-days gained, milestones moved.

    Constraints are halls (space and works), power, cooling, crews, commissioning slots, delivery
    (lead times and intervals), and failures. Random numbers are the same in all runs.

    Parameters
    ----------
    scenario : Scenario
        As `dcsim.load` returns it.
    replication : int
        Number of the set of random numbers; 0 takes the median of every uncertain value.

    Returns
    -------
    Relief
        A table of constraints, the one that gains most GPU-days first, and one of dates.

    Raises
    ------
    ScenarioError
        If `replication` is no whole number of at least 0, or a file the scenario names is not what
        it should be.
    TypeError
        If `scenario` is no `Scenario`.

    Examples
    --------
    >>> import dcsim
    >>> relief = dcsim.relief(dcsim.load("scenarios/minimal.yaml"))
    >>> relief.gpu_days
    3280640.0
    >>> relief.gains[0].label, relief.gains[0].gpu_days
    ('lead times of orders', 728000.0)
    """
    scenario = require_scenario(scenario, "relief")
    replication = whole_number(replication, "replication")
    plan = scenario.plan(replication)
    with problems_located(scenario):
        planned = run_ramp(plan)
        checked = _MilestoneDates(plan)
        gains = [
            ConstraintGain(
                ramp.constraint,
                LIFTABLE[ramp.constraint],
                ramp.gpu_days,
                ramp.gpus_online_max,
                checked(ramp.timeline),
            )
            for ramp in lifted_ramps(plan, planned)
        ]
        return Relief(
            scenario=scenario.name,
            replication=replication,
            gpu_days=online_gpu_days(planned),
            gpus_online_max=float(planned.stock("online").level.max(initial=0.0)),
            milestones=checked(planned),
            gains=tuple(sorted(gains, key=lambda gain: -gain.gpu_days)),
        )


class _MilestoneDates:
    """The milestones of one plan on different timelines."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.weather = make_weather(plan) if reads_load(plan.site) else None

    def __call__(self, timeline: Timeline) -> tuple[MilestoneResult, ...]:
        load = None
        if self.weather is not None:
            load = make_load(self.plan, timeline, self.weather)
        return check_milestones(self.plan.site, timeline, load)


def days_between(planned: str | None, reached: str | None) -> float | None:
    """Return how many days earlier a day is reached than planned; None if either never is.

    >>> days_between("2028-03-01", "2028-02-01"), days_between(None, "2028-02-01")
    (29.0, None)
    """
    if planned is None or reached is None:
        return None
    day = datetime.date.fromisoformat
    return float((day(planned) - day(reached)).days)


def moved_milestones(relief: Relief) -> Iterator[tuple[MilestoneResult, list[ConstraintGain]]]:
    """Yield each milestone as planned, and the constraints without which it has another date.

    The constraint with which it would be reached earliest comes first.
    """
    for place, planned in enumerate(relief.milestones):
        moved = [g for g in relief.gains if g.milestones[place].reached != planned.reached]
        yield planned, sorted(moved, key=lambda g: g.milestones[place].reached or "9999")
