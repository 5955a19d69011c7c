"""Batteries in an outage: every key of a battery against dispatch and numbers by hand."""

from __future__ import annotations

import numpy as np
import pytest

from dcsim.supply.backup.stores import OutageStore, energy_left_frac, outage_store, serve_need
from dcsim.supply.dispatch.battery import Balance, BatteryUnit, reserve_limits, run_battery


def test_an_outage_goes_on_as_dispatch_does() -> None:
    n = 12
    unit = BatteryUnit(
        np.full(n, 3.0),
        10.0,
        0.8,
        reserve_mwh=9.0,
        start_mwh=9.0,
        discharge_frac=0.9,
        discharge_limit_mw=np.full(n, 2.0),
        minimum_mwh=1.0,
        loss_frac_per_h=0.02,
    )
    need, none = np.array([1.0, 0.5, 2.0, 2.5] * 3), np.zeros(n)
    run, _ = run_battery(unit, Balance(none, need, need, none), reserve_limits(unit), 1.0)
    store = outage_store(unit, 0, 1.0)
    level, given = store.stored_mwh, []
    for hour in range(n):
        power, level = store.give(store.level_after(level, 1.0), float(need[hour]), 1.0)
        given.append(power)
    np.testing.assert_allclose(given, run.discharge_mw, atol=1e-12)
    assert given[-1] > 0 or level == pytest.approx(run.stored_mwh[-1])


def test_a_battery_that_is_not_there_yet_gives_nothing() -> None:
    unit = BatteryUnit(np.array([0.0, 2.0]), 4.0, 1.0, reserve_mwh=4.0)
    assert outage_store(unit, 0, 1.0).discharge_mw == 0
    assert outage_store(unit, 1, 1.0).discharge_mw == 2


def test_age_and_cycles_take_from_what_it_holds() -> None:
    unit = BatteryUnit(
        np.ones(5), 10.0, 1.0, 10.0, fade_per_year_frac=0.1, fade_per_cycle_frac=0.01
    )
    taken = np.full(5, 20.0)  # two cycles a step
    year = 8766.0
    assert energy_left_frac(unit, 3, year, taken) == pytest.approx(1 - 0.3 - 0.06)
    assert outage_store(unit, 3, year, taken).stored_mwh == pytest.approx(6.4)


def test_the_second_battery_serves_what_the_first_leaves() -> None:
    stores, levels = [OutageStore(4.0, 1.0), OutageStore(4.0, 2.0)], [4.0, 4.0]
    assert serve_need(stores, levels, 4.0, 0.5) == pytest.approx(1)
    assert levels == [3.5, 3.0]
