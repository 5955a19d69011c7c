"""The optimal dispatch: closed cases, the same answer as greed where greed is optimal."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dcsim.errors import ModelError
from dcsim.supply.availability import AvailableSupply
from dcsim.supply.dispatch.battery import BatteryUnit
from dcsim.supply.dispatch.checks import check_flows
from dcsim.supply.dispatch.greedy import self_consumption
from dcsim.supply.dispatch.plants import BackupUnit, DispatchableUnit
from dcsim.supply.optimum.objective import import_weights
from dcsim.supply.optimum.rolling import Horizon, optimal

FEW = settings(derandomize=True, max_examples=15, deadline=None)
N = 36


def powers(high: float) -> st.SearchStrategy[np.ndarray]:
    return arrays(float, N, elements=st.integers(0, 20).map(lambda part: high * part / 20))


def solved(load_mw, available: AvailableSupply, step_h: float = 1.0, **keys):
    flows = optimal(load_mw, available, step_h, **keys)
    check_flows(flows, load_mw, available, step_h)
    return flows


def unserved_mwh(load_mw, available: AvailableSupply) -> float:
    return float(optimal(load_mw, available, 1.0).unserved_mw.sum())


def open_offer(solar, wind, **unit) -> AvailableSupply:
    battery = BatteryUnit(np.full(solar.size, 20.0), **{"energy_mwh": 60.0} | unit)
    return AvailableSupply(
        np.full(solar.size, 1e4),
        np.zeros(solar.size),
        onsite_mw={"solar.a": solar, "wind.a": wind},
        stores={"batteries.a": battery},
    )


def test_greed_is_optimal_on_the_open_case(shared_data: Path) -> None:
    with (shared_data / "series" / "pypsa_model_energy_2019_3h.csv").open() as table:
        rows = list(csv.DictReader(table))
    part = {name: np.array([float(row[name]) for row in rows]) for name in ("solar_pu", "wind_pu")}
    available = AvailableSupply(
        np.full(len(rows), 1e6),
        np.zeros(len(rows)),
        onsite_mw={"solar.a": 300 * part["solar_pu"], "wind.a": 300 * part["wind_pu"]},
        stores={
            "batteries.a": BatteryUnit(
                np.full(len(rows), 100.0), 400.0, 0.96**2, 0.0, 200.0, discharge_frac=0.96
            )
        },
    )
    load_mw = np.full(len(rows), 103.0)
    least = float(solved(load_mw, available, 3.0).grid_import_mw.sum() * 3)
    greedy = self_consumption(load_mw, available, 3.0)
    found = float(greedy.grid_import_mw.sum() * 3)
    assert found == pytest.approx(149_228.1, rel=1e-6)
    assert least == pytest.approx(found, rel=1e-6)
    assert greedy.battery_stored_mwh[-1] == pytest.approx(299.3, abs=0.05)


@FEW
@given(powers(40), powers(60), powers(50), st.sampled_from([1.0, 0.8]), st.sampled_from([0.0, 1.0]))
def test_greed_imports_no_more_than_the_optimum_without_grid_charge(load, solar, wind, eta, start):
    available = open_offer(solar, wind, round_trip_frac=eta, start_mwh=30 * start)
    least = solved(load, available).grid_import_mw.sum()
    greedy = self_consumption(load, available, 1.0).grid_import_mw.sum()
    assert greedy == pytest.approx(least, abs=0.02)


@FEW
@given(powers(60), powers(40), powers(40), st.floats(5, 60))
def test_no_policy_leaves_less_unserved_than_the_optimum(load, solar, limit, power):
    available = AvailableSupply(
        limit,
        np.zeros(N),
        onsite_mw={"solar.a": solar},
        dispatchable={"chp.a": DispatchableUnit(np.full(N, 8.0), 0.5)},
        stores={"batteries.a": BatteryUnit(np.full(N, power), 30.0, 0.81, 0.0, 10.0)},
    )
    least = unserved_mwh(load, available)
    assert least <= self_consumption(load, available, 1.0).unserved_mw.sum() + 1e-4


@FEW
@given(powers(60), powers(40), powers(30))
def test_more_room_never_leaves_more_unserved(load, solar, limit):
    unit = {"batteries.a": BatteryUnit(np.full(N, 9.0), 30.0, 0.81)}
    few = AvailableSupply(limit, np.zeros(N), onsite_mw={"solar.a": solar}, stores=unit)
    more = AvailableSupply(limit + 5.0, np.zeros(N), onsite_mw={"solar.a": solar}, stores=unit)
    assert unserved_mwh(load, more) <= unserved_mwh(load, few) + 1e-4


def test_dear_hours_are_bought_in_cheap_ones() -> None:
    load = np.full(4, 5.0)
    available = AvailableSupply(
        np.full(4, 50.0),
        np.zeros(4),
        stores={"batteries.a": BatteryUnit(np.full(4, 10.0), 10.0, 0.8)},
    )
    weights = import_weights(4, {})._replace(import_per_mwh=np.array([1.0, 1.0, 3.0, 3.0]))
    flows = solved(load, available, weights=weights)
    np.testing.assert_allclose(flows.grid_import_mw[2:], 0.0, atol=1e-6)
    assert flows.grid_charge_mw.sum() == pytest.approx(12.5)


def test_a_demand_charge_makes_import_flat() -> None:
    load = np.array([2.0, 2.0, 2.0, 10.0])
    available = AvailableSupply(
        np.full(4, 50.0),
        np.zeros(4),
        stores={"batteries.a": BatteryUnit(np.full(4, 10.0), 30.0, 1.0)},
    )
    weights = import_weights(4, {})._replace(demand_per_mw=np.array([5.0]))
    flows = solved(load, available, weights=weights)
    np.testing.assert_allclose(flows.grid_import_mw, 4.0, atol=1e-6)


def test_minimum_and_self_discharge_are_kept() -> None:
    load = np.array([0.0, 0.0, 9.0])
    unit = BatteryUnit(
        np.full(3, 10.0), 20.0, 0.81, 0.0, 10.0, discharge_frac=0.9, minimum_mwh=2.0,
        loss_frac_per_h=0.1,
    )  # fmt: skip
    available = AvailableSupply(np.zeros(3), np.zeros(3), stores={"batteries.a": unit})
    flows = solved(load, available)
    held = 10 * 0.9**3
    np.testing.assert_allclose(flows.battery_stored_mwh, [10, 9, 8.1, 2], atol=1e-6)
    assert flows.battery_discharge_mw[2] == pytest.approx((held - 2) * 0.9)
    moved = flows.battery_stored_mwh[0] - flows.battery_stored_mwh[-1]
    assert moved == pytest.approx(flows.battery_discharge_mw.sum() + flows.battery_lost_mwh.sum())


def test_gensets_come_after_all_else() -> None:
    load = np.full(2, 5.0)
    available = AvailableSupply(
        np.array([5.0, 0.0]), np.zeros(2), backup={"gensets.a": BackupUnit(np.full(2, 4.0))}
    )
    flows = solved(load, available)
    np.testing.assert_allclose(flows.generation_mw["genset"], [0, 4], atol=1e-6)
    np.testing.assert_allclose(flows.unserved_mw, [0, 1], atol=1e-6)


def test_windows_that_overlap_come_close_to_the_whole() -> None:
    rng = np.random.default_rng(1)
    n = 24 * 28
    load = 40 + 20 * rng.random(n)
    solar = 90 * rng.random(n)
    available = open_offer(solar, np.zeros(n), round_trip_frac=0.85)
    whole = solved(load, available).grid_import_mw.sum()
    rolled = solved(load, available, horizon=Horizon(24 * 7, 24 * 2)).grid_import_mw.sum()
    assert whole - 1e-3 <= rolled <= 1.001 * whole


def test_an_overlap_that_keeps_nothing_is_refused() -> None:
    with pytest.raises(ModelError, match="overlap"):
        optimal(np.ones(4), AvailableSupply(np.ones(4), np.zeros(4)), 1.0, horizon=Horizon(2, 2))


def test_a_ramp_binds_from_window_to_window_too() -> None:
    load = np.array([10.0, 10.0, 0.0, 0.0, 0.0, 10.0, 10.0, 10.0])
    available = AvailableSupply(
        np.full(8, 50.0),
        np.zeros(8),
        dispatchable={"chp.a": DispatchableUnit(np.full(8, 10.0), 0.0, ramp_mw_per_h=3.0)},
    )
    for horizon in (None, Horizon(4, 1)):
        made = solved(load, available, horizon=horizon).generation_mw["chp"]
        assert np.abs(np.diff(made)).max() <= 3 + 1e-6
    greedy = self_consumption(load, available, 1.0)
    check_flows(greedy, load, available, 1.0)
    assert np.abs(np.diff(greedy.generation_mw["chp"])).max() == 3
