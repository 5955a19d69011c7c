"""Gaps of a column: values with holes in, values with short gaps filled out."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dcsim.clock import Floats, Integers
from dcsim.units import HOURS_PER_DAY, MINUTES_PER_HOUR

MAX_REPAIR_H = 72
"""Longest gap that any file may have filled. [h]"""


class Gaps(NamedTuple):
    """Runs of rows without a usable value, shape ``(n_gaps,)`` each."""

    first: Integers
    """First row of each."""
    end: Integers
    """Row after the last of each."""

    @property
    def length(self) -> Integers:
        """Rows of each."""
        return self.end - self.first


def find_gaps(bad: NDArray[np.bool_]) -> Gaps:
    """Return the runs of rows that are bad.

    >>> find_gaps(np.array([True, False, True, True]))
    Gaps(first=array([0, 2]), end=array([1, 4]))
    """
    edges = np.flatnonzero(np.diff(np.concatenate(([False], bad, [False])).astype(np.int8)))
    first, end = edges.reshape(-1, 2).T
    return Gaps(first, end)


def fill_gaps(
    values: Floats, bad: NDArray[np.bool_], is_sunshine: bool, limit_h: float, step_h: float
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return a column with short gaps filled, and which values are still bad.

    Sunshine takes the mean of the same time of the day before and of the day after, or the one of
    them that is there; all else is a straight line between the ends of the gap, or the one end that
    is there. Both are usual for gaps of a few hours.

    Parameters
    ----------
    values : ndarray, shape (n_rows,)
        One column.
    bad : ndarray of bool, shape (n_rows,)
        Where it has no usable value.
    is_sunshine : bool
        Whether it is an irradiance, or power made of it.
    limit_h : float
        Longest gap that is filled. [h]
    step_h : float
        Length of a row. [h]

    Returns
    -------
    filled : ndarray, shape (n_rows,)
        The column; bad values of longer gaps as they were.
    still_bad : ndarray of bool, shape (n_rows,)
        Gaps that are too long, or sunshine without a good day on either side.

    Examples
    --------
    >>> fill_gaps(np.array([1.0, 9.0, 3.0]), np.array([False, True, False]), False, 1.0, 1.0)[0]
    array([1., 2., 3.])
    """
    gaps, good = find_gaps(bad), np.flatnonzero(~bad)
    short = gaps.length * step_h <= limit_h + 1e-9
    if not short.any() or not good.size:
        return values.copy(), bad.copy()
    gap_of = np.repeat(np.arange(short.size), gaps.length)  # of each bad row
    places = np.flatnonzero(bad)
    per_day = HOURS_PER_DAY / step_h
    if is_sunshine and per_day == round(per_day):
        made, there = _of_near_days(values, bad, places, round(per_day))
        np.logical_and.at(short, gap_of, there)
    else:
        made = np.interp(places, good, values[good])
    chosen = short[gap_of]
    filled, left = values.copy(), bad.copy()
    filled[places[chosen]] = made[chosen]
    left[places[chosen]] = False
    return filled, left


def _of_near_days(
    values: Floats, bad: NDArray[np.bool_], places: Integers, per_day: int
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the mean of the same time of the days before and after, and where there is one."""
    days = np.stack([places - per_day, places + per_day])
    inside = np.clip(days, 0, values.size - 1)
    there = (days == inside) & ~bad[inside]
    near = np.where(there, values[inside], 0.0)
    count = there.sum(axis=0)
    return near.sum(axis=0) / np.maximum(count, 1), count > 0


def repair_note(title: str, filled: NDArray[np.bool_], step_h: float) -> tuple[str, ...]:
    """Return the note that tells of filled rows, none where there are none.

    Parameters
    ----------
    title : str
        What the note calls the column.
    filled : ndarray of bool, shape (n_rows,)
        Rows that were filled.
    step_h : float
        Length of a row. [h]
    """
    if not filled.any():
        return ()
    longest_h = float(find_gaps(filled).length.max()) * step_h
    return (
        f"Repaired: column {title}, {int(filled.sum())} rows without a usable value, the "
        f"longest gap {hours_text(longest_h)}.",
    )


def hours_text(hours: float) -> str:
    """Return a length of time in hours, or in minutes below one.

    >>> hours_text(0.25), hours_text(3.0)
    ('15 min', '3 h')
    """
    return f"{hours * MINUTES_PER_HOUR:g} min" if hours < 1 else f"{hours:g} h"
