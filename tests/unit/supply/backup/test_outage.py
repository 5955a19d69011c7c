"""Outages that are replayed: against closed forms, the chain, and numbers by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dcsim.supply.backup.machines import GensetGroup
from dcsim.supply.backup.markov import markov_survival
from dcsim.supply.backup.outage import Replay, replayed
from dcsim.supply.backup.stores import OutageStore
from dcsim.supply.backup.survival import closed_form

PAIR = GensetGroup(2, 1.0, 0.0, -1 / math.log(0.9))
"""Each machine fails with 1 in 10 in each hour, the first included."""


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
    unit = OutageStore(30.0, 10.0)
    found = replayed([group], 10.0, Replay(6, 2, seed=1), [unit])
    np.testing.assert_allclose(found.carried_frac, [1, 1, 1, 1, 0, 0, 0])
    assert found.unserved_mwh[-1] == pytest.approx(30)


def test_machines_start_at_once_and_the_battery_is_kept_for_what_they_leave() -> None:
    loads, store = np.array([1.0, 2.0]), OutageStore(1.0, 1.0)
    found = replayed([PAIR], loads, Replay(2, 4000, seed=3), [store])
    assert found.carried_frac[2] == pytest.approx(0.81 * 0.99 + 0.18 * 0.9, abs=0.012)
    assert abs(found.carried_frac[2] - 0.9639) < 4 * found.carried_sem[2]


def test_the_replay_follows_the_chain_with_a_battery() -> None:
    groups = [GensetGroup(3, 2.0, 0.05, 30.0), GensetGroup(1, 3.0, 0.1, 60.0)]
    loads = np.array([5.0, 7.0, 6.0, 8.0, 5.0, 6.0])
    stores = [OutageStore(4.0, 2.0, 1.0, 0.9, 0.01), OutageStore(3.0, 3.0)]
    found = replayed(groups, loads, Replay(6, 3000, seed=2), stores)
    exact = markov_survival(groups, loads, np.arange(7.0), stores)
    assert exact is not None
    for hour in (2, 4, 6):
        # A machine counts as gone from the beginning of the hour in which it fails: the chain is
        # below the replay, and by no more than one hour of failures.
        gap = found.carried_frac[hour] - exact.carried_frac[hour]
        assert -4 * found.carried_sem[hour] < gap < 0.06
        assert found.unserved_mwh[hour] < exact.unserved_mwh[hour] + 4 * found.unserved_sem[hour]


def test_a_battery_bridges_the_time_until_machines_run_with_its_full_power() -> None:
    group = GensetGroup(1, 10.0, 0.0, math.inf, dark_h=0.1)
    strong = replayed([group], 10.0, Replay(2, 2, seed=1), [OutageStore(1.0, 10.0)])
    np.testing.assert_allclose(strong.carried_frac, 1)
    # 5 MW carry half of the load for a tenth of an hour.
    weak = replayed([group], 10.0, Replay(2, 2, seed=1), [OutageStore(1.0, 5.0)])
    np.testing.assert_allclose(weak.carried_frac, [1, 0, 0])
    assert weak.unserved_mwh[-1] == pytest.approx(0.5)
