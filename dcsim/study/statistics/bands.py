"""Quantile bands over replications: rows in; bands of series, figures and GPU-days by cause out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dcsim.clock import Floats, Integers
from dcsim.errors import ModelError
from dcsim.gpu_states import CAUSES
from dcsim.study.records.rows import Rows
from dcsim.study.statistics.samples import (
    checked_levels,
    day_column,
    drawn_rows,
    finished_rows,
    number_column,
    one_case,
    quantiles,
)

LEVELS = (0.1, 0.5, 0.9)
"""P10, P50 and P90; the median, never the mean: a few late runs move a mean to where no run is."""


@dataclass(frozen=True)
class SeriesBands:
    """A monthly series over many replications, month by month."""

    name: str
    months: NDArray[np.datetime64]
    levels: tuple[float, ...]
    """Shares of runs at or below. [1]"""
    values: Floats
    """Shape ``(n_levels, n_months)``; NaN in months where no run has a value."""
    n: int
    """Finished runs it is made of."""
    n_failed: int
    """Runs that failed and are not in it."""
    n_known: Integers
    """Runs that have a value in the month, shape ``(n_months,)``."""

    def at(self, level: float) -> Floats:
        """Return one of the levels, shape ``(n_months,)``."""
        return np.asarray(self.values[self.levels.index(level)])


class ScalarBand(NamedTuple):
    """A figure over many replications."""

    name: str
    n: int
    """Finished runs that have a value."""
    n_failed: int
    levels: tuple[float, ...]
    values: tuple[float, ...]
    """One a level; NaN if no run has one."""


class Loss(NamedTuple):
    """GPU-days that one cause held back."""

    state: str
    cause: str
    band: ScalarBand
    """[GPU-days]"""


class Losses(NamedTuple):
    """GPU-days that were not online, by cause."""

    causes: tuple[Loss, ...]
    """Largest median first. Medians of causes do not add up to the median of their sum."""
    since_delivery: ScalarBand
    """Sum over all causes but delivery, within each run. [GPU-days]"""


def series_bands(rows: Rows, name: str, levels: Sequence[float] = LEVELS) -> SeriesBands:
    """Return the quantiles of a monthly series, month by month.

    Parameters
    ----------
    rows : Rows
        Of one case; replication 0 is left out where others are there.
    name : str
        Of the series.
    levels : sequence of float
        Ascending, from 0 to 1. [1]

    Raises
    ------
    ModelError
        If there is no such series or a level is no share.

    Notes
    -----
    A band is no run: its months come from different runs. `nearest` names a run that is close.
    """
    kept, n_failed = finished_rows(rows)
    values = _named_series(kept, name)
    return SeriesBands(
        name,
        rows.months,
        checked_levels(levels),
        quantiles(values, levels),
        kept.n_rows,
        n_failed,
        np.sum(~np.isnan(values), axis=0, dtype=np.int64),
    )


def _named_series(rows: Rows, name: str) -> Floats:
    if name not in rows.series:
        raise ModelError(f"the rows have no series {name!r}")
    return rows.series[name]


def scalar_bands(
    rows: Rows, names: Sequence[str], levels: Sequence[float] = LEVELS
) -> list[ScalarBand]:
    """Return the quantiles of columns of numbers, in the order of `names`.

    Parameters
    ----------
    rows : Rows
        Of one case; failed runs are left out and counted.
    names : sequence of str
        Of the columns.
    levels : sequence of float
        Ascending, from 0 to 1. [1]
    """
    kept, n_failed = finished_rows(rows)
    return [_scalar_band(name, number_column(kept, name), n_failed, levels) for name in names]


def _scalar_band(name: str, values: Floats, n_failed: int, levels: Sequence[float]) -> ScalarBand:
    found = quantiles(values[:, None], checked_levels(levels))[:, 0]
    n_known = int(np.sum(~np.isnan(values)))
    return ScalarBand(name, n_known, n_failed, tuple(levels), tuple(found.tolist()))


def lost_gpu_days(rows: Rows, levels: Sequence[float] = LEVELS) -> Losses:
    """Return the bands of the GPU-days that each cause of `dcsim.gpu_states.CAUSES` held back."""
    kept, n_failed = finished_rows(rows)
    columns = {
        state: number_column(kept, f"gpu_days.{state}")
        for state in CAUSES
        if f"gpu_days.{state}" in kept.columns
    }
    losses = [
        Loss(state, CAUSES[state], _scalar_band(f"gpu_days.{state}", values, n_failed, levels))
        for state, values in columns.items()
    ]
    median = {state: float(quantiles(v[:, None], (0.5,))[0, 0]) for state, v in columns.items()}
    delivered = [values for state, values in columns.items() if state != "on_order"]
    total = np.sum(delivered, axis=0) if delivered else np.full(kept.n_rows, np.nan)
    return Losses(
        tuple(sorted(losses, key=lambda loss: -np.nan_to_num(median[loss.state]))),
        _scalar_band("gpu_days lost since delivery", total, n_failed, levels),
    )


def nearest(rows: Rows, names: str | Sequence[str], level: float = 0.5) -> int:
    """Return the replication nearest to a band, which can then be run again in full.

    Parameters
    ----------
    rows : Rows
        Of one case.
    names : str or sequence of str
        Series, columns of numbers or of moments such as ``milestone.NAME.reached``. The distances
        of several are added.
    level : float
        Of the band. [1]

    Returns
    -------
    int
        The one with the smallest sum over `names` of the mean squared distance, each in units of
        its own spread from P10 to P90; the lowest number of equals.

    Raises
    ------
    ModelError
        If no run is finished, the rows are of several cases, or a name is unknown.
    """
    kept, _ = finished_rows(one_case(drawn_rows(rows)))
    wanted = (names,) if isinstance(names, str) else tuple(names)
    if not kept.n_rows or not wanted:
        raise ModelError("there is no finished run to choose from")
    distance = np.sum([_distance(kept, name, level) for name in wanted], axis=0)
    replication = kept.columns["replication"]
    # Rounded, so that equals are equal whatever the order in which their months were added.
    best = np.lexsort((replication, np.round(distance, 12)))[0]
    return int(replication[best])


def _distance(rows: Rows, name: str, level: float) -> Floats:
    """Return the mean squared distance of each row to a level, in spreads; inf without a value."""
    values = _column_or_series(rows, name)
    low, high, at = quantiles(values, (0.1, 0.9, *checked_levels((level,))))
    known = ~np.isnan(values)
    spread = np.nanmax(high - low) if known.any() else 0.0
    squares = np.where(known, values - at, 0.0) ** 2 / (spread**2 if spread > 0 else 1.0)
    n_known = known.sum(axis=1)
    return np.where(n_known > 0, squares.sum(axis=1) / np.maximum(n_known, 1), np.inf)


def _column_or_series(rows: Rows, name: str) -> Floats:
    """Return a series or a column as numbers, shape ``(n_rows, 1 or n_months)``."""
    if name in rows.series:
        return rows.series[name]
    if name in rows.columns and rows.columns[name].dtype.kind == "M":
        return _as_days(rows, name)[:, None]
    return number_column(rows, name)[:, None]


def _as_days(rows: Rows, name: str) -> Floats:
    """Return moments as days after the first; never is one day more than twice the last."""
    moments = day_column(rows.columns[name])
    never = np.isnat(moments)
    if never.all():
        return np.zeros(rows.n_rows)
    after = (moments - moments[~never].min()).astype("timedelta64[D]").astype(np.float64)
    after[never] = 2.0 * after[~never].max() + 1.0
    return np.asarray(after)
