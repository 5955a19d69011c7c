"""The chain of machines and batteries: against numbers by hand, enumeration and closed forms."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from dcsim.supply.backup import markov
from dcsim.supply.backup.machines import GensetGroup
from dcsim.supply.backup.markov import markov_survival
from dcsim.supply.backup.stores import OutageStore
from dcsim.supply.backup.survival import closed_form

PAIR = GensetGroup(2, 1.0, 0.0, -1 / math.log(0.9))


def carried(groups, loads, stores):
    found = markov_survival(groups, np.array(loads), np.arange(len(loads) + 1.0), stores)
    assert found is not None
    return found.carried_frac


def test_two_hours_by_hand() -> None:
    frac = carried([PAIR], [1.0, 2.0], [OutageStore(1.0, 1.0)])
    assert frac[2] == pytest.approx(0.9639)


def test_without_batteries_it_is_the_closed_form() -> None:
    groups = [GensetGroup(4, 2.0, 0.1, 30.0), GensetGroup(2, 3.0, 0.0, 12.0)]
    loads, hours = np.array([7.0, 9.0, 6.0, 8.0]), np.arange(5.0)
    exact = closed_form(groups, loads, hours)
    found = markov_survival(groups, loads, hours, [])
    assert found is not None
    np.testing.assert_allclose(found.carried_frac[1:], exact.carried_frac[1:])


def test_every_way_in_which_machines_fail_is_counted() -> None:
    # Three machines of 1 MW, three hours: each fails in hour 1, 2, 3 or not at all.
    p, loads, energy, power = 0.8, (2.0, 3.0, 1.5), 2.0, 1.5
    total = 0.0
    for fates in itertools.product(range(4), repeat=3):
        chance = math.prod(p**fate * (1 - p if fate < 3 else 1) for fate in fates)
        level, fine = energy, True
        for hour, load in enumerate(loads):
            need = max(load - sum(fate > hour for fate in fates), 0.0)
            given = min(need, power, level * 0.8)
            level, fine = level - given / 0.8, fine and given >= need - 1e-9
        total += chance * fine
    group = GensetGroup(3, 1.0, 0.0, -1 / math.log(p))
    frac = carried([group], loads, [OutageStore(energy, power, discharge_frac=0.8)])
    assert frac[3] == pytest.approx(total)


def test_it_gives_up_rather_than_run_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markov, "MOST_WORK", 3)
    assert markov_survival([PAIR], 2.0, np.arange(50.0), [OutageStore(9.0, 1.0)]) is None


def test_a_battery_that_leaks_and_bridges_the_start() -> None:
    late = GensetGroup(1, 1.0, 0.0, math.inf, dark_h=0.5)
    assert carried([late], [1.0], [OutageStore(0.5, 1.0)])[1] == pytest.approx(1)
    assert carried([late], [1.0], [OutageStore(0.49, 1.0)])[1] == pytest.approx(0)
    leaks = OutageStore(1.0, 1.0, loss_frac_per_h=0.1)
    never = GensetGroup(1, 1.0, 1.0, math.inf)
    found = markov_survival([never], 0.45, np.arange(3.0), [leaks])
    assert found is not None
    # 0.9 - 0.45 = 0.45, of which 0.405 are left for the second hour.
    np.testing.assert_allclose(found.unserved_mwh, [0, 0, 0.045])
