from __future__ import annotations

import numpy as np
import pytest

from dcsim.stages import Flows
from dcsim.supply.battery import BatteryUnit
from dcsim.supply.checks import check_flows
from dcsim.supply.compiled import prefer_compiled, prefer_plain
from dcsim.supply.dispatch import keep_reserve, self_consumption
from dcsim.supply.offer import Offer
from dcsim.supply.reserve import floor_mwh, with_floors

N_DAYS = 60
LIMIT_MW = 80.0


@pytest.fixture
def evenings():
    """Load above the connection on most evenings, sun by day, weekends and weather that differ."""
    rng = np.random.default_rng(7)
    hour = np.arange(24 * N_DAYS) % 24
    day = np.arange(24 * N_DAYS) // 24
    level = 70 + 6 * rng.standard_normal(N_DAYS)
    load_mw = level[day] + 22 * np.exp(-(((hour - 20) / 2.5) ** 2))
    load_mw[np.isin(day % 7, (5, 6))] -= 8
    sun_mw = 60 * rng.uniform(0.1, 1.0, N_DAYS)[day] * np.maximum(np.cos((hour - 12) / 12 * 3), 0)
    offer = Offer(
        np.full(load_mw.size, LIMIT_MW),
        np.zeros(load_mw.size),
        onsite_mw={"solar.a": sun_mw},
        batteries={"batteries.a": BatteryUnit(np.full(load_mw.size, 30.0), 120.0, 0.85, 0.0, 60.0)},
    )
    return load_mw, offer


def least_unserved_mwh(load_mw, offer):
    """The least unserved energy with perfect foresight, by a linear program."""
    from scipy.optimize import linprog
    from scipy.sparse import diags, eye, hstack, vstack

    n = load_mw.size
    (unit,) = offer.batteries.values()
    net = load_mw - sum(offer.onsite_mw.values())
    # Charge, discharge, import, unserved, curtailed, level after each step.
    one, none = eye(n), 0 * eye(n)
    balance = hstack([-one, one, one, one, -one, none])
    steps = diags([np.ones(n), -np.ones(n - 1)], [0, -1])
    level = hstack([-unit.round_trip_frac * one, one, none, none, none, steps])
    start = np.zeros(n)
    start[0] = unit.start_mwh
    cost = np.concatenate([np.full(n, c) for c in (1e-6, 0, 1e-6, 1, 0, 0)])
    most = np.repeat([30.0, 30.0, LIMIT_MW, 1e3, 1e3, unit.energy_mwh], n)
    found = linprog(
        cost,
        A_eq=vstack([balance, level]).tocsr(),
        b_eq=np.concatenate([net, start]),
        bounds=np.column_stack([np.zeros(most.size), most]),
    )
    return float(found.x[3 * n : 4 * n].sum())


def unserved(flows: Flows) -> float:
    return float(flows.unserved_mw.sum())


def test_the_reserve_comes_far_closer_to_the_optimum_than_greed(evenings):
    load_mw, offer = evenings
    greedy = self_consumption(load_mw, offer, 1.0)
    kept = keep_reserve(load_mw, offer, 1.0)
    check_flows(kept, load_mw, offer)
    least = least_unserved_mwh(load_mw, offer)
    closed = (unserved(greedy) - unserved(kept)) / (unserved(greedy) - least)
    assert unserved(greedy) > 1.5 * least
    assert closed > 0.85, f"greedy {unserved(greedy)}, reserve {unserved(kept)}, least {least}"


def test_the_reserve_still_saves_imports(evenings):
    load_mw, offer = evenings
    always = {
        key: unit._replace(reserve_mwh=unit.energy_mwh) for key, unit in offer.batteries.items()
    }
    full = Offer(offer.connection_mw, offer.export_mw, onsite_mw=offer.onsite_mw, batteries=always)
    kept = keep_reserve(load_mw, offer, 1.0)
    assert kept.grid_import_mw.sum() < self_consumption(load_mw, full, 1.0).grid_import_mw.sum()


@pytest.mark.parametrize("cut", [100, 500, 901])
def test_the_future_changes_nothing(evenings, cut):
    load_mw, offer = evenings
    other = load_mw.copy()
    other[cut:] = 200.0
    before, after = keep_reserve(load_mw, offer, 1.0), keep_reserve(other, offer, 1.0)
    np.testing.assert_array_equal(before.grid_import_mw[:cut], after.grid_import_mw[:cut])
    np.testing.assert_array_equal(before.battery_stored_mwh[:cut], after.battery_stored_mwh[:cut])


def test_where_the_connection_never_binds_it_is_self_consumption(evenings):
    load_mw, offer = evenings
    ample = Offer(
        np.full(load_mw.size, 1e3),
        offer.export_mw,
        onsite_mw=offer.onsite_mw,
        batteries=offer.batteries,
    )
    plain, kept = self_consumption(load_mw, ample, 1.0), keep_reserve(load_mw, ample, 1.0)
    np.testing.assert_array_equal(plain.grid_import_mw, kept.grid_import_mw)
    np.testing.assert_array_equal(plain.battery_stored_mwh, kept.battery_stored_mwh)


def test_compiled_and_plain_agree_to_the_bit(evenings):
    pytest.importorskip("numba")
    load_mw, offer = evenings
    plain = keep_reserve(load_mw, offer, 1.0)
    try:
        assert prefer_compiled()
        fast = keep_reserve(load_mw, offer, 1.0)
    finally:
        prefer_plain()
    np.testing.assert_array_equal(plain.battery_stored_mwh, fast.battery_stored_mwh)
    np.testing.assert_array_equal(plain.unserved_mw, fast.unserved_mw)


@pytest.mark.parametrize("step_h", [0.5, 1.0, 2.0])
def test_the_energy_kept_does_not_depend_on_the_step(step_h):
    beyond = np.zeros(round(24 * 5 / step_h))
    per_day = round(24 / step_h)
    evening = slice(round(18 / step_h), round(22 / step_h))
    for day in range(5):
        beyond[day * per_day : (day + 1) * per_day][evening] = 3.0
    noon = 3 * per_day + round(12 / step_h)
    assert floor_mwh(beyond, step_h, days=2, ahead_h=24.0)[noon] == pytest.approx(12.0)


def test_the_worst_of_the_days_counts_and_is_forgotten():
    beyond = np.zeros(24 * 6)
    beyond[20], beyond[24 + 20] = 9.0, 4.0
    kept = floor_mwh(beyond, 1.0, days=2, ahead_h=24.0)
    assert kept[24 + 19] == 9.0
    assert kept[48 + 19] == 9.0
    assert kept[72 + 19] == 4.0
    assert kept[96 + 19] == 0.0


def test_two_batteries_keep_the_energy_together():
    power = np.full(2, 10.0)
    units = {"a": BatteryUnit(power, 30.0, 0.9), "b": BatteryUnit(power, 50.0, 0.9, 5.0)}
    made = with_floors(units, np.array([40.0, 0.0]))
    np.testing.assert_array_equal(made["a"].floor_mwh, [30.0, 0.0])
    np.testing.assert_array_equal(made["b"].floor_mwh, [10.0, 5.0])
