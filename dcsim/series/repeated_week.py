"""Repeated weeks: one year of real time in, every other year with its weekdays where they fall out.

A load hangs on the day of the week, and the carbon of a grid on its load: laid on another year by
date alone, their weekends fall on working days.
"""

from __future__ import annotations

import datetime
import zoneinfo
from dataclasses import dataclass

import numpy as np

from dcsim.clock import Integers, weekday_of
from dcsim.series.resampling import LEAP_DAY, LEAP_YEAR_DAYS, Columns, Span, place_in_year
from dcsim.series.zone_clock import ZoneClock
from dcsim.units import MINUTES_PER_DAY

MOST_DAYS = 3
"""Farthest that a day lies from its own date, but at the ends of the year. [d]"""
_WEEK = 7


@dataclass(frozen=True)
class RepeatedWeeks:
    """Rows of one year, of which each day stands for the same weekday near its date.

    At the ends of the year, where the nearest such day would lie outside, it is that of the week
    within. The clock is that of the site, so that working hours stay where they are in summer.
    """

    span: Span
    """The year, whole days on the clock of the site or more."""
    zone: zoneinfo.ZoneInfo

    @property
    def columns(self) -> Columns:
        """Values by name, one a row."""
        return self.span.columns

    @property
    def step_min(self) -> int:
        """Length of a row. [min]"""
        return self.span.step_min

    @property
    def phase_min(self) -> int:
        """Start of a row, modulo its length."""
        return self.span.phase_min

    def rows(self, time_min: Integers) -> Integers:
        """Return the row of the same weekday and time of day."""
        clock = ZoneClock.between(self.zone, int(time_min.min()), int(time_min.max()))
        wall_min = clock.wall_min(time_min)
        days = wall_min // MINUTES_PER_DAY
        all_days = np.arange(days.min(), days.max() + 1)
        source = self._source_days(all_days)[days - all_days[0]]
        n_rows = next(iter(self.columns.values())).size
        last_min = self.span.start_min + n_rows * self.step_min
        own_clock = ZoneClock.between(self.zone, self.span.start_min, last_min)
        moment_min, _, _ = own_clock.moments(source * MINUTES_PER_DAY + wall_min % MINUTES_PER_DAY)
        # A year in UTC begins and ends within a day of the site: the week beside it has the rest.
        week_min = _WEEK * MINUTES_PER_DAY
        moment_min = np.where(moment_min < self.span.start_min, moment_min + week_min, moment_min)
        moment_min = np.where(moment_min >= last_min, moment_min - week_min, moment_min)
        return self.span.rows(moment_min)

    def _source_days(self, days: Integers) -> Integers:
        """Return the day of the year, since 1970, that stands for each day of a run."""
        first, end = self._whole_days()
        own = np.arange(first, end)
        of_place = np.full(LEAP_YEAR_DAYS, -1, dtype=np.int64)
        of_place[place_in_year(own)] = own
        if of_place[LEAP_DAY] < 0:
            of_place[LEAP_DAY] = of_place[LEAP_DAY - 1]
        same_date = of_place[place_in_year(days)]
        shift = (_weekdays(days) - _weekdays(same_date) + MOST_DAYS) % _WEEK - MOST_DAYS
        found = same_date + shift
        found = np.where(found < first, found + _WEEK, found)
        return np.where(found >= end, found - _WEEK, found)

    def _whole_days(self) -> tuple[int, int]:
        """Return the first day and the day after the last that are there, on the clock of the site.

        A year in UTC lacks some hours of its first day on that clock and has them at its end; its
        days are counted from the nearest midnight.
        """
        n_rows = next(iter(self.columns.values())).size
        last_min = self.span.start_min + n_rows * self.step_min
        clock = ZoneClock.between(self.zone, self.span.start_min, last_min)
        ends = clock.wall_min(np.array([self.span.start_min, last_min]))
        first, end = (int(each) for each in (ends + MINUTES_PER_DAY // 2) // MINUTES_PER_DAY)
        return first, end


def _weekdays(days: Integers) -> Integers:
    return weekday_of(days.astype("datetime64[D]").astype("datetime64[s]"))


def weekday_note(span: Span, zone: zoneinfo.ZoneInfo) -> str:
    """Return the note that tells of weeks laid on other years."""
    middle_min = span.start_min + next(iter(span.columns.values())).size * span.step_min // 2
    middle = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(
        minutes=int(middle_min)
    )
    return (
        f"One year, {middle.astimezone(zone).year}, is repeated: its days are shifted by up to "
        f"{MOST_DAYS} to fall on the same weekday, at the ends of the year by up to a week."
    )
