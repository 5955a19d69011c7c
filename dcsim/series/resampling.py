"""Resampling: rows over time, of weather and of profiles, in; means over the steps of a run out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from dcsim.clock import Calendar, Floats, Integers
from dcsim.units import MINUTES_PER_DAY, SECONDS_PER_MINUTE

Columns = Mapping[str, Floats]
"""Values by the field of `dcsim.types.Weather` they become."""
LEAP_DAY = 59
"""Place of 29 February in a year of 366 days, counted from 0."""
LEAP_YEAR_DAYS = 366
"""Days of a table that has a place for each day a year can have."""


MAX_INTERVALS = 2_000_000
"""Intervals that are averaged at a time; memory is bounded so, whatever the steps."""


class SeriesTable(Protocol):
    """Rows of equal length over time, each at a known place."""

    @property
    def columns(self) -> Columns:
        """Values by name, one a row."""

    @property
    def step_min(self) -> int:
        """Length of a row. [min]"""

    @property
    def phase_min(self) -> int:
        """Start of a row, modulo its length. [min since 1970-01-01 UTC]"""

    def rows(self, time_min: Integers) -> Integers:
        """Return the row in which each time lies. [min since 1970-01-01 UTC]"""


@dataclass(frozen=True, slots=True)
class Span:
    """Rows one after another over a stretch of real time."""

    columns: Columns
    step_min: int
    start_min: int
    """Start of the first row. [min since 1970-01-01 UTC]"""

    @property
    def phase_min(self) -> int:
        """Start of a row, modulo its length."""
        return self.start_min % self.step_min

    def rows(self, time_min: Integers) -> Integers:
        """Return the row in which each time lies."""
        return np.asarray((time_min - self.start_min) // self.step_min, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class TypicalYear:
    """One year that stands for all: 366 days of rows from 1 January, on a clock of its own."""

    columns: Columns
    step_min: int
    offset_min: int
    """Its clock minus UTC; it knows no summer time. [min]"""

    @property
    def phase_min(self) -> int:
        """Start of a row, modulo its length."""
        return -self.offset_min % self.step_min

    def rows(self, time_min: Integers) -> Integers:
        """Return the row of the same month, day and time of day."""
        clock_min = time_min + self.offset_min
        days = clock_min // MINUTES_PER_DAY
        all_days = np.arange(days[0], days[-1] + 1, dtype=np.int64)
        first_row = place_in_year(all_days) * (MINUTES_PER_DAY // self.step_min)
        return np.asarray(
            first_row[days - days[0]] + clock_min % MINUTES_PER_DAY // self.step_min,
            dtype=np.int64,
        )


def place_in_year(days: Integers) -> Integers:
    """Return the place of each day in a year of 366 days, from 0; 1 March always has 60.

    Parameters
    ----------
    days : ndarray of int
        Days since 1970-01-01.

    >>> place_in_year(np.array([0, 58, 59, 789]))  # 1 January, 28 February, 1 March, 29 February
    array([ 0, 58, 60, 59])
    """
    year = days.astype("datetime64[D]").astype("datetime64[Y]")
    first = year.astype("datetime64[D]").astype(np.int64)
    length = (year + np.timedelta64(1, "Y")).astype("datetime64[D]").astype(np.int64) - first
    place = days - first
    return np.asarray(place + ((length < LEAP_YEAR_DAYS) & (place >= LEAP_DAY)), dtype=np.int64)


def with_leap_day(values: Floats, per_day: int) -> Floats:
    """Return a year of 365 days as one of 366, in which 29 February repeats the 28th."""
    at = LEAP_DAY * per_day
    return np.concatenate([values[:at], values[at - per_day : at], values[at:]])


def as_year(span: Span) -> TypicalYear | None:
    """Return rows as a typical year if they hold each day of a year once, else None.

    A year without 29 February repeats the 28th. Rows that do not part a day evenly are cut into
    ones that do; the last of these may end after the year.
    """
    span = _even_rows(span)
    phase_min = span.phase_min
    per_day = MINUTES_PER_DAY // span.step_min
    n_rows = next(iter(span.columns.values())).size
    steps = (span.start_min - phase_min) // span.step_min + np.arange(n_rows)
    place = place_in_year(steps // per_day) * per_day + steps % per_day
    rows = np.full(LEAP_YEAR_DAYS * per_day, -1, dtype=np.int64)
    rows[place] = np.arange(n_rows)
    leap_day = slice(LEAP_DAY * per_day, (LEAP_DAY + 1) * per_day)
    if (rows[leap_day] < 0).all():
        rows[leap_day] = rows[(LEAP_DAY - 1) * per_day : LEAP_DAY * per_day]
    if (rows < 0).any() or np.unique(place).size != n_rows:
        return None
    columns = {name: values[rows] for name, values in span.columns.items()}
    return TypicalYear(columns, span.step_min, offset_min=-phase_min)


def _even_rows(span: Span) -> Span:
    """Return rows that part a day evenly; of what they reach beyond a year, less than one is cut.

    A row too few at the end, where the year is no whole number of rows, is the last one prolonged.
    """
    if MINUTES_PER_DAY % span.step_min == 0:
        return span
    step_min = math.gcd(span.step_min, MINUTES_PER_DAY)
    n_each = span.step_min // step_min
    columns = {name: np.repeat(values, n_each) for name, values in span.columns.items()}
    n_year = year_minutes(span.start_min) // step_min
    n_rows = next(iter(columns.values())).size
    if abs(n_rows - n_year) < n_each:
        rows = np.minimum(np.arange(n_year), n_rows - 1)
        columns = {name: values[rows] for name, values in columns.items()}
    return Span(columns, step_min, span.start_min)


def year_minutes(start_min: int) -> int:
    """Return the length of the calendar year that begins at a moment. [min]

    >>> [year_minutes(day * MINUTES_PER_DAY) // MINUTES_PER_DAY for day in (0, 730)]  # 1970, 1972
    [365, 366]
    """
    day = np.datetime64(start_min // MINUTES_PER_DAY, "D")
    month = day.astype("datetime64[M]")
    within = day - month.astype("datetime64[D]")
    next_day = (month + np.timedelta64(12, "M")).astype("datetime64[D]") + within
    return int((next_day - day).astype(np.int64)) * MINUTES_PER_DAY


def run_minutes(calendar: Calendar) -> tuple[int, int]:
    """Return start and end of the steps of a run. [min since 1970-01-01 UTC]"""
    start_min = int(calendar.start.timestamp()) // SECONDS_PER_MINUTE
    return start_min, start_min + calendar.n_hours * calendar.step_min


def table_for_run(span: Span, calendar: Calendar) -> Span | TypicalYear | None:
    """Return rows as they are if they cover a run, as a year if they are one, else None."""
    start_min, end_min = run_minutes(calendar)
    n_rows = next(iter(span.columns.values())).size
    if span.start_min <= start_min and span.start_min + n_rows * span.step_min >= end_min:
        return span
    return as_year(span)


def resample(table: SeriesTable, calendar: Calendar) -> dict[str, Floats]:
    """Return the mean of each column over each step of the calendar, shape ``(n_hours,)``.

    A row holds over its whole length, so a finer step repeats it, a coarser one is the mean of the
    rows it spans, and the integral over time is kept whatever the steps.

    Half-hour rows on steps of an hour: intervals of 30 min, two a step, are averaged. Hours of a
    clock that is 15 min off on steps of an hour: intervals of 15 min, one of a row and three of the
    next.
    """
    start_min = int(calendar.start.timestamp()) // SECONDS_PER_MINUTE
    shift_min = (start_min - table.phase_min) % table.step_min
    # The longest interval that never crosses the edge of a row or of a step.
    interval_min = math.gcd(calendar.step_min, table.step_min, shift_min)
    n_intervals = calendar.step_min // interval_min
    offset_min = np.arange(n_intervals, dtype=np.int64) * interval_min
    found = {name: np.empty(calendar.n_hours) for name in table.columns}
    n_block = max(MAX_INTERVALS // n_intervals, 1)  # odd steps have many intervals
    for first in range(0, calendar.n_hours, n_block):
        steps = np.arange(first, min(first + n_block, calendar.n_hours), dtype=np.int64)
        begins_min = start_min + steps * calendar.step_min
        rows = table.rows((begins_min[:, np.newaxis] + offset_min).ravel())
        for name, values in table.columns.items():
            taken = values[rows]
            if n_intervals > 1:
                taken = taken.reshape(steps.size, n_intervals).mean(axis=1)
            found[name][steps[0] : steps[-1] + 1] = taken
    return found
