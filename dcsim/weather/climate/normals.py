"""Random numbers of the weather: days and a purpose in, correlated normal numbers out.

A day draws the same numbers whenever a run starts and however long it lasts, so two scenarios that
begin in different years meet the same weather. Two rules keep that: numbers are drawn by whole
calendar years, and every memory begins a year before the run.
"""

from __future__ import annotations

import itertools
import math
from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats, Integers
from dcsim.scenario.plan import Plan
from dcsim.series.resampling import LEAP_YEAR_DAYS, place_in_year
from dcsim.units import MINUTES_PER_DAY, MINUTES_PER_HOUR

AUTOREGRESSION_BLOCK = 366
"""Length of a block of the autoregression: fixed, so that a longer series begins with the shorter
one to the bit; for years of hours about as many as there are blocks, which is fastest.
"""


class DayRange(NamedTuple):
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


def days_around(start_min: int, end_min: int, longitude_deg: float) -> DayRange:
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
    return DayRange(first, last - first + 1, offset_min)


def normals(
    plan: Plan, purpose: str, days: DayRange, per_day: int = 1, *, mirrored: bool = False
) -> Floats:
    """Return independent normal numbers for each day, shape ``(n_days * per_day,)``.

    Parameters
    ----------
    plan : Plan
        Holds the seed and the replication.
    purpose : str
        What they are for.
    days : DayRange
        For which days.
    per_day : int
        How many a day.
    mirrored : bool
        Odd years take the numbers of the even year before them with the sign turned (antithetic
        variates [1]_): two years cancel, so that the mean over many comes out as the scenario
        states it.

    References
    ----------
    .. [1] Hammersley and Morton (1956), "A new Monte Carlo technique: antithetic variates",
       Mathematical Proceedings of the Cambridge Philosophical Society 52(3).
    """
    from scipy.special import ndtri  # noqa: PLC0415  (slow to import)

    all_days = days.all
    year_of_day = all_days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    place = place_in_year(all_days)
    drawn = np.empty((days.n, per_day))
    for year in range(int(year_of_day[0]), int(year_of_day[-1]) + 1):
        base, sign = (year - year % 2, 1 - 2 * (year % 2)) if mirrored else (year, 1)
        # Every year draws 366 days, leap year or not: 1 March has the same numbers in both.
        u = plan.uniforms("weather", f"{purpose} {base}", LEAP_YEAR_DAYS * per_day)
        inside = slice(*np.searchsorted(year_of_day, (year, year + 1)))
        drawn[inside] = sign * ndtri(u.reshape(LEAP_YEAR_DAYS, per_day)[place[inside]])
    return drawn.ravel()


def autoregression(innovations: Floats, correlation: float) -> Floats:
    """Return a first-order autoregression of mean 0 and variance 1, shape as `innovations`.

    Parameters
    ----------
    innovations : ndarray, shape (n,)
        Independent normal numbers.
    correlation : float
        Correlation of one value with the next, 0 to below 1. [1]

    Notes
    -----
    ``x[0] = e[0]``, ``x[t] = r x[t-1] + sqrt(1 - r**2) e[t]``: variance 1 from the first value on.

    Examples
    --------
    >>> autoregression(np.array([1.0, 0.0, 1.0]), 0.6)
    array([1.  , 0.6 , 1.16])
    """
    scaled = innovations * math.sqrt(1 - correlation**2)
    scaled[0] = innovations[0]  # it has no past and must still have the full variance
    return _first_order_filter(scaled, correlation)


def _first_order_filter(new: Floats, kept_frac: float) -> Floats:
    """Return ``x[t] = kept_frac x[t-1] + new[t]``, shape as `new`, with nothing before the start.

    Each value needs the one before, but the filter is linear: blocks of the series are filtered
    side by side as if nothing came before them, and what the block before ends with is added then,
    fading. That is a few hundred steps over arrays in place of a hundred thousand over numbers,
    and the same but for rounding. The filters of scipy.signal would do it in one step and cost
    0.6 s to import.

    Blocks of two show it: ``[1, 0, 0, 0]`` with 0.5 gives ``[1, .5]`` and ``[0, 0]``; the first
    ends with 0.5, which adds ``0.5 [.5, .25]`` to the second: ``[1, .5, .25, .125]``.
    """
    n_blocks = -(-new.size // AUTOREGRESSION_BLOCK)
    padded = np.zeros(n_blocks * AUTOREGRESSION_BLOCK)
    padded[: new.size] = new
    # One column a block: the loop runs along the blocks, all of them at once.
    filtered = padded.reshape(n_blocks, AUTOREGRESSION_BLOCK).T.copy()
    for step in range(1, AUTOREGRESSION_BLOCK):
        filtered[step] += kept_frac * filtered[step - 1]
    fading = kept_frac ** np.arange(1, AUTOREGRESSION_BLOCK + 1)
    # Last value of each block, those before it counted in; the first block has 0 before it.
    block_ends = list(
        itertools.accumulate(
            filtered[-1].tolist(), lambda past, own: past * float(fading[-1]) + own, initial=0.0
        )
    )
    filtered += fading[:, None] * np.array(block_ends[:-1])
    return np.asarray(filtered.T.reshape(-1)[: new.size])


def with_year_before(days: DayRange) -> tuple[DayRange, slice]:
    """Return days a year longer into the past, and where the days themselves are in them.

    A memory that begins a year early has forgotten its beginning when the run starts; the weather
    of a day then does not depend on the day on which the run starts.
    """
    longer = DayRange(days.first - LEAP_YEAR_DAYS, days.n + LEAP_YEAR_DAYS, days.offset_min)
    return longer, slice(LEAP_YEAR_DAYS, None)
