"""Samples of runs: rows in; subsets, shares, quantiles and their intervals out."""

from __future__ import annotations

import datetime
import difflib
import functools
import math
from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dcsim.clock import Floats
from dcsim.errors import ModelError, cut
from dcsim.study.records.rows import RowColumn, Rows

CONFIDENCE = 0.95
"""Level of every interval, the customary one. [1]"""
ROUNDING = 1e-9
"""Shares times counts are floats: 0.07 × 100 is a little above 7, and means 7."""

DayArray = NDArray[np.datetime64]
"""Days as datetime64[D], NaT for never."""


class ShareEstimate(NamedTuple):
    """A share of runs, with the interval of the chance it estimates."""

    n: int
    n_yes: int
    share: float
    """NaN of none. [1]"""
    low: float
    high: float
    """Wilson interval at `CONFIDENCE`. [1]"""

    @property
    def half_width(self) -> float:
        """Half the width of the interval. [1]"""
        return (self.high - self.low) / 2


def share_of(n_yes: int, n: int) -> ShareEstimate:
    """Return a share with its Wilson score interval; of no run, from 0 to 1.

    Examples
    --------
    >>> round(share_of(0, 10).high, 6)
    0.277533
    """
    low, high = wilson(n_yes, n)
    return ShareEstimate(n, n_yes, n_yes / n if n else math.nan, low, high)


@functools.lru_cache(maxsize=65536)
def wilson(n_yes: int, n: int) -> tuple[float, float]:
    """Return the ends of the Wilson score interval of a share. [1]

    Notes
    -----
    The chances whose score test does not reject ``p = n_yes / n`` [1]_, with ``z = 1.96``::

        (p + z² / 2n ± z sqrt(p (1 - p) / n + z² / 4n²)) / (1 + z² / n)

    Unlike ``p ± z sqrt(p (1 - p) / n)`` it does not shrink to a point where no run, or every run,
    meets a milestone, which in a study of few replications is the usual case.

    References
    ----------
    .. [1] E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
       Journal of the American Statistical Association 22 (1927) 209-212.
    """
    from scipy.stats import binomtest  # noqa: PLC0415 - heavy

    if not n:
        return 0.0, 1.0
    # Only the interval is needed; tested at the share itself, the test beside it costs nothing.
    ends = binomtest(n_yes, n, p=n_yes / n).proportion_ci(CONFIDENCE, method="wilson")
    return float(ends.low), float(ends.high)


def drawn_rows(rows: Rows) -> Rows:
    """Return the rows with drawn random numbers: replication 0 stands at the medians, undrawn.

    Where nothing but replication 0 is there, as in a design that sets every uncertain value, all
    rows are kept.
    """
    is_drawn = rows.columns["replication"] > 0
    return rows.where(is_drawn) if is_drawn.any() and not is_drawn.all() else rows


def left_out(rows: Rows, without: Collection[str]) -> NDArray[np.bool_]:
    """Return a mask of the failed rows that are left out by name, shape ``(n_rows,)``.

    Parameters
    ----------
    rows : Rows
    without : collection of str
        Names of failed runs: a case (``gb300``), one replication of it (``gb300#17``, or ``#17``
        of any case), or a cause, whole or up to one of its colons. A finished run is never left
        out, whatever its name.
    """
    failed = ~rows.ok
    if not without or not failed.any():
        return np.zeros(rows.n_rows, dtype=np.bool_)
    names = set(without)
    return np.array(
        [
            bool(failed[row]) and not names.isdisjoint(_names_of(rows, row))
            for row in range(rows.n_rows)
        ],
        dtype=np.bool_,
    )


def _names_of(rows: Rows, row: int) -> set[str]:
    replication = f"#{int(rows.columns['replication'][row])}"
    cause = str(rows.columns["cause"][row] or "").split(": ")
    names = {replication, *(": ".join(cause[:n]) for n in range(1, len(cause) + 1))} - {""}
    if "case" in rows.columns:
        case = str(rows.columns["case"][row])
        names |= {case, case + replication}
    return names


def counted_rows(rows: Rows, without: Collection[str] = ()) -> tuple[Rows, int]:
    """Return the drawn rows but those left out by name, and how many those are."""
    rows = drawn_rows(rows)
    out = left_out(rows, without)
    return (rows.where(~out), int(out.sum())) if out.any() else (rows, 0)


def finished_rows(rows: Rows) -> tuple[Rows, int]:
    """Return the drawn rows that hold a finished run, and how many failed."""
    rows = drawn_rows(rows)
    ok = rows.ok
    return (rows if ok.all() else rows.where(ok)), int((~ok).sum())


def by_case(rows: Rows) -> dict[str, Rows]:
    """Return the rows of each case by its id, in the order in which cases first appear."""
    cases = rows.columns["case"]
    return {str(case): rows.where(cases == case) for case in dict.fromkeys(cases.tolist())}


def one_case(rows: Rows) -> Rows:
    """Return rows in which a replication stands once; ModelError where there are more cases."""
    if len(np.unique(rows.columns["replication"])) != rows.n_rows:
        raise ModelError("these are rows of several cases; pick one of them")
    return rows


def number_column(rows: Rows, name: str) -> Floats:
    """Return a column of numbers, NaN where there is none, shape ``(n_rows,)``."""
    column = rows.columns.get(name)
    if column is None:
        near = difflib.get_close_matches(name[:200], rows.columns, n=3)
        hint = f"; near are {', '.join(near)}" if near else ""
        raise ModelError(f"the rows have no column {cut(name, 100)!r}{hint}")
    if column.dtype.kind not in "fiub":
        raise ModelError(f"column {name!r} holds no numbers")
    return np.asarray(column, dtype=np.float64)


def day_column(column: RowColumn) -> DayArray:
    """Return moments as days, NaT for never."""
    return np.asarray(column, dtype="datetime64[D]")


def checked_levels(levels: Sequence[float]) -> tuple[float, ...]:
    """Return levels or shares as they are; ModelError for one that is not from 0 to 1."""
    if not all(0 <= level <= 1 for level in levels):
        raise ModelError(f"levels are shares from 0 to 1, got {', '.join(map(str, levels))}")
    return tuple(levels)


def quantiles(values: Floats, levels: Sequence[float]) -> Floats:
    """Return quantiles over the first axis, by linear interpolation, NaN left out.

    Parameters
    ----------
    values : ndarray, shape (n, m)
    levels : sequence of float
        From 0 to 1. [1]

    Returns
    -------
    ndarray, shape (n_levels, m)
        NaN where there is no value at all.

    References
    ----------
    .. [1] R. J. Hyndman and Y. Fan, "Sample quantiles in statistical packages", The American
       Statistician 50 (1996) 361-365: definition 7.
    """
    found = np.full((len(levels), values.shape[1]), np.nan)
    gaps = np.isnan(values)
    known = ~gaps.all(axis=0)
    if values.size and known.any():
        of = np.nanquantile if gaps.any() else np.quantile
        found[:, known] = of(values[:, known], levels, axis=0)
    return found


def day_by_share(reached: DayArray, share: float) -> datetime.date | None:
    """Return the earliest day by which at least a share of all had it; None if it never was.

    Parameters
    ----------
    reached : ndarray of datetime64[D], shape (n,)
        NaT for never, which counts among all.
    share : float
        Above 0 and up to 1. [1]

    Raises
    ------
    ModelError
        If the share is none.

    Examples
    --------
    Half of five runs is three of them, and the third date of five is their P50 date:

    >>> reached = np.array(["2030-05", "NaT", "2030-01", "2030-03", "2030-02"], "datetime64[D]")
    >>> day_by_share(reached, 0.5), day_by_share(reached, 0.9)
    (datetime.date(2030, 3, 1), None)
    """
    if not 0 < share <= 1:
        raise ModelError(f"a share of runs is above 0 and at most 1, got {share}")
    if not reached.size:
        return None
    # NaT sorts behind every day.
    day = np.sort(reached)[max(math.ceil(share * reached.size - ROUNDING), 1) - 1]
    return _date(day)


def day_interval(
    reached: DayArray, share: float
) -> tuple[datetime.date | None, datetime.date | None]:
    """Return the interval of `day_by_share` at `CONFIDENCE`.

    Parameters
    ----------
    reached : ndarray of datetime64[D], shape (n,)
        NaT for never.
    share : float
        Above 0 and up to 1. [1]

    Returns
    -------
    tuple of date or None
        None at the early end: too few runs to bound it, or never; None at the late end: never, or
        not bounded.

    Notes
    -----
    The number of runs before the true quantile is binomial with `n` and `share`, whatever the
    distribution of the dates; so two ranks of the sorted dates bound it [1]_.

    References
    ----------
    .. [1] W. J. Conover, "Practical Nonparametric Statistics", 3rd ed. (1999), 3.2: the quantile
       test and its interval.
    """
    from scipy.stats import quantile_test  # noqa: PLC0415 - heavy

    if not reached.size or share >= 1:
        return None, None
    # Days are ranked, so any order will do for never that is behind the last of them.
    ordered = np.sort(reached)
    ranks = np.arange(reached.size, dtype=np.float64)
    ends = quantile_test(ranks, q=0.0, p=share).confidence_interval(CONFIDENCE)
    low, high = (
        None if math.isnan(end) else _date(ordered[int(end)]) for end in (ends.low, ends.high)
    )
    return low, high


def _date(day: np.datetime64) -> datetime.date | None:
    moment = day.astype("datetime64[D]").item()
    return moment if isinstance(moment, datetime.date) else None
