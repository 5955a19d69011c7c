"""Seasons: twelve monthly means in, a smooth year of days that keeps them out."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from dcsim.clock import Floats, Integers
from dcsim.series.resampling import LEAP_DAY, LEAP_YEAR_DAYS

MONTH_DAYS = np.array([31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
"""Days of each month of a leap year."""
MONTH_OF_PLACE = np.repeat(np.arange(12), MONTH_DAYS)
"""Month, 0 to 11, of each place in a year of 366 days."""
YEAR_WEIGHTS = np.where(np.arange(LEAP_YEAR_DAYS) == LEAP_DAY, 0.2425, 1.0)
"""Share of the years of the Gregorian calendar that have each place."""


def smooth(monthly: Sequence[float]) -> Floats:
    """Return a value for each day whose monthly means are as given, shape ``(366,)``.

    Linear between the middles of the months, where the nodes are moved so that the mean over each
    month comes out; joining the means themselves would flatten summer and winter [1]_.

    Parameters
    ----------
    monthly : sequence of float, shape (12,)
        Monthly means, January first.

    References
    ----------
    .. [1] Taylor, Williamson and Zwiers (2000), PCMDI report 60, "The sea surface temperature and
       sea-ice concentration boundary conditions for AMIP II simulations".

    Examples
    --------
    >>> year = smooth([2, 4, 8, 13, 18, 21, 25, 26, 22, 16, 10, 4])
    >>> round(float(year[:31].mean()), 6)
    2.0
    """
    weights, nodes_of_means = _matrices()
    return np.asarray(weights @ (nodes_of_means @ np.asarray(monthly, dtype=np.float64)))


def monthly_mean(values: Floats, places: Integers | None = None) -> Floats:
    """Return the mean of daily values over each month of the year, shape ``(12,)``."""
    months = MONTH_OF_PLACE if places is None else MONTH_OF_PLACE[places]
    return np.bincount(months, values, 12) / np.bincount(months, minlength=12)


@functools.cache
def _matrices() -> tuple[Floats, Floats]:
    ends = np.cumsum(MONTH_DAYS)
    middles = ends - MONTH_DAYS / 2
    day = np.arange(LEAP_YEAR_DAYS) + 0.5
    identity = np.eye(12)
    weights = np.stack(
        [np.interp(day, middles, column, period=LEAP_YEAR_DAYS) for column in identity], axis=1
    )
    means = np.stack([monthly_mean(column) for column in weights.T], axis=1)
    return weights, np.asarray(np.linalg.inv(means), dtype=np.float64)
