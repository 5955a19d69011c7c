"""Relief: the ramp of a plan with one constraint lifted at a time, and what that gains."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from dcsim.clock import minutes
from dcsim.gpu_states import IN_SERVICE, LIFTABLE, STATE
from dcsim.ramp.record import ONLINE
from dcsim.ramp.simulate import run_ramp
from dcsim.scenario.plan import Plan
from dcsim.types import Timeline
from dcsim.units import HOURS_PER_YEAR, MINUTES_PER_DAY

_FAILED = tuple(state for state in IN_SERVICE if state != "online")


class RampGain(NamedTuple):
    """The gain of a lifted constraint, in GPU-days up to a horizon."""

    earlier: float
    """GPU-days in which GPUs are online that as planned are not online yet."""
    later: float
    """GPU-days in which GPUs are not online yet that as planned are."""
    repaired: float
    """GPU-days less of failures and repair than as planned."""
    online: float
    """GPU-days online more than as planned; GPUs that come earlier also retire earlier."""
    n_earlier: int
    """GPUs that come online earlier."""

    @property
    def total(self) -> float:
        """GPU-days gained: earlier, less what comes later, and what failures no longer take."""
        return self.earlier - self.later + self.repaired


class LiftedRamp(NamedTuple):
    """A ramp without one of its constraints."""

    constraint: str
    """Key of `dcsim.gpu_states.LIFTABLE`."""
    timeline: Timeline
    gain: RampGain
    """What it gains against the ramp with all constraints."""
    gpus_online_max: float
    """Most GPUs online without it."""


class Entry(NamedTuple):
    """The first time a rack came online."""

    online_min: int
    n_gpus: int
    life_min: int


def online_gpu_days(timeline: Timeline, horizon_min: int | None = None) -> float:
    """Return the GPU-days online from the start to a minute, by default to the end of the run."""
    end_min = timeline.calendar.n_minutes if horizon_min is None else horizon_min
    stock = timeline.stock("online")
    left_min = np.clip(end_min - stock.time_min, 0, None)
    return float((left_min * stock.change).sum()) / MINUTES_PER_DAY


def entries_of(plan: Plan, timeline: Timeline) -> dict[str, Entry]:
    """Return when each rack of the orders of a plan first came online, by name.

    Racks that follow others at the end of their life do not count, and those that never come are
    not there.

    Parameters
    ----------
    plan : Plan
        The site with its values drawn: lives of products.
    timeline : Timeline
        Its ramp, with or without a constraint.
    """
    moves, racks = timeline.moves, timeline.racks
    life_min = {p.name: minutes(p.life_years * HOURS_PER_YEAR) for p in plan.site.products}
    entered = np.flatnonzero(moves.target == ONLINE)
    subjects, first = np.unique(moves.subject[entered], return_index=True)
    columns = (subjects, moves.time_min[entered[first]], moves.n_gpus[entered[first]])
    return {
        racks[subject].name: Entry(time_min, n_gpus, life_min[racks[subject].product])
        for subject, time_min, n_gpus in zip(*(c.tolist() for c in columns), strict=True)
        # `dcsim.ramp.orders` calls what follows ``ORDER+1``; names of files have no plus.
        if "+" not in racks[subject].order
    }


def failed_gpu_days(timeline: Timeline, until_min: Mapping[str, int]) -> float:
    """Return the GPU-days of failures and repair of racks, each up to a minute of its own.

    Parameters
    ----------
    timeline : Timeline
        Moves of all racks.
    until_min : mapping of str to int
        By name of the rack; others do not count. [min]
    """
    moves = timeline.moves
    failed = np.zeros(len(STATE) + 1, dtype=np.int64)  # the last place stands for OUTSIDE
    failed[[STATE[name] for name in _FAILED]] = 1
    change = (failed[moves.target] - failed[moves.origin]) * moves.n_gpus
    end_min = np.array([until_min.get(rack.name, 0) for rack in timeline.racks], dtype=np.int64)
    left_min = np.clip(end_min[moves.subject] - moves.time_min, 0, None)
    return float((left_min * change).sum()) / MINUTES_PER_DAY


def ramp_gain(plan: Plan, planned: Timeline, lifted: Timeline, horizon_min: int) -> RampGain:
    """Return what the racks of one ramp gain against those of another.

    Each rack is compared from the start until it would retire in one of the ramps, so that what
    comes earlier is not set off by an earlier end. Where none retires before the horizon, the
    total is the difference of the GPU-days online.

    Parameters
    ----------
    plan : Plan
        The site with its values drawn.
    planned, lifted : Timeline
        The ramp with all constraints, and without one of them.
    horizon_min : int
        Minute up to which is counted. [min]
    """
    before, after = entries_of(plan, planned), entries_of(plan, lifted)
    until_min: dict[str, int] = {}
    earlier = later = n_earlier = 0
    for name in dict.fromkeys([*before, *after]):
        both = [entries[name] for entries in (before, after) if name in entries]
        end_min = min(horizon_min, *(one.online_min + one.life_min for one in both))
        start_min = [
            min(entries[name].online_min, end_min) if name in entries else end_min
            for entries in (before, after)
        ]
        gained_min = (start_min[0] - start_min[1]) * both[0].n_gpus
        earlier, later = earlier + max(gained_min, 0), later + max(-gained_min, 0)
        n_earlier += both[0].n_gpus if gained_min > 0 else 0
        until_min[name] = end_min
    failed = failed_gpu_days(planned, until_min) - failed_gpu_days(lifted, until_min)
    online = online_gpu_days(lifted, horizon_min) - online_gpu_days(planned, horizon_min)
    return RampGain(earlier / MINUTES_PER_DAY, later / MINUTES_PER_DAY, failed, online, n_earlier)


def lifted_ramps(
    plan: Plan, planned: Timeline, horizon_min: int | None = None
) -> Iterator[LiftedRamp]:
    """Yield the ramp of a plan without each of its constraints, in the order of the table.

    Random numbers are the same in all of them. The gains do not add up: behind each constraint
    stands the next.

    Parameters
    ----------
    plan : Plan
        The site with its values drawn.
    planned : Timeline
        Its ramp with all constraints, see `dcsim.ramp.simulate.run_ramp`.
    horizon_min : int, optional
        Minute up to which GPU-days count; the end of the run by default. [min]
    """
    end_min = planned.calendar.n_minutes if horizon_min is None else horizon_min
    for constraint in LIFTABLE:
        timeline = run_ramp(plan, lift=frozenset({constraint}))
        gain = ramp_gain(plan, planned, timeline, end_min)
        most = float(timeline.stock("online").level.max(initial=0.0))
        yield LiftedRamp(constraint, timeline, gain, most)
