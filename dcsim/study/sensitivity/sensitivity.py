"""Rank correlations and tornado: any sample of runs in, the inputs an outcome follows out."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dcsim.clock import Floats
from dcsim.errors import ModelError
from dcsim.study.records.rows import RowColumn, Rows
from dcsim.study.statistics.outcomes import Outcome, RunInputs, inputs_and_outcome
from dcsim.study.statistics.samples import CONFIDENCE

Middle = Callable[[Floats], np.floating[Any]]
OUTER = 0.2
"""Share of the runs at each end of an input that a tornado compares: the outer fifths."""
ENOUGH_FOR_INTERVAL = 4
"""Fewer runs have no interval of a correlation."""


class RankEffect(NamedTuple):
    """The rank correlation of an outcome with one input."""

    name: str
    n: int
    correlation: float
    """Spearman's rank correlation. [1]"""
    low: float
    high: float
    """Interval at 95 %, by Fisher's transformation of the ranks; NaN for fewer than 4 runs. [1]"""
    p_value: float
    """Chance of so strong a correlation where there is none. [1]"""
    false_discovery: float
    """The same for the whole list: share of false ones among those up to here. [1]"""
    partial: float
    """Rank correlation once the ranks of all other inputs are accounted for; NaN where there are
    too few runs. [1]"""


class Swing(NamedTuple):
    """The median outcome in the lowest and in the highest fifth of one input."""

    name: str
    at_low: float | str
    at_high: float | str
    """Median of the input in each; a text itself, the one with the lowest median first."""
    n_low: int
    n_high: int
    low: float
    high: float
    """Median of the outcome in each, in its own unit, or the chance of a milestone."""

    @property
    def swing(self) -> float:
        """Outcome at the high end less that at the low end."""
        return self.high - self.low


@dataclass(frozen=True)
class Ranking:
    """Rank correlations of an outcome, the strongest first."""

    outcome: Outcome
    effects: tuple[RankEffect, ...]
    skipped: dict[str, str]


@dataclass(frozen=True)
class Tornado:
    """Swings of an outcome, the widest first."""

    outcome: Outcome
    median: float
    swings: tuple[Swing, ...]
    skipped: dict[str, str]


def rank_effects(rows: Rows, name: str, *, never_days: float | None = None) -> Ranking:
    """Return the rank correlation of an outcome with each input.

    Parameters
    ----------
    rows, name, never_days
        As in `dcsim.study.statistics.outcomes.inputs_and_outcome`.

    Returns
    -------
    Ranking
        The strongest correlation first; without effects if the outcome is constant.

    Notes
    -----
    Ranks, because dates and costs follow inputs monotonically rather than linearly, and because a
    run that never reaches a milestone has a rank though it has no date. Spearman's coefficient is
    Pearson's of the ranks [1]_; its interval is that of Fisher's z, ``tanh(atanh(r) ± 1.96 /
    sqrt(n - 3))``. The partial coefficient is that of the ranks with those of all other inputs
    regressed out [2]_. Many inputs are tested at once, so that one in twenty would look
    significant by chance: the false discovery rate [3]_ accounts for it. Inputs that are text are
    skipped: `tornado_of` compares them.

    References
    ----------
    .. [1] C. Spearman, "The proof and measurement of association between two things", American
       Journal of Psychology 15 (1904) 72-101.
    .. [2] R. L. Iman and W. J. Conover, "The use of the rank transform in regression",
       Technometrics 21 (1979) 499-509: partial rank correlation.
    .. [3] Y. Benjamini and Y. Hochberg, "Controlling the false discovery rate", Journal of the
       Royal Statistical Society B 57 (1995) 289-300.
    """
    inputs, outcome = inputs_and_outcome(rows, name, never_days=never_days)
    skipped = inputs.skipped | dict.fromkeys(inputs.categories, "is text, which has no ranks")
    if outcome.values.size < 3 or not np.ptp(outcome.values):
        return Ranking(
            outcome, (), skipped | dict.fromkeys(inputs.names, "the outcome is constant")
        )
    from scipy.stats import false_discovery_control, rankdata  # noqa: PLC0415 - heavy

    ranks = rankdata(inputs.values, axis=0)
    of = rankdata(outcome.values)
    correlations = [_correlation_of_ranks(ranks[:, i], of) for i in range(len(inputs.names))]
    if not correlations:
        return Ranking(outcome, (), skipped)
    false = false_discovery_control([p_value for *_, p_value in correlations])
    partial = partial_correlations(ranks, of)
    effects = [
        RankEffect(key, of.size, *one, float(false[i]), float(partial[i]))
        for i, (key, one) in enumerate(zip(inputs.names, correlations, strict=True))
    ]
    return Ranking(outcome, tuple(sorted(effects, key=lambda e: -abs(e.correlation))), skipped)


def _correlation_of_ranks(ranks: Floats, of: Floats) -> tuple[float, float, float, float]:
    """Return correlation, ends of its interval, and p-value."""
    from scipy.stats import pearsonr  # noqa: PLC0415 - heavy

    # Spearman's coefficient is Pearson's of the ranks; this way round there is an interval.
    found = pearsonr(ranks, of)
    if of.size < ENOUGH_FOR_INTERVAL:
        return float(found.statistic), math.nan, math.nan, float(found.pvalue)
    ends = found.confidence_interval(CONFIDENCE)
    return float(found.statistic), float(ends.low), float(ends.high), float(found.pvalue)


def partial_correlations(ranks: Floats, of: Floats) -> Floats:
    """Return the correlation of `of` with each column once all other columns are accounted for.

    Parameters
    ----------
    ranks : ndarray, shape (n, n_inputs)
    of : ndarray, shape (n,)

    Returns
    -------
    ndarray, shape (n_inputs,)
        NaN where there are no more runs than inputs, or inputs repeat one another.

    Notes
    -----
    From the inverse ``P`` of the correlation matrix of all columns together: the partial
    correlation of columns ``i`` and ``j`` is ``-P[i, j] / sqrt(P[i, i] P[j, j])``.

    Examples
    --------
    The outcome follows the first input, and so does the second input: the outcome's correlation
    with the second is 0.5, all of it by way of the first.

    >>> first, noise_1, noise_2 = np.array(
    ...     [
    ...         [1, 1, 1, 1, -1, -1, -1, -1],
    ...         [1, 1, -1, -1, 1, 1, -1, -1],
    ...         [1, -1, 1, -1, 1, -1, 1, -1],
    ...     ]
    ... )
    >>> inputs = np.column_stack([first, first + noise_1])
    >>> partial_correlations(inputs, first + noise_2).round(2) + 0.0
    array([0.58, 0.  ])
    """
    n, n_inputs = ranks.shape
    table = np.column_stack([ranks, of])
    if n <= n_inputs + 2 or np.linalg.matrix_rank(table - table.mean(axis=0)) <= n_inputs:
        return np.full(n_inputs, np.nan)
    inverse = np.linalg.inv(np.corrcoef(table, rowvar=False))
    scale = np.sqrt(np.diag(inverse))
    return np.asarray(-inverse[:-1, -1] / (scale[:-1] * scale[-1]), dtype=np.float64)


def tornado_of(
    rows: Rows, name: str, *, never_days: float | None = None, outer: float = OUTER
) -> Tornado:
    """Return the median outcome at the low and at the high end of each input, widest swing first.

    Parameters
    ----------
    rows, name, never_days
        As in `inputs_and_outcome`.
    outer : float
        Share of the runs at each end, ties included. [1]

    Notes
    -----
    No regression and no extra runs: the other inputs vary as they do, so a swing is that of the
    input together with the inputs correlated with it. Where an input takes few values, its lowest
    is compared with its highest.
    """
    return _tornado(rows, name, never_days, outer, np.median)


def _tornado(
    rows: Rows, name: str, never_days: float | None, outer: float, middle: Middle
) -> Tornado:
    if not 0 < outer <= 0.5:
        raise ModelError(f"the ends of a tornado are a share above 0 and up to 0.5, got {outer}")
    inputs, outcome = inputs_and_outcome(rows, name, never_days=never_days)
    swings = swings_of(inputs, outcome.values, middle, outer=outer)
    return Tornado(outcome, float(middle(outcome.values)), swings, inputs.skipped)


def swings_of(
    inputs: RunInputs, outcome: Floats, middle: Middle, *, outer: float = OUTER
) -> tuple[Swing, ...]:
    """Return the outcome at the low and at the high end of each input, the widest swing first.

    Parameters
    ----------
    inputs : RunInputs
    outcome : ndarray, shape (n,)
    middle : callable
        Mean or median.
    outer : float
        Share of the runs at each end, ties included. [1]
    """
    swings = [
        _input_swing(key, inputs.values[:, i], outcome, outer, middle)
        for i, key in enumerate(inputs.names)
    ]
    swings += [
        _category_swing(key, column, outcome, middle) for key, column in inputs.categories.items()
    ]
    return tuple(sorted(swings, key=lambda swing: -abs(swing.swing)))


def rank_correlation(values: Floats, outcome: Floats) -> tuple[float, float]:
    """Return Spearman's rank correlation of two columns that vary, and its p-value."""
    from scipy.stats import rankdata  # noqa: PLC0415 - heavy

    found, _, _, p_value = _correlation_of_ranks(rankdata(values), rankdata(outcome))
    return found, p_value


def _input_swing(key: str, values: Floats, outcome: Floats, outer: float, middle: Middle) -> Swing:
    # From below at both ends, so that they hold equally many runs.
    bottom, top = (
        sign * np.quantile(sign * values, outer, method="inverted_cdf") for sign in (1, -1)
    )
    low, high = values <= bottom, values >= top
    if bottom == top:
        # One value holds most runs: compare it with what lies beyond it.
        low, high = (low, values > top) if (values > top).any() else (values < bottom, high)
    return Swing(
        key,
        float(np.median(values[low])),
        float(np.median(values[high])),
        int(low.sum()),
        int(high.sum()),
        float(middle(outcome[low])),
        float(middle(outcome[high])),
    )


def _category_swing(key: str, column: RowColumn, outcome: Floats, middle: Middle) -> Swing:
    groups: dict[str, NDArray[np.bool_]] = {
        str(category): column == category for category in dict.fromkeys(column.tolist())
    }
    median = {category: float(middle(outcome[group])) for category, group in groups.items()}
    low, high = min(median, key=median.__getitem__), max(median, key=median.__getitem__)
    # Where all are equal, the smallest and the largest are the same one: any other will do.
    low = next(category for category in median if category != high) if low == high else low
    n_low, n_high = (int(groups[choice].sum()) for choice in (low, high))
    return Swing(key, low, high, n_low, n_high, median[low], median[high])
