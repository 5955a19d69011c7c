from __future__ import annotations

import math

import numpy as np
import pytest

from dcsim.weather import make_weather
from dcsim.weather.climate.wind import weibull_m_s

SITE = {
    "mean": "8.5 m/s",
    "height": "100 m",
    "weibull_shape": 2.0,
    "shear": 0.1,
    "monthly_factor": [1.2, 1.2, 1.15, 1.0, 0.95, 0.85, 0.8, 0.85, 0.9, 1.0, 1.05, 1.15],
    "memory": "20 h",
}


def at_turbines(with_climate, replication=1, **changes):
    plan = with_climate(replication, end="2042-01-01", weather={"wind": SITE | changes})
    return plan, make_weather(plan)


def test_mean_over_many_years_is_as_stated(with_climate):
    means = [at_turbines(with_climate, r)[1].wind_site_m_s.mean() for r in range(1, 9)]
    # 8 runs of 12 years with a memory of 20 h: the mean has a standard error of 0.03 m/s.
    assert np.mean(means) == pytest.approx(8.5, abs=0.1)


def test_speeds_are_weibull_with_a_memory(with_climate):
    _, weather = at_turbines(with_climate, monthly_factor=[1.0] * 12, weibull_shape=2.2)
    speed = np.sort(weather.wind_site_m_s)
    scale = 8.5 / math.gamma(1 + 1 / 2.2)
    for share in (0.1, 0.5, 0.9):
        wanted = scale * (-math.log(1 - share)) ** (1 / 2.2)
        assert speed[int(share * speed.size)] == pytest.approx(wanted, rel=0.03)
    series = weather.wind_site_m_s
    lag = np.corrcoef(series[20:], series[:-20])[0, 1]
    assert lag == pytest.approx(math.exp(-1), abs=0.05)


def test_months_follow_their_factors(with_climate):
    plan, weather = at_turbines(with_climate)
    month = plan.calendar.month
    ratio = weather.wind_site_m_s[month == 1].mean() / weather.wind_site_m_s[month == 7].mean()
    assert ratio == pytest.approx(1.5, abs=0.12)


def test_wind_at_the_station_goes_with_wind_at_the_turbines(with_climate):
    _, weather = at_turbines(with_climate)
    assert 0.2 < np.corrcoef(weather.wind_site_m_s, weather.wind_speed_m_s)[0, 1] < 0.7


def test_without_a_wind_site_there_is_none(with_climate):
    assert make_weather(with_climate(1)).wind_site_m_s is None


def test_mean_of_the_transform_is_exact():
    normal = np.array([_normal((i + 0.5) / 20_000) for i in range(20_000)])
    for shape in (1.5, 2.0, 3.0):
        speed = weibull_m_s(normal, np.full(normal.size, 7.0), shape)
        assert speed.mean() == pytest.approx(7.0, rel=1e-3)


def _normal(u):
    from statistics import NormalDist

    return NormalDist().inv_cdf(u)
