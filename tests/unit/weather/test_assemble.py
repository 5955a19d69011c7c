from __future__ import annotations

import math

import numpy as np
import pytest

from dcsim.series.resampling import place_in_year
from dcsim.weather.climate.normals import autoregression
from dcsim.weather.climate.seasons import monthly_mean, smooth
from dcsim.weather.climate.sunshine import DARKEST_FRAC, _steepness, clearest_day, daily_clearness


def test_smooth_year_keeps_every_monthly_mean():
    monthly = [1.9, 3.7, 7.8, 13.3, 17.7, 20.9, 24.5, 26.0, 21.7, 15.9, 10.0, 4.4]
    np.testing.assert_allclose(monthly_mean(smooth(monthly)), monthly, atol=1e-10)


def test_smooth_year_joins_december_and_january():
    year = smooth([0, 5, 10, 15, 20, 25, 30, 25, 20, 15, 10, 5])
    assert abs(np.diff(year, append=year[0])).max() < 0.4


def test_memory_keeps_the_variance_from_the_first_value_on():
    new = np.random.default_rng(3).standard_normal((2000, 40))
    series = np.array([autoregression(row, 0.8) for row in new])
    np.testing.assert_allclose(series.std(axis=0), 1, atol=0.08)
    assert np.corrcoef(series[:, 20], series[:, 21])[0, 1] == pytest.approx(0.8, abs=0.03)


def plain_memory(new, correlation):
    series = [float(new[0])]
    for value in new[1:]:
        series.append(correlation * series[-1] + math.sqrt(1 - correlation**2) * float(value))
    return series


@pytest.mark.parametrize("n", [1, 2, 365, 366, 367, 732, 20_000])
@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.9, 0.999])
def test_memory_in_pieces_is_that_of_one_value_after_another(n, correlation):
    new = np.random.default_rng(n).standard_normal(n)
    found = autoregression(new, correlation)
    np.testing.assert_allclose(found, plain_memory(new, correlation), rtol=0, atol=1e-12)


def test_a_longer_memory_begins_with_the_shorter_one_to_the_bit():
    new = np.random.default_rng(5).standard_normal(5000)
    for n in (1, 366, 400, 4999):
        np.testing.assert_array_equal(autoregression(new[:n], 0.9), autoregression(new, 0.9)[:n])


@pytest.mark.parametrize("mean_frac", [0.2, 0.4, 0.409, 0.5, 0.65])
def test_clearness_has_the_mean_that_was_asked(mean_frac):
    clearest = clearest_day(mean_frac)
    u = (np.arange(100_000) + 0.5) / 100_000
    steepness = np.full(1, _steepness(mean_frac, clearest))
    found = daily_clearness(u, np.full(1, clearest), steepness)
    assert found.mean() == pytest.approx(mean_frac, abs=1e-6)
    assert found.min() >= DARKEST_FRAC
    assert found.max() <= clearest


def test_place_in_year_is_that_of_the_month_and_day():
    days = np.array(["2030-02-28", "2030-03-01", "2032-02-29", "2032-12-31"], "datetime64[D]")
    np.testing.assert_array_equal(place_in_year(days.astype(np.int64)), [58, 60, 59, 365])
