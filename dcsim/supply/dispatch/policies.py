"""Dispatch: which source, store or sink takes what in each step.

A policy is a function of load, available supply and step length that returns `Flows`; `POLICIES`
and `PLANNED` find it by its name in the scenario.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from dcsim.clock import Calendar, Floats
from dcsim.entry_points import POLICY_GROUP, blamed
from dcsim.scenario.plan import Plan
from dcsim.supply.availability import AvailableSupply, available_supply
from dcsim.supply.dispatch.checks import check_flows
from dcsim.supply.dispatch.greedy import cfe_first, self_consumption
from dcsim.supply.dispatch.storage import StoragePolicy
from dcsim.supply.dispatch.storage_policies import (
    PLANNED_STORAGE_POLICIES,
    hold_for_shortage,
    shave_peaks,
)
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
    PluginError
        If it does so under the policy of a plug-in.
    """
    available = available_supply(plan, timeline, weather, load)
    load_mw, calendar = load.facility_power_mw, timeline.calendar
    name = plan.site.dispatch.policy
    if name not in plan.site.extension.policies:
        flows = policy_of(plan, calendar)(load_mw, available, calendar.step_h)
        by_price = name == "optimal" and plan.site.dispatch.lost_load_per_mwh is not None
        check_flows(flows, load_mw, available, calendar.step_h, sheds_by_price=by_price)
        return flows
    # A fault in the policy of a plug-in is not one of dcsim.
    with blamed(plan.site.extension.home(POLICY_GROUP, name)):
        flows = policy_of(plan, calendar)(load_mw, available, calendar.step_h)
        if not isinstance(flows, Flows):
            raise TypeError(f"returned {type(flows).__name__}, must be Flows")
        check_flows(flows, load_mw, available, calendar.step_h)
    return flows


Policy = Callable[[Floats, AvailableSupply, float], Flows]


def _with_storage_policy(
    storage_policy_of: Callable[[Plan, Calendar], StoragePolicy], plan: Plan, calendar: Calendar
) -> Policy:
    return partial(self_consumption, storage_policy=storage_policy_of(plan, calendar))


POLICIES: dict[str, Policy] = {
    "self-consumption": self_consumption,
    "cfe-first": cfe_first,
    "peak-shaving": partial(self_consumption, storage_policy=shave_peaks),
    "reserve": partial(self_consumption, storage_policy=hold_for_shortage),
    "optimal": optimal,
}
"""Policies that need nothing but load and available supply, by their names in a scenario."""
PLANNED: dict[str, Callable[[Plan, Calendar], Policy]] = {
    **{
        name: partial(_with_storage_policy, storage_policy_of)
        for name, storage_policy_of in PLANNED_STORAGE_POLICIES.items()
    },
    "optimal": planned_optimal,
}
"""Policies that look at the plan as well: at prices, factors, keys of the scenario."""


def policy_of(plan: Plan, calendar: Calendar) -> Policy:
    """Return the policy of a plan."""
    name = plan.site.dispatch.policy
    plugged = plan.site.extension.policies.get(name)
    if plugged is not None:
        policy: Policy = plugged.planned(plan, calendar) if plugged.planned else plugged.flows  # type: ignore[assignment]  # one of them is there
        return policy
    return PLANNED[name](plan, calendar) if name in PLANNED else POLICIES[name]
