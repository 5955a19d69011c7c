"""Gates: the expectations of a scenario and its runs in, verdicts out.

A gate without a probability looks at the single run. One with a probability counts the
replications in which it holds; whether that share is above or below the required one is settled by
its Wilson interval, and a gate whose interval straddles it is inconclusive, with the number of
replications that would settle it if the share stayed. A metric without a value never passes.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dcsim.scenario.scenario import Scenario
from dcsim.scenario.schema.expect import Expectation, level_of
from dcsim.study.checks.milestone_gates import Gate, gates_of
from dcsim.study.records.metric import RunMetric, metric_of
from dcsim.study.records.rows import Rows
from dcsim.study.statistics.samples import wilson

VerdictOutcome = Literal["pass", "fail", "inconclusive"]
MOST_NEEDED = 1_000_000
"""More replications than this are not suggested."""


@dataclass(frozen=True)
class Verdict:
    """An expectation, the finding, and whether it passes."""

    gate: str
    """Name of the gate."""
    scenario: str
    """File it belongs to."""
    outcome: VerdictOutcome
    """``pass``, ``fail`` or ``inconclusive``."""
    expected: str
    """What the gate asks for, as text."""
    found: str
    """What the runs gave, as text."""
    metric: str
    """Name of the metric."""
    where: str = ""
    """``file:line`` of the expectation."""
    needed: int | None = None
    """Replications that would settle an inconclusive one."""
    because: str = ""
    """The assumption that did it, where that is known."""
    before: str = ""
    """What a failed one had given at the commit that is compared with, if it failed there too."""

    @property
    def is_known(self) -> bool:
        """True for a gate that failed before the change as well."""
        return self.outcome == "fail" and bool(self.before)

    @property
    def text(self) -> str:
        """The verdict on one line."""
        line = f"{self.metric}: {self.found}, expected {self.expected}"
        if self.needed is not None:
            line += f"; {self.needed:,} replications would settle it"
        if self.is_known:
            line += f"; it failed before as well: {self.before}"
        return f"{line}; because of {self.because}" if self.because else line


class DifferenceVerdict(NamedTuple):
    """A mean paired change and whether it is within its tolerance."""

    outcome: VerdictOutcome
    mean: float
    """In the unit of the change; NaN where a change is no number."""
    low: float
    high: float
    """Interval of the mean at 95 %, by Student's t."""
    needed: int | None
    """Runs that would settle an inconclusive one; None for too many."""


def judge(
    scenario: Scenario,
    name: str,
    single: Rows,
    many: Rows | None,
    *,
    gates: Sequence[Gate] | None = None,
) -> list[Verdict]:
    """Judge all gates of a scenario.

    Parameters
    ----------
    scenario : Scenario
    name : str
        Name of the file in verdicts.
    single : Rows
        The single run.
    many : Rows, optional
        Replications, where a gate has a probability: see `needs_replications`.
    gates : sequence of Gate, optional
        Those of its section ``expect`` by default.

    Returns
    -------
    list of Verdict
        One a gate, in the order of the file.

    Raises
    ------
    ModelError
        If a gate names a metric that does not exist.
    """
    verdicts = []
    for gate, where in gates_of(scenario) if gates is None else gates:
        rows = single if gate.probability_frac is None else many
        assert rows is not None, "a gate with a probability is judged by replications"
        verdicts.append(judge_gate(scenario, gate, rows, name, where))
    return verdicts


def judge_gate(scenario: Scenario, gate: Expectation, rows: Rows, name: str, where: str) -> Verdict:
    """Judge one gate by the single run, or by replications where it has a probability.

    Parameters
    ----------
    scenario : Scenario
    gate : Expectation
        One of the scenario.
    rows : Rows
        The single run, or replications.
    name : str
        Name of the file in the verdict.
    where : str
        ``file:line`` of the gate.
    """
    metric = metric_of(rows, column_of(gate))
    holds, expected = runs_that_pass(scenario, gate, metric)
    if gate.probability_frac is None:
        outcome: VerdictOutcome = "pass" if holds.size and bool(holds.all()) else "fail"
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
    """Return the full name of a gate's metric."""
    return full_metric_name(gate.metric)


def full_metric_name(metric: str) -> str:
    """Return the full name of a metric: ``milestone.NAME`` and ``work.NAME`` stand for their dates.

    >>> full_metric_name("milestone.all-gpus"), full_metric_name("pue_mean")
    ('milestone.all-gpus.reached', 'pue_mean')
    """
    if metric.startswith("milestone.") and metric.count(".") == 1:
        return f"{metric}.reached"
    if metric.startswith("work.") and metric.count(".") == 1:
        return f"{metric}.finish"
    return metric


def runs_that_pass(
    scenario: Scenario, gate: Expectation, metric: RunMetric
) -> tuple[NDArray[np.bool_], str]:
    """Return a mask of the runs in which a gate holds, and its expectation as text.

    Parameters
    ----------
    scenario : Scenario
        The target dates of its milestones are those of gates without a date.
    gate : Expectation
    metric : RunMetric
        Of the gate, shape ``(n_runs,)``; a NaN never holds.
    """
    values = metric.values
    if metric.is_day:
        by = gate.by or _target_date(scenario, gate.metric)
        last = float(np.datetime64(by, "D").astype(np.int64))
        return values <= last, f"by {by}"
    if gate.at_least is not None:
        level = level_of(gate.metric, gate.at_least)
        return values >= level, f"at least {gate.at_least}"
    level = level_of(gate.metric, gate.at_most)
    return values <= level, f"at most {gate.at_most}"


def _target_date(scenario: Scenario, metric: str) -> datetime.date:
    name = metric.partition(".")[2]
    return next(one.by for one in scenario.site.milestones if one.name == name)


def judge_share(n_yes: int, n: int, wanted: float) -> VerdictOutcome:
    """Return whether a share is surely above a required one, surely below it, or neither.

    Parameters
    ----------
    n_yes, n : int
        Runs in which the gate holds, and all runs. No run at all fails.
    wanted : float
        The required share. [1]

    Notes
    -----
    By the Wilson interval at 95 %, two-sided: a gate whose true share is exactly the required one
    passes or fails wrongly in 2.5 % of the cases each.

    Examples
    --------
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
    """Return how many replications would settle a share that stays as it is.

    Parameters
    ----------
    n_yes, n, wanted
        As in `judge_share`, of an inconclusive gate.

    Returns
    -------
    int or None
        None for more than `MOST_NEEDED`.
    """
    share = n_yes / n
    # The interval narrows with the count, so that once settled it stays so: bisect.
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


def needs_replications(gates: Sequence[Gate]) -> bool:
    """Return whether any gate has a probability."""
    return any(gate.expectation.probability_frac is not None for gate in gates)


def judge_difference(change: NDArray[np.float64], tolerance: float) -> DifferenceVerdict:
    """Return whether a mean paired change is within a tolerance.

    Parameters
    ----------
    change : ndarray, shape (n_runs,)
        Change of a metric, run by run. A NaN or an infinity among them fails.
    tolerance : float
        Largest change either way that passes, in the unit of the metric.

    Returns
    -------
    DifferenceVerdict
        It passes where the interval lies within the tolerance, fails where it lies outside.

    Notes
    -----
    The interval is ``mean ± t s / sqrt(n)`` with Student's ``t`` at 97.5 % and ``n - 1`` degrees
    of freedom [1]_. Its half width falls with the root of ``n``, so that ``n (half / room)**2``
    runs would bring it down to the room between the mean and the nearer end of the tolerance.

    References
    ----------
    .. [1] A. M. Law, "Simulation Modeling and Analysis", 5th ed. (2015), 10.2: paired-t interval.

    Examples
    --------
    Twenty changes of one day up or down around 0.05 days leave open whether it is within 0.3 days:

    >>> verdict = judge_difference(0.05 + np.tile([-1.0, 1.0], 10), 0.3)
    >>> verdict.outcome, round(verdict.low, 2), round(verdict.high, 2), verdict.needed
    ('inconclusive', -0.43, 0.53, 74)
    """
    if not change.size or not np.isfinite(change).all():
        return DifferenceVerdict("fail", math.nan, math.nan, math.nan, None)
    mean = float(change.mean())
    half = _student_half_width(change)
    low, high = mean - half, mean + half
    if -tolerance <= low and high <= tolerance:
        return DifferenceVerdict("pass", mean, low, high, None)
    if low > tolerance or high < -tolerance:
        return DifferenceVerdict("fail", mean, low, high, None)
    room = abs(tolerance - abs(mean))
    needed = None
    if room > 0 and math.isfinite(half):
        needed = math.ceil(change.size * (half / room) ** 2)
    if needed is not None and needed > MOST_NEEDED:
        needed = None
    return DifferenceVerdict("inconclusive", mean, low, high, needed)


def _student_half_width(change: NDArray[np.float64]) -> float:
    """Return half the width of the interval of a mean; infinite for fewer than two runs."""
    if change.size < 2:
        return math.inf
    spread = float(change.std(ddof=1))
    if spread == 0:
        return 0.0
    from scipy.stats import t  # noqa: PLC0415 - heavy

    return float(t.ppf(0.975, change.size - 1)) * spread / math.sqrt(change.size)
