"""Wind speeds with a memory: at the weather station of the climate, and at the turbines."""

from __future__ import annotations

import math

import numpy as np

from dcsim.clock import Floats
from dcsim.scenario.plan import Plan
from dcsim.scenario.schema.weather import WindSite
from dcsim.series.resampling import Span, place_in_year
from dcsim.units import HOURS_PER_DAY, MINUTES_PER_DAY, MINUTES_PER_HOUR
from dcsim.weather.climate.normals import Days, normals, remembered, with_past
from dcsim.weather.climate.seasons import MONTH_OF_PLACE, YEAR_WEIGHTS

STATION_SHAPE = 2.0
"""Assumption: hourly wind at a station is Rayleigh distributed about its monthly mean."""
STATION_MEMORY_H = 10.0
"""Assumption: time in which its correlation falls to 1/e; typical years show 5 to 15 h. [h]"""
STATION_WITH_SITE = 0.5
"""Assumption: correlation of what is new each hour at the station and at the turbines."""
SITE_PURPOSE = "wind at the turbines"


def weibull_m_s(normal: Floats, mean_m_s: Floats, shape: float) -> Floats:
    """Return Weibull speeds for standard normal numbers.

    Parameters
    ----------
    normal : ndarray
        Standard normal numbers.
    mean_m_s : ndarray
        Mean of the distribution each speed is drawn from. [m/s]
    shape : float
        Weibull shape. [1]

    Returns
    -------
    ndarray
        Speeds whose mean is `mean_m_s` exactly in expectation. [m/s]
    """
    from scipy.special import ndtr  # noqa: PLC0415  (slow to import)

    exceeded = -np.log(ndtr(-normal))
    power = np.sqrt(exceeded) if shape == STATION_SHAPE else exceeded ** (1 / shape)
    return np.asarray(power * mean_m_s / math.gamma(1 + 1 / shape))


def hourly_luck(plan: Plan, days: Days) -> Floats:
    """Return what is new each hour at the turbines, a year longer into the past than `days`.

    Independent normal numbers, shape ``((366 + n_days) * 24,)``; the wind at the station shares
    them.
    """
    return normals(plan, SITE_PURPOSE, with_past(days)[0], HOURS_PER_DAY)


def site_wind(site: WindSite, days: Days, luck: Floats) -> Span:
    """Wind at the turbines: Weibull by month, first-order memory, the mean as asked.

    Parameters
    ----------
    site : WindSite
        Its statistics.
    days : Days
        For which days.
    luck : ndarray
        Of these days, from `hourly_luck`.

    Returns
    -------
    Span
        Hourly speeds at `site.height_m`, column ``wind_site_m_s``. [m/s]
    """
    factors = np.asarray(site.monthly_factor)
    hours = np.bincount(MONTH_OF_PLACE, YEAR_WEIGHTS, 12)
    monthly_m_s = site.mean_m_s * factors * hours.sum() / (factors @ hours)
    now = with_past(days)[1]
    normal = remembered(luck, math.exp(-1 / site.memory_h))[now.start * HOURS_PER_DAY :]
    mean_m_s = monthly_m_s[MONTH_OF_PLACE[place_in_year(days.all)]]
    speed_m_s = weibull_m_s(normal, np.repeat(mean_m_s, HOURS_PER_DAY), site.weibull_shape)
    return Span(
        {"wind_site_m_s": speed_m_s},
        MINUTES_PER_HOUR,
        days.first * MINUTES_PER_DAY - days.offset_min,
    )


def station_wind(plan: Plan, monthly_m_s: tuple[float, ...], days: Days, luck: Floats) -> Floats:
    """Wind at the station of a climate, weakly linked to the wind at the turbines.

    Parameters
    ----------
    plan : Plan
        Holds the seed and the replication.
    monthly_m_s : tuple of float, shape (12,)
        Monthly means at 10 m. [m/s]
    days : Days
        For which days.
    luck : ndarray
        Of these days at the turbines, from `hourly_luck`.

    Returns
    -------
    ndarray, shape (n_days * 24,)
        Hourly speeds. [m/s]
    """
    earlier, now = with_past(days)
    own = normals(plan, "wind at the station", earlier, HOURS_PER_DAY)
    new = STATION_WITH_SITE * luck + math.sqrt(1 - STATION_WITH_SITE**2) * own
    normal = remembered(new, math.exp(-1 / STATION_MEMORY_H))[now.start * HOURS_PER_DAY :]
    mean_m_s = np.asarray(monthly_m_s)[MONTH_OF_PLACE[place_in_year(days.all)]]
    return weibull_m_s(normal, np.repeat(mean_m_s, HOURS_PER_DAY), STATION_SHAPE)
