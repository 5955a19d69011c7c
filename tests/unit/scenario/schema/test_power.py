"""The connection, losses and models of cooling."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from dcsim.scenario.schema.power import Cooling, Electrical, Power

COOLING: TypeAdapter[Any] = TypeAdapter(Cooling)
MOVER = {"pressure": "250 Pa", "efficiency": 0.6}
PHYSICAL = {
    "model": "physical",
    "air_supply": "25 degC",
    "air_rise": "12 delta_degC",
    "water_rise": "8 delta_degC",
    "sink_rise": "6 delta_degC",
    "exchanger_approach": "2 delta_degC",
    "coil": 0.8,
    "sensible": 0.95,
    "chiller_load": 0.7,
    **dict.fromkeys(
        ("fans", "humidifier", "economizer_pumps", "chilled_pumps", "sink_pumps"), MOVER
    ),
}


def test_a_step_of_the_connection_is_granted_in_full_unless_stated():
    power = Power.model_validate(
        {"basis": "it", "design_pue": 1.2, "steps": [{"name": "first", "adds": "41 MW"}]}
    )
    assert (power.steps[0].adds_mw, power.steps[0].granted_frac) == (41.0, 1.0)


def test_facility_power_is_no_less_than_it_power():
    with pytest.raises(ValidationError, match="design_pue"):
        Power.model_validate({"basis": "it", "design_pue": 0.9, "steps": [{"name": "a"}]})


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"ups_load": [0.5, 1.0]}, "differ in length"),
        ({"ups_load": [1.0, 0.5], "ups_efficiency": [0.9, 0.9]}, "ascending order"),
        ({"ups_load": [0.5, 0.5], "ups_efficiency": [0.9, 0.9]}, "ascending order"),
        ({"ups_load": [0.5, 1.0], "ups_efficiency": [0, 0.9]}, "above zero"),
    ],
)
def test_the_curve_of_the_ups_rises_in_load(keys, message):
    with pytest.raises(ValidationError, match=message):
        Electrical.model_validate(keys)


def test_the_model_of_cooling_is_found_by_its_name():
    cooling = COOLING.validate_python({"model": "fixed", "overhead": "12 %"})
    assert (type(cooling).__name__, cooling.overhead_frac) == ("FixedCooling", 0.12)
    with pytest.raises(ValidationError, match="model"):
        COOLING.validate_python({"model": "ice", "overhead": 0.1})


def test_a_tower_needs_fans_and_the_sea_a_temperature_by_month():
    with pytest.raises(ValidationError, match="needs tower_fans"):
        COOLING.validate_python(PHYSICAL)
    with pytest.raises(ValidationError, match="needs sea, a temperature for each month"):
        COOLING.validate_python({**PHYSICAL, "sink": "seawater"})
    sea = {"sink": "seawater", "sea": [f"{t} degC" for t in range(10, 22)]}
    assert COOLING.validate_python({**PHYSICAL, **sea}).sea_c[11] == pytest.approx(21.0)
