"""Sources of the weather."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from dcsim.scenario.schema.weather import Climate, WeatherSettings


def test_a_file_is_enough():
    weather = WeatherSettings.model_validate({"file": "ulsan.epw"})
    assert (weather.repair_h, weather.irradiance_factor, weather.climate) == (0.0, 1.0, None)


def test_weather_needs_a_source():
    with pytest.raises(ValidationError, match="needs a file or a climate"):
        WeatherSettings.model_validate({"repair": "3 h"})


def test_a_climate_has_twelve_months(minimal_site):
    keys = minimal_site["weather"]["climate"]
    assert Climate.model_validate(keys).temp_mean_c[6] == pytest.approx(25.0)
    with pytest.raises(ValidationError, match="humidity"):
        Climate.model_validate({**keys, "humidity": [0.5] * 11})


def test_days_do_not_repeat_one_another(minimal_site):
    keys = minimal_site["weather"]["climate"]
    with pytest.raises(ValidationError, match="persistence"):
        Climate.model_validate({**keys, "persistence": 1.0})
