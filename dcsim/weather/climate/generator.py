"""The built-in climate: monthly statistics and random numbers in, hours of weather out.

Temperature is a smooth season, a daily deviation with a memory and a daily course; clearness is
drawn by the day and leads the daily range, humidity and, in the warm season, temperature. Wind is
drawn by the hour. Over many years the monthly means come out as the scenario states them.
"""

from __future__ import annotations

import functools
import math
from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats, Integers
from dcsim.physics.sun import Sun, sun_at
from dcsim.scenario.plan import Plan
from dcsim.scenario.schema.weather import Climate
from dcsim.series.resampling import Span, place_in_year
from dcsim.units import HOURS_PER_DAY, MINUTES_PER_DAY, MINUTES_PER_HOUR
from dcsim.weather.climate.normals import DayRange, autoregression, normals, with_year_before
from dcsim.weather.climate.seasons import monthly_mean, smooth
from dcsim.weather.climate.sunshine import beam_and_diffuse, hourly_ghi, sky_of
from dcsim.weather.climate.wind import station_wind

# Assumptions, set near what the public typical years of Ulsan and Tucson show.
RANGE_BY_CLEARNESS = 0.35
"""Share by which the daily range is wider than its mean on the clearest day."""
HUMIDITY_BY_CLEARNESS = -0.7
"""Change of the logit of relative humidity on the clearest day."""
HUMIDITY_PER_K = -0.15
"""Change of the logit of relative humidity for each degree above the day's mean. [1/K]"""
HUMIDITY_PER_DEVIATION_K = -0.09
"""The same for each degree a day is too warm for its season, in the warmest month. [1/K]"""
HUMIDITY_SPREAD = 0.4
"""Standard deviation of what else moves the logit of a day's humidity."""
WARMTH_BY_CLEARNESS = 0.35
"""Correlation of what is new each day in temperature and in clearness, in the warmest month."""

LOGIT_LIMIT = 6.0
"""Monthly humidities are taken within what this logit allows, 0.25 % to 99.75 %."""


class ClimateSeasons(NamedTuple):
    """Seasons of a climate, by place in a year of 366 days."""

    temp_c: Floats
    warmth_frac: Floats
    """Place of the day's temperature between the coldest and the warmest month."""
    range_k: Floats
    humidity_logit: Floats


class DailyNormals(NamedTuple):
    """Normal numbers of each day, shape ``(n_days,)``; above 0 is clear, warm, humid."""

    clear: Floats
    temp: Floats
    humid: Floats


def climate_hours(
    plan: Plan,
    climate: Climate,
    days: DayRange,
    *,
    site_normals: Floats,
    latitude_deg: float,
    longitude_deg: float,
) -> Span:
    """Return hours drawn from a climate.

    Parameters
    ----------
    plan : Plan
        Holds the seed and the replication.
    climate : Climate
        Monthly statistics.
    days : DayRange
        For which days.
    site_normals : ndarray, shape ((366 + n_days) * 24,)
        Of these days at the turbines, from `dcsim.weather.climate.wind.hourly_wind_normals`.
    latitude_deg, longitude_deg : float
        North and east are positive. [°]

    Returns
    -------
    Span
        Hourly columns by the fields of `dcsim.types.Weather`. Odd years take the random numbers of
        temperature and clearness of the year before with its sign turned, so that pairs of years
        keep the monthly means; single years vary as freely as without.

    Raises
    ------
    ScenarioError
        If a month has more or less sunshine than its sun can give.

    Notes
    -----
    With the standard normal numbers ``zc, zt, zh`` of a day (clear, warm, humid; each with its
    memory), ``u = Phi(zc)`` and ``c = 2 u - 1``, from -1 to 1::

        temperature = level(zt) + range (1 + 0.35 c) course(hour)
        logit RH    = season - 0.7 c - 0.09 deviation warmth zt + 0.4 zh - 0.15 swing(hour)
        GHI         = clearness(u) extraterrestrial, spread over the hours of a clear day

    So a clear day swings more and is drier, and an hour is the drier the warmer it is. The logit of
    humidity is centered so that its mean over the month comes out as stated.
    """
    from scipy.special import ndtr  # noqa: PLC0415  (slow to import)

    sky = sky_of(climate, latitude_deg, longitude_deg)
    places = place_in_year(days.all)
    air = _climate_seasons(climate)
    daily = _daily_normals(plan, climate, air, days)
    u_clear = ndtr(daily.clear)
    temp_c, swing_k = _temperature(climate, air, places, u_clear, daily.temp)
    # Full in the warmest month, none in the coldest.
    drying = HUMIDITY_PER_DEVIATION_K * climate.temp_deviation_k * air.warmth_frac[places]
    logit = (
        air.humidity_logit[places]
        + HUMIDITY_BY_CLEARNESS * (2 * u_clear - 1)
        + drying * daily.temp
        + HUMIDITY_SPREAD * daily.humid
    )
    humidity = _logistic(logit[:, None] + HUMIDITY_PER_K * swing_k)
    flicker = normals(plan, "clouds", days, HOURS_PER_DAY).reshape(-1, HOURS_PER_DAY)
    ghi_w_m2 = hourly_ghi(sky, places, u_clear, flicker).ravel()
    sun = _sun_of(days, latitude_deg, longitude_deg)
    dni_w_m2, dhi_w_m2 = beam_and_diffuse(ghi_w_m2, sun, np.repeat(places + 1, HOURS_PER_DAY))
    columns = {
        "temp_dry_bulb_c": temp_c.ravel(),
        "relative_humidity_frac": humidity.ravel(),
        "wind_speed_m_s": station_wind(plan, climate.wind_m_s, days, site_normals),
        "ghi_w_m2": ghi_w_m2,
        "dni_w_m2": dni_w_m2,
        "dhi_w_m2": dhi_w_m2,
    }
    return Span(columns, MINUTES_PER_HOUR, days.first * MINUTES_PER_DAY - days.offset_min)


@functools.lru_cache(maxsize=1)
def _sun_of(days: DayRange, latitude_deg: float, longitude_deg: float) -> Sun:
    # The same in every replication.
    return sun_at(
        days.first * MINUTES_PER_DAY - days.offset_min,
        days.n * HOURS_PER_DAY,
        MINUTES_PER_HOUR,
        latitude_deg=latitude_deg,
        longitude_deg=longitude_deg,
    )


def diurnal_course() -> Floats:
    """Return the course of temperature over a day, shape ``(24,)``: warmest near 15:00.

    Monthly mean hourly temperature by Erbs (1983), "Models and applications for weather statistics
    related to building heating and cooling loads", University of Wisconsin; shifted to mean 0 and
    scaled to range 1.
    """
    angle = 2 * np.pi * (np.arange(HOURS_PER_DAY) + 0.5 - 1) / HOURS_PER_DAY
    course = (
        0.4632 * np.cos(angle - 3.805)
        + 0.0984 * np.cos(2 * angle - 0.360)
        + 0.0168 * np.cos(3 * angle - 0.822)
        + 0.0138 * np.cos(4 * angle - 3.513)
    )
    return np.asarray((course - course.mean()) / np.ptp(course))


@functools.lru_cache(maxsize=8)
def _climate_seasons(climate: Climate) -> ClimateSeasons:
    temp_c = smooth(climate.temp_mean_c)
    spread_k = max(climate.temp_mean_c) - min(climate.temp_mean_c)
    warmth = (temp_c - min(climate.temp_mean_c)) / spread_k if spread_k > 0 else 0.0 * temp_c
    low, high = np.asarray(climate.temp_min_c), np.asarray(climate.temp_max_c)
    range_k = np.maximum(smooth(tuple(high - low)), 0.0)
    warmth = np.clip(warmth, 0.0, 1.0)
    # Full in the warmest month, none in the coldest.
    drying = HUMIDITY_PER_DEVIATION_K * climate.temp_deviation_k * monthly_mean(warmth)
    logits = [
        _humidity_logit(share, span, math.hypot(HUMIDITY_SPREAD, dry))
        for share, span, dry in zip(
            climate.humidity_frac, (high - low).tolist(), drying.tolist(), strict=True
        )
    ]
    return ClimateSeasons(temp_c, warmth, range_k, smooth(logits))


def _humidity_logit(mean_frac: float, range_k: float, spread: float) -> float:
    """Return the logit about which humidity swings so that its mean over a month is as given."""
    from scipy.optimize import brentq  # noqa: PLC0415  (slow to import)
    from scipy.special import ndtri  # noqa: PLC0415

    ranks = (np.arange(20) + 0.5) / 20
    clearness = (2 * ranks - 1)[:, None, None]
    swing_k = max(range_k, 0.0) * (1 + RANGE_BY_CLEARNESS * clearness) * diurnal_course()
    shift = HUMIDITY_BY_CLEARNESS * clearness + HUMIDITY_PER_K * swing_k
    shift = shift + spread * ndtri(ranks)[:, None]
    edge = 1 / (1 + math.exp(LOGIT_LIMIT))
    wanted = min(max(mean_frac, edge), 1 - edge)

    def miss(logit: float) -> float:
        return float(_logistic(logit + shift).mean()) - wanted

    return float(brentq(miss, -10 * LOGIT_LIMIT, 10 * LOGIT_LIMIT))


def _daily_normals(
    plan: Plan, climate: Climate, air: ClimateSeasons, days: DayRange
) -> DailyNormals:
    # What is new each day is correlated before it is given a memory, for the memories differ.
    earlier, now = with_year_before(days)
    new_clear = normals(plan, "clearness", earlier, mirrored=True)
    own_temp = normals(plan, "temperature", earlier, mirrored=True)
    link = WARMTH_BY_CLEARNESS * air.warmth_frac[place_in_year(earlier.all)]
    new_temp = link * new_clear + np.sqrt(1 - link**2) * own_temp
    new_humid = normals(plan, "humidity", earlier)
    return DailyNormals(
        autoregression(new_clear, climate.cloud_persistence)[now],
        autoregression(new_temp, _memory_to_draw(climate.persistence))[now],
        autoregression(new_humid, climate.cloud_persistence)[now],
    )


def _temperature(
    climate: Climate, air: ClimateSeasons, places: Integers, u_clear: Floats, z_temp: Floats
) -> tuple[Floats, Floats]:
    """Return temperature and how far it lies from the day's level, shape ``(n_days, 24)`` each."""
    left_frac = _between_noons_moments(_memory_to_draw(climate.persistence))[0]
    # The lines from noon to noon flatten the deviation; it is drawn wider by as much.
    level_c = air.temp_c[places] + climate.temp_deviation_k / math.sqrt(left_frac) * z_temp
    range_k = air.range_k[places] * (1 + RANGE_BY_CLEARNESS * (2 * u_clear - 1))
    swing_k = _between_noons(range_k) * diurnal_course()
    return _between_noons(level_c) + swing_k, swing_k


def _between_noons_moments(memory: float) -> tuple[float, float]:
    """Return variance and covariance with the next day that the lines leave of a unit variance.

    Straight lines from noon to noon average each day with its neighbours: the mean over a day is
    ``y[d] = x[d-1]/8 + 3/4 x[d] + x[d+1]/8``. With ``cov(x[d], x[d+n]) = r**n`` its variance and
    its covariance with ``y[d+1]`` are polynomials of the memory ``r``: without memory, variance
    0.594 and covariance 0.1875, hence 0.32 between neighbours.

    >>> _between_noons_moments(0.0)
    (0.59375, 0.1875)
    """
    near, far = 2 * 0.125 * 0.75, 0.125**2
    own = 0.75**2 + 2 * 0.125**2
    variance = own + 2 * near * memory + 2 * far * memory**2
    return variance, own * memory + near * (1 + memory**2) + far * (memory + memory**3)


@functools.lru_cache(maxsize=8)
def _memory_to_draw(persistence: float) -> float:
    """Return the memory to draw with, so that days joined by lines have the persistence stated.

    The lines alone make 0.32; less than that cannot be had.
    """
    from scipy.optimize import brentq  # noqa: PLC0415  (slow to import)

    def miss(memory: float) -> float:
        variance, covariance = _between_noons_moments(memory)
        return covariance / variance - persistence

    return float(brentq(miss, 0.0, 1.0)) if miss(0.0) < 0 else 0.0


def _between_noons(daily: Floats) -> Floats:
    """Return hourly values on straight lines from noon to noon, shape ``(n_days, 24)``."""
    before = np.concatenate([daily[:1], daily[:-1]])
    after = np.concatenate([daily[1:], daily[-1:]])
    hours = (np.arange(HOURS_PER_DAY) + 0.5) / HOURS_PER_DAY
    early, late = np.maximum(0.5 - hours, 0.0), np.maximum(hours - 0.5, 0.0)
    today = daily[:, None] * (1 - early - late)
    today[:, :12] += before[:, None] * early[:12]
    today[:, 12:] += after[:, None] * late[12:]
    return np.asarray(today)


def _logistic(x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-x)))
