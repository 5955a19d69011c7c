"""Position of the sun: times and a place in, angles out; one year of pvlib serves for all years."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats, Integers
from dcsim.units import MINUTES_PER_DAY, SECONDS_PER_DAY, SECONDS_PER_MINUTE

TROPICAL_YEAR_DAYS = 365.2422
"""From one March equinox to the next (Explanatory Supplement to the Astronomical Almanac). [d]"""
REFERENCE_DAY = np.datetime64("2030-01-01", "D")
"""First day of the year that stands for all."""


class Sun(NamedTuple):
    """The sun at the middle of each step, shape ``(n,)`` each."""

    zenith_deg: Floats
    """Angle from straight up, bent by the air. [°]"""
    azimuth_deg: Floats
    """Clockwise from north. [°]"""
    extra_w_m2: Floats
    """Irradiance outside the air, facing the sun. [W/m2]"""


def sun_at(
    start_min: int, n: int, step_min: int, *, latitude_deg: float, longitude_deg: float
) -> Sun:
    """Return the sun in the middle of `n` equal steps.

    Parameters
    ----------
    start_min : int
        Start of the first step. [min since 1970-01-01 UTC]
    n : int
        Number of steps.
    step_min : int
        Length of a step, a divisor of a day. [min]
    latitude_deg, longitude_deg : float
        North and east are positive. [°]

    Returns
    -------
    Sun
        Arrays of shape ``(n,)``. Each day takes the position of the day of the reference year at
        the same place in the seasons, at most half a day off: that moves the declination by up to
        0.2° (near the equinoxes) and solar time by up to 15 s; pvlib's own error is far below.
    """
    phase_min = start_min % step_min
    table = _reference_year(step_min, phase_min, latitude_deg, longitude_deg)
    rows = _reference_rows(start_min - phase_min, n, step_min)
    return Sun(*(values[rows] for values in table))


def _reference_rows(start_min: int, n: int, step_min: int) -> Integers:
    per_day = MINUTES_PER_DAY // step_min
    first = start_min // step_min
    steps = np.arange(first, first + n, dtype=np.int64)
    days = np.arange(first // per_day, (first + n - 1) // per_day + 1, dtype=np.int64)
    passed = (days - REFERENCE_DAY.astype(np.int64)) % TROPICAL_YEAR_DAYS
    row_of_day = np.rint(passed).astype(np.int64) * per_day
    return np.asarray(row_of_day[steps // per_day - days[0]] + steps % per_day, dtype=np.int64)


@functools.lru_cache(maxsize=16)
def _reference_year(
    step_min: int, phase_min: int, latitude_deg: float, longitude_deg: float
) -> Sun:
    # The farthest row is half a day past the year's end, hence 366 days.
    import pandas as pd  # noqa: PLC0415  (slow to import)
    import pvlib  # noqa: PLC0415

    n = 366 * (MINUTES_PER_DAY // step_min)
    middle_s = (np.arange(n) * step_min + phase_min) * SECONDS_PER_MINUTE + step_min * 30
    middle = REFERENCE_DAY.astype("datetime64[s]") + middle_s.astype("timedelta64[s]")
    times = pd.DatetimeIndex(middle).tz_localize("UTC")
    place = pvlib.solarposition.get_solarposition(
        times, latitude_deg, longitude_deg, method="nrel_numpy"
    )
    day_of_year = middle_s // SECONDS_PER_DAY % 365 + 1
    return Sun(
        place["apparent_zenith"].to_numpy(np.float64),
        place["azimuth"].to_numpy(np.float64),
        np.asarray(pvlib.irradiance.get_extra_radiation(day_of_year), dtype=np.float64),
    )
