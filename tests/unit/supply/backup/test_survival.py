"""Emergency power: closed forms against numbers by hand, and against replays of the dispatch."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dcsim.errors import ModelError
from dcsim.supply.backup.machines import GensetGroup
from dcsim.supply.backup.survival import closed_form, yearly_unserved_mwh


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


def test_short_outages_that_machines_survive_leave_nothing() -> None:
    never = [GensetGroup(5, 2.0, 0.0, math.inf)]
    assert yearly_unserved_mwh(never, 8.0, 4.0, 3.0) == 0.0
    always = [GensetGroup(1, 2.0, 1.0, math.inf)]
    assert yearly_unserved_mwh(always, 2.0, 4.0, 3.0) == pytest.approx(4 * 3 * 2)
    one = [GensetGroup(1, 2.0, 0.0, 10.0)]
    # The load is lost where the machine fails before the grid is back: 2 MW for 3 h each time.
    chance = (1 / 10) / (1 / 10 + 1 / 3)
    assert yearly_unserved_mwh(one, 2.0, 4.0, 3.0) == pytest.approx(4 * 2 * 3 * chance, rel=1e-6)


@pytest.mark.parametrize("load_mw", [0.0, -1.0, math.nan])
def test_a_load_of_nothing_is_refused(load_mw: float) -> None:
    with pytest.raises(ModelError, match="above zero"):
        closed_form([GensetGroup(1, 1.0, 0.0, 1.0)], load_mw, np.array([0.0, 1.0]))


def test_a_load_that_changes_needs_enough_machines_in_each_hour() -> None:
    # One machine lives through an hour with 9 in 10. Both are needed in the second hour only, so
    # one that failed in the first ends it; in the third, one would be enough again.
    pair = GensetGroup(2, 1.0, 0.0, -1 / math.log(0.9))
    found = closed_form([pair], np.array([1.0, 2.0, 1.0]), np.arange(4.0))
    np.testing.assert_allclose(found.carried_frac, [1, 0.99, 0.9**4, 0.9**4 * 0.99])


def test_a_constant_load_is_carried_as_by_the_binomial_distribution() -> None:
    group, hours = GensetGroup(5, 2.0, 0.1, 20.0), np.arange(9.0)
    found = closed_form([group], 8.0, hours)
    p = 0.9 * np.exp(-hours / 20)
    np.testing.assert_allclose(found.carried_frac, p**5 + 5 * p**4 * (1 - p))


@pytest.mark.parametrize("loads", [[1.0], [1.0, -1.0], [0.0, 0.0], [1.0, math.nan]])
def test_loads_that_are_no_loads_of_the_steps_are_refused(loads: list[float]) -> None:
    with pytest.raises(ModelError, match="load"):
        closed_form([GensetGroup(1, 1.0, 0.0, 9.0)], np.array(loads), np.arange(3.0))
