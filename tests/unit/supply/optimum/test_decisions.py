"""Decisions of a window of steps, worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dcsim.supply.dispatch.battery import BatteryUnit
from dcsim.supply.optimum.decisions import Plant, Window, battery_over_run, cut_to_window, decide
from dcsim.supply.optimum.objective import import_weights


def window(need_mw: list[float], **keys: Any) -> Window:
    n = len(need_mw)
    usual: dict[str, Any] = {
        "need_mw": np.array(need_mw),
        "room_mw": np.full(n, 100.0),
        "dispatchable": {},
        "backup_mw": np.zeros(n),
        "stores": {},
        "weights": import_weights(n, keys.get("dispatchable", {})),
        "peak_mw": np.zeros(0),
        "step_h": 1.0,
    }
    return Window(**usual | keys)


def plant(most_mw: list[float], **keys: Any) -> Plant:
    return Plant(np.zeros(len(most_mw)), np.array(most_mw), **keys)


def test_a_plant_comes_before_import_and_import_before_unserved_load():
    decisions = decide(
        window([10.0, 10.0], room_mw=np.array([4.0, 9.0]), dispatchable={"chp.a": plant([3, 3])})
    )
    np.testing.assert_allclose(decisions.dispatchable_mw["chp.a"], [3, 3])
    np.testing.assert_allclose(decisions.unserved_mw, [3, 0], atol=1e-9)


def test_a_plant_rises_by_its_ramp_from_what_it_gave_before():
    ramped = plant([9, 9, 9], change_mw=2.0, before_mw=1.0)
    decisions = decide(window([9.0, 9.0, 9.0], dispatchable={"chp.a": ramped}))
    np.testing.assert_allclose(decisions.dispatchable_mw["chp.a"], [3, 5, 7])


def test_an_outage_takes_a_plant_at_once_and_it_comes_back_by_its_ramp():
    ramped = plant([9, 1, 9], change_mw=2.0, before_mw=9.0)
    decisions = decide(window([9.0, 9.0, 9.0], dispatchable={"chp.a": ramped}))
    np.testing.assert_allclose(decisions.dispatchable_mw["chp.a"], [9, 1, 3])


def test_surplus_is_stored_and_comes_out_when_it_is_needed():
    unit = BatteryUnit(np.full(2, 6.0), 20.0, 0.5)
    store = battery_over_run(unit, 1.0)
    decisions = decide(window([-5.0, 4.0], stores={"batteries.a": store}))
    np.testing.assert_allclose(decisions.charge_mw["batteries.a"], [5, 0], atol=1e-9)
    np.testing.assert_allclose(decisions.discharge_mw["batteries.a"], [0, 2.5], atol=1e-9)


def test_only_import_above_the_peak_so_far_costs_a_demand_charge():
    weights = import_weights(3, {})._replace(
        demand_per_mw=np.array([50.0]), month=np.zeros(3, dtype=np.int64)
    )
    store = battery_over_run(BatteryUnit(np.full(3, 9.0), 9.0, 1.0, start_mwh=9.0), 1.0)
    keys = {"weights": weights, "stores": {"batteries.a": store}}
    flat = decide(window([12.0, 3.0, 12.0], peak_mw=np.array([0.0]), **keys))
    np.testing.assert_allclose(
        np.array([12, 3, 12]) - flat.discharge_mw["batteries.a"] + flat.charge_mw["batteries.a"],
        [6, 6, 6],
        atol=1e-6,
    )


def test_a_battery_enters_service_in_its_first_step_with_power():
    store = battery_over_run(BatteryUnit(np.array([0.0, 0.0, 4.0]), 9.0, 1.0, start_mwh=2.0), 1.0)
    assert (store.begins, store.start_mwh) == (2, 2.0)
    never = battery_over_run(BatteryUnit(np.zeros(3), 9.0, 1.0), 1.0)
    assert never.begins == 4


def test_self_discharge_compounds_over_a_step():
    unit = BatteryUnit(np.ones(2), 9.0, 1.0, loss_frac_per_h=0.5)
    assert battery_over_run(unit, 2.0).remaining_frac == 0.25


@pytest.mark.parametrize(("first", "begins", "start_mwh"), [(0, 1, 2.0), (1, 0, 2.0), (2, -1, 7.0)])
def test_a_battery_in_service_goes_on_from_its_level(first, begins, start_mwh):
    whole = battery_over_run(BatteryUnit(np.array([0, 4.0, 4.0]), 9.0, 1.0, start_mwh=2.0), 1.0)
    cut = cut_to_window(whole, first, 3, 7.0)
    assert (cut.begins, cut.start_mwh, cut.charge_mw.size) == (begins, start_mwh, 3 - first)
