from __future__ import annotations

import numpy as np
import pytest

from dcsim.supply.dispatch.battery import Balance, BatteryUnit
from dcsim.supply.dispatch.storage import keep_reserve, run_stores


def balance_of(net_mw: list[float]) -> Balance:
    """Surplus above zero and need below, on a connection that carries all of it."""
    net = np.array(net_mw)
    nothing = np.zeros(net.size)
    return Balance(np.maximum(net, 0.0), np.maximum(-net, 0.0), nothing, nothing + 1e6)


def unit_of(n_steps: int, **keys: float) -> BatteryUnit:
    return BatteryUnit(np.full(n_steps, 10.0), **{"energy_mwh": 40.0} | keys)


def test_two_batteries_follow_one_another() -> None:
    units = {
        "batteries.a": unit_of(1, start_mwh=3.0, round_trip_frac=1.0, discharge_frac=0.9),
        "batteries.b": unit_of(1, start_mwh=40.0, round_trip_frac=1.0),
    }
    fleet, left = run_stores(units, balance_of([-12.0]), 1.0, keep_reserve)
    assert fleet.run.discharge_mw[0] == pytest.approx(2.7 + 9.3)
    assert left.need_mw[0] == pytest.approx(0.0)
    assert fleet.lost_mwh[0] == pytest.approx(0.3)


def test_no_policy_is_that_of_the_reserve() -> None:
    rng = np.random.default_rng(3)
    balance = balance_of((20 * rng.standard_normal(500)).tolist())
    units = {"batteries.a": unit_of(500, round_trip_frac=0.8, start_mwh=11.0, reserve_mwh=8.0)}
    plain, _ = run_stores(units, balance, 1.0)
    limited, _ = run_stores(units, balance, 1.0, keep_reserve)
    for one, other in zip(plain.run, limited.run, strict=True):
        np.testing.assert_array_equal(one, other)
    assert plain.lost_mwh.size == 0
    np.testing.assert_allclose(limited.lost_mwh, 0.0, atol=1e-9)


def test_renewals_stand_by_asset_key() -> None:
    units = {
        "batteries.a": unit_of(9, round_trip_frac=1.0),
        "batteries.b": unit_of(
            9, round_trip_frac=1.0, fade_per_year_frac=100.0, replace_below_frac=0.95
        ),
    }
    fleet, _ = run_stores(units, balance_of([0.0] * 9), 1.0)
    assert list(fleet.renewed_step) == ["batteries.b"]
    np.testing.assert_array_equal(fleet.renewed_step["batteries.b"], [5])
