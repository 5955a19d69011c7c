from __future__ import annotations

import numpy as np
import pytest

from dcsim.supply.dispatch.battery import BatteryUnit
from dcsim.supply.optimum.decisions import (
    Decisions,
    WindowBattery,
    battery_over_run,
    cut_to_window,
)
from dcsim.supply.optimum.flows import join_replays, replay_batteries, replay_battery


def store(n_steps: int = 3, **unit: object) -> WindowBattery:
    keys = {"energy_mwh": 10.0, "round_trip_frac": 1.0, "start_mwh": 5.0} | unit
    return battery_over_run(BatteryUnit(keys.pop("power_mw", np.full(n_steps, 4.0)), **keys), 1.0)


def test_decisions_are_followed_as_far_as_power_and_energy_go() -> None:
    done = replay_battery(store(), np.array([9.0, 4.0, 0.0]), np.array([0.0, 0.0, 3.0]), 1.0)
    np.testing.assert_allclose(done.charge_mw, [4, 1, 0])
    np.testing.assert_allclose(done.discharge_mw, [0, 0, 3])
    np.testing.assert_allclose(done.stored_mwh, [5, 9, 10, 7])


def test_charge_and_discharge_at_once_become_their_difference() -> None:
    done = replay_battery(store(1), np.array([3.0]), np.array([1.0]), 1.0)
    assert (done.charge_mw[0], done.discharge_mw[0]) == (2.0, 0.0)


def test_nothing_is_drawn_below_the_minimum_nor_forced_up_to_it() -> None:
    unit = {"minimum_mwh": 4.0, "loss_frac_per_h": 0.5, "start_mwh": 6.0}
    done = replay_battery(store(2, **unit), np.zeros(2), np.array([3.0, 3.0]), 1.0)
    np.testing.assert_allclose(done.stored_mwh, [6, 3, 1.5])
    np.testing.assert_allclose(done.discharge_mw, [0, 0])
    np.testing.assert_allclose(done.lost_mwh, [3, 1.5])


@pytest.mark.parametrize("energy_mwh", [0.0, 10.0])
def test_a_battery_of_no_power_or_no_energy_does_nothing(energy_mwh: float) -> None:
    power = np.full(2, 0.0 if energy_mwh else 4.0)
    unit = {"energy_mwh": energy_mwh, "start_mwh": 0.0, "power_mw": power, "loss_frac_per_h": 0.1}
    done = replay_battery(store(2, **unit), np.ones(2), np.zeros(2), 1.0)
    assert not any(column.any() for column in done)


@pytest.mark.parametrize("at", [1, 2, 3])
def test_windows_joined_are_the_whole_wherever_service_begins(at: int) -> None:
    power = np.array([0.0, 0.0, 4.0, 4.0])
    whole = store(power_mw=power, discharge_frac=0.9)
    charge, discharge = np.array([1.0, 1.0, 2.0, 0.0]), np.array([0.0, 0.0, 0.0, 3.0])
    alone = replay_battery(whole, charge, discharge, 1.0)
    np.testing.assert_allclose(alone.stored_mwh[:4], [0, 0, 5, 5 + 2 / 0.9])
    parts = []
    for part in (slice(0, at), slice(at, 4)):
        level = float(parts[-1].stored_mwh[-1]) if parts else 0.0
        window = cut_to_window(whole, part.start, part.stop, level)
        parts.append(replay_battery(window, charge[part], discharge[part], 1.0))
    for one, other in zip(join_replays(parts), alone, strict=True):
        np.testing.assert_array_equal(one, other)


def followed(stores, charge, discharge, unserved, step_h=1.0):
    rows = (dict(zip("ab", map(np.array, part), strict=True)) for part in (charge, discharge))
    decisions = Decisions({}, *rows, np.array(unserved))
    done = replay_batteries(dict(zip("ab", stores, strict=True)), decisions, step_h)
    return done["a"], done["b"]


def test_energy_moved_from_one_battery_to_another_is_moved_by_the_difference_alone() -> None:
    # 3 MW into a, 2 MW out of b: the fleet takes 1 MW; then b gives what a was to give.
    a, b = followed(
        (store(2, start_mwh=0.0), store(2, start_mwh=4.0)),
        ([3.0, 0.0], [0.0, 0.0]),
        ([0.0, 3.0], [2.0, 0.0]),
        [0.0, 0.0],
    )
    assert (a.charge_mw.tolist(), b.discharge_mw.tolist()) == ([1.0, 0.0], [0.0, 2.0])
    assert a.discharge_mw.tolist() == [0.0, 1.0]
    assert (a.stored_mwh.tolist(), b.stored_mwh.tolist()) == ([0.0, 1.0, 0.0], [4.0, 4.0, 2.0])


@pytest.mark.parametrize("step_h", [0.25, 1.0, 3.0])
def test_batteries_that_move_together_close_and_serve_what_the_program_left(step_h) -> None:
    keys = {"energy_mwh": 8.0 * step_h, "round_trip_frac": 0.72, "discharge_frac": 0.9}
    stores = (
        store(3, start_mwh=1.0 * step_h, **keys),
        store(3, start_mwh=6.0 * step_h, loss_frac_per_h=0.01, minimum_mwh=1.0 * step_h, **keys),
    )
    asked = ([4.0, 0.0, 0.0], [0.0, 0.0, 0.0]), ([0.0, 1.0, 9.0], [2.0, 0.0, 0.0])
    a, b = followed(stores, *asked, [0.0, 0.0, 9.0], step_h)
    for done, unit in zip((a, b), stores, strict=True):
        moved = done.charge_mw * 0.8 * step_h - done.discharge_mw * step_h - done.lost_mwh
        np.testing.assert_allclose(np.diff(done.stored_mwh), moved, atol=1e-12)
        at_minimum = done.stored_mwh[-1] == pytest.approx(unit.minimum_mwh)
        assert at_minimum or done.discharge_mw[-1] == 4.0
    assert not ((a.charge_mw + b.charge_mw > 0) & (a.discharge_mw + b.discharge_mw > 0)).any()


def test_a_battery_that_comes_later_moves_nothing_before() -> None:
    late = store(2, power_mw=np.array([0.0, 4.0]), start_mwh=5.0)
    a, b = followed(
        (store(2), late), ([2.0, 0.0], [0.0, 0.0]), ([0.0, 0.0], [1.0, 4.0]), [0.0, 0.0]
    )
    assert b.stored_mwh.tolist() == [0.0, 5.0, 1.0]
    assert a.stored_mwh.tolist() == [5.0, 7.0, 7.0]


@pytest.mark.parametrize("step_h", [0.25, 1.0, 3.0])
def test_a_battery_that_is_asked_both_ways_at_once_moves_by_the_difference(step_h) -> None:
    unit = store(1, start_mwh=2.0, energy_mwh=80.0, round_trip_frac=0.72, discharge_frac=0.9)
    done, _ = followed(
        (unit, store(1, start_mwh=0.0)), ([4.0], [0.0]), ([1.8], [0.0]), [0.0], step_h
    )
    # 4 MW bring 3.2 MWh an hour, 1.8 MW take 2 of them: 1.2 stay, as 1.5 MW bring.
    assert done.charge_mw[0] == pytest.approx(1.5)
    assert done.discharge_mw[0] == 0
    assert done.stored_mwh[-1] == pytest.approx(2.0 + 1.2 * step_h)
