"""Why a metric differs between two scenarios: its change split over the assumptions that differ."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats
from dcsim.errors import DcsimError, ModelError
from dcsim.pipeline import replay
from dcsim.scenario.scenario import Scenario
from dcsim.stage_cache import StageCache
from dcsim.study.attribution.mixed import By, Group, dependent_groups, groups_of, mixed_scenario
from dcsim.study.attribution.shapley import MOST_EXACT, Shares, exact_shares, sampled_shares
from dcsim.study.records.measure import Measured, failed, measure, rows_of
from dcsim.study.records.metric import RunMetric, mean_of, metric_of

KEPT_BYTES = 256 << 20
N_ORDERS = 24
"""Orders that are looked at where there are too many groups for all."""

Watch = Callable[[int, int], None]
"""Told how many runs are done, and about how many there will be."""


class Asked(NamedTuple):
    """What is to be explained, and how surely."""

    metric: str
    by: By = "section"
    replications: int = 0
    """0 explains the single run at the medians; more explain the mean change of so many."""
    n_orders: int = N_ORDERS


class Part(NamedTuple):
    """A group of assumptions and what it did."""

    group: Group
    share: float
    """Its Shapley value; all of them add up to the change."""
    error: float
    """Standard error of it."""
    alone: float
    """Change if it alone is made."""
    last: float
    """Change if it is made when all others are."""


class Explained(NamedTuple):
    """A change and its parts."""

    metric: RunMetric
    """Its values in the second scenario."""
    before: float
    after: float
    change: float
    """Mean paired change; never counts as the end of the run."""
    change_error: float
    parts: tuple[Part, ...]
    """The largest first."""
    exact: bool
    n_orders: int
    n_runs: int


def explain(
    before: Scenario, after: Scenario, asked: Asked, *, watch: Watch | None = None
) -> Explained:
    """Return the change of a metric from one scenario to another, split over what differs.

    Parameters
    ----------
    before, after : Scenario
        They meet the same luck, replication by replication.
    asked : Asked
    watch : callable, optional
        Told the progress.

    Returns
    -------
    Explained

    Raises
    ------
    ModelError
        If they have another seed, differ in nothing, or the metric is unknown.
    """
    if before.site.seed != after.site.seed:
        raise ModelError("the two scenarios have different seeds; pairs need the same luck")
    groups = dependent_groups(before, after, groups_of(before, after, asked.by))
    worths = _Worths(before, after, groups, asked, watch)
    n = len(groups)
    if n <= MOST_EXACT:
        shares = exact_shares(n, worths)
    else:
        shares = sampled_shares(n, worths, n_orders=asked.n_orders, seed=before.site.seed)
    return _explained(groups, shares, worths)


def _explained(groups: Sequence[Group], shares: Shares, worths: _Worths) -> Explained:
    n = len(groups)
    none, every = frozenset[int](), frozenset(range(n))
    first, last = worths(none), worths(every)
    parts = [
        Part(
            group,
            float(shares.share[index]),
            float(shares.error[index]),
            alone=float((worths(frozenset({index})) - first).mean()),
            last=float((last - worths(every - {index})).mean()),
        )
        for index, group in enumerate(groups)
    ]
    change = last - first
    error = float(change.std(ddof=1) / np.sqrt(change.size)) if change.size > 1 else 0.0
    assert worths.metric is not None
    return Explained(
        metric=worths.metric,
        before=float(first.mean()),
        after=float(last.mean()),
        change=float(change.mean()),
        change_error=error,
        parts=tuple(sorted(parts, key=lambda part: -abs(part.share))),
        exact=shares.exact,
        n_orders=shares.n_orders,
        n_runs=worths.n_runs,
    )


class _Worths:
    """The metric of each scenario between the two, each run once."""

    def __init__(
        self,
        before: Scenario,
        after: Scenario,
        groups: Sequence[Group],
        asked: Asked,
        watch: Watch | None,
    ) -> None:
        self.before, self.after, self.groups, self.asked = before, after, groups, asked
        self.watch = watch
        self.shelf = StageCache(KEPT_BYTES)
        self.found: dict[frozenset[int], Floats] = {}
        self.metric: RunMetric | None = None
        self.n_runs = 0
        n, orders = len(groups), asked.n_orders
        sets = 2**n if n <= MOST_EXACT else 2 + 2 * n + orders * (n - 1)
        self.expected = sets * max(asked.replications, 1)
        ends = [scenario.site.end for scenario in (before, after)]
        self.latest = float((max(ends) - datetime.date(1970, 1, 1)).days)

    def __call__(self, taken: frozenset[int]) -> Floats:
        if taken not in self.found:
            self.found[taken] = self._run(taken)
        return self.found[taken]

    def _run(self, taken: frozenset[int]) -> Floats:
        try:
            scenario = mixed_scenario(self.before, self.after, self.groups, taken)
        except DcsimError as error:
            names = ", ".join(self.groups[index].label for index in sorted(taken))
            raise ModelError(f"{names} do not go together: {error}; try --by section") from None
        numbers = range(1, self.asked.replications + 1) if self.asked.replications else (0,)
        measured: list[Measured] = []
        for number in numbers:
            try:
                measured.append(measure(replay(scenario, number, stage_cache=self.shelf)))
            except DcsimError as error:
                measured.append(failed(number, str(error)))
            self.n_runs += 1
            if self.watch is not None:
                self.watch(self.n_runs, max(self.expected, self.n_runs))
        self.metric = metric_of(rows_of(measured), self.asked.metric)
        values = mean_of(self.metric, latest=self.latest)
        if np.isnan(values).any():
            raise ModelError(f"{self.asked.metric} has no value in some runs, so no change either")
        return values
