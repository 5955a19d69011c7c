"""The luck of the weather: correlated normal numbers, drawn by calendar year.

A day draws the same numbers whenever a run starts and however long it lasts, so two scenarios that
begin in different years meet the same weather.
"""

from __future__ import annotations

import itertools
import math
from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats, Integers
from dcsim.scenario.plan import Plan
from dcsim.series.resampling import DAYS, place_in_year
from dcsim.units import MINUTES_PER_DAY, MINUTES_PER_HOUR

PIECE = 366
"""Values walked at a time; fixed, so that a longer series begins with the shorter one to the bit.

For series of years by the hour about as many as there are pieces, which is fastest.
"""


class Days(NamedTuple):
    """Whole days, in the mean solar time of the site to the hour."""

    first: int
    """First day. [days since 1970-01-01]"""
    n: int
    offset_min: int
    """Solar time minus UTC. [min]"""

    @property
    def all(self) -> Integers:
        """The days, shape ``(n,)``. [days since 1970-01-01]"""
        return np.arange(self.first, self.first + self.n, dtype=np.int64)


def days_around(start_min: int, end_min: int, longitude_deg: float) -> Days:
    """Return the days that hold a stretch of time, with one more on either side.

    Parameters
    ----------
    start_min, end_min : int
        First instant, and first one after it. [min since 1970-01-01 UTC]
    longitude_deg : float
        East is positive. [°]
    """
    offset_min = round(longitude_deg / 15) * MINUTES_PER_HOUR
    first = (start_min + offset_min) // MINUTES_PER_DAY - 1
    last = (end_min + offset_min - 1) // MINUTES_PER_DAY + 1
    return Days(first, last - first + 1, offset_min)


def normals(
    plan: Plan, purpose: str, days: Days, per_day: int = 1, *, mirrored: bool = False
) -> Floats:
    """Return independent normal numbers for each day, shape ``(n_days * per_day,)``.

    Parameters
    ----------
    plan : Plan
        Holds the seed and the replication.
    purpose : str
        What they are for.
    days : Days
        For which days.
    per_day : int
        How many a day.
    mirrored : bool
        Odd years take the numbers of the even year before them with the sign turned, so that two
        years together have no luck and the mean over many comes out as asked (antithetic
        variates; Hammersley and Morton 1956).
    """
    from scipy.special import ndtri  # noqa: PLC0415  (slow to import)

    all_days = days.all
    year_of_day = all_days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    place = place_in_year(all_days)
    drawn = np.empty((days.n, per_day))
    for year in range(int(year_of_day[0]), int(year_of_day[-1]) + 1):
        base, sign = (year - year % 2, 1 - 2 * (year % 2)) if mirrored else (year, 1)
        u = plan.uniforms("weather", f"{purpose} {base}", DAYS * per_day)
        inside = slice(*np.searchsorted(year_of_day, (year, year + 1)))
        drawn[inside] = sign * ndtri(u.reshape(DAYS, per_day)[place[inside]])
    return drawn.ravel()


def remembered(innovations: Floats, correlation: float) -> Floats:
    """Return a first-order autoregression of mean 0 and variance 1, shape as `innovations`.

    Parameters
    ----------
    innovations : ndarray, shape (n,)
        Independent normal numbers.
    correlation : float
        Correlation of one value with the next, 0 to below 1. [1]
    """
    scaled = innovations * math.sqrt(1 - correlation**2)
    scaled[0] = innovations[0]  # it has no past and must still have the full variance
    return _carried(scaled, correlation)


def _carried(new: Floats, kept_frac: float) -> Floats:
    """Return the series in which each value is a part of the one before and something new.

    Each value needs the one before, but equal pieces of the series can be walked side by side as
    if nothing came before them; what each hands on to the next is added then, fading. That is a
    few hundred steps over arrays in place of a hundred thousand over numbers, and the same but for
    rounding. The filters of scipy.signal would do it in one step and cost 0.6 s to import.
    """
    n_pieces = -(-new.size // PIECE)
    padded = np.zeros(n_pieces * PIECE)
    padded[: new.size] = new
    walk = padded.reshape(n_pieces, PIECE).T.copy()
    for step in range(1, PIECE):
        walk[step] += kept_frac * walk[step - 1]
    fading = kept_frac ** np.arange(1, PIECE + 1)
    handed_on = list(
        itertools.accumulate(
            walk[-1].tolist(), lambda past, own: past * float(fading[-1]) + own, initial=0.0
        )
    )
    walk += fading[:, None] * np.array(handed_on[:-1])
    return np.asarray(walk.T.reshape(-1)[: new.size])


def with_past(days: Days) -> tuple[Days, slice]:
    """Return days a year longer into the past, and where the days themselves are in them.

    A memory that begins a year early has forgotten its beginning when the run starts; the weather
    of a day then does not depend on the day on which the run starts.
    """
    return Days(days.first - DAYS, days.n + DAYS, days.offset_min), slice(DAYS, None)
