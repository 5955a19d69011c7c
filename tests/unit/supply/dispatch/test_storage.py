"""Batteries with all they can have, against numbers worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from dcsim.supply.dispatch.battery import Balance, BatteryUnit, run_battery
from dcsim.supply.dispatch.storage import (
    StorageLimits,
    floor_of,
    keep_reserve,
    run_limited,
    run_stores,
)
from dcsim.supply.kernels.compiled import prefer_compiled, prefer_plain


def balance_of(net_mw: list[float], room_mw: float = 1e6) -> Balance:
    net = np.array(net_mw, dtype=float)
    need = np.maximum(-net, 0.0)
    return Balance(
        surplus_mw=np.maximum(net, 0.0),
        need_mw=need,
        beyond_grid_mw=np.maximum(need - room_mw, 0.0),
        spare_mw=np.maximum(room_mw - need, 0.0),
    )


def unit_of(n_steps: int, power_mw: float = 10.0, **keys: object) -> BatteryUnit:
    return BatteryUnit(
        np.full(n_steps, power_mw), **{"energy_mwh": 40.0, "round_trip_frac": 0.72} | keys
    )


def run(net_mw: list[float], *, step_h: float = 1.0, room_mw: float = 1e6, **keys: object):
    unit = unit_of(len(net_mw), **keys)
    limits = StorageLimits(floor_of(unit), unit.reserve_mwh)
    return run_limited(unit, balance_of(net_mw, room_mw), limits, step_h)


def test_each_way_has_its_own_efficiency() -> None:
    done, lost_mwh, _ = run([10.0, -6.4], discharge_frac=0.8, start_mwh=0.0)
    # 0.72 / 0.8 = 0.9 of what goes in arrives, and 0.8 of what leaves is given.
    np.testing.assert_allclose(done.stored_mwh, [0, 9, 1])
    np.testing.assert_allclose(done.discharge_mw, [0, 6.4])
    np.testing.assert_allclose(lost_mwh, [0, 1.6])


def test_each_way_has_its_own_power() -> None:
    n = 2
    done, _, _ = run(
        [25.0, -25.0],
        start_mwh=20.0,
        round_trip_frac=1.0,
        charge_limit_mw=np.full(n, 4.0),
        discharge_limit_mw=np.full(n, 16.0),
    )
    np.testing.assert_allclose(done.surplus_charge_mw, [4, 0])
    np.testing.assert_allclose(done.discharge_mw, [0, 16])


def test_nothing_is_drawn_below_the_minimum_even_for_the_worst_need() -> None:
    done, _, _ = run([-9.0, -9.0], room_mw=0.0, start_mwh=12.0, minimum_mwh=5.0)
    np.testing.assert_allclose(done.stored_mwh, [12, 5, 5])
    np.testing.assert_allclose(done.discharge_mw, [7, 0])


def test_a_reserve_is_given_only_beyond_the_connection() -> None:
    done, _, _ = run([-9.0, -9.0], room_mw=7.0, start_mwh=12.0, reserve_mwh=10.0, minimum_mwh=1.0)
    np.testing.assert_allclose(done.discharge_mw, [2, 2])
    np.testing.assert_allclose(done.stored_mwh, [12, 10, 8])


@pytest.mark.parametrize("step_h", [0.25, 1.0, 3.0])
def test_self_discharge_takes_its_share_of_an_hour_whatever_the_step(step_h: float) -> None:
    n = round(24 / step_h)
    done, lost_mwh, _ = run([0.0] * n, step_h=step_h, start_mwh=30.0, loss_frac_per_h=0.01)
    assert done.stored_mwh[-1] == pytest.approx(30 * 0.99**24)
    assert lost_mwh.sum() == pytest.approx(30 * (1 - 0.99**24))


def test_age_takes_its_share_each_year() -> None:
    n = 2 * 8766
    done, _, _ = run([1.0] * n, start_mwh=40.0, fade_per_year_frac=0.02)
    assert done.stored_mwh[-1] == pytest.approx(40 * (1 - 0.04), rel=1e-4)


def test_use_takes_its_share_each_full_cycle() -> None:
    # 100 times out and in by 40 MWh: 100 full cycles, 0.1 % each.
    net = [-10.0] * 4 + [20.0] * 8
    done, _, _ = run(net * 100, start_mwh=40.0, round_trip_frac=1.0, fade_per_cycle_frac=0.001)
    cycles = done.discharge_mw.sum() / 40
    assert done.stored_mwh[-1] == pytest.approx(40 * (1 - 0.001 * cycles), rel=1e-3)


def test_a_worn_battery_is_renewed_and_then_as_good_as_new() -> None:
    n = 5 * 8766
    done, _, renewed = run(
        [1.0] * n, start_mwh=40.0, fade_per_year_frac=0.1, replace_below_frac=0.8
    )
    # Renewed just after two years and just after four.
    np.testing.assert_allclose(renewed / 8766, [2, 4], atol=1e-3)
    assert done.stored_mwh[2 * 8766] == pytest.approx(32, rel=1e-3)
    assert done.stored_mwh.max() == pytest.approx(40, rel=1e-3)


def test_a_battery_that_enters_service_later_ages_from_then_on() -> None:
    power = np.concatenate((np.zeros(8766), np.full(8766, 10.0)))
    unit = unit_of(2 * 8766, start_mwh=40.0, fade_per_year_frac=0.1)._replace(power_mw=power)
    done, _, _ = run_limited(unit, balance_of([1.0] * (2 * 8766)), StorageLimits(0.0, 0.0), 1.0)
    assert done.stored_mwh[8766] == 40.0
    assert done.stored_mwh[-1] == pytest.approx(36, rel=1e-3)


def test_a_plain_battery_takes_the_same_way_in_both_loops() -> None:
    rng = np.random.default_rng(3)
    net = (20 * rng.standard_normal(500)).tolist()
    unit = unit_of(500, start_mwh=11.0, reserve_mwh=8.0)
    balance = balance_of(net, 9.0)
    plain = run_battery(unit, balance, 1.0)
    steered, lost_mwh, _ = run_limited(unit, balance, StorageLimits(8.0, 8.0), 1.0)
    np.testing.assert_allclose(steered.stored_mwh, plain.stored_mwh, atol=1e-9)
    np.testing.assert_allclose(steered.discharge_mw, plain.discharge_mw, atol=1e-9)
    np.testing.assert_allclose(lost_mwh, 0.0, atol=1e-9)


def test_compiled_and_plain_walks_agree_to_the_bit() -> None:
    pytest.importorskip("numba")
    rng = np.random.default_rng(4)
    net = (20 * rng.standard_normal(2000)).tolist()
    keys = {
        "start_mwh": 20.0,
        "minimum_mwh": 4.0,
        "reserve_mwh": 9.0,
        "discharge_frac": 0.9,
        "loss_frac_per_h": 1e-3,
        "fade_per_year_frac": 0.5,
        "fade_per_cycle_frac": 1e-3,
        "replace_below_frac": 0.85,
    }
    slow = run(net, room_mw=8.0, **keys)
    try:
        assert prefer_compiled()
        fast = run(net, room_mw=8.0, **keys)
    finally:
        prefer_plain()
    for one, other in zip((*slow[0], *slow[1:]), (*fast[0], *fast[1:]), strict=True):
        np.testing.assert_array_equal(one, other)
    assert slow[2].size


def test_two_batteries_follow_one_another() -> None:
    units = {
        "batteries.a": unit_of(1, start_mwh=3.0, round_trip_frac=1.0, discharge_frac=0.9),
        "batteries.b": unit_of(1, start_mwh=40.0, round_trip_frac=1.0),
    }
    fleet, left = run_stores(units, balance_of([-12.0]), 1.0, keep_reserve)
    assert fleet.run.discharge_mw[0] == pytest.approx(2.7 + 9.3)
    assert left.need_mw[0] == pytest.approx(0.0)
    assert fleet.lost_mwh[0] == pytest.approx(0.3)
