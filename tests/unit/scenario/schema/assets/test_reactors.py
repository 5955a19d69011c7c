"""Small modular reactors: clean energy, a price of their own, stops for fuel."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from dcsim.scenario.schema.assets.reactors import KIND, Reactor

KEYS = {"name": "a", "capacity": "4 MW"}


def test_energy_is_carbon_free_and_not_renewable():
    assert KIND.cleanliness_of(Reactor.model_validate(KEYS)).name == "carbon-free"
    assert not KIND.always_renewable


def test_a_stop_for_fuel_comes_after_so_long_in_service():
    stop = {"every": "18 months", "duration": "3 weeks"}
    stops = list(KIND.planned_stops(Reactor.model_validate({**KEYS, "refuelling": stop})))
    assert [(one.cause, one.rule.duration_h) for one in stops] == [("refuelling", 504.0)]
    assert stops[0].rule.every_h == pytest.approx(1.5 * 365.25 * 24)
    assert list(KIND.planned_stops(Reactor.model_validate(KEYS))) == []


def test_energy_has_a_price_by_year_or_none():
    assert KIND.price(Reactor.model_validate(KEYS)) is None
    priced = KIND.price(Reactor.model_validate({**KEYS, "price": {2030: "0.1 USD/kWh"}}))
    assert float(priced.by_year.at(2031)) == pytest.approx(100.0)


@pytest.mark.parametrize("availability", ["0 %", "101 %"])
def test_some_of_it_is_available_and_no_more_than_all(availability):
    with pytest.raises(ValidationError, match="availability"):
        Reactor.model_validate({**KEYS, "availability": availability})
