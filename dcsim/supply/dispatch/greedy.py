"""Policies that decide each step from that step and those before it.

They differ in how far batteries may go (`dcsim.supply.dispatch.storage_policies`) and in what comes
first.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dcsim.clock import Floats
from dcsim.supply.availability import AvailableSupply
from dcsim.supply.dispatch.battery import Balance, BatteryUnit
from dcsim.supply.dispatch.by_source import by_asset, by_source
from dcsim.supply.dispatch.plants import (
    DispatchableUnit,
    follow_load,
    must_run_mw,
    ramped,
    run_backup,
)
from dcsim.supply.dispatch.storage import StoragePolicy, StoresRun, run_stores
from dcsim.types import Flows


def self_consumption(
    load_mw: Floats,
    available: AvailableSupply,
    step_h: float,
    *,
    storage_policy: StoragePolicy | None = None,
) -> Flows:
    """Use variable sources first, then dispatchable ones, stores, the grid, and backup last.

    Variable sources and the minimum of dispatchable ones are there before anything is decided. What
    they leave of the load is served by dispatchable units above their minimum, by stores down to
    their reserve, by the grid up to the connection, by the reserve of the stores, by backup. What
    they have beyond the load charges the stores, is fed back, or is curtailed. Spare room in the
    connection refills reserves.

    Parameters
    ----------
    load_mw : ndarray, shape (n_hours,)
        Facility power. [MW]
    available : AvailableSupply
        What sources, stores and the connection can give.
    step_h : float
        Length of a step. [h]
    storage_policy : callable, optional
        Says how far batteries may go; by default down to their reserve.

    Returns
    -------
    Flows
    """
    _, delivered_mw = available.wheeled
    taken_mw = sum(available.onsite_mw.values(), delivered_mw)
    deficit_mw = load_mw - taken_mw - must_run_mw(available.dispatchable, load_mw.size)
    dispatchable_mw, deficit_mw = follow_load(available.dispatchable, deficit_mw, step_h)
    room_mw = available.connection_mw - delivered_mw
    need_mw = np.maximum(deficit_mw, 0.0)
    balance = Balance(
        surplus_mw=np.maximum(0.0 - deficit_mw, 0.0),
        need_mw=need_mw,
        beyond_grid_mw=np.maximum(need_mw - room_mw, 0.0),
        spare_mw=np.maximum(room_mw - need_mw, 0.0),
    )
    fleet, balance = run_stores(available.stores, balance, step_h, storage_policy)
    return _flows(available, dispatchable_mw, fleet, balance, step_h=step_h)


def cfe_first(load_mw: Floats, available: AvailableSupply, step_h: float) -> Flows:
    """Use what is carbon-free before what is not, hour by hour.

    Variable sources come first, then dispatchable units that are clean, stores down to their
    reserve, the grid, part of which is carbon-free, and units that emit, above their minimum, last:
    for what the connection cannot bring. Stores are charged from surplus of variable and clean
    sources alone; surplus of the minimum of what emits is fed back or curtailed.

    Parameters
    ----------
    load_mw : ndarray, shape (n_hours,)
        Facility power. [MW]
    available : AvailableSupply
        What sources, stores and the connection can give.
    step_h : float
        Length of a step. [h]

    Returns
    -------
    Flows
    """
    _, delivered_mw = available.wheeled
    taken_mw = sum(available.onsite_mw.values(), delivered_mw)
    clean = {key: unit for key, unit in available.dispatchable.items() if unit.is_clean}
    other = {key: unit for key, unit in available.dispatchable.items() if not unit.is_clean}
    deficit_mw = load_mw - taken_mw - must_run_mw(clean, load_mw.size)
    clean_made_mw, deficit_mw = follow_load(clean, deficit_mw, step_h)
    room_mw = available.connection_mw - delivered_mw
    least_mw = {key: unit.minimum_mw for key, unit in other.items()}
    slow = {key: unit for key, unit in other.items() if unit.has_ramp}
    if slow:
        # What ramps make of what would be asked of the plants without them: from then on it is
        # known what they make at least, and stores and the grid count on that alone.
        quick = {key: unit._replace(ramp_mw_per_h=np.inf) for key, unit in other.items()}
        asked_mw, _, _ = _emitting_last(
            quick, least_mw, (deficit_mw, room_mw), available.stores, step_h
        )
        least_mw |= {key: ramped(asked_mw[key], unit, step_h) for key, unit in slow.items()}
    other_made_mw, fleet, balance = _emitting_last(
        other, least_mw, (deficit_mw, room_mw), available.stores, step_h
    )
    made_mw = clean_made_mw | other_made_mw
    dispatchable_mw = {key: made_mw[key] for key in available.dispatchable}
    return _flows(available, dispatchable_mw, fleet, balance, step_h=step_h)


def _emitting_last(
    plants: Mapping[str, DispatchableUnit],
    least_mw: Mapping[str, Floats],
    left_mw: tuple[Floats, Floats],
    stores: Mapping[str, BatteryUnit],
    step_h: float,
) -> tuple[dict[str, Floats], StoresRun, Balance]:
    """Return what emitting plants make, the run of the stores, and what both leave.

    Plants make their least; stores and the grid come next; what is beyond them is asked of plants.
    `left_mw` is the deficit before any of them, and the room in the connection.
    """
    deficit_mw, room_mw = left_mw
    zero = np.zeros_like(deficit_mw)
    clean_mw = np.maximum(0.0 - deficit_mw, 0.0)
    deficit_mw = deficit_mw - sum((least_mw[key] for key in plants), zero)
    reach_mw = sum((unit.reach_mw(least_mw[key], step_h) for key, unit in plants.items()), zero)
    further_mw = reach_mw - sum((least_mw[key] for key in plants), zero)
    need_mw = np.maximum(deficit_mw, 0.0)
    short_mw = np.maximum(need_mw - room_mw, 0.0)
    other_mw = np.maximum(np.maximum(0.0 - deficit_mw, 0.0) - clean_mw, 0.0)
    balance = Balance(
        surplus_mw=clean_mw,
        need_mw=need_mw,
        beyond_grid_mw=np.maximum(short_mw - further_mw, 0.0),
        spare_mw=np.maximum(room_mw - need_mw, 0.0),
    )
    fleet, balance = run_stores(stores, balance, step_h)
    bought_mw = np.minimum(balance.need_mw, room_mw)
    beyond_mw = np.maximum(balance.need_mw - room_mw, 0.0)
    made_mw, left = follow_load(plants, beyond_mw, step_h, least_mw=least_mw)
    # A unit on its way down makes more than is needed: that much less is bought.
    beyond_mw, extra_mw = np.maximum(left, 0.0), np.maximum(0.0 - left, 0.0)
    spared_mw = np.minimum(extra_mw, bought_mw)
    bought_mw = bought_mw - spared_mw
    balance = balance._replace(
        surplus_mw=balance.surplus_mw + other_mw + (extra_mw - spared_mw),
        need_mw=bought_mw + beyond_mw,  # what emitting units serve is taken off
        beyond_grid_mw=beyond_mw,
    )
    return made_mw, fleet, balance


def _flows(
    available: AvailableSupply,
    dispatchable_mw: Mapping[str, Floats],
    fleet: StoresRun,
    left: Balance,
    *,
    step_h: float,
) -> Flows:
    """Return flows once sources and stores are settled: the grid, backup, and what is lost."""
    run = fleet.run
    wheeled_mw, delivered_mw = available.wheeled
    room_mw = available.connection_mw - delivered_mw
    import_mw = left.need_mw - left.beyond_grid_mw + run.grid_charge_mw
    backup_mw, unserved_mw = run_backup(available.backup, left.beyond_grid_mw, step_h)
    export_mw = np.minimum(left.surplus_mw, available.export_mw)
    assets = by_asset(available.onsite_mw, available.wheeled_mw, dispatchable_mw, backup_mw)
    return Flows(
        generation_mw=by_source(assets, import_mw.size),
        asset_generation_mw=assets,
        grid_import_mw=np.minimum(import_mw, room_mw),  # the sum may round above the room
        grid_export_mw=export_mw,
        battery_charge_mw=run.surplus_charge_mw + run.grid_charge_mw,
        battery_discharge_mw=run.discharge_mw,
        battery_stored_mwh=run.stored_mwh,
        grid_charge_mw=run.grid_charge_mw,
        curtailed_mw=wheeled_mw - delivered_mw + left.surplus_mw - export_mw,
        unserved_mw=unserved_mw,
        battery_lost_mwh=fleet.lost_mwh,
        battery_renewed_step=fleet.renewed_step,
        asset_discharge_mw={key: each.discharge_mw for key, each in fleet.of_each.items()},
        asset_stored_mwh={key: each.stored_mwh for key, each in fleet.of_each.items()},
    )
