"""Effects of inputs on an outcome: runs in; what moves it beyond chance, with intervals, out.

One filter for tables and figures: inputs whose effect is likely a false discovery are left out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from dcsim.clock import Floats
from dcsim.study.records.rows import RowColumn, Rows
from dcsim.study.sensitivity.sensitivity import Swing, rank_correlation, swings_of
from dcsim.study.statistics.milestones import milestone_names, reached_days
from dcsim.study.statistics.outcomes import MILESTONE, RunInputs, outcome_of, run_inputs
from dcsim.study.statistics.paired import median_interval
from dcsim.study.statistics.samples import finished_rows, wilson

MAX_FALSE_DISCOVERY = 0.05
"""Share of false ones that is accepted among the inputs that are named. [1]"""
FEWEST_OUTCOMES = 5
"""Fewer runs that come, or that never come, show no pattern."""
FEWEST_RUNS = 10
"""Fewer runs say nothing of fifths."""
COMES, LATE, VALUE = "comes", "late", "value"
"""The questions: does a milestone come at all; how late, if it comes; how large is a figure."""


class InputEffect(NamedTuple):
    """The outcome at the two ends of one input."""

    swing: Swing
    low: float
    high: float
    """Interval at 95 % of the outcome at the high end less that at the low end."""
    correlation: float
    """Spearman's rank correlation; NaN for a text. [1]"""
    p_value: float
    """Chance of so strong a relation where there is none. [1]"""
    false_discovery: float
    """The same for the whole list: share of false ones among those up to here. [1]"""


class DriverAnalysis(NamedTuple):
    """The answer to one question of an outcome."""

    metric: str
    question: str
    """``comes``, ``late`` or ``value``."""
    n: int
    typical: float
    """Share of the runs for ``comes``, else the median."""
    effects: tuple[InputEffect, ...]
    """Beyond chance, the widest first."""
    n_tested: int
    """Inputs that were looked at."""


def reaching_rows(rows: Rows, about: Mapping[str, Any], metric: str) -> Rows:
    """Return the rows without the inputs that a metric cannot depend on.

    Parameters
    ----------
    rows : Rows
        Of a study.
    about : mapping
        What its manifest says; ``reach`` is that of `dcsim.study.definition.reach.input_reach`.
        Without it all inputs stay.
    metric : str
        Column of `rows`, or ``milestone.NAME``.
    """
    reach = about.get("reach") or {}
    dropped = set(reach.get("unused", ()))
    if _milestone_of(metric) in reach.get("dated_milestones", ()):
        dropped |= set(reach.get("no_date", ()))
    kept = {
        name: column
        for name, column in rows.columns.items()
        if name.removeprefix("input.") not in dropped or not name.startswith("input.")
    }
    return Rows(kept, rows.series, rows.months)


def _milestone_of(metric: str) -> str:
    """Return the milestone that a metric is about; empty for a figure."""
    if not metric.startswith(MILESTONE):
        return ""
    name = metric.removeprefix(MILESTONE)
    for tail in (".met", ".margin_days", ".reached"):
        name = name.removesuffix(tail)
    return name


def driver_analyses(rows: Rows, metric: str) -> list[DriverAnalysis]:
    """Return what moves a metric: for a milestone whether it comes, and how late if it does.

    Parameters
    ----------
    rows : Rows
        Independent draws, see `dcsim.study.sensitivity.screening.independent_rows`.
    metric : str
        Column of `rows`, or ``milestone.NAME``.

    Returns
    -------
    list of DriverAnalysis
        Empty if there are too few runs.

    Notes
    -----
    Runs that never reach a milestone have no date, and a number of days in their place would
    mix two questions: an input that decides whether all GPUs fit has no say on when they come.
    """
    kept, _ = finished_rows(rows)
    name = metric.removeprefix(MILESTONE)
    if not metric.startswith(MILESTONE) or name not in milestone_names(kept):
        outcome = outcome_of(kept, metric).values
        known = ~np.isnan(outcome)
        return _analyses(kept.where(known), metric, VALUE, outcome[known])
    comes = ~np.isnat(reached_days(kept, name))
    found = []
    if FEWEST_OUTCOMES <= comes.sum() <= comes.size - FEWEST_OUTCOMES:
        found += _analyses(kept, metric, COMES, comes.astype(np.float64))
    reached = kept.where(comes)
    late = outcome_of(reached, metric).values if comes.any() else np.empty(0)
    return found + _analyses(reached, metric, LATE, late)


def _analyses(rows: Rows, metric: str, question: str, outcome: Floats) -> list[DriverAnalysis]:
    if outcome.size < FEWEST_RUNS:
        return []
    middle = np.mean if question == COMES else np.median
    inputs = run_inputs(rows)
    swings = swings_of(inputs, outcome, middle)
    tested = [(swing, *_strength(swing, inputs, outcome)) for swing in swings]
    tested = [one for one in tested if not math.isnan(one[2])]
    typical = float(middle(outcome))
    if not tested:
        return [DriverAnalysis(metric, question, outcome.size, typical, (), 0)]
    from scipy.stats import false_discovery_control  # noqa: PLC0415 - heavy

    false = false_discovery_control([p_value for _, _, p_value in tested])
    effects = [
        InputEffect(swing, *_interval(swing, inputs, outcome, question), rho, p, float(false[i]))
        for i, (swing, rho, p) in enumerate(tested)
        if false[i] <= MAX_FALSE_DISCOVERY
    ]
    return [DriverAnalysis(metric, question, outcome.size, typical, tuple(effects), len(tested))]


def _strength(swing: Swing, inputs: RunInputs, outcome: Floats) -> tuple[float, float]:
    """Return rank correlation and p-value; NaN where the outcome or the input is constant."""
    if not np.ptp(outcome):
        return math.nan, math.nan
    if swing.name in inputs.categories:
        return math.nan, _kruskal(inputs.categories[swing.name], outcome)
    values = inputs.values[:, inputs.names.index(swing.name)]
    return rank_correlation(values, outcome)


def _kruskal(column: RowColumn, outcome: Floats) -> float:
    """Return the p-value of the test of Kruskal and Wallis; NaN if each run has its own text."""
    from scipy.stats import kruskal  # noqa: PLC0415 - heavy

    texts = column.astype(str)
    groups = [outcome[texts == text] for text in dict.fromkeys(texts.tolist())]
    if 2 * len(groups) > outcome.size:
        return math.nan
    return float(kruskal(*groups).pvalue)


def _interval(
    swing: Swing, inputs: RunInputs, outcome: Floats, question: str
) -> tuple[float, float]:
    """Return the interval of a swing at 95 %.

    Notes
    -----
    "Square and add": with intervals ``l, u`` of each end, the low end of the interval of the
    difference ``d`` is ``d - sqrt((b - l_b)² + (u_a - a)²)``, and the high end mirrors it [1]_.
    Shares have Wilson intervals, medians those of order statistics.

    References
    ----------
    .. [1] G. Y. Zou and A. Donner, "Construction of confidence limits about effect measures: a
       general approach", Statistics in Medicine 27 (2008) 1693-1702.
    """
    ends = []
    for value, inside in zip((swing.low, swing.high), _ends(swing, inputs), strict=True):
        part = outcome[inside]
        if question == COMES:
            low, high = wilson(int(part.sum()), part.size)
        else:
            low, high = median_interval(part)
        ends.append((value - low, high - value))
    (below_low, above_low), (below_high, above_high) = ends
    change = swing.high - swing.low
    return (
        change - math.hypot(below_high, above_low),
        change + math.hypot(above_high, below_low),
    )


def _ends(swing: Swing, inputs: RunInputs) -> tuple[np.ndarray, np.ndarray]:
    """Return which runs stand at the low and at the high end of an input."""
    if swing.name in inputs.categories:
        texts = inputs.categories[swing.name].astype(str)
        return texts == swing.at_low, texts == swing.at_high
    values = inputs.values[:, inputs.names.index(swing.name)]
    order = np.sort(values)
    return values <= order[swing.n_low - 1], values >= order[-swing.n_high]
