"""Quantile functions: a uniform number and a distribution's parameters in, its value out.

Each takes `u` first, from 0 to 1, and then the parameters that a scenario names, all in one unit
and in ascending order; the value has that unit. `u` is a plain number, not an array: a replication
draws each value once.

References
----------
.. [1] Vose, D. (2008), "Risk Analysis: A Quantitative Guide", 3rd ed., Wiley: beta-PERT, shape 4.
.. [2] Hyndman, R. J. and Fan, Y. (1996), "Sample quantiles in statistical packages", The American
   Statistician 50(4): definition 7, the one of `numpy.quantile`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

_Z90 = NormalDist().inv_cdf(0.9)
"""Standard deviations from the mean to the 90th percentile of a normal distribution."""


def triangular(u: float, low: float, mode: float, high: float) -> float:
    """Return a quantile of the triangular distribution.

    Parameters
    ----------
    u : float
        Uniform number from 0 to 1. [1]
    low, mode, high : float
        Lowest, most likely and highest value.

    Returns
    -------
    float
        In the unit of the parameters.

    Examples
    --------
    >>> triangular(0.5, 0.0, 1.0, 2.0)
    1.0
    """
    if low == high:
        return low
    if u * (high - low) < mode - low:
        return low + math.sqrt(u * (high - low) * (mode - low))
    return high - math.sqrt((1 - u) * (high - low) * (high - mode))


def uniform_between(u: float, low: float, high: float) -> float:
    """Return a quantile of the uniform distribution.

    Parameters
    ----------
    u : float
        Uniform number from 0 to 1. [1]
    low, high : float
        Lowest and highest value.

    Returns
    -------
    float
        In the unit of the parameters.

    Examples
    --------
    >>> uniform_between(0.25, 2.0, 4.0)
    2.5
    """
    return low + u * (high - low)


def normal(u: float, mean: float, p90: float) -> float:
    """Return a quantile of the normal distribution, given by its mean and 90th percentile.

    Parameters
    ----------
    u : float
        Uniform number from 0 to 1. [1]
    mean, p90 : float
        Mean, and value that 90 % of all do not exceed.

    Returns
    -------
    float
        In the unit of the parameters.

    Examples
    --------
    >>> round(normal(0.9, 10.0, 12.0), 12)
    12.0
    """
    return mean + (p90 - mean) * NormalDist().inv_cdf(u) / _Z90


def lognormal(u: float, median: float, p90: float) -> float:
    """Return a quantile of the lognormal distribution, given by its median and 90th percentile.

    Parameters
    ----------
    u : float
        Uniform number from 0 to 1. [1]
    median, p90 : float
        Median above zero, and value that 90 % of all do not exceed.

    Returns
    -------
    float
        In the unit of the parameters.

    Examples
    --------
    >>> round(lognormal(0.9, 6.0, 15.0), 12)
    15.0
    """
    if median <= 0:
        raise ValueError("lognormal needs a median above zero")
    return median * math.exp(math.log(p90 / median) * NormalDist().inv_cdf(u) / _Z90)


def exponential(u: float, mean: float) -> float:
    """Return a quantile of the exponential distribution: what comes at a constant rate.

    >>> round(exponential(0.5, 10.0), 6)
    6.931472
    """
    if mean < 0:
        raise ValueError("exponential needs a mean of zero or more")
    return -mean * math.log1p(-u)


def beta_pert(u: float, low: float, mode: float, high: float) -> float:
    """Return a quantile of the beta-PERT distribution [1]_: mean (low + 4 mode + high) / 6.

    Parameters
    ----------
    u : float
        Uniform number from 0 to 1. [1]
    low, mode, high : float
        Lowest, most likely and highest value.

    Returns
    -------
    float
        In the unit of the parameters.

    Examples
    --------
    >>> round(beta_pert(0.5, 0.0, 1.0, 2.0), 12)
    1.0
    """
    if low == high:
        return low
    from scipy.special import betaincinv  # noqa: PLC0415  (scipy only when the kind is used)

    a = 1 + 4 * (mode - low) / (high - low)
    b = 1 + 4 * (high - mode) / (high - low)
    return low + (high - low) * float(betaincinv(a, b, u))


def empirical(u: float, observed: Sequence[float]) -> float:
    """Return a quantile of observed values, in any order, joined by straight lines [2]_.

    >>> empirical(0.5, [8.0, 1.0, 2.0, 4.0])
    3.0
    """
    values = sorted(observed)
    rank = u * (len(values) - 1)
    # The largest value is the upper end of the last line, not the start of one more.
    below = min(int(rank), max(len(values) - 2, 0))
    above = min(below + 1, len(values) - 1)
    return values[below] + (rank - below) * (values[above] - values[below])
