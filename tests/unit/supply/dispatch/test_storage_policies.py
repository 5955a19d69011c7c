"""What each policy of dispatch is for, on cases in which it can be told from the others."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from dcsim.supply.availability import AvailableSupply
from dcsim.supply.dispatch.battery import BatteryUnit
from dcsim.supply.dispatch.bill import BillPrices, watch_bill
from dcsim.supply.dispatch.checks import check_flows
from dcsim.supply.dispatch.forecast import expected_ahead, highest_of_days, steps_of_day
from dcsim.supply.dispatch.greedy import cfe_first, self_consumption
from dcsim.supply.dispatch.plants import DispatchableUnit
from dcsim.supply.dispatch.policies import POLICIES
from dcsim.supply.dispatch.storage_policies import (
    hold_for_shortage,
    shave_peaks,
)
from dcsim.supply.optimum.rolling import optimal
from dcsim.types import Flows

N_DAYS = 60
LIMIT_MW = 80.0


@pytest.fixture(scope="module")
def evenings() -> tuple[np.ndarray, AvailableSupply]:
    """Load above the connection on most evenings, sun by day, weekends and weather that differ."""
    rng = np.random.default_rng(7)
    hour = np.arange(24 * N_DAYS) % 24
    day = np.arange(24 * N_DAYS) // 24
    level = 70 + 6 * rng.standard_normal(N_DAYS)
    load_mw = level[day] + 22 * np.exp(-(((hour - 20) / 2.5) ** 2))
    load_mw[np.isin(day % 7, (5, 6))] -= 8
    sun_mw = 60 * rng.uniform(0.1, 1.0, N_DAYS)[day] * np.maximum(np.cos((hour - 12) / 12 * 3), 0)
    available = AvailableSupply(
        np.full(load_mw.size, LIMIT_MW),
        np.zeros(load_mw.size),
        onsite_mw={"solar.a": sun_mw},
        stores={"batteries.a": BatteryUnit(np.full(load_mw.size, 30.0), 120.0, 0.85, 0.0, 60.0)},
    )
    return load_mw, available


def checked(policy, load_mw: np.ndarray, available: AvailableSupply, step_h: float = 1.0) -> Flows:
    flows = policy(load_mw, available, step_h)
    check_flows(flows, load_mw, available, step_h)
    return flows


def unserved(flows: Flows) -> float:
    return float(flows.unserved_mw.sum())


def test_the_reserve_comes_far_closer_to_the_optimum_than_greed(evenings) -> None:
    load_mw, available = evenings
    greedy = unserved(checked(self_consumption, load_mw, available))
    kept = unserved(checked(POLICIES["reserve"], load_mw, available))
    least = unserved(checked(optimal, load_mw, available))
    closed = (greedy - kept) / (greedy - least)
    print(f"\nunserved: greedy {greedy:.0f}, reserve {kept:.0f}, optimum {least:.0f} MWh")
    assert greedy > 1.5 * least
    assert closed > 0.85, f"greedy {greedy}, reserve {kept}, least {least}"


def test_the_reserve_still_saves_imports(evenings) -> None:
    load_mw, available = evenings
    always = {
        key: unit._replace(reserve_mwh=unit.energy_mwh) for key, unit in available.stores.items()
    }
    full = AvailableSupply(
        available.connection_mw,
        available.export_mw,
        onsite_mw=available.onsite_mw,
        stores=always,
    )
    kept = checked(POLICIES["reserve"], load_mw, available)
    assert kept.grid_import_mw.sum() < self_consumption(load_mw, full, 1.0).grid_import_mw.sum()


def prices(n_steps: int) -> np.ndarray:
    hour = np.arange(n_steps) % 24
    return np.where(hour < 8, 90.0, np.where((hour >= 16) & (hour < 22), 190.0, 140.0))


def tariff(n_steps: int, demand_per_mw: float) -> BillPrices:
    return BillPrices(prices(n_steps), np.full(n_steps, demand_per_mw))


GUIDED = {
    "reserve": hold_for_shortage,
    "peak-shaving": shave_peaks,
    "bill": functools.partial(watch_bill, prices=tariff(24 * N_DAYS, 9000.0)),
}


@pytest.mark.parametrize("name", [*GUIDED, "cfe-first"])
@pytest.mark.parametrize("cut", [100, 500, 901])
def test_the_future_changes_nothing(evenings, name: str, cut: int) -> None:
    load_mw, available = evenings
    policy = (
        cfe_first
        if name == "cfe-first"
        else functools.partial(self_consumption, storage_policy=GUIDED[name])
    )
    other = load_mw.copy()
    other[cut:] = 200.0
    before, after = policy(load_mw, available, 1.0), policy(other, available, 1.0)
    np.testing.assert_array_equal(before.grid_import_mw[:cut], after.grid_import_mw[:cut])
    np.testing.assert_array_equal(before.battery_stored_mwh[:cut], after.battery_stored_mwh[:cut])


def test_where_the_connection_never_binds_the_reserve_is_self_consumption(evenings) -> None:
    load_mw, available = evenings
    ample = AvailableSupply(
        np.full(load_mw.size, 1e3),
        available.export_mw,
        onsite_mw=available.onsite_mw,
        stores=available.stores,
    )
    plain = self_consumption(load_mw, ample, 1.0)
    kept = checked(POLICIES["reserve"], load_mw, ample)
    np.testing.assert_allclose(plain.grid_import_mw, kept.grid_import_mw, atol=1e-9)
    np.testing.assert_allclose(plain.battery_stored_mwh, kept.battery_stored_mwh, atol=1e-9)


def test_trade_lowers_the_bill_by_buying_in_cheap_hours(evenings) -> None:
    load_mw, available = evenings
    ample = AvailableSupply(
        np.full(load_mw.size, 1e3), available.export_mw, stores=available.stores
    )
    price = prices(load_mw.size)
    greedy = self_consumption(load_mw, ample, 1.0)
    trade = functools.partial(watch_bill, prices=tariff(load_mw.size, 0.0))
    traded = checked(functools.partial(self_consumption, storage_policy=trade), load_mw, ample)
    saved = float(((greedy.grid_import_mw - traded.grid_import_mw) * price).sum())
    # Each day at most 120 MWh at 90/0.85 in and 190 out; the first uses what is stored already.
    best = 120 * (190 - 90 / 0.85) * N_DAYS
    assert 0.9 * best < saved <= best * 1.01
    dear = traded.grid_charge_mw[np.arange(load_mw.size) % 24 >= 8].sum()
    assert dear < 0.1 * traded.grid_charge_mw.sum()


def test_shaving_lowers_the_peak_of_import_and_a_stated_target_is_kept(evenings) -> None:
    load_mw, available = evenings
    ample = AvailableSupply(
        np.full(load_mw.size, 1e3), available.export_mw, stores=available.stores
    )
    greedy = self_consumption(load_mw, ample, 1.0)
    shaved = checked(POLICIES["peak-shaving"], load_mw, ample)
    peaks = shaved.grid_import_mw.reshape(-1, 24).max(axis=1)
    unshaved = greedy.grid_import_mw.reshape(-1, 24).max(axis=1)
    # A day that is worse than those before it empties the battery before its peak is over.
    assert (unshaved - peaks)[1:].mean() > 7
    assert peaks.max() <= unshaved.max()
    stated = functools.partial(shave_peaks, import_target_mw=88.0)
    held = checked(functools.partial(self_consumption, storage_policy=stated), load_mw, ample)
    assert held.grid_import_mw.max() == pytest.approx(88.0)
    assert load_mw.max() > 100


def test_clean_energy_first_runs_chp_last(evenings) -> None:
    load_mw, available = evenings
    plant = {"chp.a": DispatchableUnit(np.full(load_mw.size, 60.0), 0.5)}
    site = AvailableSupply(
        np.full(load_mw.size, 50.0),
        available.export_mw,
        onsite_mw=available.onsite_mw,
        dispatchable=plant,
        stores=available.stores,
    )
    near, clean = self_consumption(load_mw, site, 1.0), checked(cfe_first, load_mw, site)
    assert clean.generation_mw["chp"].sum() < near.generation_mw["chp"].sum()
    assert clean.grid_import_mw.sum() > near.grid_import_mw.sum()
    above = clean.generation_mw["chp"] > 30 + 1e-9
    np.testing.assert_allclose(clean.grid_import_mw[above], 50.0)
    assert unserved(clean) == pytest.approx(unserved(near), abs=1e-6)


def test_a_battery_of_clean_energy_takes_no_surplus_of_chp() -> None:
    load = np.array([5.0, 5.0])
    site = AvailableSupply(
        np.full(2, 50.0),
        np.zeros(2),
        dispatchable={"chp.a": DispatchableUnit(np.full(2, 9.0), 1.0)},
        stores={"batteries.a": BatteryUnit(np.full(2, 9.0), 9.0, 1.0)},
    )
    assert self_consumption(load, site, 1.0).battery_charge_mw.sum() == 8
    assert checked(cfe_first, load, site).battery_charge_mw.sum() == 0


@pytest.mark.parametrize("step_h", [0.5, 1.0, 2.0])
def test_the_energy_expected_does_not_depend_on_the_step(step_h: float) -> None:
    n_in_day = steps_of_day(step_h)
    day = np.zeros(n_in_day)
    day[round(18 / step_h) : round(22 / step_h)] = 3.0
    noon = 3 * n_in_day + round(12 / step_h)
    expected = expected_ahead(np.tile(day, 5), 2, n_in_day) * step_h
    assert expected[noon] == pytest.approx(12.0)


def test_the_worst_of_the_days_counts_and_is_forgotten() -> None:
    beyond = np.zeros(24 * 6)
    beyond[20], beyond[24 + 20] = 9.0, 4.0
    expected = highest_of_days(beyond, 2, 24)
    assert [expected[24 * day + 20] for day in range(1, 5)] == [9.0, 9.0, 4.0, 0.0]
