"""Policies that decide each step from that step and those before it.

They differ in how far batteries may go (`dcsim.supply.dispatch.storage_policies`) and in what comes
first.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dcsim.clock import Floats
from dcsim.supply.availability import AvailableSupply
from dcsim.supply.dispatch.battery import Balance
from dcsim.supply.dispatch.by_source import by_source
from dcsim.supply.dispatch.plants import follow_load, must_run_mw, run_backup
from dcsim.supply.dispatch.storage import StoragePolicy, StoresRun, run_stores
from dcsim.types import Flows


def self_consumption(
    load_mw: Floats,
    available: AvailableSupply,
    step_h: float,
    *,
    storage_policy: StoragePolicy | None = None,
) -> Flows:
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

    Renewables and contracts come first, then batteries down to their reserve, then the grid, part
    of which is carbon-free, and CHP above its minimum last: for what the connection cannot bring.
    Batteries are charged from surplus of renewables and contracts alone; surplus of the minimum of
    CHP is fed back or curtailed.

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
    minimum_mw = must_run_mw(available.dispatchable, load_mw.size)
    able_mw = sum(
        (plant.available_mw for plant in available.dispatchable.values()), np.zeros(load_mw.size)
    )
    deficit_mw = load_mw - taken_mw - minimum_mw
    room_mw = available.connection_mw - delivered_mw
    need_mw = np.maximum(deficit_mw, 0.0)
    short_mw = np.maximum(need_mw - room_mw, 0.0)
    clean_mw = np.maximum(taken_mw - load_mw, 0.0)
    other_mw = np.maximum(np.maximum(0.0 - deficit_mw, 0.0) - clean_mw, 0.0)
    balance = Balance(
        surplus_mw=clean_mw,
        need_mw=need_mw,
        beyond_grid_mw=np.maximum(short_mw - (able_mw - minimum_mw), 0.0),
        spare_mw=np.maximum(room_mw - need_mw, 0.0),
    )
    fleet, balance = run_stores(available.stores, balance, step_h)
    bought_mw = np.minimum(balance.need_mw, room_mw)
    beyond_mw = np.maximum(balance.need_mw - room_mw, 0.0)
    dispatchable_mw, left_mw = follow_load(available.dispatchable, beyond_mw, step_h)
    # A plant on its way down makes more than is needed: that much less is bought.
    beyond_mw, extra_mw = np.maximum(left_mw, 0.0), np.maximum(0.0 - left_mw, 0.0)
    spared_mw = np.minimum(extra_mw, bought_mw)
    bought_mw = bought_mw - spared_mw
    balance = balance._replace(
        surplus_mw=balance.surplus_mw + other_mw + (extra_mw - spared_mw),
        need_mw=bought_mw + beyond_mw,  # what CHP serves is taken off
        beyond_grid_mw=beyond_mw,
    )
    return _flows(available, dispatchable_mw, fleet, balance, step_h=step_h)


def _flows(
    available: AvailableSupply,
    dispatchable_mw: Mapping[str, Floats],
    fleet: StoresRun,
    left: Balance,
    *,
    step_h: float,
) -> Flows:
    """Return flows once CHP and batteries are settled: the grid, gensets, and what is lost."""
    run = fleet.run
    wheeled_mw, delivered_mw = available.wheeled
    room_mw = available.connection_mw - delivered_mw
    import_mw = left.need_mw - left.beyond_grid_mw + run.grid_charge_mw
    backup_mw, unserved_mw = run_backup(available.backup, left.beyond_grid_mw, step_h)
    export_mw = np.minimum(left.surplus_mw, available.export_mw)
    assets = {**available.onsite_mw, **available.wheeled_mw, **dispatchable_mw, **backup_mw}
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
    )
