"""Cells of weather files: lines below a header in, rows of cells, numbers and times out."""

from __future__ import annotations

import csv
from collections.abc import Sequence

import numpy as np

from dcsim.clock import Floats, Integers
from dcsim.series.data_file import Faults
from dcsim.series.numbers import AmbiguousNumbersError, column_numbers
from dcsim.series.text_table import ForeignTable
from dcsim.units import MINUTES_PER_DAY, MINUTES_PER_HOUR, SECONDS_PER_MINUTE

WEATHER_DELIMITERS = (",", ";", "\t")
LEAP_YEAR, LEAP_MONTH, LEAP_MONTH_DAYS = 2000, 2, 29
ENDS_NOTE = "Hours numbered 1 to 24 are taken as the ends of their steps."


def delimiter_of(line: str) -> str:
    """Return what parts the cells of a header line."""
    return max(WEATHER_DELIMITERS, key=line.count)


def cells_of(line: str, delimiter: str = ",") -> list[str]:
    """Return the cells of a line without blanks around them, quoted ones whole.

    A quotation mark that is never closed is a letter like any other: it stands in flags and names
    that nobody reads.
    """
    plain = [cell.strip() for cell in line.split(delimiter)]
    if '"' not in line or line.count('"') % 2:
        return plain
    try:
        return [
            cell.strip()
            for cell in next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
        ]
    except csv.Error:
        return plain


def rows_below(
    lines: Sequence[str], first_line: int, delimiter: str, fewest: int, faults: Faults
) -> tuple[list[list[str]], ForeignTable]:
    """Return the rows with any content, and the table that knows their lines.

    Parameters
    ----------
    lines : sequence of str
        Lines from the first row on.
    first_line : int
        Line of the file on which the first of them stands.
    delimiter : str
        What parts the cells.
    fewest : int
        Cells that a row needs.
    faults : Faults
        Where shorter rows are noted.
    """
    rows: list[list[str]] = []
    numbers: list[int] = []
    for at, line in enumerate(lines):
        row = cells_of(line, delimiter)
        if not any(row):
            continue
        if len(row) < fewest:
            faults.add(
                first_line + at,
                f"row {len(rows) + 1} has {len(row)} columns; at least {fewest} are needed",
            )
        rows.append(row)
        numbers.append(first_line + at)
    return rows, ForeignTable({}, np.array(numbers, dtype=np.int64))


def cell_numbers(rows: Sequence[list[str]], place: int, title: str, faults: Faults) -> Floats:
    """Return the numbers of a column, NaN where a cell holds none.

    Parameters
    ----------
    rows : sequence of list of str
        Rows that are long enough.
    place : int
        Place of the column, from 0.
    title : str
        What messages call it.
    faults : Faults
        Where a column is noted that may have decimal commas or not.
    """
    texts = [row[place] for row in rows]
    try:
        return column_numbers(texts)
    except AmbiguousNumbersError:
        faults.add(None, f"column {title} has numbers such as 1,234, which may be 1.234 or 1234")
        return np.full(len(texts), np.nan)


def whole_numbers(values: Floats, title: str, table: ForeignTable, faults: Faults) -> Integers:
    """Return the whole numbers of a column of dates, and note what is none.

    Parameters
    ----------
    values : ndarray, shape (n_rows,)
        As numbers.
    title : str
        What messages call the column.
    table : ForeignTable
        Knows the lines of the rows.
    faults : Faults
        Where faults go.
    """
    for at in np.flatnonzero(~(values == np.round(values))):
        faults.add(table.line_of(int(at)), f"column {title} is not a whole number")
    return np.asarray(np.nan_to_num(values), dtype=np.int64)


def clock_minutes(
    date: tuple[Integers, Integers, Integers],
    minute: Integers,
    table: ForeignTable,
    faults: Faults,
    *,
    is_typical_form: bool = False,
) -> Integers:
    """Return minutes since 1970 by the clock of a file, and note what is no date.

    Parameters
    ----------
    date : tuple of ndarray of int
        Year, month and day.
    minute : ndarray of int
        Minutes from midnight, 24:00 and beyond included.
    table : ForeignTable
        Knows the lines of the rows.
    faults : Faults
        Where faults go.
    is_typical_form : bool
        Years stand for others, so that 29 February may stand in any of them.
    """
    year, month, day = date
    if is_typical_form:
        year = np.where((month == LEAP_MONTH) & (day == LEAP_MONTH_DAYS), LEAP_YEAR, year)
    months = (np.clip(year, 1, 9999) - 1970) * 12 + np.clip(month, 1, 12) - 1
    first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    length = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) - first
    bad = (month < 1) | (month > 12) | (day < 1) | (day > length)
    bad |= (minute < 0) | (minute > MINUTES_PER_DAY + MINUTES_PER_HOUR)
    for at in np.flatnonzero(bad):
        faults.add(table.line_of(int(at)), "is not a date and time of a year")
    return np.asarray((first + day - 1) * MINUTES_PER_DAY + minute, dtype=np.int64)


def seconds_of(minutes: Integers) -> Floats:
    """Return minutes as seconds."""
    return np.asarray(minutes * float(SECONDS_PER_MINUTE))
