"""Dispatch: which source, store or sink takes what in each step.

A policy is a function of load, offer and step length that returns `Flows`; `POLICIES` and `PLANNED`
find it by its name in the scenario.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from dcsim.clock import Calendar, Floats
from dcsim.scenario.plan import Plan
from dcsim.supply.availability import Offer, make_offer
from dcsim.supply.dispatch.checks import check_flows
from dcsim.supply.dispatch.greedy import cfe_first, self_consumption
from dcsim.supply.dispatch.one_pass import self_consumption_in_one_pass
from dcsim.supply.dispatch.storage import Guide
from dcsim.supply.dispatch.storage_policies import PLANNED_GUIDES, hold_for_shortage, shave_peaks
from dcsim.supply.kernels.compiled import preferred_loops
from dcsim.supply.optimum.rolling import optimal, planned_optimal
from dcsim.types import Flows, Load, Timeline, Weather


def make_flows(plan: Plan, timeline: Timeline, weather: Weather, load: Load) -> Flows:
    """Return the flow of every source, store and sink in each step.

    Parameters
    ----------
    plan : Plan
        The scenario with its values drawn.
    timeline : Timeline
        Capacities and outages of all assets.
    weather : Weather
        For solar and wind.
    load : Load
        What the site draws.

    Returns
    -------
    Flows

    Raises
    ------
    AssertionError
        If a step does not close, or a flow breaks its limit.
    """
    offer = make_offer(plan, timeline, weather, load)
    policy = policy_of(plan, timeline.calendar)
    flows = policy(load.facility_power_mw, offer, timeline.calendar.step_h)
    check_flows(flows, load.facility_power_mw, offer)
    return flows


Policy = Callable[[Floats, Offer, float], Flows]


def _planned(guide_of: Callable[[Plan, Calendar], Guide], plan: Plan, calendar: Calendar) -> Policy:
    return partial(self_consumption, guide=guide_of(plan, calendar))


POLICIES: dict[str, Policy] = {
    "self-consumption": self_consumption,
    "cfe-first": cfe_first,
    "peak-shaving": partial(self_consumption, guide=shave_peaks),
    "reserve": partial(self_consumption, guide=hold_for_shortage),
    "optimal": optimal,
}
"""Policies that need nothing but load and offer, by their names in a scenario."""
PLANNED: dict[str, Callable[[Plan, Calendar], Policy]] = {
    **{name: partial(_planned, guide_of) for name, guide_of in PLANNED_GUIDES.items()},
    "optimal": planned_optimal,
}
"""Policies that look at the plan as well: at prices, factors, keys of the scenario."""
IN_ONE_PASS = {"self-consumption": self_consumption_in_one_pass}
"""The same policies as loops over hours, for a process that prefers them compiled."""


def policy_of(plan: Plan, calendar: Calendar) -> Policy:
    """Return the policy of a plan."""
    name = plan.site.dispatch.policy
    return PLANNED[name](plan, calendar) if name in PLANNED else policy_named(name)


def policy_named(name: str) -> Policy:
    """Return a policy, in one compiled pass where this process prefers it."""
    loops = preferred_loops()
    if loops is None or name not in IN_ONE_PASS:
        return POLICIES[name]
    return partial(_in_one_pass, name, loops.dispatch_steps)


def _in_one_pass(
    name: str,
    dispatch_steps: Callable[..., None],
    load_mw: Floats,
    offer: Offer,
    step_h: float,
) -> Flows:
    """Dispatch in one pass, or in arrays where something has what that loop does not know."""
    if not offer.plain:
        return POLICIES[name](load_mw, offer, step_h)
    return IN_ONE_PASS[name](load_mw, offer, step_h, dispatch_steps=dispatch_steps)
