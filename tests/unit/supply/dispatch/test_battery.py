from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from dcsim.supply.dispatch.battery import Balance, BatteryRun, BatteryUnit, after, run_battery


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
    return run_battery(battery, balance_of(net_mw, room_mw), step_h)


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
    done = run_battery(battery, balance_of([9.0, -9.0, -4.0]), 1.0)
    np.testing.assert_allclose(done.stored_mwh, [0, 0, 20, 16])
    np.testing.assert_allclose(done.discharge_mw, [0, 0, 4])
    assert done.surplus_charge_mw.max() == 0


def test_battery_that_never_comes_does_nothing() -> None:
    done = run_battery(
        BatteryUnit(np.zeros(2), 40.0, 0.8, start_mwh=20.0), balance_of([9, -9]), 1.0
    )
    assert not any(column.any() for column in done)


def test_what_is_covered_leaves_no_dust_of_rounding() -> None:
    balance = balance_of([0.1, 0.7, -0.3, -0.1, -0.35], room_mw=0.0)
    battery = BatteryUnit(np.full(5, 10.0), 333.3, 0.85, start_mwh=123.4567)
    left = after(balance, run_battery(battery, balance, 1.0))
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
