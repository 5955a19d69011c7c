from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from dcsim.supply.availability import AvailableSupply
from dcsim.supply.dispatch.battery import BatteryUnit
from dcsim.supply.dispatch.checks import balance_residual_mw, check_flows
from dcsim.supply.dispatch.policies import self_consumption
from dcsim.types import Flows

LOAD_MW = np.array([5.0, 5.0, 5.0])
OFFER = AvailableSupply(
    connection_mw=np.array([10.0, 10.0, 0.0]),
    export_mw=np.zeros(3),
    onsite_mw={"solar.a": np.array([2.0, 8.0, 0.0])},
    stores={"batteries.a": BatteryUnit(np.full(3, 2.0), 4.0, 0.8)},
)


def broken(**changes: object) -> Flows:
    return dataclasses.replace(self_consumption(LOAD_MW, OFFER, 1.0), **changes)


def shifted(name: str, by: float) -> Flows:
    values = getattr(broken(), name).copy()
    values[1] += by
    return broken(**{name: values})


def test_a_dispatch_as_it_should_be_passes() -> None:
    check_flows(broken(), LOAD_MW, OFFER)
    assert np.abs(balance_residual_mw(broken(), LOAD_MW)).max() < 1e-12


@pytest.mark.parametrize(
    "name", ["grid_import_mw", "battery_charge_mw", "battery_discharge_mw", "curtailed_mw"]
)
@pytest.mark.parametrize("by", [1e-5, -1e-5, np.nan])
def test_a_step_that_does_not_close_is_refused_with_its_residual(name: str, by: float) -> None:
    with pytest.raises(AssertionError, match="step 1: sources and sinks differ by"):
        check_flows(shifted(name, by), LOAD_MW, OFFER)


def test_flows_below_zero_are_refused() -> None:
    both = {"battery_charge_mw": -np.ones(3), "battery_discharge_mw": -np.ones(3)}
    flows = self_consumption(LOAD_MW, dataclasses.replace(OFFER, stores={}), 1.0)
    with pytest.raises(AssertionError, match=r"step 0: charge is below zero: -1\.0"):
        check_flows(dataclasses.replace(flows, **both), LOAD_MW, OFFER)


def test_import_in_an_outage_is_refused() -> None:
    flows = broken()
    moved = {
        "grid_import_mw": flows.grid_import_mw + flows.unserved_mw,
        "unserved_mw": np.zeros(3),
    }
    with pytest.raises(AssertionError, match="step 2: import is over the limit by"):
        check_flows(broken(**moved), LOAD_MW, OFFER)


def test_export_over_its_limit_is_refused() -> None:
    flows = broken()
    moved = {"grid_export_mw": flows.curtailed_mw, "curtailed_mw": np.zeros(3)}
    with pytest.raises(AssertionError, match="step 1: export is over the limit by"):
        check_flows(broken(**moved), LOAD_MW, OFFER)


@pytest.mark.parametrize("level_mwh", [-1e-6, 4.1, np.nan])
def test_a_level_out_of_bounds_is_refused(level_mwh: float) -> None:
    levels = broken().battery_stored_mwh.copy()
    levels[2] = level_mwh
    with pytest.raises(AssertionError, match=r"step 2: 4\.0 MWh of batteries hold"):
        check_flows(broken(battery_stored_mwh=levels), LOAD_MW, OFFER)


@pytest.mark.parametrize(
    ("power_mw", "message"),
    [
        ([2.0, 2.0, 1.5], "step 2: discharge is over the limit by"),
        ([2.0, 1.5, 2.0], "step 1: charge is over the limit by"),
        ([2.0, np.nan, 2.0], "step 1: the power of batteries.a is nan"),
    ],
)
def test_a_battery_gives_and_takes_no_more_than_its_power(power_mw, message) -> None:
    battery = BatteryUnit(np.array(power_mw), 4.0, 0.8)
    with pytest.raises(AssertionError, match=message):
        check_flows(broken(), LOAD_MW, dataclasses.replace(OFFER, stores={"batteries.a": battery}))
