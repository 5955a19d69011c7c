"""Gates: what a scenario expects of its results, and whether it came about.

A gate without a probability looks at the single run. One with a probability counts the
replications in which it holds; whether that share is above or below the one asked for is settled by
its Wilson interval, and what the interval straddles is inconclusive, with the number of
replications that would settle it if the share stayed. What has no value never passes.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dcsim.scenario.scenario import Scenario
from dcsim.scenario.schema.expect import Expectation, level_of
from dcsim.study.records.metric import RunMetric, metric_of
from dcsim.study.records.rows import Rows
from dcsim.study.statistics.samples import wilson

Outcome = Literal["pass", "fail", "inconclusive"]
MOST_NEEDED = 1_000_000
"""More replications than this are not asked for."""


@dataclass(frozen=True)
class Verdict:
    """What was expected, what was found, and whether that passes."""

    gate: str
    """Name of the gate."""
    scenario: str
    """File it belongs to."""
    outcome: Outcome
    expected: str
    found: str
    metric: str
    where: str = ""
    """``file:line`` of what was expected."""
    needed: int | None = None
    """Replications that would settle an inconclusive one."""
    because: str = ""
    """The assumption that did it, where that is known."""

    @property
    def text(self) -> str:
        """All of it on one line."""
        said = f"{self.metric}: {self.found}, expected {self.expected}"
        if self.needed is not None:
            said += f"; {self.needed:,} replications would settle it"
        return f"{said}; because of {self.because}" if self.because else said


def judge(scenario: Scenario, name: str, single: Rows, many: Rows | None) -> list[Verdict]:
    """Judge all gates of a scenario.

    Parameters
    ----------
    scenario : Scenario
    name : str
        What the file is called in verdicts.
    single : Rows
        The single run.
    many : Rows, optional
        Replications, where a gate needs them.

    Raises
    ------
    ModelError
        If a gate names a metric that does not exist.
    """
    found = []
    for gate in scenario.site.expect:
        where = scenario.values.places.get(("expect", gate.name), "")
        rows = single if gate.probability_frac is None else many
        assert rows is not None, "replications are there for who asks for a probability"
        found.append(judge_gate(scenario, gate, rows, name, where))
    return found


def judge_gate(scenario: Scenario, gate: Expectation, rows: Rows, name: str, where: str) -> Verdict:
    """Judge one gate by the single run, or by replications where it has a probability."""
    metric = metric_of(rows, column_of(gate))
    holds, expected = held(scenario, gate, metric)
    if gate.probability_frac is None:
        outcome: Outcome = "pass" if holds.size and bool(holds.all()) else "fail"
        found = metric.shown(float(metric.values[0])) if metric.values.size else "no run"
        return Verdict(gate.title, name, outcome, expected, found, gate.metric, where)
    n_yes, n = int(holds.sum()), int(holds.size)
    outcome = judge_share(n_yes, n, gate.probability_frac)
    low, high = wilson(n_yes, n)
    found = f"in {n_yes / n:.1%} of {n:,} runs ({low:.1%} to {high:.1%})" if n else "no run"
    needed = None
    if outcome == "inconclusive":
        needed = replications_needed(n_yes, n, gate.probability_frac)
    expected = f"{expected} in {gate.probability_frac:.0%} of runs"
    return Verdict(gate.title, name, outcome, expected, found, gate.metric, where, needed)


def column_of(gate: Expectation) -> str:
    """Return the metric a gate looks at by its full name."""
    if gate.metric.startswith("milestone.") and gate.metric.count(".") == 1:
        return f"{gate.metric}.reached"
    if gate.metric.startswith("work.") and gate.metric.count(".") == 1:
        return f"{gate.metric}.finish"
    return gate.metric


def held(scenario: Scenario, gate: Expectation, metric: RunMetric) -> tuple[NDArray[np.bool_], str]:
    """Return in which runs a gate holds, and what it expects as text; NaN never holds."""
    values = metric.values
    if metric.is_day:
        by = gate.by or _promised(scenario, gate.metric)
        last = float(np.datetime64(by, "D").astype(np.int64))
        return values <= last, f"by {by}"
    if gate.at_least is not None:
        level = level_of(gate.metric, gate.at_least)
        return values >= level, f"at least {gate.at_least}"
    level = level_of(gate.metric, gate.at_most)
    return values <= level, f"at most {gate.at_most}"


def _promised(scenario: Scenario, metric: str) -> datetime.date:
    name = metric.partition(".")[2]
    return next(promise.by for promise in scenario.site.milestones if promise.name == name)


def judge_share(n_yes: int, n: int, wanted: float) -> Outcome:
    """Return whether a share is surely above, surely below, or neither, at 95 %.

    >>> judge_share(98, 100, 0.9), judge_share(80, 100, 0.9), judge_share(90, 100, 0.9)
    ('pass', 'fail', 'inconclusive')
    """
    if not n:
        return "fail"
    low, high = wilson(n_yes, n)
    if low >= wanted:
        return "pass"
    return "fail" if high < wanted else "inconclusive"


def replications_needed(n_yes: int, n: int, wanted: float) -> int | None:
    """Return how many replications would settle a share that stays as it is; None for too many."""
    share = n_yes / n
    low, high = n, MOST_NEEDED
    if judge_share(round(share * high), high, wanted) == "inconclusive":
        return None
    while low + 1 < high:
        middle = (low + high) // 2
        if judge_share(round(share * middle), middle, wanted) == "inconclusive":
            low = middle
        else:
            high = middle
    return high


def needs_replications(scenarios: Sequence[Scenario]) -> bool:
    """Tell whether any gate has a probability."""
    return any(
        gate.probability_frac is not None for scenario in scenarios for gate in scenario.site.expect
    )


def judge_difference(
    change: NDArray[np.float64], tolerance: float
) -> tuple[Outcome, float, float, float, int | None]:
    """Return whether a mean paired change is within a tolerance, at 95 %.

    Parameters
    ----------
    change : ndarray, shape (n_runs,)
        What a metric changed by, run by run.
    tolerance : float
        Largest change either way that passes.

    Returns
    -------
    tuple
        Outcome, mean, the two ends of its interval by Student's t, and how many runs would settle
        it. It fails where the interval lies outside the tolerance, passes where it lies within.

    References
    ----------
    A. M. Law, "Simulation Modeling and Analysis", 5th ed. (2015), 10.2: paired-t interval.
    """
    if not change.size or not np.isfinite(change).all():
        return "fail", math.nan, math.nan, math.nan, None
    mean = float(change.mean())
    half = _half_width(change)
    low, high = mean - half, mean + half
    if -tolerance <= low and high <= tolerance:
        return "pass", mean, low, high, None
    if low > tolerance or high < -tolerance:
        return "fail", mean, low, high, None
    room = abs(tolerance - abs(mean))
    needed = None
    if room > 0 and math.isfinite(half):
        needed = math.ceil(change.size * (half / room) ** 2)
    if needed is not None and needed > MOST_NEEDED:
        needed = None
    return "inconclusive", mean, low, high, needed


def _half_width(change: NDArray[np.float64]) -> float:
    if change.size < 2:
        return math.inf
    spread = float(change.std(ddof=1))
    if spread == 0:
        return 0.0
    from scipy.stats import t  # noqa: PLC0415 - heavy

    return float(t.ppf(0.975, change.size - 1)) * spread / math.sqrt(change.size)
