from __future__ import annotations

import numpy as np
import pytest

from dcsim.physics.air import standard_pressure_pa
from dcsim.weather import make_weather


def test_a_file_wins_over_a_climate(with_file, minimal_site, epw_year):
    climate = minimal_site["weather"]["climate"]
    both = make_weather(with_file(epw_year, weather={"climate": climate}))
    np.testing.assert_array_equal(
        both.temp_dry_bulb_c, make_weather(with_file(epw_year)).temp_dry_bulb_c
    )


def test_same_plan_gets_the_same_object_and_it_is_read_only(with_climate):
    weather = make_weather(with_climate(1))
    assert make_weather(with_climate(1)) is weather
    assert not weather.ghi_w_m2.flags.writeable


def test_digest_follows_the_numbers(with_climate):
    digests = {
        make_weather(with_climate(replication, weather={"irradiance_factor": factor})).digest
        for replication in (0, 1)
        for factor in (1.0, 0.9)
    }
    assert len(digests) == 4


def test_half_hour_steps_keep_the_means_of_the_hours(with_climate):
    hourly = make_weather(with_climate(1))
    fine = make_weather(with_climate(1, step="30 min"))
    np.testing.assert_allclose(fine.ghi_w_m2.reshape(-1, 2).mean(axis=1), hourly.ghi_w_m2)


def test_a_file_that_changes_is_read_again(with_file, epw_year):
    first = make_weather(with_file(epw_year))
    warmer = [*epw_year[:8], epw_year[8].replace("1.0101", "11.010100"), *epw_year[9:]]
    second = make_weather(with_file(warmer))
    assert second.temp_dry_bulb_c[0] == pytest.approx(first.temp_dry_bulb_c[0] + 10)
    assert second.digest != first.digest


def test_the_climate_has_the_standard_pressure_of_the_elevation(with_climate):
    plan = with_climate(elevation="500 m")
    np.testing.assert_array_equal(make_weather(plan).pressure_pa, standard_pressure_pa(500.0))


def test_wet_bulb_is_below_dry_bulb_and_meets_it_in_saturated_air(with_climate):
    weather = make_weather(with_climate())
    gap = weather.temp_dry_bulb_c - weather.temp_wet_bulb_c
    assert gap.min() >= 0
    assert gap[weather.relative_humidity_frac > 0.97].max(initial=0.0) < 0.5
    assert gap[weather.relative_humidity_frac < 0.5].min() > 1


def test_every_array_has_one_value_a_step(with_climate):
    plan = with_climate(step="3 h")
    weather = make_weather(plan)
    assert weather.dni_w_m2.shape == (plan.calendar.n_hours,) == (2920,)
