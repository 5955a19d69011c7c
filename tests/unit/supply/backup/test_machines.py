"""Machines in an outage: the number that runs against numbers by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dcsim.supply.backup.machines import (
    GensetGroup,
    after_failures,
    capacity_chances,
    group_powers_mw,
    needed_units,
    running_chance,
    started_chances,
)

WELL_KEPT = -336 / math.log(0.8)


def test_a_fifth_of_well_kept_machines_fails_in_two_weeks() -> None:
    group = GensetGroup(1, 2.0, 0.0, WELL_KEPT)
    assert running_chance(group, np.array([336.0]))[0] == pytest.approx(0.8)
    assert pytest.approx(1500, rel=0.01) == WELL_KEPT


def test_needed_machines_round_up() -> None:
    assert [needed_units(load, 2.5) for load in (0.1, 2.5, 2.6, 103.0)] == [1, 1, 2, 42]


def test_the_chain_gives_the_binomial_distribution_of_each_hour() -> None:
    groups = [GensetGroup(3, 2.0, 0.1, 30.0), GensetGroup(2, 1.0, 0.0, 50.0)]
    chance = started_chances(groups)
    for _ in range(5):
        chance = after_failures(groups, chance, 1.5)
    power_mw, expected = capacity_chances(groups, 7.5)
    np.testing.assert_allclose(chance.ravel(), expected)
    np.testing.assert_allclose(group_powers_mw(groups).ravel(), power_mw)
