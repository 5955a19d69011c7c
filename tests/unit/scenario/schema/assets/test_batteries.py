"""Batteries: states of charge in order, efficiencies of one or of two ways."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from dcsim.scenario.schema.assets.batteries import KIND, Battery

KEYS = {"name": "a", "power": "2 MW", "energy": "8 MWh"}


def test_all_loss_lies_on_charging_unless_both_ways_are_given():
    assert Battery.model_validate(KEYS).efficiencies == (0.85, 1.0)
    ways = {"charge_efficiency": 0.96, "discharge_efficiency": 0.95}
    assert Battery.model_validate({**KEYS, **ways}).efficiencies == (0.96, 0.95)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"charge_efficiency": 0.9}, "needs charge_efficiency and discharge_efficiency"),
        ({"minimum": 0.6, "maximum": 0.6}, r"minimum 0\.6 must be below maximum 0\.6"),
        ({"minimum": 0.6}, r"initial 0\.5 must be from minimum 0\.6"),
        ({"maximum": 0.4}, r"initial 0\.5 must be from minimum 0 to maximum 0\.4"),
        ({"maximum": 0.8, "reserve": 0.9}, r"reserve 0\.9 must be at most maximum 0\.8"),
    ],
)
def test_states_of_charge_stand_in_order(keys, message):
    with pytest.raises(ValidationError, match=message):
        Battery.model_validate({**KEYS, **keys})


def test_self_discharge_is_read_as_a_rate():
    rate = Battery.model_validate({**KEYS, "self_discharge": "24 %/day"}).self_discharge_per_h
    assert rate == pytest.approx(0.01)


def test_a_battery_is_a_store_that_sizing_may_change():
    assert KIND.is_store
    assert not KIND.always_renewable
    assert (KIND.rated_mw(KIND.sample()), KIND.sized_fields) == (2.0, ("power_mw", "energy_mwh"))
