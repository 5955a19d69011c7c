"""Sunshine of the built-in climate: ranks of clearness in, global, beam and diffuse out."""

from __future__ import annotations

import functools
import math
from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats, Integers
from dcsim.errors import Problem, ScenarioError
from dcsim.physics.sun import REFERENCE_DAY, Sun, sun_at
from dcsim.scenario.schema.weather import Climate
from dcsim.series.resampling import LEAP_DAY, LEAP_YEAR_DAYS, place_in_year
from dcsim.units import HOURS_PER_DAY, MINUTES_PER_DAY, MINUTES_PER_HOUR, W_PER_KW
from dcsim.weather.climate.seasons import MONTH_OF_PLACE, YEAR_WEIGHTS

DARKEST_FRAC = 0.05
"""Daily clearness of the darkest day (Bendt, Collares-Pereira and Rabl 1981)."""
BROKEN_CLOUDS = 0.5
"""Assumption: spread of the logarithm of an hour's share of its day, half clear, half cloudy."""
CLEAREST_HOUR = 1.1
"""Assumption: clearness of the clearest hour over that of the clearest day."""
STEEPEST = 200.0
"""Limit of the steepness of the distribution of daily clearness."""


class Sky(NamedTuple):
    """Clearness and clear-sky course of each day, by place in a year of 366 days."""

    clearest_frac: Floats
    """Clearness of the clearest day, shape ``(366,)``."""
    steepness: Floats
    """Steepness of the distribution of clearness, shape ``(366,)``."""
    extra_wh_m2: Floats
    """Irradiation outside the air on a horizontal plane, a day, shape ``(366,)``."""
    course: Floats
    """Share of each hour in a day of clear sky, shape ``(366, 24)``."""


def sky_of(climate: Climate, latitude_deg: float, longitude_deg: float) -> Sky:
    """Return the clearness and the clear-sky course of each day of a climate.

    Parameters
    ----------
    climate : Climate
        Its monthly irradiation is read.
    latitude_deg, longitude_deg : float
        North and east are positive. [°]

    Returns
    -------
    Sky
        By place in a year of 366 days.

    Raises
    ------
    ScenarioError
        If a month has more or less sunshine than its sun can give.

    Notes
    -----
    The course over the day is that of a clear sky by Haurwitz [1]_; it only spreads a day's
    irradiation over its hours, so the level of that model does not matter.

    References
    ----------
    .. [1] Haurwitz (1945), "Insolation in relation to cloudiness and cloud density", Journal of
       Meteorology 2(3).
    """
    return _sky(climate.ghi_kwh_m2_day, latitude_deg, longitude_deg)


@functools.lru_cache(maxsize=8)
def _sky(ghi_kwh_m2_day: tuple[float, ...], latitude_deg: float, longitude_deg: float) -> Sky:
    import pandas as pd  # noqa: PLC0415  (slow to import)
    from pvlib.clearsky import haurwitz  # noqa: PLC0415

    offset_min = round(longitude_deg / 15) * MINUTES_PER_HOUR
    start_min = int(REFERENCE_DAY.astype(np.int64)) * MINUTES_PER_DAY - offset_min
    sun = sun_at(
        start_min,
        365 * HOURS_PER_DAY,
        MINUTES_PER_HOUR,
        latitude_deg=latitude_deg,
        longitude_deg=longitude_deg,
    )
    flat_w_m2 = sun.extra_w_m2 * np.maximum(np.cos(np.radians(sun.zenith_deg)), 0.0)
    clear_w_m2 = np.asarray(haurwitz(pd.Series(sun.zenith_deg))["ghi"], dtype=np.float64)
    by_place = _places_of_reference()
    extra_wh_m2 = flat_w_m2.reshape(365, HOURS_PER_DAY).sum(axis=1)[by_place]
    clear = clear_w_m2.reshape(365, HOURS_PER_DAY)[by_place]
    total = clear.sum(axis=1, keepdims=True)
    course = np.divide(clear, total, out=np.zeros_like(clear), where=total > 0)
    clearest, steepness = _distributions(ghi_kwh_m2_day, extra_wh_m2)
    return Sky(clearest[MONTH_OF_PLACE], steepness[MONTH_OF_PLACE], extra_wh_m2, course)


def _places_of_reference() -> Integers:
    # The day of the reference year, of 365, that stands for each of the 366 places.
    days = REFERENCE_DAY + np.arange(365).astype("timedelta64[D]")
    row = np.zeros(LEAP_YEAR_DAYS, dtype=np.int64)
    row[place_in_year(days.astype(np.int64))] = np.arange(365)
    row[LEAP_DAY] = row[LEAP_DAY - 1]
    return row


def _distributions(ghi: tuple[float, ...], extra_wh_m2: Floats) -> tuple[Floats, Floats]:
    weights = np.bincount(MONTH_OF_PLACE, YEAR_WEIGHTS, 12)
    extra = np.bincount(MONTH_OF_PLACE, extra_wh_m2 * YEAR_WEIGHTS, 12) / weights
    clearest, steepness = np.zeros(12), np.zeros(12)
    for month in range(12):
        mean = ghi[month] * W_PER_KW / extra[month] if extra[month] > 0 else math.inf
        clearest[month] = clearest_day(min(mean, 1.0))
        if not DARKEST_FRAC < mean < clearest[month]:
            low, high = (share * extra[month] / W_PER_KW for share in (DARKEST_FRAC, 0.8))
            message = (
                f"month {month + 1}: must be about {low:.1f} to {high:.1f} kWh/m2 a day, "
                "what the sun can give at this latitude"
            )
            raise ScenarioError([Problem("", "weather.climate.ghi_kwh_m2_day", message)])
        steepness[month] = _steepness(mean, clearest[month])
    return clearest, steepness


def clearest_day(mean_frac: float) -> float:
    """Return the clearness of a month's clearest day from its mean.

    Notes
    -----
    ``K_max = 0.6313 + 0.267 K_mean - 11.9 (K_mean - 0.75)**8`` [1]_.

    References
    ----------
    .. [1] Hollands and Huget (1983), "A probability density function for the clearness index, with
       applications", Solar Energy 30(3).

    Examples
    --------
    >>> round(clearest_day(0.5), 3)
    0.765
    """
    return 0.6313 + 0.267 * mean_frac - 11.9 * (mean_frac - 0.75) ** 8


def _steepness(mean_frac: float, clearest_frac: float) -> float:
    """Return the steepness that gives the distribution of daily clearness its monthly mean.

    The density is proportional to ``exp(s x)`` of ``x`` from 0 (darkest) to 1 (clearest), so its
    mean is ``1 / (1 - exp(-s)) - 1 / s``: 1/2 at 0, rising from 0 to 1. It has no inverse in
    closed form.
    """
    from scipy.optimize import brentq  # noqa: PLC0415  (slow to import)

    wanted = (mean_frac - DARKEST_FRAC) / (clearest_frac - DARKEST_FRAC)

    def miss(steepness: float) -> float:
        if abs(steepness) < 1e-6:  # both terms are infinite at 0, their difference is not
            return 0.5 - wanted
        return -1 / math.expm1(-steepness) - 1 / steepness - wanted

    if miss(-STEEPEST) * miss(STEEPEST) >= 0:
        return math.copysign(STEEPEST, wanted - 0.5)
    found = float(brentq(miss, -STEEPEST, STEEPEST))
    return found if abs(found) > 1e-6 else 1e-6


def daily_clearness(u: Floats, clearest_frac: Floats, steepness: Floats) -> Floats:
    """Return the clearness of a day: irradiation on the ground over that outside the air.

    Parameters
    ----------
    u : ndarray
        Cumulative probability, 0 to 1.
    clearest_frac : ndarray
        Clearness of the clearest day. [1]
    steepness : ndarray
        Steepness, not 0: the density of clearness K is proportional to
        ``exp(steepness (K - darkest) / (clearest - darkest))``.

    Returns
    -------
    ndarray
        Quantile of the distribution of Bendt, Collares-Pereira and Rabl [1]_. [1]

    References
    ----------
    .. [1] Bendt, Collares-Pereira and Rabl (1981), "The frequency distribution of daily insolation
       values", Solar Energy 27(1).
    """
    share = np.log1p(u * np.expm1(steepness)) / steepness
    return DARKEST_FRAC + (clearest_frac - DARKEST_FRAC) * share


def hourly_ghi(sky: Sky, places: Integers, u_clear: Floats, z_hour: Floats) -> Floats:
    """Return each day's irradiation spread over its hours, with the flicker of broken clouds.

    Parameters
    ----------
    sky : Sky
        The sky.
    places : ndarray of int, shape (n_days,)
        Place of each day in a year of 366 days.
    u_clear : ndarray, shape (n_days,)
        Rank of the clearness of each day, 0 to 1.
    z_hour : ndarray, shape (n_days, 24)
        Normal numbers.

    Returns
    -------
    ndarray, shape (n_days, 24)
        Global horizontal irradiance; its sum over a day is the day's irradiation to rounding.
        [W/m2]

    Notes
    -----
    The share of an hour is that of a clear day times ``exp(s z)``. The spread ``s`` is largest half
    way between the darkest and the clearest day and 0 at both, where the sky is all cloud or all
    clear: with ``f`` from 0 to 1 between them, ``s = 0.5 * 4 f (1 - f)``. Shares are then scaled to
    the clearness of the day, so flicker moves sunshine between hours and adds none.
    """
    clearest = sky.clearest_frac[places]
    clearness = daily_clearness(u_clear, clearest, sky.steepness[places])
    extra_wh_m2 = sky.extra_wh_m2[places]
    cloudy = (clearness - DARKEST_FRAC) / (clearest - DARKEST_FRAC)
    spread = BROKEN_CLOUDS * 4 * cloudy * (1 - cloudy)
    course = sky.course[places]
    shares = np.exp(spread[:, None] * z_hour)
    shares *= course
    total = shares.sum(axis=1)
    level = np.divide(clearness, total, out=np.zeros_like(total), where=total > 0)
    shares *= level[:, None]
    # An hour is at most a tenth clearer than the clearest day; what that cuts off goes to the other
    # hours in proportion to how far they lie below their limit, so the sum of the day stays.
    limit = course * (CLEAREST_HOUR * clearest)[:, None]
    np.minimum(shares, limit, out=shares)
    room = limit - shares
    total_room = room.sum(axis=1)
    lost = np.where(total > 0, clearness, 0.0) - shares.sum(axis=1)
    fill = np.divide(lost, total_room, out=np.zeros_like(lost), where=total_room > 0)
    shares += room * fill[:, None]
    shares *= extra_wh_m2[:, None]
    return shares


def beam_and_diffuse(ghi_w_m2: Floats, sun: Sun, day_of_year: Integers) -> tuple[Floats, Floats]:
    """Return beam and diffuse parts of global irradiance by Erbs, Klein and Duffie [1]_.

    Parameters
    ----------
    ghi_w_m2 : ndarray, shape (n,)
        Global horizontal irradiance. [W/m2]
    sun : Sun
        The sun in the middle of each hour.
    day_of_year : ndarray, shape (n,)
        Day of the year of each hour.

    Returns
    -------
    tuple of ndarray, shape (n,)
        Direct normal and diffuse horizontal irradiance; they close to the global one. [W/m2]

    Notes
    -----
    The diffuse share is a function of the hour's clearness alone; through pvlib.

    References
    ----------
    .. [1] Erbs, Klein and Duffie (1982), "Estimation of the diffuse radiation fraction for hourly,
       daily and monthly-average global radiation", Solar Energy 28(4).
    """
    from pvlib.irradiance import erbs  # noqa: PLC0415  (slow to import)

    light = np.flatnonzero(ghi_w_m2 > 0)
    parts = erbs(ghi_w_m2[light], sun.zenith_deg[light], day_of_year[light])
    dni_w_m2, dhi_w_m2 = np.zeros_like(ghi_w_m2), np.zeros_like(ghi_w_m2)
    dni_w_m2[light] = parts["dni"]
    dhi_w_m2[light] = parts["dhi"]
    return dni_w_m2, dhi_w_m2
