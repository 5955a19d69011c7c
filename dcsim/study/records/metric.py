"""Metrics: a name in, one number of each run with its unit out.

Names that gates and explanations use:

``pue_mean``
    A key figure of the run.
``milestone.NAME.reached``, ``work.NAME.finish``
    A day, as days since 1970; never is infinite.
``milestone.NAME.margin_days``, ``milestone.NAME.met``, ``gpu_days.STATE``
    As in a table of replications.
``gpus_online@2030-06``, ``gpus_online_2030``
    A monthly series at the end of a month, or of a year.
"""

from __future__ import annotations

import difflib
import re
from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats
from dcsim.entry_points import METRIC_GROUP, plugin_with
from dcsim.errors import ModelError, cut
from dcsim.scenario.schema.conversion import CURRENCIES
from dcsim.scenario.schema.expect import unit_of
from dcsim.study.records.labels import label_of
from dcsim.study.records.rows import Rows

_AT_MONTH = re.compile(r"([a-z_.0-9A-Z-]+)@(\d{4})-(\d{2})", re.ASCII)
_AT_YEAR = re.compile(r"([a-z_.0-9A-Z-]+)_(\d{4})", re.ASCII)
_DAY = "datetime64[D]"


class RunMetric(NamedTuple):
    """A number of each run, with its unit and text form."""

    name: str
    """Name of the metric."""
    values: Floats
    """One value a run, shape ``(n_runs,)``; NaN where it is missing, infinite for never."""
    unit: str
    """Unit of the values; empty for a number."""
    is_day: bool = False
    """True if values are days since 1970."""

    @property
    def words(self) -> str:
        """The name in words, without the unit."""
        return label_of(self.name).words

    def shown(self, value: float) -> str:
        """Return `value` as text with its unit."""
        if np.isnan(value):
            return "none"
        if self.is_day:
            return "never" if np.isinf(value) else str(np.datetime64(int(value), "D"))
        if self.unit == "" and abs(value) < 1000:
            return f"{value:.4g}"
        factor, unit = self.scale(value)
        return f"{value / factor:{',.0f' if factor == 1 and abs(value) >= 1000 else ',.4g'}} {unit}"

    def change(self, value: float) -> str:
        """Return `value`, a difference of two values, as text."""
        if np.isnan(value):
            return "none"
        factor, unit = (1.0, "days") if self.is_day else self.scale(value)
        form = "+,.0f" if factor == 1 and abs(value) >= 1000 else "+,.3g"
        return f"{value / factor:{form}} {unit}".rstrip()

    def scale(self, value: float) -> tuple[float, str]:
        """Return the divisor and the unit with which `value` is shown."""
        if self.unit in CURRENCIES and abs(value) >= 1e6:
            factor, name = (1e9, "bn") if abs(value) >= 1e9 else (1e6, "mn")
            return factor, f"{name} {self.unit}"
        return 1.0, self.unit


def metric_of(rows: Rows, name: str) -> RunMetric:
    """Return a metric of runs by its name.

    Raises
    ------
    ModelError
        If there is none of that name; the message names what is near. If no run came to a result,
        it names the cause of that.
    """
    if name in rows.columns and rows.columns[name].dtype.kind == "f":
        return RunMetric(name, _of_finished(rows, rows.columns[name]), shown_unit(name))
    if name in rows.columns and rows.columns[name].dtype.kind == "M":
        days = rows.columns[name].astype(_DAY)
        value = np.where(np.isnat(days), np.inf, days.astype(np.int64).astype(np.float64))
        return RunMetric(name, _of_finished(rows, value), "days", is_day=True)
    at_month = _series_at(rows, name)
    if at_month is not None:
        return RunMetric(name, _of_finished(rows, at_month), shown_unit(name))
    if rows.n_rows and not rows.ok.any():
        raise ModelError(f"no run came to a result, the first for this reason: {first_cause(rows)}")
    near = difflib.get_close_matches(name[:200], known_metrics(rows), n=3, cutoff=0.4)
    hint = f"; near are {', '.join(near)}" if near else ""
    if plugin := plugin_with(METRIC_GROUP, name):
        hint = f"; the plug-in {plugin.title} has it: name {plugin.name} under plugins"
    raise ModelError(f"there is no metric {cut(name, 100)!r}{hint}")


def first_cause(rows: Rows) -> str:
    """Return why the first of the runs that failed came to no result; empty if none failed."""
    failures = np.flatnonzero(~rows.ok)
    return str(rows.columns["cause"][failures[0]]) if failures.size else ""


def _of_finished(rows: Rows, values: Floats) -> Floats:
    return np.where(rows.ok, values, np.nan)


def shown_unit(name: str) -> str:
    """Return the unit of a metric as it is shown; shares are shown as numbers.

    >>> shown_unit("unserved_mwh"), shown_unit("gpus_online_2030"), shown_unit("pue_mean")
    ('MWh', 'GPU', '')
    """
    unit = unit_of(name)
    return {"%": "", "day": "days", "GPU*day": "GPU-days", "GPU*h": "GPU-h", "m^3": "m3"}.get(
        unit, unit
    )


def known_metrics(rows: Rows) -> list[str]:
    """Return the names of all metrics of runs; series once, at the last month."""
    names = [
        name
        for name, column in rows.columns.items()
        if column.dtype.kind in "fM" and name != "replication" and not name.startswith("input.")
    ]
    years = sorted({str(month)[:4] for month in rows.months})
    return names + [f"{name}_{year}" for name in rows.series for year in years]


def _series_at(rows: Rows, name: str) -> Floats | None:
    month = None
    if match := _AT_MONTH.fullmatch(name):
        series, month = (
            match[1],
            np.datetime64(f"{match[2]}-{match[3]}", "M") if _is_month(match[3]) else None,
        )
    elif match := _AT_YEAR.fullmatch(name):
        series, month = match[1], np.datetime64(f"{match[2]}-12", "M")
    if month is None or series not in rows.series:
        return None
    index = np.flatnonzero(rows.months == month)
    return rows.series[series][:, index[0]] if index.size else None


def _is_month(text: str) -> bool:
    return 1 <= int(text) <= 12


def mean_of(metric: RunMetric, *, latest: float) -> Floats:
    """Return values that may be averaged: "never" becomes the day after the run ends.

    Parameters
    ----------
    metric : Metric
    latest : float
        That day, as days since 1970.
    """
    return np.where(np.isinf(metric.values), latest, metric.values)
