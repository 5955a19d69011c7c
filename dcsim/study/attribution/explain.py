"""Explanations: two scenarios and a metric in, its change split over what differs out."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats
from dcsim.errors import DcsimError, ModelError, Problem, ScenarioError
from dcsim.limits import LEAST_ORDERS, MAX_REPLICATIONS, one_of, whole_number
from dcsim.pipeline import replay, replay_dates
from dcsim.scenario.scenario import Scenario, require_scenario
from dcsim.stage_cache import StageCache
from dcsim.study.attribution.explanation import Explanation, GroupShare
from dcsim.study.attribution.mixed import (
    BY,
    AssumptionGroup,
    By,
    changed_groups,
    dependent_groups,
    mixed_scenario,
)
from dcsim.study.attribution.shapley import MOST_EXACT, Shares, exact_shares, sampled_shares
from dcsim.study.records.dated_metrics import decided_by_dates
from dcsim.study.records.measure import Measured, failed, measure, measure_dates, rows_of
from dcsim.study.records.metric import RunMetric, mean_of, metric_of

CACHE_BYTES = 256 << 20
N_ORDERS = 24
"""Orders that are sampled where there are too many groups for all."""

OnRun = Callable[[int, int], None]
"""Called with the number of runs that are done, and about how many there will be."""


class ExplainRequest(NamedTuple):
    """Metric whose change is to be explained, and how precisely."""

    metric: str
    replications: int
    """0 explains the single run at the medians; more explain the mean change of so many."""
    n_orders: int


def explain(
    before: Scenario,
    after: Scenario,
    metric: str,
    *,
    by: By = "section",
    replications: int = 0,
    orders: int = N_ORDERS,
    watch: OnRun | None = None,
) -> Explanation:
    """Return the change of a metric from one scenario to another, split over what differs.

    Each share is a Shapley value: the mean effect of a group of assumptions over the orders in
    which the groups may change. They add up to the change exactly.

    Parameters
    ----------
    before, after : Scenario
        They have common random numbers, replication by replication.
    metric : str
        Figure to explain, such as ``gpus_online_2030`` or ``milestone.NAME.reached``.
    by : {"section", "name"}
        Group assumptions by section of the file, or by the thing they belong to.
    replications : int
        Explain the mean change of so many runs; 0 takes the single run at the medians.
    orders : int
        Orders to look at where more than eight groups differ, at least 4. Each comes with its
        reverse, so that an odd number counts one more.
    watch : callable, optional
        Called after each run with the number of runs that are done, and about how many there will
        be.

    Returns
    -------
    Explanation
        A table of shares in the unit of the metric, and the assumptions behind them.

    Raises
    ------
    ScenarioError
        If `by`, `replications` or `orders` is not what it should be.
    ModelError
        If the scenarios have another seed, differ in nothing, or the metric is unknown or has no
        value in some run.
    TypeError
        If `before` or `after` is no `Scenario`.

    Examples
    --------
    >>> import dcsim
    >>> plan = dcsim.load("scenarios/minimal.yaml")
    >>> slower = ["deployment.commissioning=42 days", "cooling.overhead=25 %"]
    >>> dcsim.explain(plan, plan.with_overrides(slower), "pue_mean").table["group"]
    array(['cooling', 'deployment'], dtype=object)
    """
    for scenario in (before, after):
        require_scenario(scenario, "explain")
    one_of(by, "by", BY)
    request = ExplainRequest(
        _metric_name(metric),
        whole_number(replications, "replications", most=MAX_REPLICATIONS),
        _even(whole_number(orders, "orders", least=LEAST_ORDERS)),
    )
    if before.site.seed != after.site.seed:
        raise ModelError("the two scenarios have different seeds; pairs need common random numbers")
    groups = dependent_groups(before, after, changed_groups(before, after, by))
    worths = _MixedMetric(before, after, groups, request, watch)
    n = len(groups)
    if n <= MOST_EXACT:
        shares = exact_shares(n, worths)
    else:
        shares = sampled_shares(n, worths, n_orders=request.n_orders, seed=before.site.seed)
    return _explanation(groups, shares, worths)


def _metric_name(metric: object) -> str:
    if isinstance(metric, str):
        return metric
    message = "must be the name of a figure, such as gpus_online_2030"
    raise ScenarioError([Problem("", f"metric {metric!r}", message)])


def _even(orders: int) -> int:
    """Return a number of orders that come in pairs, each with its reverse."""
    return orders + orders % 2


def _names(before: Scenario, after: Scenario) -> tuple[str, str]:
    """Return the names of two scenarios: those of their files, told apart where they are one."""
    first, second = before.path.stem, after.path.stem
    return (first, second) if first != second else (f"{first} before", f"{second} after")


def _explanation(
    groups: Sequence[AssumptionGroup], shares: Shares, worths: _MixedMetric
) -> Explanation:
    n = len(groups)
    none, every = frozenset[int](), frozenset(range(n))
    first, last = worths(none), worths(every)
    parts = [
        GroupShare(
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
    return Explanation(
        run_metric=worths.metric,
        names=_names(worths.before, worths.after),
        before=float(first.mean()),
        after=float(last.mean()),
        change=float(change.mean()),
        change_error=error,
        parts=tuple(sorted(parts, key=lambda part: -abs(part.share))),
        exact=shares.exact,
        n_orders=shares.n_orders,
        n_runs=worths.n_runs,
    )


class _MixedMetric:
    """The metric of each mix of the two scenarios, each run once."""

    def __init__(
        self,
        before: Scenario,
        after: Scenario,
        groups: Sequence[AssumptionGroup],
        request: ExplainRequest,
        watch: OnRun | None,
    ) -> None:
        self.before, self.after, self.groups, self.request = before, after, groups, request
        self.watch = watch
        self.cache = StageCache(CACHE_BYTES)
        self.values: dict[frozenset[int], Floats] = {}
        self.metric: RunMetric | None = None
        self.n_runs = 0
        n, orders = len(groups), request.n_orders
        sets = 2**n if n <= MOST_EXACT else 2 + 2 * n + orders * (n - 1)
        self.expected = sets * max(request.replications, 1)
        ends = [scenario.site.end for scenario in (before, after)]
        self.latest = float((max(ends) - datetime.date(1970, 1, 1)).days)

    def __call__(self, taken: frozenset[int]) -> Floats:
        if taken not in self.values:
            self.values[taken] = self._run(taken)
        return self.values[taken]

    def _run(self, taken: frozenset[int]) -> Floats:
        try:
            scenario = mixed_scenario(self.before, self.after, self.groups, taken)
        except DcsimError as error:
            names = ", ".join(self.groups[index].label for index in sorted(taken))
            message = f"{names} do not fit together: {error}; group them by section"
            raise ModelError(message) from None
        numbers = range(1, self.request.replications + 1) if self.request.replications else (0,)
        measured: list[Measured] = []
        for number in numbers:
            try:
                measured.append(self._measured(scenario, number))
            except DcsimError as error:
                measured.append(failed(number, str(error)))
            self.n_runs += 1
            if self.watch is not None:
                self.watch(self.n_runs, max(self.expected, self.n_runs))
        self.metric = metric_of(rows_of(measured), self.request.metric)
        values = mean_of(self.metric, latest=self.latest)
        if np.isnan(values).any():
            raise ModelError(
                f"{self.request.metric} has no value in some runs, so no change either"
            )
        return values

    def _measured(self, scenario: Scenario, number: int) -> Measured:
        if decided_by_dates([self.request.metric]):
            return measure_dates(replay_dates(scenario, number, stage_cache=self.cache))
        return measure(replay(scenario, number, stage_cache=self.cache))
