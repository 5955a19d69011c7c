"""Checks of every dispatch: flows in, an error with step and residual out where one fails."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dcsim.clock import Floats
from dcsim.supply.availability import AvailableSupply
from dcsim.types import Flows

BALANCE_TOLERANCE_MW = 1e-6
LEVEL_TOLERANCE_MWH = 1e-9


def check_flows(flows: Flows, load_mw: Floats, available: AvailableSupply) -> None:
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
