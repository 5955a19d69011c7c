"""Emergency power: closed forms against numbers by hand, and against replays of the dispatch."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dcsim.errors import ModelError
from dcsim.supply.backup.survival import (
    GensetGroup,
    Replay,
    closed_form,
    needed_units,
    replayed,
    running_chance,
    yearly_unserved_mwh,
)
from dcsim.supply.dispatch.battery import BatteryUnit

WELL_KEPT = -336 / math.log(0.8)


def test_a_fifth_of_well_kept_machines_fails_in_two_weeks() -> None:
    group = GensetGroup(1, 2.0, 0.0, WELL_KEPT)
    assert running_chance(group, np.array([336.0]))[0] == pytest.approx(0.8)
    assert pytest.approx(1500, rel=0.01) == WELL_KEPT


def test_one_machine_alone_by_hand() -> None:
    found = closed_form([GensetGroup(1, 2.0, 0.01, 100.0)], 2.0, np.array([0.0, 10.0, 100.0]))
    np.testing.assert_allclose(found.carried_frac, 0.99 * np.exp([0.0, -0.1, -1.0]))
    # The integral of 2 (1 - 0.99 exp(-t/100)).
    by_hand = [2 * (t - 99 * (1 - math.exp(-t / 100))) for t in (0, 10, 100)]
    np.testing.assert_allclose(found.unserved_mwh, by_hand, rtol=1e-9)


def test_one_spare_of_three_by_hand() -> None:
    p = 0.9
    found = closed_form([GensetGroup(3, 1.0, 0.1, math.inf)], 2.0, np.array([0.0, 5.0]))
    assert found.carried_frac[1] == pytest.approx(p**3 + 3 * p**2 * (1 - p))
    short = 3 * p * (1 - p) ** 2 * 1 + (1 - p) ** 3 * 2
    assert found.unserved_mwh[1] == pytest.approx(5 * short)


def test_two_kinds_of_machines_add_their_power() -> None:
    groups = [GensetGroup(1, 3.0, 0.5, math.inf), GensetGroup(1, 2.0, 0.5, math.inf)]
    found = closed_form(groups, 3.0, np.array([0.0, 1.0]))
    assert found.carried_frac[1] == pytest.approx(0.5)
    assert found.unserved_mwh[1] == pytest.approx(0.25 * 3 + 0.25 * 1)


@pytest.mark.parametrize(
    ("groups", "load_mw"),
    [
        ([GensetGroup(8, 2.5, 0.005, 300.0)], 17.5),
        ([GensetGroup(4, 2.5, 0.02, 69.0)], 10.0),
        ([GensetGroup(5, 2.0, 0.01, 150.0), GensetGroup(2, 3.0, 0.05, 80.0)], 12.0),
    ],
)
def test_closed_form_and_replay_agree(groups: list[GensetGroup], load_mw: float) -> None:
    n_hours, n_replications = 96, 800
    exact = closed_form(groups, load_mw, np.arange(n_hours + 1.0))
    found = replayed(groups, load_mw, Replay(n_hours, n_replications, seed=5))
    for hour in (1, 24, 96):
        # Whether all of a step was carried is known at its end.
        assert found.carried_frac[hour] == pytest.approx(
            exact.carried_frac[hour], abs=4 * found.carried_sem[hour] + 1 / n_replications
        )
        assert found.unserved_mwh[hour] == pytest.approx(
            exact.unserved_mwh[hour], abs=4 * found.unserved_sem[hour] + 1e-9
        )


def test_the_replay_does_not_depend_on_the_step() -> None:
    groups = [GensetGroup(4, 2.5, 0.02, 69.0)]
    hourly = replayed(groups, 10.0, Replay(48, 50, seed=1))
    finer = replayed(groups, 10.0, Replay(48, 50, seed=1, step_h=0.25))
    assert finer.unserved_mwh[-1] == pytest.approx(hourly.unserved_mwh[-1])


def test_a_start_longer_than_the_ride_through_is_dark_in_between() -> None:
    group = GensetGroup(2, 5.0, 0.0, math.inf, dark_h=0.1)
    exact = closed_form([group], 10.0, np.array([0.0, 1.0, 2.0]))
    found = replayed([group], 10.0, Replay(2, 2, seed=1))
    np.testing.assert_allclose(exact.unserved_mwh, [0, 1, 1])
    np.testing.assert_allclose(found.unserved_mwh, [0, 1, 1])
    np.testing.assert_allclose(found.carried_frac, [1, 0, 0])
    np.testing.assert_allclose(exact.carried_frac, [1, 0, 0])


def test_a_battery_carries_the_first_hours() -> None:
    group = GensetGroup(1, 10.0, 1.0, math.inf)
    unit = BatteryUnit(np.full(6, 10.0), 30.0, 1.0, start_mwh=30.0)
    found = replayed([group], 10.0, Replay(6, 2, seed=1), [unit])
    np.testing.assert_allclose(found.carried_frac, [1, 1, 1, 1, 0, 0, 0])
    assert found.unserved_mwh[-1] == pytest.approx(30)


def test_short_outages_that_machines_survive_leave_nothing() -> None:
    never = [GensetGroup(5, 2.0, 0.0, math.inf)]
    assert yearly_unserved_mwh(never, 8.0, 4.0, 3.0) == 0.0
    always = [GensetGroup(1, 2.0, 1.0, math.inf)]
    assert yearly_unserved_mwh(always, 2.0, 4.0, 3.0) == pytest.approx(4 * 3 * 2)
    one = [GensetGroup(1, 2.0, 0.0, 10.0)]
    # The load is lost where the machine fails before the grid is back: 2 MW for 3 h each time.
    chance = (1 / 10) / (1 / 10 + 1 / 3)
    assert yearly_unserved_mwh(one, 2.0, 4.0, 3.0) == pytest.approx(4 * 2 * 3 * chance, rel=1e-6)


def test_needed_machines_round_up() -> None:
    assert [needed_units(load, 2.5) for load in (0.1, 2.5, 2.6, 103.0)] == [1, 1, 2, 42]


@pytest.mark.parametrize("load_mw", [0.0, -1.0, math.nan])
def test_a_load_of_nothing_is_refused(load_mw: float) -> None:
    with pytest.raises(ModelError, match="above zero"):
        closed_form([GensetGroup(1, 1.0, 0.0, 1.0)], load_mw, np.array([0.0, 1.0]))
