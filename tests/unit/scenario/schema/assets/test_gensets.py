"""Emergency generators."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from dcsim.scenario.schema.assets.gensets import KIND, Gensets

KEYS = {"name": "a", "units": 4, "unit_power": "2.5 MW", "carbon": "700 kg/MWh"}


def test_a_group_is_rated_at_the_sum_of_its_machines():
    assert KIND.rated_mw(Gensets.model_validate(KEYS)) == 10.0


def test_the_ups_carries_five_minutes_unless_stated():
    group = Gensets.model_validate(KEYS)
    assert (group.ride_through_h, group.start_time_h, group.mttf_h) == (5 / 60, 0.0, None)


def test_fuel_costs_the_same_in_all_years():
    assert KIND.price(Gensets.model_validate(KEYS)) is None
    fuel = KIND.price(Gensets.model_validate({**KEYS, "fuel_price": "0.3 USD/kWh"}))
    assert (fuel.fixed.amount, fuel.by_year) == (pytest.approx(300.0), None)


def test_there_is_at_least_one_machine():
    with pytest.raises(ValidationError, match="units"):
        Gensets.model_validate({**KEYS, "units": 0})
