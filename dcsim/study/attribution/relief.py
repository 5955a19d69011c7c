"""`dcsim.relief`: a scenario in, what lifting each constraint alone is worth out."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from dcsim.accounts.gpu.milestones import check_milestones, reads_load
from dcsim.errors import Problem, ScenarioError
from dcsim.gpu_states import LIFTABLE
from dcsim.limits import MAX_REPLICATIONS, whole_number
from dcsim.pipeline import problems_located
from dcsim.power import make_load
from dcsim.ramp import run_ramp
from dcsim.ramp.relief import lifted_ramps, online_gpu_days
from dcsim.scenario.plan import Plan
from dcsim.scenario.scenario import Scenario, require_scenario
from dcsim.study.attribution.relief_gain import (
    ConstraintGain,
    MilestoneShift,
    Relief,
    days_between,
)
from dcsim.study.attribution.relief_reason import loss_reason
from dcsim.types import MilestoneResult, Timeline
from dcsim.weather import make_weather

OUTER_TENTHS = (0.1, 0.9)
"""Quantiles between which eight of ten replications lie."""

_FIGURES = (
    *("gpu_days", "gpu_days_run", "gpu_days_earlier", "gpu_days_later"),
    *("gpus_earlier", "gpus_online_max"),
)
"""Figures of a gain whose medians are taken."""

OnReplication = Callable[[int, int], None]
"""Called with the number of replications that are done, and how many there will be."""


class _Single(NamedTuple):
    """Relief of one replication."""

    gpu_days: float
    gpus_online_max: float
    milestones: tuple[MilestoneResult, ...]
    gains: tuple[ConstraintGain, ...]
    """In the order of the table of constraints."""


def relief(
    scenario: Scenario,
    replication: int = 0,
    *,
    replications: int = 0,
    horizon: datetime.date | str | None = None,
    watch: OnReplication | None = None,
) -> Relief:
    """Repeat the ramp with one constraint lifted at a time: GPU-days gained, milestones moved.

    Constraints are halls (space and works), power, cooling, crews, commissioning slots, delivery
    (lead times and intervals), and failures. Random numbers are the same in all runs.

    Parameters
    ----------
    scenario : Scenario
        As `dcsim.load` returns it.
    replication : int
        Number of the set of random numbers; 0 takes the median of every uncertain value.
    replications : int
        Look at replications 1 to that number in the place of a single one, and return medians with
        their spread and chances.
    horizon : date or str, optional
        Day before which GPU-days count, such as ``2030-06-01``; the end of the run by default.
    watch : callable, optional
        Called after each replication with the number that are done, and how many there will be.

    Returns
    -------
    Relief
        A table of constraints, the one that gains most GPU-days first, and one of dates.

    Raises
    ------
    ScenarioError
        If `replication`, `replications` or `horizon` is not what it should be, both of the first
        two are given, or a file the scenario names is not what it should be.
    TypeError
        If `scenario` is no `Scenario`.

    Notes
    -----
    A GPU that comes online a year earlier also retires a year earlier, so that over a run in which
    GPUs retire the GPU-days online say little of what a delay costs. Each rack of the orders is
    therefore compared with itself up to the day on which it would retire in one of the two runs:
    ``gpu_days``. Where none retires, that is the difference of the GPU-days online, which
    ``gpu_days_run`` gives with all retired GPUs and their replacements.

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
    n = whole_number(replications, "replications", most=MAX_REPLICATIONS)
    if n and replication:
        message = "cannot be given together with replication; leave one of them out"
        raise ScenarioError([Problem("", "replications", message)])
    day = _horizon_of(scenario, horizon)
    with problems_located(scenario):
        if not n:
            single = _single_relief(scenario.plan(replication), day)
            return _relief_of([single], scenario, replication, 0, day)
        found = []
        for number in range(1, n + 1):
            found.append(_single_relief(scenario.plan(number), day))
            if watch is not None:
                watch(number, n)
        return _relief_of(found, scenario, 0, n, day)


def _horizon_of(scenario: Scenario, horizon: datetime.date | str | None) -> datetime.date:
    """Return the day before which GPU-days count, or refuse one outside the run."""
    start, end = scenario.site.start, scenario.site.end
    if horizon is None:
        return end
    try:
        day = datetime.date.fromisoformat(str(horizon))
    except ValueError:
        message = "must be a day, such as 2030-06-01"
        raise ScenarioError([Problem("", f"horizon {str(horizon)[:40]!r}", message)]) from None
    if start < day <= end:
        return day
    message = f"must lie within the run, after {start} and up to {end}"
    raise ScenarioError([Problem("", f"horizon {day}", message)])


def _single_relief(plan: Plan, horizon: datetime.date) -> _Single:
    planned = run_ramp(plan)
    calendar = planned.calendar
    end_min = min(calendar.minute_of(horizon), calendar.n_minutes)
    checked = _MilestoneDates(plan)
    gpu_days = online_gpu_days(planned, end_min)
    gains = [
        ConstraintGain(
            ramp.constraint,
            LIFTABLE[ramp.constraint],
            ramp.gain.total,
            ramp.gpus_online_max,
            checked(ramp.timeline),
            gpu_days_run=ramp.gain.online,
            gpu_days_earlier=ramp.gain.earlier,
            gpu_days_later=ramp.gain.later,
            gpus_earlier=float(ramp.gain.n_earlier),
            reason=loss_reason(plan, planned, ramp, gpu_days),
        )
        for ramp in lifted_ramps(plan, planned, end_min)
    ]
    most = float(planned.stock("online").level.max(initial=0.0))
    return _Single(gpu_days, most, checked(planned), tuple(gains))


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


def _relief_of(
    found: Sequence[_Single], scenario: Scenario, replication: int, n: int, day: datetime.date
) -> Relief:
    gains = [_gain_of([one.gains[i] for one in found], n) for i in range(len(found[0].gains))]
    return Relief(
        scenario=scenario.name,
        replication=replication,
        gpu_days=float(np.median([one.gpu_days for one in found])),
        gpus_online_max=float(np.median([one.gpus_online_max for one in found])),
        milestones=_median_milestones([one.milestones for one in found]),
        gains=tuple(sorted(gains, key=lambda gain: (-gain.gpu_days, -gain.gpu_days_run))),
        horizon=day.isoformat(),
        replications=n,
        shifts=tuple(_shifts(found, gains, n)),
    )


def _gain_of(same: Sequence[ConstraintGain], n: int) -> ConstraintGain:
    """Return the gains of one constraint in all replications as one, of medians."""
    if not n:
        return same[0]
    medians: dict[str, Any] = {
        key: float(np.median([getattr(one, key) for one in same])) for key in _FIGURES
    }
    low, high = np.quantile([one.gpu_days for one in same], OUTER_TENTHS)
    losing = [one.reason for one in same if one.reason]
    return same[0]._replace(
        **medians,
        milestones=_median_milestones([one.milestones for one in same]),
        low=float(low),
        high=float(high),
        share_gaining=float(np.mean([one.gpu_days > 0 for one in same])),
        reason=f"in {len(losing):,} of {n:,} replications it loses; in the first of them "
        f"{losing[0]}"
        if losing
        else "",
    )


def _median_milestones(
    found: Sequence[tuple[MilestoneResult, ...]],
) -> tuple[MilestoneResult, ...]:
    """Return milestones with the median of the days on which they are reached, never the last."""
    return tuple(_median_milestone(same) for same in zip(*found, strict=True))


def _median_milestone(same: Sequence[MilestoneResult]) -> MilestoneResult:
    return sorted(same, key=lambda one: one.reached or "9999-12-31")[(len(same) - 1) // 2]


def _shifts(
    found: Sequence[_Single], gains: Sequence[ConstraintGain], n: int
) -> list[MilestoneShift]:
    shifts = []
    for place, planned in enumerate(_median_milestones([one.milestones for one in found])):
        before = [one.milestones[place] for one in found]
        for i, gain in enumerate(gains):
            after = [one.gains[i].milestones[place] for one in found]
            pairs = [days_between(a.reached, b.reached) for a, b in zip(before, after, strict=True)]
            days = [one for one in pairs if one is not None]
            shift = _shift(planned, gain, days)
            if n:
                low, high = np.quantile(days, OUTER_TENTHS) if days else (math.nan, math.nan)
                shift = shift._replace(
                    days_low=float(low),
                    days_high=float(high),
                    chance_planned=float(np.mean([one.met for one in before])),
                    chance_lifted=float(np.mean([one.met for one in after])),
                )
            shifts.append(shift)
    return shifts


def _shift(planned: MilestoneResult, gain: ConstraintGain, days: Sequence[float]) -> MilestoneShift:
    lifted = next(one for one in gain.milestones if one.name == planned.name)
    earlier = float(np.median(days)) if days else math.nan
    return MilestoneShift(
        planned.name,
        gain.constraint,
        gain.label,
        planned.reached,
        lifted.reached,
        earlier,
        lifted.met,
    )
