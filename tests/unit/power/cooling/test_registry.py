"""The contract that every cooling model keeps: one call, known keys, sane numbers."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

from dcsim.power.cooling.conditions import HeatLoad, PlantOutput
from dcsim.power.cooling.registry import COOLING, cooling_draw
from dcsim.scenario.schema.power import Cooling

PUMPS = {"pressure": "200 kPa", "efficiency": 0.7}
FANS = {"pressure": "400 Pa", "efficiency": 0.7}
EXAMPLES: dict[str, dict[str, Any]] = {
    "fixed": {"overhead": 0.1},
    "evaporative": {"overhead": 0.1, "knee": "12 degC", "slope": 0.01, "water": "1.5 L/kWh"},
    "hybrid": {
        "air_fan": 0.05,
        "air_supply": "20 degC",
        "liquid_pump": 0.03,
        "liquid_supply": "32 degC",
        "water_rise": "8 delta_degC",
        "approach": "6 delta_degC",
        "chiller_load": 0.5,
        "water": "1.5 L/kWh",
    },
    "physical": {
        "air_supply": "27 degC",
        "air_rise": "15 delta_degC",
        "water_rise": "8 delta_degC",
        "sink_rise": "5 delta_degC",
        "tower_approach": "6 delta_degC",
        "exchanger_approach": "2 delta_degC",
        "coil": 0.8,
        "sensible": 0.98,
        "chiller_load": 0.6,
        "fans": FANS,
        "tower_fans": FANS,
        "humidifier": PUMPS,
        "economizer_pumps": PUMPS,
        "chilled_pumps": PUMPS,
        "sink_pumps": PUMPS,
        "cold": {"plant": "gas", "cooling": "5 MW"},
    },
}
"""A section of a scenario for each model; a new model needs one here."""

models = pytest.mark.parametrize("name", COOLING)


def section(name: str) -> Cooling:
    found: Any = COOLING[name].schema.model_validate({"model": name, **EXAMPLES[name]})
    return found


@pytest.fixture
def outside_at(outside_of):
    """Return the outside by wet bulb, with a gas plant that runs."""

    def make(wet_bulb_c):
        return outside_of(wet_bulb_c, {"gas": PlantOutput(np.full(np.size(wet_bulb_c), 9.0), 9.0)})

    return make


@models
def test_a_model_takes_heat_the_outside_and_the_fields_of_its_schema(name: str) -> None:
    schema, model = COOLING[name]
    assert schema.model_fields["model"].default == name
    parameters = inspect.signature(model).parameters
    assert list(parameters)[:2] == ["heat", "outside"]
    keywords = [p.name for p in parameters.values() if p.kind is inspect.Parameter.KEYWORD_ONLY]
    if keywords:  # else it takes its schema as a whole
        assert keywords == [field for field in schema.model_fields if field != "model"]


@models
def test_a_model_refuses_a_key_that_its_schema_does_not_have(name, heat_of, outside_at) -> None:
    keys = {field: value for field, value in section(name) if field != "model"}
    with pytest.raises(TypeError, match="fan_color"):
        COOLING[name].draw(heat_of(50.0), outside_at(20.0), **keys, fan_color=1)


@models
def test_power_and_water_have_the_shape_of_the_heat_and_are_never_negative(
    name, heat_of, outside_at
) -> None:
    heat = heat_of(np.linspace(0, 90, 24), 0.5, hall_mw=100.0)
    drawn = cooling_draw(section(name), heat, outside_at(np.linspace(-15, 32, 24)))
    for part in drawn:
        assert part.shape == (24,)
        assert (part >= 0).all()


@models
def test_no_heat_takes_no_power_and_no_water(name, heat_of, outside_at) -> None:
    drawn = cooling_draw(section(name), heat_of(0.0, hall_mw=100.0), outside_at(25.0))
    assert (drawn.power_mw[0], drawn.water_m3_h[0]) == (0, 0)


@models
def test_a_warmer_hour_never_takes_less_power(name, heat_of, outside_of) -> None:
    # The gas plant stands still: cold that is used only in warm hours spares towers and pumps.
    warmer = outside_of(np.linspace(-10, 32, 48), {"gas": PlantOutput(np.zeros(48), 9.0)})
    power_mw = cooling_draw(section(name), heat_of(np.full(48, 50.0), 0.3), warmer).power_mw
    assert (np.diff(power_mw) >= -1e-12).all()


@models
def test_missing_weather_stays_missing_or_does_not_matter(name, heat_of, outside_at) -> None:
    here = cooling_draw(section(name), heat_of(50.0), outside_at(20.0)).power_mw[0]
    missing = cooling_draw(section(name), heat_of(50.0), outside_at(np.nan)).power_mw[0]
    assert np.isnan(missing) == (name != "fixed")
    assert np.isfinite(here)


@models
def test_a_model_leaves_its_inputs_as_they_are(name, heat_of, outside_at) -> None:
    heat: HeatLoad = heat_of(np.array([50.0, 20.0]), 0.4)
    before = [part.copy() for part in heat]
    cooling_draw(section(name), heat, outside_at(np.array([5.0, 25.0])))
    assert all((now == then).all() for now, then in zip(heat, before, strict=True))
