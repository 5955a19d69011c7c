"""Relief: the ramp of a plan with one constraint lifted at a time, and what that gains."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from dcsim.gpu_states import LIFTABLE
from dcsim.ramp.simulate import run_ramp
from dcsim.scenario.plan import Plan
from dcsim.types import Timeline
from dcsim.units import MINUTES_PER_DAY


class LiftedRamp(NamedTuple):
    """A ramp without one of its constraints."""

    constraint: str
    """Key of `dcsim.gpu_states.LIFTABLE`."""
    timeline: Timeline
    gpu_days: float
    """GPU-days online over the run, more than with the constraint."""
    gpus_online_max: float
    """Most GPUs online without it."""


def online_gpu_days(timeline: Timeline) -> float:
    """Return the GPU-days online over the run."""
    end_min = timeline.calendar.n_minutes
    stock = timeline.stock("online")
    return float(((end_min - stock.time_min) * stock.change).sum()) / MINUTES_PER_DAY


def lifted_ramps(plan: Plan, planned: Timeline) -> Iterator[LiftedRamp]:
    """Yield the ramp of a plan without each of its constraints, in the order of the table.

    Random numbers are the same in all of them. The gains do not add up: behind each constraint
    stands the next.

    Parameters
    ----------
    plan : Plan
        The site with its values drawn.
    planned : Timeline
        Its ramp with all constraints, see `dcsim.ramp.simulate.run_ramp`.
    """
    base = online_gpu_days(planned)
    for constraint in LIFTABLE:
        timeline = run_ramp(plan, lift=frozenset({constraint}))
        most = float(timeline.stock("online").level.max(initial=0.0))
        yield LiftedRamp(constraint, timeline, online_gpu_days(timeline) - base, most)
