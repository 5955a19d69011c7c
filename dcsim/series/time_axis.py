"""Time axis: the times of rows in, equal steps of UTC and the place of each row among them out."""

from __future__ import annotations

import functools
import zoneinfo
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dcsim.clock import Floats, Integers
from dcsim.errors import cut
from dcsim.series.data_file import Faults
from dcsim.series.stamps import NO_OFFSET, DayOrder, Stamps, read_stamps
from dcsim.series.text_table import ForeignTable
from dcsim.series.time_columns import TimeColumns
from dcsim.series.zone_clock import ZoneClock
from dcsim.units import HOURS_PER_DAY, MINUTES_PER_HOUR, SECONDS_PER_MINUTE

MAX_STEPS = 8_000_000
"""Steps between the first row and the last: seventy years by five minutes."""
ROUNDING_S = 60.0
"""Farthest that a time may lie off the even steps, and never more than a tenth of a step. [s]"""
TOLD_S = 1.0
"""Farthest that is not worth a note. [s]"""


class TimeRules(NamedTuple):
    """Keys of a scenario that say how times are read; hashable, as part of a cache key."""

    title: str | None = None
    """Title of the column."""
    zone: str | None = None
    """Zone of times that state none; UTC without one."""
    order: DayOrder | None = None
    """Order of day and month where the column does not show it."""
    labels: Literal["start", "end"] | None = None
    """``start`` or ``end`` of the step that a time labels; by default its start, and its end where
    hours are numbered 1 to 24 or a title says so."""


class TimeAxis(NamedTuple):
    """Equal steps, with the row of each."""

    start_min: int
    """Start of the first step. [min since 1970-01-01 UTC]"""
    step_min: int
    n_steps: int
    """From the first row to the last, those without a row included."""
    step_of_row: Integers
    """Step of each row of the file, in its order, shape ``(n_rows,)``."""
    notes: tuple[str, ...]
    """What was assumed and what was rounded."""

    @property
    def step_h(self) -> float:
        """Length of a step. [h]"""
        return self.step_min / MINUTES_PER_HOUR

    def on_steps(self, values: Floats) -> Floats:
        """Return a column step by step, NaN where no row is."""
        found = np.full(self.n_steps, np.nan)
        found[self.step_of_row] = values
        return found

    def row_of_step(self) -> Integers:
        """Return the row of each step, -1 where there is none."""
        rows = np.full(self.n_steps, -1, dtype=np.int64)
        rows[self.step_of_row] = np.arange(self.step_of_row.size)
        return rows


def read_time_axis(
    table: ForeignTable, columns: TimeColumns, rules: TimeRules, faults: Faults
) -> TimeAxis:
    """Return the time axis of a table.

    Parameters
    ----------
    table : ForeignTable
        With the cells of `columns`.
    columns : TimeColumns
        Where its times stand.
    rules : TimeRules
        What the scenario says of them.
    faults : Faults
        Where faults go.

    Raises
    ------
    ScenarioError
        If a cell is no time, times may be read in two ways, or rows are not equal steps.
    """
    if table.n_rows < 2:
        raise faults.stop(None, "needs at least two rows")
    stamps = read_stamps(columns.texts(table.columns), rules.order)
    return axis_of_stamps(stamps, table, columns, rules, faults)


def axis_of_stamps(
    stamps: Stamps, table: ForeignTable, columns: TimeColumns, rules: TimeRules, faults: Faults
) -> TimeAxis:
    """Return the time axis of rows whose times are read already.

    Parameters
    ----------
    stamps : Stamps
        Times as they are written.
    table, columns, rules, faults
        As in `read_time_axis`.

    Raises
    ------
    ScenarioError
        As `read_time_axis`.
    """
    named = _check_stamps(stamps, table, columns, rules, faults)
    is_backward = bool(stamps.clock_s[0] > stamps.clock_s[-1])
    if is_backward:
        stamps = stamps.backward()
        table = table._replace(line=table.line[::-1])
    moment_s, assumed = _assumed_starts(stamps, table, columns, rules, faults)
    axis = axis_of_moments(moment_s, table, faults, tell=named)
    places = axis.step_of_row[::-1] if is_backward else axis.step_of_row
    return axis._replace(step_of_row=places, notes=(*assumed, *axis.notes))


def row_starts(
    stamps: Stamps, table: ForeignTable, columns: TimeColumns, rules: TimeRules, faults: Faults
) -> tuple[Floats, tuple[str, ...]]:
    """Return the start of each row, in the order of the file, and what was assumed.

    Parameters
    ----------
    stamps, table, columns, rules, faults
        As in `axis_of_stamps`.

    Returns
    -------
    moment_s : ndarray, shape (n_rows,)
        [s since 1970-01-01 UTC]
    notes : tuple of str

    Raises
    ------
    ScenarioError
        If a cell is no time, or times may be read in two ways.
    """
    _check_stamps(stamps, table, columns, rules, faults)
    return _assumed_starts(stamps, table, columns, rules, faults)


def _assumed_starts(
    stamps: Stamps, table: ForeignTable, columns: TimeColumns, rules: TimeRules, faults: Faults
) -> tuple[Floats, tuple[str, ...]]:
    ends, why = _labels_end(stamps, columns, rules)
    moment_s, assumed = _moments(stamps, table, columns, rules, faults, ends=ends)
    return moment_s, (*assumed, *why)


def _check_stamps(
    stamps: Stamps, table: ForeignTable, columns: TimeColumns, rules: TimeRules, faults: Faults
) -> str:
    """Return what messages call the column of times, after noting every fault."""
    if stamps.clock_s.size < 2:
        raise faults.stop(None, "needs at least two rows")
    named = cut(columns.titles[0], 60) or "without a title"
    for row in np.flatnonzero(np.isnan(stamps.clock_s)):
        faults.add(
            table.line_of(int(row)), f"column {named!r} is not a time such as 2030-01-31T13:00Z"
        )
    stated = stamps.offset_min != NO_OFFSET
    if stated.any() and not stated.all():
        first = int(np.argmin(stated == stated[0]))
        faults.add(
            table.line_of(first), "some times state their offset from UTC, and others do not"
        )
    faults.stop_if_any()
    if stamps.is_open and rules.order is None:
        raise faults.stop(
            table.line_of(0),
            "day and month of the times cannot be told apart: write dates: day-first or "
            "dates: month-first",
        )
    return named


def _labels_end(
    stamps: Stamps, columns: TimeColumns, rules: TimeRules
) -> tuple[bool, tuple[str, ...]]:
    """Return whether times label the end of their step, and a note if that was told by them."""
    if rules.labels is not None:
        return rules.labels == "end", ()
    at_midnight = stamps.clock_s % (HOURS_PER_DAY * MINUTES_PER_HOUR * SECONDS_PER_MINUTE) == 0
    if stamps.is_24.any() and not (at_midnight & ~stamps.is_24).any():
        return True, ("Hours numbered 1 to 24 are taken as the ends of their steps.",)
    if columns.says_end:
        return True, (f"Times in {cut(columns.titles[-1], 60)!r} are the ends of their steps.",)
    return False, ()


def _moments(
    stamps: Stamps,
    table: ForeignTable,
    columns: TimeColumns,
    rules: TimeRules,
    faults: Faults,
    *,
    ends: bool,
) -> tuple[Floats, tuple[str, ...]]:
    """Return the starts of rows in UTC, by the offset in the text or by a zone; and notes."""
    shift_s = usual_step_min(stamps.clock_s) * float(SECONDS_PER_MINUTE) if ends else 0.0
    if stamps.offset_min[0] != NO_OFFSET:
        offset_s = stamps.offset_min * float(SECONDS_PER_MINUTE)
        return stamps.clock_s - offset_s - shift_s, ()
    if rules.zone is not None:
        return _in_zone(stamps.clock_s, shift_s, table, rules.zone, faults), ()
    if columns.says_utc:
        return stamps.clock_s - shift_s, ()
    if columns.says_zone:
        raise faults.stop(
            None,
            "the title of its times names a clock, but the times state no offset from UTC: write "
            "time_zone, such as time_zone: Europe/Berlin",
        )
    note = "Its times state no zone and are read as UTC (time_zone says otherwise)."
    return stamps.clock_s - shift_s, (note,)


@functools.lru_cache(maxsize=8)
def _zone_of(name: str) -> zoneinfo.ZoneInfo:
    return zoneinfo.ZoneInfo(name)


def _in_zone(
    clock_s: Floats, shift_s: float, table: ForeignTable, zone: str, faults: Faults
) -> Floats:
    """Return the starts of rows by a local clock, of which each time may stand for an end.

    Ends are written in two ways where clocks change: as the hour of the start plus one, or as what
    the clock shows then. Only one of them leaves the rows in even steps.
    """
    wall_min = np.floor(clock_s / SECONDS_PER_MINUTE).astype(np.int64)
    shift_min = round(shift_s / SECONDS_PER_MINUTE)
    clock = ZoneClock.between(_zone_of(zone), int(wall_min.min()), int(wall_min.max()))
    starts_min, skipped = _of_wall(clock, wall_min - shift_min)
    if shift_min:
        by_end_min, skipped_end = _of_wall(clock, wall_min)
        if _unevenness(by_end_min, skipped_end) < _unevenness(starts_min, skipped):
            starts_min, skipped = by_end_min - shift_min, skipped_end
    for row in np.flatnonzero(skipped):
        faults.add(
            table.line_of(int(row)),
            f"the clocks of {zone} skip this time; where the times are standard time all year, "
            "write a zone without summer time, such as time_zone: Etc/GMT-1 for UTC+1",
        )
    faults.stop_if_any()
    return starts_min * float(SECONDS_PER_MINUTE) + clock_s % SECONDS_PER_MINUTE


def _of_wall(clock: ZoneClock, wall_min: Integers) -> tuple[Integers, NDArray[np.bool_]]:
    """Return moments of wall times, those of a doubled hour in their order; and skipped ones."""
    earlier, later, skipped = clock.moments(wall_min)
    doubled = earlier != later
    if not doubled.any():
        return earlier, skipped
    is_later = _is_second_time(wall_min, doubled)
    step_min = usual_step_min(earlier.astype(np.float64) * SECONDS_PER_MINUTE)
    if step_min > 0 and not doubled.all():
        # A time that stands there once is the one that lies on the steps of all others.
        phases, counts = np.unique(earlier[~doubled] % step_min, return_counts=True)
        phase_min = phases[np.argmax(counts)]
        fits_later = (later % step_min == phase_min) & (earlier % step_min != phase_min)
        is_later |= doubled & fits_later
    return np.where(is_later, later, earlier), skipped


def _unevenness(moment_min: Integers, skipped: NDArray[np.bool_]) -> int:
    apart = np.diff(moment_min)
    return int((apart != np.median(apart)).sum()) + int(skipped.sum())


def _is_second_time(wall_min: Integers, doubled: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which of the times in doubled hours stand there for the second time."""
    second = np.zeros(wall_min.size, dtype=np.bool_)
    seen: set[int] = set()
    for row in np.flatnonzero(doubled).tolist():
        time_min = int(wall_min[row])
        second[row] = time_min in seen
        seen.add(time_min)
    return second


def usual_step_min(moment_s: Floats) -> int:
    """Return the time between most rows, the lower one of the two in the middle. [min]

    Parameters
    ----------
    moment_s : ndarray, shape (n_rows,)
        Two or more. [s]
    """
    apart = np.sort(np.rint(np.diff(moment_s) / SECONDS_PER_MINUTE))
    return int(apart[(apart.size - 1) // 2])


def axis_of_moments(
    moment_s: Floats, table: ForeignTable, faults: Faults, *, tell: str = ""
) -> TimeAxis:
    """Return the equal steps on which moments lie, small roundings of them aside.

    Parameters
    ----------
    moment_s : ndarray, shape (n_rows,)
        Start of each row. [s since 1970-01-01 UTC]
    table : ForeignTable
        Knows the lines of the rows.
    faults : Faults
        Where faults go.
    tell : str
        Title of the column, for notes.

    Raises
    ------
    ScenarioError
        If times repeat, go back, or are not equal steps of whole minutes.
    """
    step_min = usual_step_min(moment_s)
    if step_min < 1:
        raise faults.stop(table.line_of(1), "the time between rows must be a whole minute or more")
    minute = np.rint(moment_s / SECONDS_PER_MINUTE).astype(np.int64)
    phases, counts = np.unique(minute % step_min, return_counts=True)
    phase_min = int(phases[np.argmax(counts)])
    steps = np.rint((moment_s / SECONDS_PER_MINUTE - phase_min) / step_min).astype(np.int64)
    off_s = np.abs(moment_s - (steps * step_min + phase_min) * float(SECONDS_PER_MINUTE))
    limit_s = min(ROUNDING_S, step_min * SECONDS_PER_MINUTE / 10)
    _check_steps(steps, off_s > limit_s + 1e-6, step_min, table, faults)
    n_steps = int(steps[-1] - steps[0]) + 1
    if n_steps > MAX_STEPS:
        raise faults.stop(None, f"spans {n_steps:,} steps; at most {MAX_STEPS:,} are read")
    start_min = int(steps[0]) * step_min + phase_min
    notes = _rounding_notes(off_s, tell)
    return TimeAxis(start_min, step_min, n_steps, steps - steps[0], notes)


def _rounding_notes(off_s: Floats, tell: str) -> tuple[str, ...]:
    n_off, most_s = int((off_s > TOLD_S).sum()), float(off_s.max(initial=0.0))
    if not n_off:
        return ()
    return (f"{n_off:,} times in {tell!r} are rounded: up to {most_s:.3g} s off even steps.",)


def _check_steps(
    steps: Integers, off: NDArray[np.bool_], step_min: int, table: ForeignTable, faults: Faults
) -> None:
    for row in np.flatnonzero(off):
        faults.add(
            table.line_of(int(row)),
            f"row {int(row) + 1} does not follow the row before by whole steps of {step_min} min",
        )
    faults.stop_if_any()
    apart = np.diff(steps)
    for row in np.flatnonzero(apart <= 0):
        what = "repeats the time of" if apart[row] == 0 else "is earlier than"
        faults.add(table.line_of(int(row) + 1), f"row {int(row) + 2} {what} the row before")
    faults.stop_if_any()
