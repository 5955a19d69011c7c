from __future__ import annotations

import numpy as np
import pytest

from dcsim.errors import ScenarioError
from dcsim.physics.sun import sun_at
from dcsim.weather.climate.seasons import MONTH_OF_PLACE, YEAR_WEIGHTS
from dcsim.weather.climate.sunshine import (
    DARKEST_FRAC,
    _steepness,
    beam_and_diffuse,
    clearest_day,
    daily_clearness,
    hourly_ghi,
    sky_of,
)


@pytest.fixture
def climate(with_climate):
    return with_climate(1).site.weather.climate


@pytest.mark.parametrize("mean_frac", [0.2, 0.4, 0.409, 0.5, 0.65])
def test_clearness_has_the_mean_that_is_stated(mean_frac):
    clearest = clearest_day(mean_frac)
    u = (np.arange(100_000) + 0.5) / 100_000
    steepness = np.full(1, _steepness(mean_frac, clearest))
    found = daily_clearness(u, np.full(1, clearest), steepness)
    assert found.mean() == pytest.approx(mean_frac, abs=1e-6)
    assert found.min() >= DARKEST_FRAC
    assert found.max() <= clearest


def test_the_clearest_day_of_a_bright_month_is_clearer():
    clearest = [clearest_day(mean) for mean in (0.3, 0.5, 0.7)]
    assert clearest == sorted(clearest)
    # Hollands and Huget (1983), equation of the upper limit, by hand at 0.75.
    assert clearest_day(0.75) == pytest.approx(0.6313 + 0.267 * 0.75)


def test_hours_of_a_day_add_up_to_its_irradiation_with_and_without_clouds(climate):
    sky = sky_of(climate, 35.5, 129.3)
    places = np.array([10, 180, 300])
    u_clear = np.array([0.2, 0.5, 0.9])
    flicker = np.random.default_rng(1).standard_normal((3, 24))
    clearness = daily_clearness(u_clear, sky.clearest_frac[places], sky.steepness[places])
    for z_hour in (np.zeros((3, 24)), flicker):
        ghi = hourly_ghi(sky, places, u_clear, z_hour)
        np.testing.assert_allclose(ghi.sum(axis=1), clearness * sky.extra_wh_m2[places], rtol=1e-9)
        assert (ghi[sky.course[places] == 0] == 0).all()


def test_clearness_integrates_to_the_stated_irradiation_of_each_month(climate):
    sky = sky_of(climate, 35.5, 129.3)
    ranks = (np.arange(2000) + 0.5) / 2000
    mean = daily_clearness(ranks[:, None], sky.clearest_frac, sky.steepness).mean(axis=0)
    # 29 February counts as often as it comes in the Gregorian calendar.
    kwh_m2 = mean * sky.extra_wh_m2 / 1000 * YEAR_WEIGHTS
    monthly = np.bincount(MONTH_OF_PLACE, kwh_m2) / np.bincount(MONTH_OF_PLACE, YEAR_WEIGHTS)
    np.testing.assert_allclose(monthly, climate.ghi_kwh_m2_day, rtol=1e-5)


def test_a_month_brighter_than_its_sun_is_refused(climate):
    bright = climate.model_copy(update={"ghi_kwh_m2_day": (9.0, *climate.ghi_kwh_m2_day[1:])})
    with pytest.raises(ScenarioError, match="month 1: must be about"):
        sky_of(bright, 35.5, 129.3)


def test_beam_and_diffuse_of_a_dull_and_of_a_bright_hour():
    noon = int(np.datetime64("2030-06-21T03:00", "m").astype(np.int64))
    sun = sun_at(noon, 2, 60, latitude_deg=35.5, longitude_deg=129.3)
    ghi = np.array([50.0, 900.0])
    dni, dhi = beam_and_diffuse(ghi, sun, np.array([172, 172]))
    height = np.cos(np.radians(sun.zenith_deg))
    np.testing.assert_allclose(dhi + dni * height, ghi, rtol=1e-9)
    # Erbs: nearly all of a clearness of 0.04 is diffuse, a fifth of one above 0.7.
    assert dhi[0] / ghi[0] > 0.95
    assert dhi[1] / ghi[1] < 0.35


def test_a_dark_hour_has_neither_beam_nor_diffuse():
    midnight = int(np.datetime64("2030-06-21T15:00", "m").astype(np.int64))
    sun = sun_at(midnight, 1, 60, latitude_deg=35.5, longitude_deg=129.3)
    dni, dhi = beam_and_diffuse(np.zeros(1), sun, np.array([172]))
    assert dni.tolist() == dhi.tolist() == [0.0]
