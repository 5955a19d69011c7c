"""Dispatch: which source, store or sink takes what in each step.

A policy is a function of load, offer and step length that returns `Flows`; `POLICIES` finds it by
its name in the scenario.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from dcsim.clock import Floats
from dcsim.scenario.plan import Plan
from dcsim.scenario.supply import Dispatch
from dcsim.stages import Flows, Load, Timeline, Weather
from dcsim.supply import loops
from dcsim.supply.battery import Balance, BatteryRun, BatteryUnit, after, idle_run, run_battery
from dcsim.supply.checks import check_flows
from dcsim.supply.compiled import preferred_loops
from dcsim.supply.offer import Offer, make_offer
from dcsim.supply.onepass import self_consumption_in_one_pass
from dcsim.supply.plants import follow_load, must_run_mw, run_gensets
from dcsim.supply.reserve import floor_mwh, with_floors
from dcsim.supply.sources import by_source


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
    policy = policy_of(plan.site.dispatch)
    flows = policy(load.facility_power_mw, offer, timeline.calendar.step_h)
    check_flows(flows, load.facility_power_mw, offer)
    return flows


def self_consumption(load_mw: Floats, offer: Offer, step_h: float) -> Flows:
    """Use renewables and contracts first, then CHP, batteries, the grid, and gensets last.

    Sources that are taken as they come and the minimum of CHP are there before anything is decided.
    What they leave of the load is served by CHP above its minimum, by the batteries down to their
    reserve, by the grid up to the connection, by the reserve of the batteries, by gensets. What
    they have beyond the load charges the batteries, is fed back, or is curtailed. Spare room in the
    connection refills reserves.

    Parameters
    ----------
    load_mw : ndarray, shape (n_hours,)
        Facility power. [MW]
    offer : Offer
        What sources, stores and the connection can give.
    step_h : float
        Length of a step. [h]

    Returns
    -------
    Flows
    """
    wheeled_mw, delivered_mw = offer.wheeled
    taken_mw = sum(offer.onsite_mw.values(), delivered_mw)
    deficit_mw = load_mw - taken_mw - must_run_mw(offer.chp, load_mw.size)
    chp_mw, deficit_mw = follow_load(offer.chp, deficit_mw)
    room_mw = offer.connection_mw - delivered_mw
    need_mw = np.maximum(deficit_mw, 0.0)
    balance = Balance(
        surplus_mw=np.maximum(0.0 - deficit_mw, 0.0),
        need_mw=need_mw,
        beyond_grid_mw=np.maximum(need_mw - room_mw, 0.0),
        spare_mw=np.maximum(room_mw - need_mw, 0.0),
    )
    stored, balance = _run_batteries(offer.batteries, balance, step_h)
    import_mw = balance.need_mw - balance.beyond_grid_mw + stored.grid_charge_mw
    genset_mw, unserved_mw = run_gensets(offer.gensets, balance.beyond_grid_mw)
    export_mw = np.minimum(balance.surplus_mw, offer.export_mw)
    assets = {**offer.onsite_mw, **offer.wheeled_mw, **chp_mw, **genset_mw}
    return Flows(
        generation_mw=by_source(assets, load_mw.size),
        asset_generation_mw=assets,
        grid_import_mw=np.minimum(import_mw, room_mw),  # the sum may round above the room
        grid_export_mw=export_mw,
        battery_charge_mw=stored.surplus_charge_mw + stored.grid_charge_mw,
        battery_discharge_mw=stored.discharge_mw,
        battery_stored_mwh=stored.stored_mwh,
        grid_charge_mw=stored.grid_charge_mw,
        curtailed_mw=wheeled_mw - delivered_mw + balance.surplus_mw - export_mw,
        unserved_mw=unserved_mw,
    )


def keep_reserve(
    load_mw: Floats, offer: Offer, step_h: float, *, days: int = 7, ahead_h: float = 24.0
) -> Flows:
    """Dispatch as by self-consumption, but keep in the batteries what the connection may lack.

    The forecast is `dcsim.supply.reserve.floor_mwh`: it sees the past alone. Spare room in the
    connection refills the batteries up to it.
    """
    _, delivered_mw = offer.wheeled
    taken_mw = sum(offer.onsite_mw.values(), delivered_mw)
    deficit_mw = load_mw - taken_mw - must_run_mw(offer.chp, load_mw.size)
    _, deficit_mw = follow_load(offer.chp, deficit_mw)
    beyond_mw = np.maximum(deficit_mw - (offer.connection_mw - delivered_mw), 0.0)
    kept = with_floors(offer.batteries, floor_mwh(beyond_mw, step_h, days=days, ahead_h=ahead_h))
    fast = preferred_loops()
    steps = loops.dispatch_steps if fast is None else fast.dispatch_steps
    offer = replace(offer, batteries=kept)
    return self_consumption_in_one_pass(load_mw, offer, step_h, dispatch_steps=steps)


Policy = Callable[[Floats, Offer, float], Flows]
POLICIES: dict[str, Policy] = {"self-consumption": self_consumption, "reserve": keep_reserve}
"""Policy by its name in a scenario."""
IN_ONE_PASS = {"self-consumption": self_consumption_in_one_pass}
"""The same policies as loops over hours, for a process that prefers them compiled."""


def policy_of(dispatch: Dispatch) -> Policy:
    """Return the policy that a scenario asks for, with its settings."""
    if dispatch.policy == "reserve":
        return partial(keep_reserve, days=dispatch.n_reserve_days, ahead_h=dispatch.reserve_ahead_h)
    return policy_named(dispatch.policy)


def policy_named(name: str) -> Policy:
    """Return a policy, in one compiled pass where this process prefers it."""
    fast = preferred_loops()
    if fast is None or name not in IN_ONE_PASS:
        return POLICIES[name]
    return partial(IN_ONE_PASS[name], dispatch_steps=fast.dispatch_steps)


def _run_batteries(
    batteries: Mapping[str, BatteryUnit], balance: Balance, step_h: float
) -> tuple[BatteryRun, Balance]:
    """Run batteries in the order listed; return what they did together and what they leave."""
    n_steps = balance.need_mw.size
    total = idle_run(n_steps)
    for battery in batteries.values():
        run = run_battery(battery, balance, step_h)
        balance = after(balance, run)
        total = BatteryRun._make(a + b for a, b in zip(total, run, strict=True))
    return total, balance
