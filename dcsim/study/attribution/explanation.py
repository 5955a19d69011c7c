"""Explanations: the parts of a change in, tables of shares and assumptions out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from dcsim.results.table import Table, table_of_records
from dcsim.results.tabular import Tabular
from dcsim.study.attribution.mixed import AssumptionGroup
from dcsim.study.records.metric import RunMetric

_COLUMNS = ("share", "error", "alone", "last")


class GroupShare(NamedTuple):
    """A group of assumptions and its share of the change."""

    group: AssumptionGroup
    """The assumptions, which change together."""
    share: float
    """Its Shapley value; all of them add up to the change."""
    error: float
    """Standard error of it."""
    alone: float
    """Change if it alone is made."""
    last: float
    """Change if it is made when all others are."""


@dataclass(frozen=True, repr=False, eq=False)
class Explanation(Tabular):
    """The change of a metric between two scenarios and its parts.

    Its main table has a row for each group of assumptions that differ, the largest share first, in
    the unit of the metric. The shares add up to the change exactly.
    """

    run_metric: RunMetric
    """The metric in the second scenario, with its unit and its form as text."""
    names: tuple[str, str]
    """Names of the two scenarios."""
    before: float
    """Mean of the metric in the first scenario; of a date days since 1970."""
    after: float
    """Mean of it in the second scenario."""
    change: float
    """Mean change, run by run; a date that is never reached counts as the end of the run."""
    change_error: float
    """Standard error of it; 0 for a single run."""
    parts: tuple[GroupShare, ...]
    """Groups with their shares, the largest first."""
    exact: bool
    """True if the shares are means over all orders of the groups, not over some."""
    n_orders: int
    """Number of these orders."""
    n_runs: int
    """Number of runs that were computed."""

    @property
    def metric(self) -> str:
        """Name of the metric."""
        return self.run_metric.name

    @property
    def unit(self) -> str:
        """Unit of the metric and of all shares; empty for a number."""
        return "day" if self.run_metric.is_day else self.run_metric.unit

    @property
    def table(self) -> Table:
        """A row a group: group, share, error, alone, last, and share_frac of the change."""
        rows = [
            {
                "group": part.group.label,
                **{name: getattr(part, name) for name in _COLUMNS},
                "share_frac": part.share / self.change if self.change else math.nan,
            }
            for part in self.parts
        ]
        units = dict.fromkeys(_COLUMNS, self.unit or "1") | {"share_frac": "1"}
        return table_of_records(rows, units=units, index=("group",))

    @property
    def assumptions(self) -> Table:
        """A row a changed assumption: group, key, before, after, source; texts as written."""
        rows = [
            {"group": part.group.label, **change._asdict()}
            for part in self.parts
            for change in part.group.changes
        ]
        return table_of_records(rows, index=("group", "key"))

    def _headline(self) -> str:
        metric, (before, after) = self.run_metric, self.names
        levels = f"{metric.shown(self.before)} in {before}, {metric.shown(self.after)} in {after}"
        text = f"{metric.name}: {levels}"
        largest = self.parts[0]
        if not largest.share:
            return f"{text}; nothing moves it"
        share, change = metric.change(largest.share), metric.change(self.change)
        return f"{text}; {share} of {change} by {largest.group.label}"

    def _notebook_tables(self) -> dict[str, Table]:
        return {"Parts of the change": self.table, "Changed assumptions": self.assumptions}
