"""Wind farms."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from dcsim.scenario.schema.assets.wind import KIND, Wind
from dcsim.scenario.schema.site import Site

KEYS = {"name": "a", "capacity": "4 MW", "turbine": "iea-15mw-240"}


def test_a_farm_has_no_losses_unless_stated():
    farm = Wind.model_validate(KEYS)
    assert (farm.wake_frac, farm.availability_frac, farm.other_loss_frac) == (0.0, 1.0, 0.0)
    assert farm.hub_height_m == 150.0


def test_a_farm_names_its_turbine():
    with pytest.raises(ValidationError, match="turbine"):
        Wind.model_validate({"name": "a", "capacity": "4 MW"})


def test_farms_need_the_wind_at_their_turbines(minimal_site):
    still = Site.model_validate(minimal_site)
    assert list(KIND.faults(still)) == []
    with_farm = Site.model_validate({**minimal_site, "wind": [KEYS]})
    ((path, message),) = KIND.faults(with_farm)
    assert path == ("weather", "wind")
    assert "need the wind at their turbines" in message


def test_the_turbine_may_be_a_file():
    assert KIND.file_fields == ("turbine",)
