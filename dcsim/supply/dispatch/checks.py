"""Checks of every dispatch: flows in, an error with step and residual out where one fails."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dcsim.clock import Floats
from dcsim.supply.availability import AvailableSupply
from dcsim.supply.dispatch.plants import run_backup
from dcsim.types import Flows

BALANCE_TOLERANCE_MW = 1e-6
LEVEL_TOLERANCE_MWH = 1e-9


def check_flows(
    flows: Flows,
    load_mw: Floats,
    available: AvailableSupply,
    step_h: float,
    *,
    sheds_by_price: bool = False,
) -> None:
    """Raise AssertionError with step and residual where flows do not close or break a limit.

    Every comparison is written so that NaN fails.

    Parameters
    ----------
    flows : Flows
        Result of a policy.
    load_mw : ndarray, shape (n_hours,)
        Facility power. [MW]
    available : AvailableSupply
        Supply the policy chose from.
    step_h : float
        Length of a step. [h]
    sheds_by_price : bool
        True if the policy may leave load unserved because serving it would cost more.
    """
    residual_mw = balance_residual_mw(flows, load_mw)
    closed = np.abs(residual_mw) <= BALANCE_TOLERANCE_MW
    _require(closed, residual_mw, "sources and sinks differ by")
    columns = {
        "import": flows.grid_import_mw,
        "export": flows.grid_export_mw,
        "charge": flows.battery_charge_mw,
        "discharge": flows.battery_discharge_mw,
        "charge from the grid": flows.grid_charge_mw,
        "curtailed": flows.curtailed_mw,
        "unserved": flows.unserved_mw,
        **flows.asset_generation_mw,
    }
    for name, power_mw in columns.items():
        _require(power_mw >= 0, power_mw, f"{name} is below zero:")
    _require_within_limits(flows, available)
    both_mw = np.minimum(flows.battery_charge_mw, flows.battery_discharge_mw)
    _require(both_mw <= 0, both_mw, "batteries charge and discharge at once, MW:")
    over_mw = flows.unserved_mw - load_mw
    _require(over_mw <= BALANCE_TOLERANCE_MW, over_mw, "unserved is over the load by")
    _require_sums_of_stores(flows)
    if not sheds_by_price and np.any(flows.unserved_mw > BALANCE_TOLERANCE_MW):
        _require_all_used(flows, available, step_h)


def _require_within_limits(flows: Flows, available: AvailableSupply) -> None:
    """Refuse what is above the limits of the connection and of the stores."""
    _, delivered_mw = available.wheeled
    over_mw = flows.grid_import_mw - (available.connection_mw - delivered_mw)
    _require(over_mw <= 0, over_mw, "import is over the limit by")
    over_mw = flows.grid_export_mw - available.export_mw
    _require(over_mw <= 0, over_mw, "export is over the limit by")
    _require_within_power(flows, available)
    energy_mwh = sum(store.energy_mwh for store in available.stores.values())
    level_mwh = flows.battery_stored_mwh
    fits = (level_mwh >= 0) & (level_mwh <= energy_mwh + LEVEL_TOLERANCE_MWH)
    _require(fits, level_mwh, f"{energy_mwh} MWh of batteries hold")
    lost_mwh = flows.battery_lost_mwh
    _require(lost_mwh >= -LEVEL_TOLERANCE_MWH, lost_mwh, "batteries lose less than nothing, MWh:")


def _require_all_used(flows: Flows, available: AvailableSupply, step_h: float) -> None:
    """Refuse unserved load in a step in which something that is there could have served it."""
    short = np.flatnonzero(flows.unserved_mw > BALANCE_TOLERANCE_MW)
    room_mw = available.connection_mw - available.wheeled[1]
    idle = {
        "the grid": (room_mw - flows.grid_import_mw)[short],
        "what charges stores": flows.battery_charge_mw[short],
        "what is fed back": flows.grid_export_mw[short],
    }
    made = flows.asset_generation_mw
    for key, plant in available.dispatchable.items():
        idle[key] = (plant.reach_mw(made[key], step_h) - made[key])[short]
    beyond_mw = flows.unserved_mw + sum((made[key] for key in available.backup), 0.0 * room_mw)
    able, _ = run_backup(available.backup, beyond_mw, step_h)
    for key, able_mw in able.items():
        idle[key] = (able_mw - made[key])[short]
    for key, given_mw in flows.asset_discharge_mw.items():
        store = available.stores[key]
        held_mwh = np.maximum(flows.asset_stored_mwh[key][1:] - store.minimum_mwh, 0.0)
        held_mw = held_mwh * (store.discharge_frac / step_h)
        idle[key] = np.minimum(held_mw, store.discharge_power_mw - given_mw)[short]
    for name, idle_mw in idle.items():
        fine = idle_mw <= BALANCE_TOLERANCE_MW
        if not fine.all():  # NaN is not fine
            place = int(np.argmin(fine))
            raise AssertionError(
                f"step {short[place]}: {flows.unserved_mw[short[place]]} MW are unserved, and "
                f"{name} could give {idle_mw[place]}"
            )


def _require_sums_of_stores(flows: Flows) -> None:
    """Refuse stores that together give or hold something else than each of them."""
    for by_asset, all_of_them in (
        (flows.asset_discharge_mw, flows.battery_discharge_mw),
        (flows.asset_stored_mwh, flows.battery_stored_mwh),
    ):
        if by_asset:
            left = np.abs(all_of_them - sum(by_asset.values(), np.zeros_like(all_of_them)))
            _require(left <= BALANCE_TOLERANCE_MW, left, "stores add up to something else, by")


def _require_within_power(flows: Flows, available: AvailableSupply) -> None:
    """Refuse a battery that gives or takes more than its power, or whose power is not known."""
    stores = available.stores.values()
    for name, store in available.stores.items():
        _require(store.power_mw >= 0, store.power_mw, f"the power of {name} is")
    none_mw = np.zeros_like(flows.battery_charge_mw)
    over_mw = flows.battery_charge_mw - sum((one.charge_power_mw for one in stores), none_mw)
    _require(over_mw <= BALANCE_TOLERANCE_MW, over_mw, "charge is over the limit by")
    over_mw = flows.battery_discharge_mw - sum((one.discharge_power_mw for one in stores), none_mw)
    _require(over_mw <= BALANCE_TOLERANCE_MW, over_mw, "discharge is over the limit by")


def balance_residual_mw(flows: Flows, load_mw: Floats) -> Floats:
    """Return sources less sinks in each step, shape ``(n_hours,)``. [MW]"""
    residual = flows.grid_import_mw + flows.battery_discharge_mw
    residual += flows.unserved_mw
    for generated_mw in flows.generation_mw.values():
        residual += generated_mw
    for sink_mw in (load_mw, flows.battery_charge_mw, flows.grid_export_mw, flows.curtailed_mw):
        residual -= sink_mw
    return residual


def _require(fine: NDArray[np.bool_], value: Floats, message: str) -> None:
    if not fine.all():
        step = int(np.argmin(fine))
        raise AssertionError(f"step {step}: {message} {value[step]}")
