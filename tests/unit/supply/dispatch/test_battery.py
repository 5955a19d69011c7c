from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from dcsim.supply.dispatch.battery import (
    Balance,
    BatteryRun,
    BatteryUnit,
    StorageLimits,
    after,
    reserve_limits,
    run_battery,
)
from dcsim.supply.kernels.compiled import prefer_compiled, prefer_plain


def balance_of(net_mw: list[float], room_mw: float = 1e6) -> Balance:
    """Surplus above zero and need below, on a connection with room."""
    net = np.array(net_mw, dtype=float)
    need = np.maximum(-net, 0.0)
    return Balance(
        surplus_mw=np.maximum(net, 0.0),
        need_mw=need,
        beyond_grid_mw=np.maximum(need - room_mw, 0.0),
        spare_mw=np.maximum(room_mw - need, 0.0),
    )


def run_plain(unit: BatteryUnit, balance: Balance, step_h: float = 1.0) -> BatteryRun:
    return run_battery(unit, balance, reserve_limits(unit), step_h)[0]


def run(
    net_mw: list[float],
    *,
    room_mw: float = 1e6,
    step_h: float = 1.0,
    power_mw: float = 10.0,
    **unit: float,
) -> BatteryRun:
    battery = BatteryUnit(
        np.full(len(net_mw), power_mw), **{"energy_mwh": 40.0, "round_trip_frac": 0.8} | unit
    )
    return run_plain(battery, balance_of(net_mw, room_mw), step_h)


def test_all_loss_lies_on_charging() -> None:
    done = run([5.0, -4.0])
    np.testing.assert_allclose(done.surplus_charge_mw, [5, 0])
    np.testing.assert_allclose(done.discharge_mw, [0, 4])
    np.testing.assert_allclose(done.stored_mwh, [0, 4, 0])


def test_power_limits_both_ways() -> None:
    done = run([25.0, -25.0], start_mwh=20.0)
    assert done.surplus_charge_mw[0] == 10
    assert done.discharge_mw[1] == 10


def test_room_limits_charging() -> None:
    done = run([10.0], start_mwh=36.0)
    assert done.surplus_charge_mw[0] == pytest.approx(5.0)
    assert done.stored_mwh[1] == 40


def test_steps_of_any_length_move_energy_in_proportion() -> None:
    done = run([10.0, -10.0], step_h=0.25)
    np.testing.assert_allclose(done.stored_mwh, [0, 2, 0])
    assert done.discharge_mw[1] == pytest.approx(8.0)


def test_reserve_is_kept_while_the_grid_can_serve() -> None:
    done = run([-10.0, -10.0], start_mwh=15.0, reserve_mwh=10.0)
    np.testing.assert_allclose(done.discharge_mw, [5, 0])


def test_reserve_is_used_for_what_the_grid_cannot_serve() -> None:
    done = run([-10.0], room_mw=7.0, start_mwh=8.0, reserve_mwh=10.0)
    assert done.discharge_mw[0] == 3
    assert after(balance_of([-10.0], 7.0), done).beyond_grid_mw[0] == 0


def test_grid_refills_the_reserve_within_its_spare_room() -> None:
    done = run([-5.0, 0.0, 0.0], room_mw=8.0, start_mwh=4.0, reserve_mwh=10.0)
    np.testing.assert_allclose(done.grid_charge_mw, [3.0, 4.5, 0.0])
    assert done.stored_mwh[-1] == 10


def test_surplus_refills_before_the_grid_and_both_share_the_power() -> None:
    done = run([6.0], start_mwh=0.0, reserve_mwh=20.0)
    assert done.surplus_charge_mw[0] == 6
    assert done.grid_charge_mw[0] == pytest.approx(4.0)


def test_without_a_reserve_nothing_is_charged_from_the_grid() -> None:
    assert run([-5.0, 0.0]).grid_charge_mw.max() == 0


def test_battery_holds_nothing_before_its_service_and_its_initial_energy_from_then_on() -> None:
    battery = BatteryUnit(np.array([0.0, 0.0, 10.0]), 40.0, 0.8, start_mwh=20.0)
    done = run_plain(battery, balance_of([9.0, -9.0, -4.0]))
    np.testing.assert_allclose(done.stored_mwh, [0, 0, 20, 16])
    np.testing.assert_allclose(done.discharge_mw, [0, 0, 4])
    assert done.surplus_charge_mw.max() == 0


def test_battery_that_never_comes_does_nothing() -> None:
    done = run_plain(BatteryUnit(np.zeros(2), 40.0, 0.8, start_mwh=20.0), balance_of([9, -9]))
    assert not any(column.any() for column in done)


def test_what_is_covered_leaves_no_dust_of_rounding() -> None:
    balance = balance_of([0.1, 0.7, -0.3, -0.1, -0.35], room_mw=0.0)
    battery = BatteryUnit(np.full(5, 10.0), 333.3, 0.85, start_mwh=123.4567)
    left = after(balance, run_plain(battery, balance))
    for part in (left.surplus_mw, left.need_mw, left.beyond_grid_mw):
        assert (part == 0).all()


def test_constant_load_empties_and_refills_in_the_closed_form_times() -> None:
    # 1000 kWh from 90 to 10 % at 100 kW and 0.95 out: 7.6 h; back at 50 kW and 0.95 in: 16.842 h
    step_h, out_frac = 0.1, 0.95
    unit = {"energy_mwh": 1000 * out_frac, "round_trip_frac": out_frac**2, "power_mw": 100.0}
    floor = {"reserve_mwh": 100 * out_frac, "start_mwh": 900 * out_frac}
    emptied = run([-100.0] * 100, step_h=step_h, **unit, **floor)
    assert emptied.discharge_mw.sum() * step_h / 100 == pytest.approx(7.6)
    filled = run([50.0] * 200, step_h=step_h, **unit, **floor | {"start_mwh": 100 * out_frac})
    above = np.searchsorted(filled.stored_mwh, 900 * out_frac)
    assert above * step_h == pytest.approx(16.842105263, abs=step_h)


def test_battery_follows_the_vectors_of_another_simulator(shared_data: Path) -> None:
    with (shared_data / "tables" / "battery_vectors.csv").open() as table:
        for row in csv.DictReader(table):
            request_w, step_h = float(row["power_request_w"]), float(row["duration_s"]) / 3600
            capacity_wh = float(row["capacity_wh"])
            done = run(
                [request_w],
                step_h=step_h,
                power_mw=float(row["c_rate_per_h"] or "inf") * capacity_wh,
                energy_mwh=capacity_wh,
                round_trip_frac=1.0,
                start_mwh=float(row["soc_start"]) * capacity_wh,
                reserve_mwh=float(row["min_soc"]) * capacity_wh,
                room_mw=1e6,
            )
            expected_wh = float(row["expect_charge_level_wh"])
            assert done.stored_mwh[-1] == pytest.approx(expected_wh), row["case"]
            if row["expect_grid_exchange_w"]:
                left = after(balance_of([request_w]), done)
                exchange_w = left.surplus_mw[0] - left.need_mw[0]
                assert exchange_w == pytest.approx(float(row["expect_grid_exchange_w"])), row[
                    "case"
                ]


def unit_of(n_steps: int, power_mw: float = 10.0, **keys: object) -> BatteryUnit:
    return BatteryUnit(
        np.full(n_steps, power_mw), **{"energy_mwh": 40.0, "round_trip_frac": 0.72} | keys
    )


def run_rich(net_mw: list[float], *, step_h: float = 1.0, room_mw: float = 1e6, **keys: object):
    unit = unit_of(len(net_mw), **keys)
    return run_battery(unit, balance_of(net_mw, room_mw), reserve_limits(unit), step_h)


def test_each_way_has_its_own_efficiency() -> None:
    done, (lost_mwh, _) = run_rich([10.0, -6.4], discharge_frac=0.8, start_mwh=0.0)
    # 0.72 / 0.8 = 0.9 of what goes in arrives, and 0.8 of what leaves is given.
    np.testing.assert_allclose(done.stored_mwh, [0, 9, 1])
    np.testing.assert_allclose(done.discharge_mw, [0, 6.4])
    np.testing.assert_allclose(lost_mwh, [0, 1.6])


def test_each_way_has_its_own_power() -> None:
    n = 2
    done, _ = run_rich(
        [25.0, -25.0],
        start_mwh=20.0,
        round_trip_frac=1.0,
        charge_limit_mw=np.full(n, 4.0),
        discharge_limit_mw=np.full(n, 16.0),
    )
    np.testing.assert_allclose(done.surplus_charge_mw, [4, 0])
    np.testing.assert_allclose(done.discharge_mw, [0, 16])


def test_nothing_is_drawn_below_the_minimum_even_for_the_worst_need() -> None:
    done, _ = run_rich([-9.0, -9.0], room_mw=0.0, start_mwh=12.0, minimum_mwh=5.0)
    np.testing.assert_allclose(done.stored_mwh, [12, 5, 5])
    np.testing.assert_allclose(done.discharge_mw, [7, 0])


def test_a_reserve_is_given_only_beyond_the_connection() -> None:
    done, _ = run_rich([-9.0, -9.0], room_mw=7.0, start_mwh=12.0, reserve_mwh=10.0, minimum_mwh=1.0)
    np.testing.assert_allclose(done.discharge_mw, [2, 2])
    np.testing.assert_allclose(done.stored_mwh, [12, 10, 8])


@pytest.mark.parametrize("step_h", [0.25, 1.0, 3.0])
def test_self_discharge_takes_its_share_of_an_hour_whatever_the_step(step_h: float) -> None:
    n = round(24 / step_h)
    done, (lost_mwh, _) = run_rich([0.0] * n, step_h=step_h, start_mwh=30.0, loss_frac_per_h=0.01)
    assert done.stored_mwh[-1] == pytest.approx(30 * 0.99**24)
    assert lost_mwh.sum() == pytest.approx(30 * (1 - 0.99**24))


def test_age_takes_its_share_each_year() -> None:
    n = 2 * 8766
    done, _ = run_rich([1.0] * n, start_mwh=40.0, fade_per_year_frac=0.02)
    assert done.stored_mwh[-1] == pytest.approx(40 * (1 - 0.04), rel=1e-4)


def test_use_takes_its_share_each_full_cycle() -> None:
    # 100 times out and in by 40 MWh: 100 full cycles, 0.1 % each.
    net = [-10.0] * 4 + [20.0] * 8
    done, _ = run_rich(net * 100, start_mwh=40.0, round_trip_frac=1.0, fade_per_cycle_frac=0.001)
    cycles = done.discharge_mw.sum() / 40
    assert done.stored_mwh[-1] == pytest.approx(40 * (1 - 0.001 * cycles), rel=1e-3)


def test_a_worn_battery_is_renewed_and_then_as_good_as_new() -> None:
    n = 5 * 8766
    done, (_, renewed) = run_rich(
        [1.0] * n, start_mwh=40.0, fade_per_year_frac=0.1, replace_below_frac=0.8
    )
    # Renewed just after two years and just after four.
    np.testing.assert_allclose(renewed / 8766, [2, 4], atol=1e-3)
    assert done.stored_mwh[2 * 8766] == pytest.approx(32, rel=1e-3)
    assert done.stored_mwh.max() == pytest.approx(40, rel=1e-3)


def test_a_battery_that_enters_service_later_ages_from_then_on() -> None:
    power = np.concatenate((np.zeros(8766), np.full(8766, 10.0)))
    unit = unit_of(2 * 8766, start_mwh=40.0, fade_per_year_frac=0.1)._replace(power_mw=power)
    done, _ = run_battery(unit, balance_of([1.0] * (2 * 8766)), StorageLimits(0.0, 0.0), 1.0)
    assert done.stored_mwh[8766] == 40.0
    assert done.stored_mwh[-1] == pytest.approx(36, rel=1e-3)


def test_limits_of_a_policy_hold_in_their_steps_and_never_for_what_is_beyond_the_grid() -> None:
    unit = unit_of(3, start_mwh=30.0, round_trip_frac=1.0)
    limits = StorageLimits(
        floor_mwh=np.array([25.0, 0.0, 0.0]),
        target_mwh=np.array([0.0, 0.0, 40.0]),
        discharge_mw=np.array([9.0, 2.0, 0.0]),
        grid_charge_mw=3.0,
    )
    done, _ = run_battery(unit, balance_of([-8.0, -8.0, 0.0]), limits, 1.0)
    np.testing.assert_allclose(done.discharge_mw, [5, 2, 0])
    np.testing.assert_allclose(done.grid_charge_mw, [0, 0, 3])
    done, _ = run_battery(unit, balance_of([-8.0, -8.0, 0.0], 1.0), limits, 1.0)
    np.testing.assert_allclose(done.discharge_mw, [7, 7, 0])


def test_the_compiled_and_the_plain_kernel_agree_to_the_bit() -> None:
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
    slow = run_rich(net, room_mw=8.0, **keys)
    try:
        assert prefer_compiled()
        fast = run_rich(net, room_mw=8.0, **keys)
    finally:
        prefer_plain()
    for one, other in zip((*slow[0], *slow[1]), (*fast[0], *fast[1]), strict=True):
        np.testing.assert_array_equal(one, other)
    assert slow[1].renewed_step.size
