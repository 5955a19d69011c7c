"""Wind with a memory: monthly means and normal numbers in, hourly speeds out.

There are two winds, that of the station of the climate and that at the turbines. Their new numbers
of an hour are correlated, for the same weather system passes both.
"""

from __future__ import annotations

import math

import numpy as np

from dcsim.clock import Floats
from dcsim.scenario.plan import Plan
from dcsim.scenario.schema.weather import WindSite
from dcsim.series.resampling import Span, place_in_year
from dcsim.units import HOURS_PER_DAY, MINUTES_PER_DAY, MINUTES_PER_HOUR
from dcsim.weather.climate.normals import DayRange, autoregression, normals, with_year_before
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

    Notes
    -----
    Quantile of the Weibull distribution at the rank of the normal number ``z``:
    ``v = c (-ln(1 - Phi(z)))**(1/k)`` with scale ``c = mean / Gamma(1 + 1/k)`` [1]_.

    References
    ----------
    .. [1] Justus, Hargraves, Mikhail and Graber (1978), "Methods for estimating wind speed
       frequency distributions", Journal of Applied Meteorology 17(3).

    Examples
    --------
    >>> weibull_m_s(np.array([-1.0, 0.0, 1.0]), np.array([8.0, 8.0, 8.0]), 2.0).round(2)
    array([ 3.75,  7.52, 12.25])
    """
    from scipy.special import ndtr  # noqa: PLC0415  (slow to import)

    # Phi(-z) and not 1 - Phi(z), which is 0 for the strongest winds.
    exceeded = -np.log(ndtr(-normal))
    # Nearly all speeds are Rayleigh, and a square root is far faster than a power.
    power = np.sqrt(exceeded) if shape == STATION_SHAPE else exceeded ** (1 / shape)
    return np.asarray(power * mean_m_s / math.gamma(1 + 1 / shape))


def hourly_wind_normals(plan: Plan, days: DayRange) -> Floats:
    """Return the normal numbers of the hours at the turbines, from a year before `days` on.

    They are independent, shape ``((366 + n_days) * 24,)``; the wind at the station shares
    them.
    """
    return normals(plan, SITE_PURPOSE, with_year_before(days)[0], HOURS_PER_DAY)


def site_wind(site: WindSite, days: DayRange, site_normals: Floats) -> Span:
    """Return wind at the turbines: Weibull by month, first-order memory, the mean as stated.

    Parameters
    ----------
    site : WindSite
        Its statistics.
    days : DayRange
        For which days.
    site_normals : ndarray, shape ((366 + n_days) * 24,)
        Of these days, from `hourly_wind_normals`.

    Returns
    -------
    Span
        Hourly speeds at `site.height_m`, column ``wind_site_m_s``. [m/s]
    """
    factors = np.asarray(site.monthly_factor)
    hours = np.bincount(MONTH_OF_PLACE, YEAR_WEIGHTS, 12)
    monthly_m_s = site.mean_m_s * factors * hours.sum() / (factors @ hours)
    now = with_year_before(days)[1]
    normal = autoregression(site_normals, math.exp(-1 / site.memory_h))[now.start * HOURS_PER_DAY :]
    mean_m_s = monthly_m_s[MONTH_OF_PLACE[place_in_year(days.all)]]
    speed_m_s = weibull_m_s(normal, np.repeat(mean_m_s, HOURS_PER_DAY), site.weibull_shape)
    return Span(
        {"wind_site_m_s": speed_m_s},
        MINUTES_PER_HOUR,
        days.first * MINUTES_PER_DAY - days.offset_min,
    )


def station_wind(
    plan: Plan, monthly_m_s: tuple[float, ...], days: DayRange, site_normals: Floats
) -> Floats:
    """Return wind at the station of a climate, correlated with the wind at the turbines.

    Parameters
    ----------
    plan : Plan
        Holds the seed and the replication.
    monthly_m_s : tuple of float, shape (12,)
        Monthly means at 10 m. [m/s]
    days : DayRange
        For which days.
    site_normals : ndarray, shape ((366 + n_days) * 24,)
        Of these days at the turbines, from `hourly_wind_normals`.

    Returns
    -------
    ndarray, shape (n_days * 24,)
        Hourly speeds. [m/s]
    """
    earlier, now = with_year_before(days)
    own = normals(plan, "wind at the station", earlier, HOURS_PER_DAY)
    new = STATION_WITH_SITE * site_normals + math.sqrt(1 - STATION_WITH_SITE**2) * own
    normal = autoregression(new, math.exp(-1 / STATION_MEMORY_H))[now.start * HOURS_PER_DAY :]
    mean_m_s = np.asarray(monthly_m_s)[MONTH_OF_PLACE[place_in_year(days.all)]]
    return weibull_m_s(normal, np.repeat(mean_m_s, HOURS_PER_DAY), STATION_SHAPE)
