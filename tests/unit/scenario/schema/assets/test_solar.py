"""Photovoltaics."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from dcsim.scenario.schema.assets.solar import KIND, Solar

KEYS = {"name": "a", "capacity": "4 MW"}


def test_a_plant_faces_the_equator_and_comes_through_the_connection_unless_stated():
    plant = Solar.model_validate(KEYS)
    assert (plant.azimuth_deg, plant.tilt_deg, plant.tracking) == (None, 30.0, "fixed")
    assert KIND.wheeled(plant)
    assert not KIND.wheeled(Solar.model_validate({**KEYS, "delivery": "onsite"}))


def test_system_losses_are_those_of_pvwatts():
    # Soiling, shading, mismatch, wiring, connections, light, nameplate, availability.
    left = 0.98 * 0.97 * 0.98 * 0.98 * 0.995 * 0.985 * 0.99 * 0.97
    assert Solar.model_validate(KEYS).losses_frac == pytest.approx(1 - left, abs=1e-6)


def test_angles_are_read_in_any_unit():
    assert Solar.model_validate({**KEYS, "tilt": "0.5 rad"}).tilt_deg == pytest.approx(28.6479)
    with pytest.raises(ValidationError, match="tilt"):
        Solar.model_validate({**KEYS, "tilt": "91 deg"})


def test_energy_is_renewable_and_priced_by_year():
    priced = KIND.price(Solar.model_validate({**KEYS, "price": {2030: "60 USD/MWh"}}))
    assert float(priced.by_year.at(2030)) == 60.0
    assert KIND.price(Solar.model_validate(KEYS)) is None
    assert KIND.always_renewable
