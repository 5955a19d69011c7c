"""Wind farms."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from dcsim.scenario.schema.assets.wind import HUB_HEIGHTS_M, KIND, Wind
from dcsim.scenario.schema.site import Site
from dcsim.supply.assets.power_curve import turbines

KEYS = {"name": "a", "capacity": "4 MW", "turbine": "iea-15mw-240"}


def test_a_farm_has_no_losses_unless_stated():
    farm = Wind.model_validate(KEYS)
    assert (farm.wake_frac, farm.availability_frac, farm.other_loss_frac) == (0.0, 1.0, 0.0)
    assert (farm.hub_height_m, farm.hub_m) == (None, 150.0)


def test_the_hub_is_that_of_the_turbine_unless_stated():
    assert sorted(HUB_HEIGHTS_M) == list(turbines())
    low = {**KEYS, "turbine": "leanwind-8mw-164"}
    assert Wind.model_validate(low).hub_m == 110.0
    assert Wind.model_validate({**low, "hub_height": "95 m"}).hub_m == 95.0


def test_a_power_curve_of_ones_own_needs_the_height_of_its_hub(minimal_site):
    wind_site = {"mean": "8 m/s", "height": "100 m", "weibull_shape": 2, "shear": 0.1}
    wind_site |= {"monthly_factor": [1] * 12, "memory": "20 h"}
    own = {**KEYS, "turbine": "own.csv"}
    weather = {**minimal_site["weather"], "wind": wind_site}
    site = Site.model_validate({**minimal_site, "weather": weather, "wind": [own]})
    ((path, message),) = KIND.faults(site)
    assert path == ("wind", "a", "hub_height")
    assert message.endswith("write for example 'hub_height: 120 m'")
    own["profile"] = {"file": "farm.csv", "column": "farm"}
    site = Site.model_validate({**minimal_site, "weather": weather, "wind": [own]})
    assert list(KIND.faults(site)) == []


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
