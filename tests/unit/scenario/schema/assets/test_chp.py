"""Combined heat and power: its price, its stops, its emissions."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from dcsim.scenario.schema.assets.chp import KIND, Chp

KEYS = {"name": "a", "capacity": "4 MW", "efficiency": "55 %", "carbon": "0.37 kg/kWh"}


def test_energy_is_emitting_with_the_factor_of_its_power():
    cleanliness = KIND.cleanliness_of(Chp.model_validate(KEYS))
    assert (cleanliness.name, cleanliness.kg_per_mwh) == ("emitting", pytest.approx(370.0))


def test_without_a_price_of_its_own_it_follows_the_tariff():
    discounted = KIND.price(Chp.model_validate({**KEYS, "discount": "5 %"}))
    assert (discounted.tariff_discount_frac, discounted.by_year) == (0.05, None)
    priced = KIND.price(Chp.model_validate({**KEYS, "price": {2030: "80 USD/MWh"}}))
    assert (priced.tariff_discount_frac, float(priced.by_year.at(2035))) == (None, 80.0)


def test_a_planned_stop_is_called_maintenance():
    stop = {"month": 5, "duration": "3 weeks"}
    stops = list(KIND.planned_stops(Chp.model_validate({**KEYS, "maintenance": stop})))
    assert [(one.cause, one.rule.month) for one in stops] == [("maintenance", 5)]
    assert list(KIND.planned_stops(Chp.model_validate(KEYS))) == []


def test_a_plant_makes_no_more_power_than_fuel():
    with pytest.raises(ValidationError, match="efficiency"):
        Chp.model_validate({**KEYS, "efficiency": "101 %"})
