"""The runs of a sweep: rows of all cases in; tables of cases and runs, and a dataset out."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dcsim.results.table import Table
from dcsim.results.tabular import Tabular
from dcsim.study.records.rows import RowColumn, Rows
from dcsim.study.records.run_table import figure_unit, run_series_table, run_table
from dcsim.study.run.replicated import failure_table
from dcsim.study.run.replications import key_figures
from dcsim.study.run.runner import RunReport
from dcsim.study.statistics.milestones import (
    confidence_dates,
    milestone_chances,
    milestone_names,
)
from dcsim.study.statistics.outcomes import known_median

if TYPE_CHECKING:
    import xarray as xr

RUN = ("case", "replication")


@dataclass(frozen=True, repr=False, eq=False)
class Sweep(Tabular):
    """The runs of all cases of a study.

    Its main table holds one row a run: ``case``, the parameters of the case by their key paths, and
    the columns of `Replications`. In a sample the parameters are quantiles; the values that were
    drawn stand in ``input.KEY``.
    """

    name: str
    """Name of the study."""
    rows: Rows
    """The runs as statistics and figures read them."""
    about: Mapping[str, Any]
    """Axes and design of the study as plain data, as its store keeps them."""
    report: RunReport
    """Counts of this call: runs computed, found in the store, failed; time and memory."""
    store: Path | None = None
    """Folder of the finished runs, None if it was temporary."""
    files: tuple[Path, ...] = ()
    """Tables in that folder: a row a run, and a row a run and month."""

    @property
    def axes(self) -> dict[str, tuple[str | float, ...]]:
        """The values of each axis, by key path or name."""
        return {axis["key"]: tuple(axis["values"]) for axis in self.about["axes"]}

    @property
    def n_cases(self) -> int:
        """Number of cases of the study, computed or not."""
        return int(self.about["n_cases"])

    @property
    def n_failed(self) -> int:
        """Number of runs that failed, see `failures`."""
        return int((~self.rows.ok).sum())

    @property
    def failures(self) -> Table:
        """The runs that failed, with the cause of each."""
        return failure_table(self.rows, RUN) if self.rows.n_rows else _no_rows()

    @property
    def table(self) -> Table:
        """The runs, one row each, with units."""
        return run_table(self.rows, self.about["units"], RUN) if self.rows.n_rows else _no_rows()

    @property
    def series(self) -> Table:
        """The monthly series over ``case``, ``replication`` and ``month``."""
        return run_series_table(self.rows, RUN) if self.rows.n_rows else _no_rows()

    @functools.cached_property
    def cases(self) -> Table:
        """The cases, one row each.

        Parameters, ``runs`` and ``failed``; for each milestone its chance to be met in time
        (``milestone.NAME.probability``) and its P50 date (``milestone.NAME.p50``, missing if fewer
        than half of the runs get there); the median of each key figure that has values.
        """
        parts = rows_by_case(self.rows)
        if not parts:
            return _no_rows()
        columns: dict[str, RowColumn] = {"case": np.array(list(parts), dtype=object)}
        first = [part.where(np.arange(1)) for part in parts.values()]
        for key in self.parameters:
            columns[key] = np.concatenate([part.columns[key] for part in first])
        columns["runs"] = np.array([part.n_rows for part in parts.values()])
        columns["failed"] = np.array([int((~part.ok).sum()) for part in parts.values()])
        columns |= _milestone_medians(self.rows, parts)
        figures = [
            name
            for name in key_figures(self.rows, without=self.parameters)
            if not np.isnan(self.rows.columns[name]).all()
        ]
        columns |= {name: case_medians(parts, name) for name in figures}
        known = {name: figure_unit(name) for name in figures}
        units = {name: unit for name, (unit, _) in known.items() if unit}
        units |= {name: "1" for name in columns if name.endswith(".probability")}
        terms = {name: f"median: {term}" for name, (_, term) in known.items() if term}
        return Table(columns, units, terms, index=("case",))

    @property
    def parameters(self) -> tuple[str, ...]:
        """Columns that tell the cases apart: what the axes, the entries and the sample set."""
        names = list(self.rows.columns)
        return tuple(names[1 : names.index("replication")]) if names else ()

    def to_xarray(self) -> xr.Dataset:
        """Return the runs as an xarray dataset.

        Its dimensions are the axes and ``replication`` where the study is a grid; else ``case`` and
        ``replication``, with the parameters of each case beside it.

        Raises
        ------
        MissingExtraError
            If xarray is not installed.
        """
        dataset = self.table.to_xarray()
        keys = [key for key in self.parameters if key in dataset]
        if "case" not in dataset.dims:
            return dataset
        cases = self.cases
        parameters = {key: ("case", cases[key]) for key in keys}
        dataset = dataset.drop_vars(keys).sel(case=cases["case"]).assign_coords(parameters)
        if not self._is_grid(cases):
            return dataset
        values = {key: list(dict.fromkeys(cases[key].tolist())) for key in keys}
        dataset = dataset.drop_vars("case")
        unstacked: xr.Dataset = (
            dataset.set_index(case=keys).unstack("case").reindex(values)
            if len(keys) > 1
            else dataset.swap_dims(case=keys[0])
        )
        for axis in self.about["axes"]:
            unstacked[axis["key"]].attrs["long_name"] = axis["label"]
        return unstacked.transpose(*keys, "replication")

    def _is_grid(self, cases: Table) -> bool:
        """Return True if the parameters are the axes of a grid, all combinations of which ran."""
        in_step = [keys for keys in self.about["in_step"] if len(keys) > 1]
        keys = list(self.axes)
        if in_step or not keys or set(keys) != set(self.parameters) or "list" in keys:
            return False
        n = 1
        for key in keys:
            n *= len(dict.fromkeys(cases[key].tolist()))
        return n == len(cases) > 0

    def _headline(self) -> str:
        failed = f", {self.n_failed:,} failed" if self.n_failed else ""
        axes = " and ".join(f"{key} ({len(values)})" for key, values in self.axes.items())
        over = f" over {axes}" if axes else ""
        cases = "1 case" if self.n_cases == 1 else f"{self.n_cases:,} cases"
        return f"{self.name}, {cases}{over}, {self.rows.n_rows:,} runs{failed}"

    def _notebook_tables(self) -> dict[str, Table]:
        return {"Cases": self.cases} | ({"Failed": self.failures} if self.n_failed else {})


def _no_rows() -> Table:
    """Return the table of a shard without cases: Arrow has no table without columns."""
    return Table({name: np.array([], dtype=object) for name in RUN}, index=RUN)


def rows_by_case(rows: Rows) -> dict[str, Rows]:
    """Return the runs of each case by its id, in the order of the study."""
    if not rows.n_rows:
        return {}
    places: dict[str, list[int]] = {}
    for place, case in enumerate(rows.columns["case"].tolist()):
        places.setdefault(case, []).append(place)
    return {case: rows.where(np.array(own)) for case, own in places.items()}


def _milestone_medians(rows: Rows, parts: Mapping[str, Rows]) -> dict[str, RowColumn]:
    columns: dict[str, RowColumn] = {}
    chances = [{one.name: one.probability for one in milestone_chances(p)} for p in parts.values()]
    dates = [
        {one.name: one.dates[0].day for one in confidence_dates(part, shares=(0.5,))}
        for part in parts.values()
    ]
    for name in milestone_names(rows):
        columns[f"milestone.{name}.probability"] = np.array(
            [chance.get(name, np.nan) for chance in chances]
        )
        days = [day.get(name) or "NaT" for day in dates]
        columns[f"milestone.{name}.p50"] = np.array(days, dtype="datetime64[D]")
    return columns


def case_medians(parts: Mapping[str, Rows], name: str) -> RowColumn:
    """Return the median of a figure over the finished runs of each case that have a value."""
    values = (part.columns[name][part.ok].astype(np.float64) for part in parts.values())
    return np.array([known_median(own) for own in values])
