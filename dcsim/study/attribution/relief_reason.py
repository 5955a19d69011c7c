"""Reasons for losses: two ramps in, why lifting a constraint loses GPU-days out, in words."""

from __future__ import annotations

from dcsim.gpu_states import IN_SERVICE, STATES
from dcsim.ramp.expansion import demand_gpus
from dcsim.ramp.relief import LiftedRamp
from dcsim.scenario.plan import Plan
from dcsim.scenario.schema.site import Release
from dcsim.types import Timeline
from dcsim.units import MINUTES_PER_DAY

LEAST_SHARE = 0.0005
"""Losses below this share of the GPU-days as planned are not explained: shown, they are 0.0 %."""


def loss_reason(plan: Plan, planned: Timeline, ramp: LiftedRamp, gpu_days: float) -> str:
    """Return why lifting a constraint loses GPU-days; empty if it does not.

    Parameters
    ----------
    plan : Plan
        The site with its values drawn.
    planned : Timeline
        Its ramp with all constraints.
    ramp : LiftedRamp
        The ramp without one of them.
    gpu_days : float
        GPU-days online as planned.
    """
    gain = ramp.gain
    if gain.total > -LEAST_SHARE * gpu_days:
        return ""
    parts = f"{gain.earlier:,.0f} GPU-days come earlier and {gain.later:,.0f} later"
    released = _first_late_release(plan, planned, ramp.timeline)
    if released:
        return f"{parts}: {released}"
    if gain.later > gain.earlier:
        return (
            f"{parts}: racks that come earlier take the space, power, crews or slots for which "
            "others then wait"
        )
    return f"failures and repair take {-gain.repaired:,.0f} GPU-days more"


def _first_late_release(plan: Plan, planned: Timeline, lifted: Timeline) -> str:
    """Return which block of the expansion is released later, and which rule holds it."""
    before, after = (_releases(timeline) for timeline in (planned, lifted))
    late = [name for name, at in before.items() if after.get(name, at + 1) > at]
    if not late:
        return ""
    first = min(late, key=before.__getitem__)
    calendar = planned.calendar
    if first in after:
        days = (after[first] - before[first]) / MINUTES_PER_DAY
        day = calendar.moment(after[first]).date()
        text = f"{first} is released on {day}, {days:,.0f} days later than planned"
    else:
        text = f"{first} is not released within the run"
    more = f" (and {len(late) - 1} more blocks later)" if len(late) > 1 else ""
    rule = next(b.release for b in plan.site.expansion if first.rpartition("-")[0] == b.name)
    held = _unmet_rule(plan, rule, lifted, before[first])
    return f"{text}{more}, since {held}" if held else f"{text}{more}"


def _releases(timeline: Timeline) -> dict[str, int]:
    return {entry.subject: entry.time_min for entry in timeline.log if entry.kind == "expansion"}


def _unmet_rule(plan: Plan, rule: Release, timeline: Timeline, minute: int) -> str:
    """Return which part of a rule is not met at a minute; empty if all of it is."""
    in_service = timeline.stock(*IN_SERVICE).at(minute)
    ordered = timeline.stock(*STATES).at(minute) - timeline.stock("retired").at(minute)
    wanted = demand_gpus(plan.site, timeline.calendar.moment(minute).date())
    if in_service < rule.online_frac * ordered:
        return (
            f"its rule waits until {rule.online_frac:.0%} of the GPUs ordered are online and "
            f"{in_service / ordered:.0%} were on the planned day"
        )
    if wanted < rule.utilization_frac * in_service:
        return (
            f"its rule waits until demand is {rule.utilization_frac:.0%} of the GPUs online and, "
            f"with more of them online, it was {wanted / in_service:.0%} on the planned day"
        )
    if max(wanted - in_service, 0.0) < rule.backlog:
        return (
            f"its rule waits for {rule.backlog:,} GPUs of unmet demand and there were "
            f"{max(wanted - in_service, 0.0):,.0f} on the planned day"
        )
    return ""
