from __future__ import annotations

import numpy as np
import pytest

from dcsim.errors import ScenarioError
from dcsim.weather import make_weather
from dcsim.weather.climate.generator import diurnal_course

TWELVE_YEARS = {"end": "2042-01-01"}


def monthly(plan, values):
    return np.array([values[plan.calendar.month == month].mean() for month in range(1, 13)])


@pytest.fixture
def long(with_climate):
    plan = with_climate(1, **TWELVE_YEARS)
    return plan, make_weather(plan), plan.site.weather.climate


def test_monthly_temperatures_come_out_over_twelve_years(long):
    plan, weather, climate = long
    found = monthly(plan, weather.temp_dry_bulb_c)
    np.testing.assert_allclose(found, climate.temp_mean_c, atol=0.3)


def test_monthly_sunshine_comes_out_over_twelve_years(long):
    plan, weather, climate = long
    found = monthly(plan, weather.ghi_w_m2) * 24 / 1000
    np.testing.assert_allclose(found, climate.ghi_kwh_m2_day, rtol=0.03)


def test_monthly_humidity_and_wind_come_out_over_twelve_years(long):
    plan, weather, climate = long
    found = monthly(plan, weather.relative_humidity_frac)
    np.testing.assert_allclose(found, climate.humidity_frac, atol=0.02)
    np.testing.assert_allclose(monthly(plan, weather.wind_speed_m_s), climate.wind_m_s, rtol=0.1)


def test_daily_range_is_that_of_the_mean_extremes(long):
    plan, weather, climate = long
    days = weather.temp_dry_bulb_c.reshape(-1, 24)
    month = plan.calendar.month[::24]
    spread = np.ptp(days, axis=1)
    found = [spread[month == m].mean() for m in range(1, 13)]
    wanted = np.subtract(climate.temp_max_c, climate.temp_min_c)
    np.testing.assert_allclose(found, wanted, rtol=0.05)


def test_days_deviate_as_widely_and_as_long_as_stated(with_climate):
    flat = {"temp_mean": ["15 degC"] * 12, "temp_max": ["15 degC"] * 12}
    plan = with_climate(1, **TWELVE_YEARS, climate=flat | {"temp_min": ["15 degC"] * 12})
    days = make_weather(plan).temp_dry_bulb_c.reshape(-1, 24).mean(axis=1) - 15
    assert days.std() == pytest.approx(2.5, rel=0.05)
    assert np.corrcoef(days[1:], days[:-1])[0, 1] == pytest.approx(0.7, abs=0.03)


def test_beam_and_diffuse_close_to_the_global_irradiance(long):
    from pvlib.solarposition import get_solarposition

    plan, weather, _ = long
    n = 8760
    sun = get_solarposition(
        plan.calendar.time_utc[:n].astype("datetime64[ns]") + np.timedelta64(30, "m"), 35.5, 129.3
    )
    height = np.cos(np.radians(sun["apparent_zenith"].to_numpy()))
    high = height > 0.15
    closed = weather.dhi_w_m2[:n] + weather.dni_w_m2[:n] * height
    np.testing.assert_allclose(closed[high], weather.ghi_w_m2[:n][high], atol=6)
    assert weather.ghi_w_m2[:n][height < -0.02].max() == 0


def test_clear_days_swing_more_and_are_drier(long):
    _, weather, _ = long
    sun = weather.ghi_w_m2.reshape(-1, 24).sum(axis=1)
    swing = np.ptp(weather.temp_dry_bulb_c.reshape(-1, 24), axis=1)
    humid = weather.relative_humidity_frac.reshape(-1, 24).mean(axis=1)
    summer = np.arange(sun.size) % 365.25 // 30.5 == 7
    assert np.corrcoef(sun[summer], swing[summer])[0, 1] > 0.3
    assert np.corrcoef(sun[summer], humid[summer])[0, 1] < -0.3


def test_afternoon_is_warmer_and_drier_than_the_night(long):
    _, weather, _ = long
    temp = weather.temp_dry_bulb_c.reshape(-1, 24).mean(axis=0)
    humid = weather.relative_humidity_frac.reshape(-1, 24).mean(axis=0)
    assert 13 <= temp.argmax() <= 16
    assert 3 <= temp.argmin() <= 6
    assert np.corrcoef(temp, humid)[0, 1] < -0.99


def test_diurnal_course_has_mean_zero_and_range_one():
    course = diurnal_course()
    assert course.mean() == pytest.approx(0, abs=1e-12)
    assert np.ptp(course) == pytest.approx(1)


def test_years_and_replications_differ(with_climate):
    one = make_weather(with_climate(1, **TWELVE_YEARS)).temp_dry_bulb_c
    two = make_weather(with_climate(2, **TWELVE_YEARS)).temp_dry_bulb_c
    assert np.corrcoef(one[:8760], two[:8760])[0, 1] < 0.99
    assert abs(one[:8760] - one[8760:17520]).mean() > 1


def test_longer_run_begins_with_the_shorter_one(with_climate):
    short = make_weather(with_climate(1))
    long = make_weather(with_climate(1, **TWELVE_YEARS))
    # To rounding: the autoregression is summed in blocks, whose number depends on the length.
    for name in ("ghi_w_m2", "temp_dry_bulb_c"):
        one, other = getattr(short, name), getattr(long, name)
        np.testing.assert_allclose(one, other[: one.size], rtol=1e-12, atol=1e-12)


def test_day_has_the_same_weather_whenever_the_run_starts(with_climate):
    early = make_weather(with_climate(1, start="2029-07-01"))
    late = make_weather(with_climate(1))
    for name in ("temp_dry_bulb_c", "ghi_w_m2", "wind_speed_m_s", "relative_humidity_frac"):
        values = getattr(late, name)
        np.testing.assert_allclose(getattr(early, name)[-values.size :], values, rtol=1e-9)


def test_month_brighter_than_its_sun_is_refused_by_name(with_climate):
    plan = with_climate(climate={"ghi_kwh_m2_day": [11.0, *[3.0] * 11]})
    with pytest.raises(ScenarioError, match=r"weather.climate.ghi_kwh_m2_day: month 1: must be"):
        make_weather(plan)


def test_southern_site_has_its_sun_in_january(with_climate):
    plan = with_climate(
        latitude="-35 degree",
        climate={"ghi_kwh_m2_day": [7, 6, 5, 4, 3, 2.5, 2.6, 3.3, 4.5, 5.5, 6.5, 7]},
    )
    weather = make_weather(plan)
    day = weather.ghi_w_m2.reshape(-1, 24)
    assert (day[:31] > 0).sum() > (day[181:212] > 0).sum()
