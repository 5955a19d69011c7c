"""Rows of a profile: a CSV or Parquet file in, the values of one column on equal steps out."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats
from dcsim.errors import cut
from dcsim.scenario.schema.profile import Profile
from dcsim.series.data_file import Faults, read_lines
from dcsim.series.parquet_table import ParquetTable
from dcsim.series.power_units import wrong_unit
from dcsim.series.regular import RepairRules, regular_column, rows_as_steps
from dcsim.series.text_table import ForeignTable, TextTable
from dcsim.series.time_axis import TimeAxis, TimeRules, axis_of_stamps, read_time_axis
from dcsim.series.time_columns import find_time_columns

NO_LINES = np.zeros(0, dtype=np.int64)
UNTIMED_STEP_MIN = 60
"""Step that gaps of rows without times are measured in. [min]"""
MAX_LINE_H = 3.0
"""Longest gap that a straight line fills; beyond it a day has a shape. [h]"""


class ProfileRows(NamedTuple):
    """A column on equal steps, gaps filled."""

    values: Floats
    """Shape ``(n_steps,)``."""
    axis: TimeAxis | None
    """Times of the steps; None where the file has none."""
    table: ForeignTable
    """Knows the line of each row."""
    notes: tuple[str, ...]

    def row_of(self, step: int) -> int:
        """Return the row of the file at a step; that before it where the row was filled in."""
        if self.axis is None:
            return step
        rows = self.axis.row_of_step()[: step + 1]
        return int(rows[rows >= 0][-1])


class _Column(NamedTuple):
    """A column as it stands in its file."""

    values: Floats
    table: ForeignTable
    axis: TimeAxis | None


def read_profile_rows(path: Path, profile: Profile, faults: Faults) -> ProfileRows:
    """Return one column of a CSV or Parquet file on the equal steps of its times, if it has any.

    Parameters
    ----------
    path : Path
        The file.
    profile : Profile
        Title of the column, and how its rows are read.
    faults : Faults
        Where its faults go; it knows what messages call the file.

    Raises
    ------
    ScenarioError
        If the file cannot be read, has no such column, or holes.
    """
    kind = path.suffix.lower()
    if kind == ".parquet":
        column = _of_parquet(path, profile, faults)
    elif kind in (".csv", ".tsv"):
        column = _of_text(path, profile, faults)
    else:
        raise faults.stop(None, "must be a CSV file (.csv) or a Parquet file (.parquet)")
    if not column.values.size:
        raise faults.stop(None, "has no rows")
    axis = column.axis or rows_as_steps(column.values.size, UNTIMED_STEP_MIN)
    rules = RepairRules(repr(cut(profile.column, 60)), profile.repair_h, MAX_LINE_H)
    values, repairs = regular_column(column.values, axis, column.table, rules, faults)
    faults.stop_if_any()
    return ProfileRows(values, column.axis, column.table, (*axis.notes, *repairs))


def time_rules(profile: Profile) -> TimeRules:
    """Return the keys of a profile that say how its times are read."""
    return TimeRules(profile.time, profile.time_zone, profile.dates, profile.labels)


def _of_text(path: Path, profile: Profile, faults: Faults) -> _Column:
    table = TextTable(read_lines(path, faults), faults, (profile.column,))
    place = table.place_of(profile.column)
    times = find_time_columns(
        table.titles,
        table.sample(),
        faults,
        named=profile.time,
        others=(place,),
        line=table.title_line,
    )
    read = table.read([place, *(times.places if times else ())])
    values = table.numbers(read.columns[place], profile.column, profile.decimal)
    axis = read_time_axis(read, times, time_rules(profile), faults) if times else None
    stated = (table.unit(place), profile.column)
    wrong = wrong_unit(stated, profile, faults.key, axis.step_h if axis else None)
    if wrong is not None:
        raise faults.stop(table.title_line, wrong)
    return _Column(values, read, axis)


def _of_parquet(path: Path, profile: Profile, faults: Faults) -> _Column:
    table = ParquetTable(path, faults)
    place = table.place_of(profile.column)
    times = find_time_columns(
        table.titles, table.sample(), faults, named=profile.time, others=(place,), line=None
    )
    values = table.numbers(place)
    rows = ForeignTable({}, NO_LINES)
    axis = None
    if times is not None:
        rules = time_rules(profile)
        stamps = table.stamps(times, rules.order)
        axis = axis_of_stamps(stamps, rows, times, rules, faults)
    wrong = wrong_unit(("", profile.column), profile, faults.key, axis.step_h if axis else None)
    if wrong is not None:
        raise faults.stop(None, wrong)
    return _Column(values, rows, axis)
