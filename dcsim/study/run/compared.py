"""A comparison: the replications of scenarios in; changed assumptions, dates and figures out."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dcsim.results.table import Table, table_of_records
from dcsim.results.tabular import Tabular
from dcsim.study.attribution.differences import Assumption, changed_assumptions
from dcsim.study.records.labels import KEY_FIGURES
from dcsim.study.records.run_table import figure_unit
from dcsim.study.run.replicated import Replications
from dcsim.study.run.replications import key_figures
from dcsim.study.statistics.paired import (
    Difference,
    MilestoneDifference,
    paired,
    paired_milestones,
)


@dataclass(frozen=True, repr=False, eq=False)
class Comparison(Tabular):
    """Scenarios beside the first of them, in pairs of runs with the same random numbers.

    Its main table is `figures`. In each table the column ``scenario`` holds the label of the
    scenario that is compared with the first.
    """

    replications: Mapping[str, Replications]
    """The runs of each scenario by its label, those of the first first."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the scenarios, the first of which the others are compared with."""
        return tuple(self.replications)

    @property
    def assumptions(self) -> Table:
        """The values that differ from the first scenario: key path, before, after, source."""
        records = [
            {"scenario": label, **one._asdict()}
            for label, changes in self._changes.items()
            for one in changes
        ]
        names = ("scenario", *Assumption._fields)
        return table_of_records(records, names=names, index=("scenario", "key"))

    @property
    def milestones(self) -> Table:
        """The milestones: the chance of each in both scenarios, and by how many days it moves.

        ``change`` of the chance and the median of ``days`` (later is positive, where both reach it)
        have their intervals at 95 % beside them; ``p_value`` is that of McNemar's test.
        """
        records = [
            {
                "scenario": label,
                "name": one.name,
                "probability_before": (one.both + one.only_a) / one.n,
                "probability_after": (one.both + one.only_b) / one.n,
                **{key: value for key, value in one._asdict().items() if key != "name"},
            }
            for label, found in self._milestones.items()
            for one in found
        ]
        units = dict.fromkeys(("probability_before", "probability_after"), "1")
        units |= dict.fromkeys(("change", "low", "high", "p_value"), "1")
        units |= dict.fromkeys(("days", "days_low", "days_high"), "day")
        return table_of_records(records, units=units, index=("scenario", "name"))

    @property
    def figures(self) -> Table:
        """The change of each key figure that both scenarios have, pair by pair.

        Median and mean with their intervals at 95 %, the shares of the pairs in which it is higher
        and lower, unit and meaning.
        """
        records = [
            {
                "scenario": label,
                "figure": one.name,
                **{key: value for key, value in one._asdict().items() if key != "name"},
                "unit": unit,
                "meaning": meaning,
            }
            for label, found in self._figures.items()
            for one in found
            for unit, meaning in [figure_unit(one.name)]
        ]
        units = dict.fromkeys(("share_higher", "share_lower", "variance_ratio"), "1")
        return table_of_records(records, units=units, index=("scenario", "figure"))

    @property
    def table(self) -> Table:
        """The changes of key figures, see `figures`."""
        return self.figures

    @functools.cached_property
    def summary(self) -> dict[str, dict[str, Any]]:
        """The differences as plain data by label, with the figures that the command prints."""
        return {
            label: {
                "assumptions": [change._asdict() for change in self._changes[label]],
                "milestones": [one._asdict() for one in self._milestones[label]],
                "figures": [one._asdict() for one in self._paired(label, list(KEY_FIGURES))],
            }
            for label in self.labels[1:]
        }

    @functools.cached_property
    def _changes(self) -> dict[str, list[Assumption]]:
        first = self._first.scenario
        return {
            label: changed_assumptions(first, self.replications[label].scenario)
            for label in self.labels[1:]
        }

    @functools.cached_property
    def _milestones(self) -> dict[str, list[MilestoneDifference]]:
        return {
            label: paired_milestones(self._first.rows, self.replications[label].rows)
            for label in self.labels[1:]
        }

    @functools.cached_property
    def _figures(self) -> dict[str, list[Difference]]:
        names = key_figures(self._first.rows)
        return {
            label: [one for one in self._paired(label, names) if one.n] for label in self.labels[1:]
        }

    def _paired(self, label: str, names: list[str]) -> list[Difference]:
        before, after = self._first.rows, self.replications[label].rows
        shared = [name for name in names if name in before.columns and name in after.columns]
        return paired(before, after, shared)

    @property
    def _first(self) -> Replications:
        return self.replications[self.labels[0]]

    def _headline(self) -> str:
        first, *others = self.labels
        return f"{', '.join(others)} with {first}, {self._first.n:,} replications each"

    def _notebook_tables(self) -> dict[str, Table]:
        shown = {
            "Changed assumptions": self.assumptions,
            "Milestones": self.milestones,
            "Key figures": self.figures,
        }
        return {title: table for title, table in shown.items() if len(table)}
