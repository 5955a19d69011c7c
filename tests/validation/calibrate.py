"""Idle and busy draw, as the IT model takes them, from a measured distribution of power."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats
from dcsim.errors import ModelError


class TwoStates(NamedTuple):
    """A distribution of power as a machine that is idle or busy."""

    idle: float
    """Mean power of the samples that count as idle, in the unit of the samples."""
    busy: float
    """Mean power of all others."""
    busy_frac: float
    """Share of them. [1]"""

    @property
    def mean(self) -> float:
        """Mean power, that of the distribution."""
        return self.idle + (self.busy - self.idle) * self.busy_frac


def share_up_to(value: Floats, cumulative: Floats, limit: float) -> float:
    """Return the share of a distribution at or below a limit. [1]

    >>> share_up_to(np.array([0.0, 2.0]), np.array([0.0, 1.0]), 0.5)
    0.25
    """
    value, cumulative = _checked(value, cumulative)
    return float(np.interp(limit, value, cumulative, left=0.0, right=1.0))


def two_states(value: Floats, cumulative: Floats, limit: float) -> TwoStates:
    """Return idle and busy power of a measured distribution.

    The distribution is linear between its points, so its parts below and above the limit have
    means in closed form, and idle and busy together have the mean of the whole.

    Parameters
    ----------
    value : ndarray, shape (n,)
        Power, ascending.
    cumulative : ndarray, shape (n,)
        Share of the samples at or below each, from 0 to 1.
    limit : float
        Power up to which a sample counts as idle.

    Returns
    -------
    TwoStates

    Raises
    ------
    ModelError
        If the points are no distribution, or the limit leaves one side empty.

    Examples
    --------
    Even between 0 and 2: up to 0.5 the mean is 0.25, above 1.25.

    >>> two_states(np.array([0.0, 2.0]), np.array([0.0, 1.0]), 0.5)
    TwoStates(idle=0.25, busy=1.25, busy_frac=0.75)
    """
    value, cumulative = _checked(value, cumulative)
    at = share_up_to(value, cumulative, limit)
    if not 0 < at < 1:
        raise ModelError(f"need a limit within the distribution, got {limit}")
    below = value < limit
    low = _mean(np.append(value[below], limit), np.append(cumulative[below], at))
    above = value > limit
    high = _mean(np.insert(value[above], 0, limit), np.insert(cumulative[above], 0, at))
    return TwoStates(low, high, 1.0 - at)


def _mean(value: Floats, cumulative: Floats) -> float:
    middle = (value[1:] + value[:-1]) / 2
    share = np.diff(cumulative)
    return float((middle * share).sum() / share.sum())


def _checked(value: Floats, cumulative: Floats) -> tuple[Floats, Floats]:
    if value.shape != cumulative.shape or value.ndim != 1 or value.size < 2:
        raise ModelError("need as many shares as values, at least two")
    ascends = np.all(np.diff(value) >= 0) and np.all(np.diff(cumulative) >= 0)
    if not (ascends and abs(cumulative[0]) < 1e-6 and abs(cumulative[-1] - 1) < 1e-6):
        raise ModelError("need values in ascending order and shares from 0 to 1")
    return value, cumulative
