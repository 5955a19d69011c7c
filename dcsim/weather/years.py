"""Real years of weather: a stretch of years in, the years that serve a run out.

What the weather of a coming year will be is not known, and that of a past one is not what comes.
The single run replays a file as it is, where that covers it; replications draw whole years of it.
"""

from __future__ import annotations

import datetime
import itertools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from dcsim.clock import Calendar, Integers
from dcsim.scenario.plan import Plan
from dcsim.series.data_file import Faults
from dcsim.series.resampling import (
    LEAP_DAY,
    LEAP_YEAR_DAYS,
    Columns,
    SeriesTable,
    Span,
    place_in_year,
    run_minutes,
    table_for_run,
)
from dcsim.units import MINUTES_PER_DAY, MINUTES_PER_HOUR, SECONDS_PER_MINUTE

YEARS_PURPOSE = "year of the file for"
"""Begins the purpose of the stream that draws a year; the calendar year follows."""


@dataclass(frozen=True, slots=True)
class DrawnYears:
    """Whole years of rows, each of which may stand for any year of a run."""

    columns: Columns
    step_min: int
    offset_min: int
    """The clock on which the first year begins at midnight, minus UTC. [min]"""
    first_place: int
    """Place in a leap year of the day on which each year begins."""
    row_of_place: Integers
    """Row of each step of a leap year, shape ``(n_years, 366 * steps of a day)``."""
    first_run_year: int
    """Calendar year in which the first year of the run begins."""
    order: tuple[int, ...]
    """Number of the year of the file that stands for each year of the run."""

    @property
    def phase_min(self) -> int:
        """Start of a row, modulo its length."""
        return -self.offset_min % self.step_min

    def rows(self, time_min: Integers) -> Integers:
        """Return the row of the same month, day and time of day, in the year that was drawn."""
        clock_min = time_min + self.offset_min
        days = clock_min // MINUTES_PER_DAY
        all_days = np.arange(days.min(), days.max() + 1, dtype=np.int64)
        place = place_in_year(all_days)
        at = year_of_days(all_days) - (place < self.first_place) - self.first_run_year
        block = np.asarray(self.order)[np.clip(at, 0, len(self.order) - 1)]
        per_day = MINUTES_PER_DAY // self.step_min
        first = block * self.row_of_place.shape[1] + place * per_day
        step = clock_min % MINUTES_PER_DAY // self.step_min
        return np.asarray(self.row_of_place.ravel()[first[days - all_days[0]] + step])


class FileYears(NamedTuple):
    """The whole years that a stretch of real time holds, from its first row on."""

    offset_min: int
    """The clock on which it begins at midnight, minus UTC. [min]"""
    first_place: int
    first_year: int
    row_of_place: Integers
    n_rest: int
    """Rows beyond the last whole year."""

    @property
    def n_years(self) -> int:
        """Number of whole years."""
        return int(self.row_of_place.shape[0])


def year_of_days(days: Integers) -> Integers:
    """Return the calendar year of days since 1970-01-01.

    >>> year_of_days(np.array([-1, 0, 365]))
    array([1969, 1970, 1971])
    """
    return np.asarray(days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970)


def years_of(span: Span) -> FileYears | None:
    """Return the whole years of a stretch of real time, None where it holds none.

    A year without 29 February repeats the 28th.
    """
    per_day, rest = divmod(MINUTES_PER_DAY, span.step_min)
    if rest:
        return None
    late_min = -span.start_min % MINUTES_PER_DAY
    offset_min = late_min - (MINUTES_PER_DAY if late_min > MINUTES_PER_DAY // 2 else 0)
    n_days = next(iter(span.columns.values())).size // per_day
    days = (span.start_min + offset_min) // MINUTES_PER_DAY + np.arange(n_days, dtype=np.int64)
    place = place_in_year(days)
    if not n_days or place[0] == LEAP_DAY:
        return None
    starts = np.flatnonzero(place == place[0])
    next_start = days[starts[-1]] + 365
    last = next_start + int(place_in_year(np.array([next_start]))[0] != place[0])
    if days[-1] + 1 == last:
        starts = np.append(starts, n_days)
    if starts.size < 2:
        return None
    rows = np.stack(
        [_rows_of_year(place, *pair, per_day) for pair in itertools.pairwise(starts.tolist())]
    )
    n_rest = next(iter(span.columns.values())).size - int(starts[-1]) * per_day
    first_year = int(year_of_days(days[:1])[0])
    return FileYears(offset_min, int(place[0]), first_year, rows, n_rest)


def _rows_of_year(place: Integers, first: int, end: int, per_day: int) -> Integers:
    """Return the row of each step of a leap year, from the days of one year."""
    day_of_place = np.full(LEAP_YEAR_DAYS, -1, dtype=np.int64)
    day_of_place[place[first:end]] = np.arange(first, end)
    if day_of_place[LEAP_DAY] < 0:
        day_of_place[LEAP_DAY] = day_of_place[LEAP_DAY - 1]
    return np.asarray((day_of_place[:, np.newaxis] * per_day + np.arange(per_day)).ravel())


def real_weather(
    span: Span, plan: Plan, shown: str, *, key: str = "weather.file", what: str = "weather"
) -> tuple[SeriesTable, tuple[str, ...]]:
    """Return real rows as they serve a run, and notes.

    Parameters
    ----------
    span : Span
        The rows of the file.
    plan : Plan
        Its calendar, and the replication: the single run takes the years in their order, others
        draw them from a stream of their own.
    shown : str
        What messages call the file.
    key : str
        Key path that names it, for messages.
    what : str
        What its rows are, for notes.

    Raises
    ------
    ScenarioError
        If they neither cover the run nor hold a whole year to repeat.
    """
    calendar = plan.calendar
    years = years_of(span)
    n_years = 0 if years is None else years.n_years
    if years is not None and n_years > 1:
        table = table_for_run(span, calendar)
        if table is span and plan.replication == 0:
            return span, (_replayed_note(n_years, what),)
        return _of_several(span, years, plan), _notes_of_several(span, years, plan)
    table = table_for_run(span, calendar)
    if table is None:
        raise Faults(shown, key).stop(None, _neither_run_nor_year(span, calendar))
    if table is span:
        return span, (f"The {what} is that of the file, the same in every replication.",)
    note = f"The {what} is one year repeated: years do not differ."
    return table, (note, *_outside_notes(span, calendar))


def has_years_to_draw(span: Span) -> bool:
    """Tell whether replications of a run differ by the years they draw."""
    years = years_of(span)
    return years is not None and years.n_years > 1


def _replayed_note(n_years: int, what: str) -> str:
    return (
        f"The single run replays the {n_years} years of the {what} file as they are; "
        "replications draw them in another order."
    )


def _of_several(span: Span, years: FileYears, plan: Plan) -> DrawnYears:
    start_min, end_min = run_minutes(plan.calendar)
    days = (np.array([start_min, end_min - 1]) + years.offset_min) // MINUTES_PER_DAY
    first, last = (year_of_days(days) - (place_in_year(days) < years.first_place)).tolist()
    n_years = years.n_years
    if plan.replication == 0:
        order = [(year - years.first_year) % n_years for year in range(first, last + 1)]
    else:
        drawn = [
            plan.uniforms("weather", f"{YEARS_PURPOSE} {year}", 1)[0]
            for year in range(first, last + 1)
        ]
        order = [int(u * n_years) for u in drawn]
    return DrawnYears(
        span.columns,
        span.step_min,
        years.offset_min,
        years.first_place,
        years.row_of_place,
        first,
        tuple(order),
    )


def _notes_of_several(span: Span, years: FileYears, plan: Plan) -> tuple[str, ...]:
    rest = ""
    if years.n_rest:
        rest = f"; its last {years.n_rest:,} rows, beyond a whole year, are left out"
    if plan.replication:
        return (f"Each year of the run is one of the {years.n_years} of the file, drawn{rest}.",)
    note = (
        f"The run lies outside the file: its {years.n_years} years are repeated in their order"
        f"{rest}; replications draw them."
    )
    return (note, *_outside_notes(span, plan.calendar))


def _outside_notes(span: Span, calendar: Calendar) -> tuple[str, ...]:
    """Return which hours of a run lie outside a file that covers most of it."""
    start_min, end_min = run_minutes(calendar)
    n_rows = next(iter(span.columns.values())).size
    last_min = span.start_min + n_rows * span.step_min
    early_min = max(span.start_min - start_min, 0)
    late_min = max(end_min - last_min, 0)
    if early_min + late_min > min(MINUTES_PER_DAY, end_min - start_min):
        return ()
    return tuple(
        f"The {side} {minutes / MINUTES_PER_HOUR:g} h of the run lie outside the file and are "
        "taken from the same days of another year of it."
        for side, minutes in (("first", early_min), ("last", late_min))
        if minutes
    )


def _neither_run_nor_year(span: Span, calendar: Calendar) -> str:
    n_rows = next(iter(span.columns.values())).size
    own = _times(span.start_min, span.start_min + n_rows * span.step_min)
    return (
        f"must cover the run, {_times(*run_minutes(calendar))}, or be one whole year, to be "
        f"repeated, or several; it covers {own}"
    )


def _times(first_min: int, last_min: int) -> str:
    first, last = (
        datetime.datetime.fromtimestamp(minute * SECONDS_PER_MINUTE, datetime.UTC)
        for minute in (first_min, last_min)
    )
    return f"{first:%Y-%m-%dT%H:%MZ} to {last:%Y-%m-%dT%H:%MZ}"
