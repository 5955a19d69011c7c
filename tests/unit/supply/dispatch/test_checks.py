from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from dcsim.supply.availability import AvailableSupply
from dcsim.supply.dispatch.battery import BatteryUnit
from dcsim.supply.dispatch.checks import balance_residual_mw, check_flows
from dcsim.supply.dispatch.plants import BackupUnit, DispatchableUnit
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
    check_flows(broken(), LOAD_MW, OFFER, 1.0)
    assert np.abs(balance_residual_mw(broken(), LOAD_MW)).max() < 1e-12


@pytest.mark.parametrize(
    "name", ["grid_import_mw", "battery_charge_mw", "battery_discharge_mw", "curtailed_mw"]
)
@pytest.mark.parametrize("by", [1e-5, -1e-5, np.nan])
def test_a_step_that_does_not_close_is_refused_with_its_residual(name: str, by: float) -> None:
    with pytest.raises(AssertionError, match="step 1: sources and sinks differ by"):
        check_flows(shifted(name, by), LOAD_MW, OFFER, 1.0)


def test_flows_below_zero_are_refused() -> None:
    both = {"battery_charge_mw": -np.ones(3), "battery_discharge_mw": -np.ones(3)}
    flows = self_consumption(LOAD_MW, dataclasses.replace(OFFER, stores={}), 1.0)
    with pytest.raises(AssertionError, match=r"step 0: charge is below zero: -1\.0"):
        check_flows(dataclasses.replace(flows, **both), LOAD_MW, OFFER, 1.0)


def test_import_in_an_outage_is_refused() -> None:
    flows = broken()
    moved = {
        "grid_import_mw": flows.grid_import_mw + flows.unserved_mw,
        "unserved_mw": np.zeros(3),
    }
    with pytest.raises(AssertionError, match="step 2: import is over the limit by"):
        check_flows(broken(**moved), LOAD_MW, OFFER, 1.0)


def test_export_over_its_limit_is_refused() -> None:
    flows = broken()
    moved = {"grid_export_mw": flows.curtailed_mw, "curtailed_mw": np.zeros(3)}
    with pytest.raises(AssertionError, match="step 1: export is over the limit by"):
        check_flows(broken(**moved), LOAD_MW, OFFER, 1.0)


@pytest.mark.parametrize("level_mwh", [-1e-6, 4.1, np.nan])
def test_a_level_out_of_bounds_is_refused(level_mwh: float) -> None:
    levels = broken().battery_stored_mwh.copy()
    levels[2] = level_mwh
    with pytest.raises(AssertionError, match=r"step 2: 4\.0 MWh of batteries hold"):
        check_flows(broken(battery_stored_mwh=levels), LOAD_MW, OFFER, 1.0)


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
        check_flows(
            broken(), LOAD_MW, dataclasses.replace(OFFER, stores={"batteries.a": battery}), 1.0
        )


IDLE = AvailableSupply(
    connection_mw=np.array([10.0, 10.0, 10.0]),
    export_mw=np.full(3, 9.0),
    onsite_mw={"solar.a": np.zeros(3)},
    dispatchable={"chp.a": DispatchableUnit(np.array([4.0, 0.0, 4.0]), 0.5, ramp_mw_per_h=1.0)},
    stores={
        "batteries.a": BatteryUnit(np.full(3, 2.0), 4.0, 0.8, start_mwh=4.0, minimum_mwh=1.0),
        "batteries.b": BatteryUnit(np.full(3, 1.0), 9.0, 0.8, start_mwh=1.0),
    },
    backup={"gensets.a": BackupUnit(np.full(3, 3.0), 3)},
)
NEED_MW = np.array([20.0, 20.0, 20.0])


def all_in_use() -> Flows:
    """Island-like need: the grid at its limit, plants by their ramp, stores empty, gensets on."""
    return self_consumption(NEED_MW, IDLE, 1.0)


def moved(name: str, by: float, step: int) -> Flows:
    """A megawatt more left unserved in a step, in the place of what gave it."""
    flows = all_in_use()
    change = np.zeros(3)
    change[step] = by
    columns = {"unserved_mw": flows.unserved_mw + change}
    if name in flows.asset_generation_mw:
        source = name.replace("gensets.a", "genset").replace("chp.a", "chp")
        for field, key in (("asset_generation_mw", name), ("generation_mw", source)):
            by_name = dict(getattr(flows, field))
            columns[field] = by_name | {key: by_name[key] - change}
    elif name in flows.asset_discharge_mw:
        columns["battery_discharge_mw"] = flows.battery_discharge_mw - change
        given = dict(flows.asset_discharge_mw)
        columns["asset_discharge_mw"] = given | {name: given[name] - change}
    else:
        columns[name] = getattr(flows, name) - change
    return dataclasses.replace(flows, **columns)


def test_unserved_load_passes_where_all_that_is_there_is_in_use() -> None:
    flows = all_in_use()
    assert flows.unserved_mw.tolist() == [0.0, 6.0, 6.0]
    check_flows(flows, NEED_MW, IDLE, 1.0)


@pytest.mark.parametrize(
    ("name", "step", "message"),
    [
        ("grid_import_mw", 1, "the grid could give 1"),
        ("chp.a", 2, r"chp\.a could give 0\.5"),
        ("gensets.a", 2, r"gensets\.a could give 0\.5"),
        ("batteries.a", 0, r"batteries\.a could give 1"),
    ],
)
def test_unserved_load_is_refused_where_something_is_idle(name, step, message) -> None:
    by = 0.5 if message.endswith("5") else 1.0
    with pytest.raises(AssertionError, match=f"step {step}: .* are unserved, and {message}"):
        check_flows(moved(name, by, step), NEED_MW, IDLE, 1.0)


def test_a_policy_that_weighs_the_price_of_lost_load_may_leave_something_idle() -> None:
    check_flows(moved("grid_import_mw", 1.0, 1), NEED_MW, IDLE, 1.0, sheds_by_price=True)


def test_more_unserved_than_load_is_refused() -> None:
    flows = broken()
    more = {"unserved_mw": flows.unserved_mw + 9, "curtailed_mw": flows.curtailed_mw + 9}
    with pytest.raises(AssertionError, match="step 0: unserved is over the load by 4"):
        check_flows(broken(**more), LOAD_MW, OFFER, 1.0)


def test_charge_and_discharge_in_one_step_are_refused() -> None:
    flows = broken()
    few = np.array([0.1, 0.0, 0.0])
    both = {
        "battery_charge_mw": flows.battery_charge_mw + few,
        "battery_discharge_mw": flows.battery_discharge_mw + few,
        "asset_discharge_mw": {},
    }
    with pytest.raises(AssertionError, match="step 0: batteries charge and discharge at once"):
        check_flows(broken(**both), LOAD_MW, OFFER, 1.0)


def test_stores_that_do_not_add_up_are_refused() -> None:
    flows = all_in_use()
    levels = {key: level + 1 for key, level in flows.asset_stored_mwh.items()}
    with pytest.raises(AssertionError, match="step 0: stores add up to something else, by 2"):
        check_flows(dataclasses.replace(flows, asset_stored_mwh=levels), NEED_MW, IDLE, 1.0)
