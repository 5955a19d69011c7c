"""Relief: the gain in online GPU-days if one constraint alone were lifted."""

from __future__ import annotations

from typing import NamedTuple

from dcsim.gpu_states import LIFTABLE
from dcsim.ramp.simulate import run_ramp
from dcsim.scenario.plan import Plan
from dcsim.types import Timeline
from dcsim.units import MINUTES_PER_DAY


class Relief(NamedTuple):
    """The gain from lifting one constraint."""

    constraint: str
    gpu_days: float
    """Online GPU-days over the run, more than with it."""
    gpus_online_max: float
    """Most GPUs online without it."""


def online_gpu_days(timeline: Timeline) -> float:
    """Return the GPU-days online over the run."""
    end_min = timeline.calendar.n_minutes
    stock = timeline.stock("online")
    return float(((end_min - stock.time_min) * stock.change).sum()) / MINUTES_PER_DAY


def relief(plan: Plan) -> tuple[float, list[Relief]]:
    """Return the online GPU-days of a plan and what lifting each constraint alone would add.

    The gains do not add up: behind each constraint stands the next.
    """
    base = online_gpu_days(run_ramp(plan))
    gains = []
    for constraint in LIFTABLE:
        timeline = run_ramp(plan, lift=frozenset({constraint}))
        most = float(timeline.stock("online").level.max(initial=0.0))
        gains.append(Relief(constraint, online_gpu_days(timeline) - base, most))
    return base, sorted(gains, key=lambda item: -item.gpu_days)
