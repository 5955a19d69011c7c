"""Regular columns: a column and the step of each row in, values of every step out.

Missing rows are like empty cells: both are filled up to the longest gap that the scenario allows,
and told. A leap year without its 29 February repeats the 28th.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats
from dcsim.series.data_file import Faults
from dcsim.series.gaps import Gaps, fill_gaps, find_gaps, hours_text, repair_note
from dcsim.series.text_table import ForeignTable
from dcsim.series.time_axis import TimeAxis
from dcsim.units import MINUTES_PER_DAY, MINUTES_PER_HOUR

_FARTHEST_CLOCK_MIN = 14 * MINUTES_PER_HOUR
"""Clocks of the world are at most so far from UTC. [min]"""


class RepairRules(NamedTuple):
    """Gaps of a column that may be filled, and how."""

    title: str
    """What notes and messages call the column."""
    limit_h: float = 0.0
    """Longest gap that is filled. [h]"""
    line_h: float = float("inf")
    """Longest gap that a straight line fills; a longer one takes the same hours of the days before
    and after, as all of what follows the sun does, at 0. [h]"""


def regular_column(
    values: Floats, axis: TimeAxis, table: ForeignTable, rules: RepairRules, faults: Faults
) -> tuple[Floats, tuple[str, ...]]:
    """Return a column on all steps of its axis, and notes of what was filled.

    Parameters
    ----------
    values : ndarray, shape (n_rows,)
        Row by row, NaN where there is no value.
    axis : TimeAxis
        Step of each row.
    table : ForeignTable
        Knows the lines of the rows.
    rules : RepairRules
        Title of the column, and what may be filled.
    faults : Faults
        Where each gap that is left is noted.

    Returns
    -------
    on_steps : ndarray, shape (n_steps,)
        NaN where a fault was noted.
    notes : tuple of str
    """
    on_steps = axis.on_steps(values)
    notes = _fill_leap_days(on_steps, axis)
    hole = np.isnan(on_steps)
    if hole.any() and rules.limit_h > 0:
        line_h = min(rules.limit_h, rules.line_h)
        on_steps, left = fill_gaps(on_steps, hole, False, line_h, axis.step_h)
        on_steps, left = fill_gaps(on_steps, left, True, rules.limit_h, axis.step_h)
        notes += repair_note(rules.title, hole & ~left, axis.step_h)
        hole = left
    if hole.any():
        _report(find_gaps(hole), axis, table, rules, faults)
    return on_steps, notes


def _fill_leap_days(on_steps: Floats, axis: TimeAxis) -> tuple[str, ...]:
    """Fill each 29 February of which no row is there from the day before; return a note."""
    gaps = leap_day_gaps(axis)
    for first, end in gaps:
        on_steps[first:end] = on_steps[first - (end - first) : first]
    return ("29 February repeats 28 February.",) if gaps else ()


def leap_day_gaps(axis: TimeAxis) -> list[tuple[int, int]]:
    """Return first and end of each 29 February of which an axis has no row, and a day before it."""
    per_day, rest = divmod(MINUTES_PER_DAY, axis.step_min)
    if rest or per_day < 1:
        return []
    gaps = _missing_rows(axis)
    is_day = (gaps.length == per_day) & (gaps.first >= per_day)
    return [
        (first, first + per_day)
        for first in gaps.first[is_day].tolist()
        if _is_leap_day(axis.start_min + first * axis.step_min)
    ]


def _missing_rows(axis: TimeAxis) -> Gaps:
    if axis.n_steps == axis.step_of_row.size:
        return Gaps(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    return find_gaps(axis.row_of_step() < 0)


def _is_leap_day(time_min: int) -> bool:
    """Tell whether a moment may be the midnight at which 29 February begins, on some clock."""
    near = np.datetime64((time_min + MINUTES_PER_DAY // 2) // MINUTES_PER_DAY, "D")
    one_day = np.timedelta64(1, "D")
    for day in (near - one_day, near, near + one_day):
        off_min = abs(int(day.astype(np.int64)) * MINUTES_PER_DAY - time_min)
        if str(day).endswith("-02-29") and off_min <= _FARTHEST_CLOCK_MIN:
            return True
    return False


def _report(
    gaps: Gaps, axis: TimeAxis, table: ForeignTable, rules: RepairRules, faults: Faults
) -> None:
    """Note each gap: at its row if it has one, else at the row after it."""
    row_of_step = axis.row_of_step()
    for first, end in zip(gaps.first.tolist(), gaps.end.tolist(), strict=True):
        gap_h = (end - first) * axis.step_h
        within = row_of_step[first:end]
        if (within < 0).any():
            after = int(row_of_step[end]) if end < row_of_step.size else int(within.max())
            row = "this row" if table.line.size else f"row {after + 1}"
            what = f"the time leaves a gap of {hours_text(gap_h)} before {row}"
            hint = f"; repair: {hours_text(gap_h)} would fill it" if gap_h > rules.limit_h else ""
            faults.add(table.line_of(after), what + hint)
        else:
            for at in within.tolist():
                where = "" if table.line.size else f"row {at + 1} "
                faults.add(table.line_of(at), f"{where}has no number in column {rules.title}")


def rows_as_steps(n_rows: int, step_min: int) -> TimeAxis:
    """Return the axis of rows without times: each is one step, and none is missing."""
    return TimeAxis(0, step_min, n_rows, np.arange(n_rows, dtype=np.int64), ())
