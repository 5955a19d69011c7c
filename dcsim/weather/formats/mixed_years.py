"""Mixed years: the times of a plain table in, the clock of a typical year out if they are one.

A typical year is often written with the years that its months were taken from: by their dates its
rows follow one another, by their years they jump.
"""

from __future__ import annotations

import zoneinfo
from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats, Integers
from dcsim.series.data_file import Faults
from dcsim.series.resampling import LEAP_YEAR_DAYS, place_in_year
from dcsim.series.stamps import NO_OFFSET, Stamps
from dcsim.series.text_table import ForeignTable
from dcsim.series.time_axis import TimeRules, row_starts
from dcsim.series.time_columns import TimeColumns
from dcsim.series.zone_clock import ZoneClock
from dcsim.units import SECONDS_PER_DAY, SECONDS_PER_MINUTE

MIXED_YEARS_NOTE = (
    "Its rows are of several years, each date once: they are read as one typical year."
)
LEAST_JUMP_DAYS = 180
"""Days between two rows that follow by their dates, from which on their years differ by choice and
not by a gap."""


class TypicalClock(NamedTuple):
    """The starts of the rows of a typical year, on a clock without summer time."""

    clock_s: Floats
    """Shape ``(n_rows,)``. [s since 1970-01-01]"""
    offset_min: int
    """That clock minus UTC. [min]"""
    order: Integers
    """Rows from 1 January on."""
    notes: tuple[str, ...]


def typical_clock(
    stamps: Stamps, table: ForeignTable, columns: TimeColumns, rules: TimeRules, faults: Faults
) -> TypicalClock | None:
    """Return the clock of rows that are a typical year of several years, None for all others.

    Parameters
    ----------
    stamps : Stamps
        Times as they are written.
    table : ForeignTable
        Knows the lines of the rows.
    columns : TimeColumns
        Where its times stand.
    rules : TimeRules
        What the scenario says of them.
    faults : Faults
        Where faults go.

    Raises
    ------
    ScenarioError
        If they are one and a cell is no time.
    """
    if not _jumps_between_years(stamps.clock_s):
        return None
    moment_s, notes = row_starts(stamps, table, columns, rules, faults)
    if stamps.offset_min[0] != NO_OFFSET:
        offset_min = int(stamps.offset_min.min())  # in summer clocks are ahead
    elif rules.zone is not None:
        minute = np.floor(moment_s / SECONDS_PER_MINUTE).astype(np.int64)
        clock = ZoneClock.between(
            zoneinfo.ZoneInfo(rules.zone), int(minute.min()), int(minute.max())
        )
        offset_min = int(clock.offset_at(minute).min())
    else:
        offset_min = 0
    clock_s = moment_s + offset_min * float(SECONDS_PER_MINUTE)
    return TypicalClock(clock_s, offset_min, _from_january(clock_s), notes)


def _from_january(clock_s: Floats) -> Integers:
    """Return the order of rows from 1 January on, for a year that begins at any other date."""
    rows = np.arange(clock_s.size)
    days = np.floor(clock_s / SECONDS_PER_DAY).astype(np.int64)
    in_year_s = clock_s + (place_in_year(days) - days) * float(SECONDS_PER_DAY)
    turns = np.flatnonzero(np.diff(in_year_s) < 0)
    if turns.size != 1 or in_year_s[-1] >= in_year_s[0]:
        return rows
    return np.roll(rows, -int(turns[0] + 1))


def _jumps_between_years(clock_s: Floats) -> bool:
    """Tell whether rows follow one another by their dates and not by their years."""
    if clock_s.size < 2 or np.isnan(clock_s).any():
        return False
    apart_s = np.diff(clock_s)
    step_s = float(np.median(apart_s))
    if step_s <= 0 or clock_s.size * step_s > (LEAP_YEAR_DAYS + 1) * SECONDS_PER_DAY:
        return False
    days = np.floor(clock_s / SECONDS_PER_DAY).astype(np.int64)
    in_year_days = np.diff(place_in_year(days))
    jumps = np.abs(apart_s) > LEAST_JUMP_DAYS * SECONDS_PER_DAY
    follows = (in_year_days >= 0) & (in_year_days <= 2)  # 29 February may be left out
    return bool((jumps & follows).any())
