"""Two scenarios with common random numbers: rows of both in, paired differences out."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats
from dcsim.errors import ModelError
from dcsim.study.records.rows import Rows
from dcsim.study.statistics.milestones import milestone_names, reached_days
from dcsim.study.statistics.samples import (
    CONFIDENCE,
    drawn_rows,
    left_out,
    number_column,
    one_case,
    wilson,
)


class Difference(NamedTuple):
    """Difference of a figure from scenario `a` to scenario `b`, in its own unit."""

    name: str
    n: int
    """Replications in which both have a value."""
    median: float
    median_low: float
    median_high: float
    """Interval of the median difference at 95 %, from order statistics; NaN for fewer than 6."""
    mean: float
    mean_low: float
    mean_high: float
    """Interval of the mean difference at 95 %, by Student's t; NaN for fewer than 2."""
    share_higher: float
    """Replications in which `b` is higher. [1]"""
    share_lower: float
    """Replications in which `b` is lower. [1]"""
    variance_ratio: float
    """Variance with independent over that with common random numbers: so many times fewer
    replications are needed. [1]"""


class MilestoneDifference(NamedTuple):
    """Difference of the chance and the date of a milestone from scenario `a` to scenario `b`."""

    name: str
    n: int
    """Pairs that count, failed runs among them as misses."""
    both: int
    only_a: int
    only_b: int
    neither: int
    """Pairs in which it is met in both, in one, in neither."""
    change: float
    """Chance in `b` less that in `a`. [1]"""
    low: float
    high: float
    """Interval of the change at 95 %, Newcombe's method 10. [1]"""
    p_value: float
    """Of McNemar's exact test: chance that pairs that differ lean that far to one side. [1]"""
    n_reached: int
    """Pairs in which both reach it, in time or late."""
    reached_only_a: int
    reached_only_b: int
    n_earlier: int
    """Of `n_reached`: `b` is earlier."""
    n_later: int
    days: float
    """Median of the days by which `b` is later (negative: earlier), where both reach it."""
    days_low: float
    days_high: float
    """Interval of that median at 95 %; NaN for fewer than 6."""


class Pairs(NamedTuple):
    """Rows of two scenarios side by side."""

    a: Rows
    b: Rows
    n_unmatched: int
    """Replications that only one of them has."""


def matched(a: Rows, b: Rows) -> Pairs:
    """Return the rows of two cases, each replication of one beside the same of the other.

    Raises
    ------
    ModelError
        If the rows of one are of several cases, or no replication is in both.
    """
    a, b = one_case(drawn_rows(a)), one_case(drawn_rows(b))
    common, in_a, in_b = np.intersect1d(
        a.columns["replication"], b.columns["replication"], return_indices=True
    )
    if not common.size:
        raise ModelError("the two scenarios have no replication in common")
    return Pairs(a.where(in_a), b.where(in_b), a.n_rows + b.n_rows - 2 * common.size)


def paired(a: Rows, b: Rows, names: Sequence[str]) -> list[Difference]:
    """Return how columns of numbers differ from scenario `a` to scenario `b`.

    Parameters
    ----------
    a, b : Rows
        Of one case each, with the same seed: replication 17 has the same random numbers in both.
    names : sequence of str

    Returns
    -------
    list of Difference
        In the order of `names`; failed runs and those without a value are left out, pair by pair.

    Notes
    -----
    The variance of a difference is ``var(a) + var(b) - 2 cov(a, b)``: common random numbers make
    the covariance positive, since a slow delivery is slow in both scenarios, and so the interval
    narrow [1]_. The ratio of the variances without and with the covariance tells by how much.

    References
    ----------
    .. [1] A. M. Law, "Simulation Modeling and Analysis", 5th ed. (2015), 10.2 and 11.2: paired-t
       confidence interval under common random numbers.
    """
    pairs = matched(a, b)
    return [_difference(name, pairs) for name in names]


def _difference(name: str, pairs: Pairs) -> Difference:
    before, after = (
        np.where(rows.ok, number_column(rows, name), np.nan) for rows in (pairs.a, pairs.b)
    )
    known = ~np.isnan(before) & ~np.isnan(after)
    before, after = before[known], after[known]
    change = after - before
    if not change.size:
        return Difference(name, 0, *[math.nan] * 9)
    return Difference(
        name,
        change.size,
        float(np.median(change)),
        *median_interval(change),
        float(np.mean(change)),
        *_mean_interval(change),
        float(np.mean(change > 0)),
        float(np.mean(change < 0)),
        _variance_ratio(before, after),
    )


def median_interval(values: Floats) -> tuple[float, float]:
    """Return the ends of the interval of a median from order statistics; NaN for too few."""
    from scipy.stats import quantile_test  # noqa: PLC0415 - heavy

    if not values.size:
        return math.nan, math.nan
    ends = quantile_test(values, p=0.5).confidence_interval(CONFIDENCE)
    return float(ends.low), float(ends.high)


def _mean_interval(values: Floats) -> tuple[float, float]:
    from scipy.stats import ttest_1samp  # noqa: PLC0415 - heavy

    if values.size < 2:
        return math.nan, math.nan
    if not np.ptp(values):
        return float(values[0]), float(values[0])
    ends = ttest_1samp(values, 0.0).confidence_interval(CONFIDENCE)
    return float(ends.low), float(ends.high)


def _variance_ratio(before: Floats, after: Floats) -> float:
    """Return the variance of a difference of independent runs over that of the pairs."""
    if before.size < 2:
        return math.nan
    apart = float(np.var(before) + np.var(after))
    together = float(np.var(after - before))
    if not together:
        return math.inf if apart else math.nan
    return apart / together


def paired_milestones(
    a: Rows, b: Rows, *, without: Collection[str] = ()
) -> list[MilestoneDifference]:
    """Return how the milestones that two scenarios share differ.

    Parameters
    ----------
    a, b : Rows
        As in `paired`.
    without : collection of str
        Failed runs that shall not count as misses, by name: see
        `dcsim.study.statistics.samples.left_out`. Their pairs are left out.

    Returns
    -------
    list of MilestoneDifference
        In the order of the columns of `a`.

    Notes
    -----
    Each pair meets the milestone in both scenarios, in one, or in neither. McNemar's test [1]_ asks
    only the pairs that differ: without an effect each leans either way with chance 1/2. The
    interval of the change is that of `change_interval`.

    References
    ----------
    .. [1] Q. McNemar, "Note on the sampling error of the difference between correlated proportions
       or percentages", Psychometrika 12 (1947) 153-157.
    """
    pairs = matched(a, b)
    kept = ~left_out(pairs.a, without) & ~left_out(pairs.b, without)
    before, after = pairs.a.where(kept), pairs.b.where(kept)
    shared = set(milestone_names(after))
    return [
        _milestone_difference(name, before, after)
        for name in milestone_names(before)
        if name in shared
    ]


def _milestone_difference(name: str, a: Rows, b: Rows) -> MilestoneDifference:
    met_a, met_b = (
        rows.ok & (number_column(rows, f"milestone.{name}.met") > 0.5) for rows in (a, b)
    )
    both, only_a = int((met_a & met_b).sum()), int((met_a & ~met_b).sum())
    only_b, neither = int((met_b & ~met_a).sum()), int((~met_a & ~met_b).sum())
    day_a, day_b = reached_days(a, name), reached_days(b, name)
    there_a, there_b = ~np.isnat(day_a), ~np.isnat(day_b)
    there = there_a & there_b
    later = (day_b[there] - day_a[there]).astype("timedelta64[D]").astype(np.float64)
    return MilestoneDifference(
        name,
        met_a.size,
        both,
        only_a,
        only_b,
        neither,
        (only_b - only_a) / met_a.size if met_a.size else math.nan,
        *change_interval(both, only_b, only_a, neither),
        _mcnemar(only_a, only_b),
        int(there.sum()),
        int((there_a & ~there_b).sum()),
        int((there_b & ~there_a).sum()),
        int((later < 0).sum()),
        int((later > 0).sum()),
        float(np.median(later)) if later.size else math.nan,
        *median_interval(later),
    )


def _mcnemar(only_a: int, only_b: int) -> float:
    """Return the p-value of McNemar's exact test, a two-sided binomial test at one half."""
    from scipy.stats import binomtest  # noqa: PLC0415 - heavy

    return float(binomtest(only_b, only_a + only_b).pvalue) if only_a + only_b else 1.0


def change_interval(
    both: int, only_first: int, only_second: int, neither: int
) -> tuple[float, float]:
    """Return the interval of the difference of two paired shares, the first less the second. [1]

    Parameters
    ----------
    both, only_first, only_second, neither : int
        Pairs in which both say yes, one of them, or neither.

    Returns
    -------
    tuple of float
        Low and high end at 95 %, from -1 to 1; -1 and 1 for no pair.

    Notes
    -----
    Method 10 of [1]_, "square and add": with the Wilson interval ``l_1, u_1`` of the first share
    ``p_1`` and that of the second, the low end is ``p_1 - p_2 - sqrt(d² - 2 φ d e + e²)`` with
    ``d = p_1 - l_1`` and ``e = u_2 - p_2``; the high end mirrors it. ``φ`` is the correlation of
    the two answers, ``n / 2`` taken off its numerator where that is positive.

    References
    ----------
    .. [1] R. G. Newcombe, "Improved confidence intervals for the difference between binomial
       proportions based on paired data", Statistics in Medicine 17 (1998) 2635-2650.

    Examples
    --------
    Of 100 pairs 30 meet a milestone in the first scenario only, none in the second only:

    >>> low, high = change_interval(50, 30, 0, 20)
    >>> round(low, 3), round(high, 3)
    (0.205, 0.387)
    """
    n = both + only_first + only_second + neither
    if not n:
        return -1.0, 1.0
    n_first, n_second = both + only_first, both + only_second
    first, second = n_first / n, n_second / n
    low_1, high_1 = wilson(n_first, n)
    low_2, high_2 = wilson(n_second, n)
    # Numerator and denominator of φ; the correction for continuity widens the interval a little,
    # and only where a positive correlation narrows it.
    joint = float(both * neither - only_first * only_second)
    joint = max(joint - n / 2, 0.0) if joint > 0 else joint
    spread = math.sqrt(n_first * (n - n_first) * n_second * (n - n_second))
    phi = joint / spread if spread else 0.0

    def reach(one: float, other: float) -> float:
        return math.sqrt(max(one**2 - 2 * phi * one * other + other**2, 0.0))

    change = first - second
    return (
        change - reach(first - low_1, high_2 - second),
        change + reach(high_1 - first, second - low_2),
    )
