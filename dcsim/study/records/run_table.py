"""Tables of runs: rows in, tables of runs and of their monthly series with units out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dcsim.results.result_tables import known_figures
from dcsim.results.table import Table
from dcsim.study.records.rows import RowColumn, Rows

SERIES_UNITS = {
    "gpus_": ("GPU", "at the end of the month"),
    "energized_": ("MW", "energized power at the end of the month"),
    "facility_power_": ("MW", "facility power, mean of the month"),
    "cfe_": ("1", "share of the load met by carbon-free power in the same hour"),
}
"""Unit and meaning of monthly series by the beginning of their names."""
_ENDS = {".margin_days": "day", ".met": "1"}


def run_table(rows: Rows, inputs: Mapping[str, str], index: tuple[str, ...]) -> Table:
    """Return runs as a table, one row each.

    Parameters
    ----------
    rows : Rows
    inputs : mapping of str to str
        Units of uncertain inputs by their key paths.
    index : tuple of str
        Columns that say what a row is about.

    Returns
    -------
    Table
    """
    figures = known_figures(rows.columns)
    terms = {name: meaning for name, (_, meaning) in figures.items()}
    units = {name: unit for name, (unit, _) in figures.items()}
    for name in rows.columns:
        # A parameter of a sample is called as its key path and holds a quantile, not the value.
        key = name.removeprefix("input.")
        unit = inputs.get(key, "") if key != name else _unit_by_name(name)
        if unit and rows.columns[name].dtype.kind == "f":
            units[name] = unit
    return Table(_whole_replications(rows), units, terms, index=index)


def run_series_table(rows: Rows, index: tuple[str, ...]) -> Table:
    """Return the monthly series of runs as a table, one row a run and month.

    Parameters
    ----------
    rows : Rows
    index : tuple of str
        Columns of `rows` that say which run a row is of; ``month`` comes behind them.

    Returns
    -------
    Table
    """
    n_months = len(rows.months)
    runs = _whole_replications(rows)
    columns = {name: np.repeat(runs[name], n_months) for name in index}
    columns["month"] = np.tile(rows.months, rows.n_rows)
    columns |= {name: values.ravel() for name, values in rows.series.items()}
    known = {name: series_unit(name) for name in rows.series}
    return Table(
        columns,
        {name: unit for name, (unit, _) in known.items() if unit},
        {name: term for name, (_, term) in known.items() if term},
        index=(*index, "month"),
    )


def series_unit(name: str) -> tuple[str, str]:
    """Return unit and meaning of a monthly series.

    >>> series_unit("gpus_online.server"), series_unit("spent_krw")[0]
    (('GPU', 'at the end of the month'), 'KRW')
    """
    if name.startswith("spent_"):
        return name.removeprefix("spent_").upper(), "capital, GPUs and running costs so far"
    starts = (start for start in SERIES_UNITS if name.startswith(start))
    return SERIES_UNITS.get(next(starts, ""), ("", ""))


def figure_unit(name: str) -> tuple[str, str]:
    """Return unit and meaning of a key figure; empty texts for one that is unknown.

    >>> figure_unit("carbon_free_hourly_frac")[0], figure_unit("npv_usd")[0]
    ('1', 'USD')
    """
    return known_figures([name]).get(name, ("", ""))


def _unit_by_name(name: str) -> str:
    if name.startswith("gpu_days."):
        return "GPU-day"
    ends = (unit for end, unit in _ENDS.items() if name.endswith(end))
    return next(ends, "") if name.startswith("milestone.") else ""


def _whole_replications(rows: Rows) -> dict[str, RowColumn]:
    return {**rows.columns, "replication": rows.columns["replication"].astype(np.int64)}
