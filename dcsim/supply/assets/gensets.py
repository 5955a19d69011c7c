"""Emergency generators: machines that may fail to start, and fail while they run."""

from __future__ import annotations

import math

from dcsim.clock import Floats, Integers
from dcsim.scenario.schema.assets.gensets import Gensets
from dcsim.supply.assets.conditions import Conditions
from dcsim.supply.dispatch.plants import BackupUnit
from dcsim.units import MINUTES_PER_HOUR


def available(group: Gensets, conditions: Conditions) -> BackupUnit:
    """Return the group with the random numbers of its starts and failures."""
    key, plan = conditions.key, conditions.plan
    calendar = conditions.timeline.calendar
    start_uniforms = life_uniforms = None
    if group.start_failure_frac:
        # One number for each hour of the run, so that those of a call depend on when it begins and
        # on nothing else: another battery or another step does not shift them.
        def start_uniforms(begins: Integers) -> Floats:
            hour = calendar.edges_min[begins] // MINUTES_PER_HOUR
            return plan.uniforms(key, "start", int(hour[-1]) + 1)[hour]

    if group.mttf_h is not None:

        def life_uniforms(begin: int) -> Floats:
            hour = int(calendar.edges_min[begin]) // MINUTES_PER_HOUR
            return plan.uniforms(key, f"life-{hour}", group.n_units)

    return BackupUnit(
        available_mw=conditions.capacity_mw,
        n_units=group.n_units,
        start_failure_frac=group.start_failure_frac,
        start_uniforms=start_uniforms,
        mttf_h=math.inf if group.mttf_h is None else group.mttf_h,
        life_uniforms=life_uniforms,
        dark_h=max(group.start_time_h - group.ride_through_h, 0.0),
    )
