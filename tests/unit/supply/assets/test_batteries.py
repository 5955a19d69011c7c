"""A battery as dispatch runs it."""

from __future__ import annotations

import numpy as np
import pytest

from dcsim.scenario.schema.assets.batteries import Battery
from dcsim.supply.assets.batteries import available, notes

KEYS = {"name": "a", "power": "4 MW", "energy": "20 MWh"}


def test_shares_of_charge_become_energies(conditions_of):
    shares = {"initial": 0.6, "minimum": 0.1, "maximum": 0.9, "reserve": 0.25}
    unit = available(
        Battery.model_validate({**KEYS, **shares}), conditions_of("batteries.a", [0, 4, 4])
    )
    energies = (unit.start_mwh, unit.minimum_mwh, unit.energy_mwh, unit.reserve_mwh)
    assert energies == pytest.approx((12, 2, 18, 5))
    np.testing.assert_array_equal(unit.power_mw[:4], [0, 4, 4, 0])


def test_powers_of_one_side_follow_what_is_there_of_the_power(conditions_of):
    battery = Battery.model_validate({**KEYS, "charge_power": "2 MW"})
    unit = available(battery, conditions_of("batteries.a", [4, 2, 0]))
    np.testing.assert_allclose(unit.charge_power_mw[:3], [2, 1, 0])
    np.testing.assert_allclose(unit.discharge_power_mw[:3], [4, 2, 0])


def test_efficiencies_of_two_ways_multiply_to_a_round_trip(conditions_of):
    ways = {"charge_efficiency": 0.9, "discharge_efficiency": 0.8}
    unit = available(Battery.model_validate({**KEYS, **ways}), conditions_of("batteries.a", [4]))
    assert (unit.round_trip_frac, unit.charge_frac) == pytest.approx((0.72, 0.9))


def test_a_battery_with_nothing_else_is_plain(conditions_of):
    conditions = conditions_of("batteries.a", [4])
    assert available(Battery.model_validate(KEYS), conditions).plain
    aging = Battery.model_validate({**KEYS, "fade_per_year": "2 %"})
    assert not available(aging, conditions).plain


def test_what_the_optimal_policy_leaves_out_is_told(plan_of):
    keys = {"reserve": 0.25, "fade_per_year": "2 %", "maximum": 0.9, "charge_power": "2 MW"}
    battery = Battery.model_validate({**KEYS, **keys})
    assert notes(battery, plan_of()) == ()
    told = notes(battery, plan_of(dispatch={"policy": "optimal"}))
    assert [note.partition(": ")[0] for note in told] == [
        "batteries.a.fade_per_year",
        "batteries.a.reserve",
    ]
