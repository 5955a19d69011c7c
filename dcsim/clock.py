"""Time: dates, zone and events in; hourly arrays on the calendar of a run out.

The event clock counts whole minutes from the start of a run, so nothing drifts; the calendar has
its steps and knows local hours; `Calendar.hourly_mean` turns the one into the other.
"""

from __future__ import annotations

import datetime
import functools
import zoneinfo
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dcsim.units import (
    HOURS_PER_DAY,
    MINUTES_PER_HOUR,
    MONTHS_PER_YEAR,
    SECONDS_PER_DAY,
    SECONDS_PER_MINUTE,
)

Floats = NDArray[np.float64]
"""Array of numbers, one for each step where nothing else is said."""
Integers = NDArray[np.int64]
Scalar = TypeVar("Scalar", bound=np.generic)
ONE_MONTH = np.timedelta64(1, "M")
"""Added to months; NumPy 2.5 wants the unit of every step of time said."""


def minutes(hours: float) -> int:
    """Return a duration as whole minutes of the event clock; raises ValueError on NaN.

    >>> minutes(1.5)
    90
    """
    return round(hours * MINUTES_PER_HOUR)


@dataclass(frozen=True)
class Calendar:
    """The steps of a run: equal, gapless, in UTC, from local midnight of the first day.

    Arrays have one value a step, shape ``(n_hours,)``; a step is `step_h` long, an hour by default.
    """

    start: datetime.datetime
    """First instant, with its zone."""
    end: datetime.datetime
    """First instant after the run."""
    zone: zoneinfo.ZoneInfo
    """Zone of the site."""
    step_h: float = 1.0
    """Length of a step. [h]"""

    @functools.cached_property
    def n_minutes(self) -> int:
        """Length of the run on the event clock. [min]"""
        return round((self.end.timestamp() - self.start.timestamp()) / SECONDS_PER_MINUTE)

    @functools.cached_property
    def n_hours(self) -> int:
        """Number of steps; the last one ends by `end`, as the checks of a scenario see to."""
        return -(-self.n_minutes // self.step_min)

    @functools.cached_property
    def step_min(self) -> int:
        """Length of a step. [min]"""
        return round(self.step_h * MINUTES_PER_HOUR)

    @functools.cached_property
    def edges_min(self) -> Integers:
        """Edges of the steps on the event clock, shape ``(n_hours + 1,)``. [min]"""
        return _read_only(np.arange(self.n_hours + 1, dtype=np.int64) * self.step_min)

    @functools.cached_property
    def time_utc(self) -> NDArray[np.datetime64]:
        """Start of each step in UTC, as ``datetime64[s]``."""
        first = np.datetime64(int(self.start.timestamp()), "s")
        return _read_only(np.asarray(first + self.edges_min[:-1].astype("timedelta64[m]")))

    def local(self, zone: zoneinfo.ZoneInfo | None = None) -> NDArray[np.datetime64]:
        """Return the wall-clock start of each step in `zone` (the site's), as ``datetime64[s]``."""
        zone = zone or self.zone
        seconds = self.time_utc.astype(np.int64)
        first, last = int(seconds[0]) // SECONDS_PER_DAY, int(seconds[-1]) // SECONDS_PER_DAY
        # The offset at each midnight of UTC; days on which it differs from the next are looked at
        # step by step, because the clocks change within them.
        offset = _midnight_offsets_s(zone, first, last + 1)
        day = seconds // SECONDS_PER_DAY - first
        offset_s = offset[day]
        changing = np.flatnonzero(offset[:-1] != offset[1:])
        for index in np.flatnonzero(np.isin(day, changing)) if changing.size else ():
            offset_s[index] = _offset_s(zone, int(seconds[index]))
        return np.asarray(self.time_utc + offset_s.astype("timedelta64[s]"))

    @functools.cached_property
    def local_time(self) -> NDArray[np.datetime64]:
        """Wall-clock start of each step at the site, as ``datetime64[s]``."""
        return _read_only(self.local())

    @functools.cached_property
    def hour(self) -> Integers:
        """Local hour of the day of each step, 0 to 23."""
        return _read_only(hour_of(self.local_time))

    @functools.cached_property
    def weekday(self) -> Integers:
        """Local day of the week of each step, Monday 0 to Sunday 6."""
        return _read_only(weekday_of(self.local_time))

    @functools.cached_property
    def month(self) -> Integers:
        """Local month of each step, 1 to 12."""
        month = self.local_time.astype("datetime64[M]").astype(np.int64)
        return _read_only(month % MONTHS_PER_YEAR + 1)

    @functools.cached_property
    def year(self) -> Integers:
        """Local year of each step."""
        return _read_only(self.local_time.astype("datetime64[Y]").astype(np.int64) + 1970)

    @functools.cached_property
    def month_index(self) -> Integers:
        """Number of the month of each step, 0 for the first of the run."""
        index = self.local_time.astype("datetime64[M]").astype(np.int64)
        return _read_only(np.asarray(index - index[0], dtype=np.int64))

    @functools.cached_property
    def month_starts(self) -> Integers:
        """Index of the first step of each month of the run, for ``np.add.reduceat``."""
        starts = np.flatnonzero(np.diff(self.month_index, prepend=-1))
        return _read_only(starts.astype(np.int64))

    def minute_of(self, day: datetime.date, *, at_end: bool = False) -> int:
        """Return local midnight of `day`, or with `at_end` of the day after it. [min]"""
        if at_end:
            day += datetime.timedelta(days=1)
        moment = datetime.datetime.combine(day, datetime.time(), self.zone)
        return round((moment.timestamp() - self.start.timestamp()) / SECONDS_PER_MINUTE)

    def moment(self, minute: float) -> datetime.datetime:
        """Return a `minute` of the event clock as wall-clock time at the site."""
        return (
            self.start.astimezone(datetime.UTC) + datetime.timedelta(minutes=float(minute))
        ).astimezone(self.zone)

    def hourly_mean(self, time_min: ArrayLike, change: ArrayLike) -> Floats:
        """Turn events into an hourly array: the time-weighted mean of the running sum.

        Parameters
        ----------
        time_min : array_like of int, shape (n_events,)
            When each change happens, in any order; before the start counts from the start on,
            after the end not at all. [min]
        change : array_like, shape (n_events,)
            What is added to the level at that time.

        Returns
        -------
        ndarray, shape (n_hours,)
            Mean level over each step: an event in mid-step counts for its part of it.

        Examples
        --------
        >>> import zoneinfo
        >>> zone = zoneinfo.ZoneInfo("UTC")
        >>> day = datetime.datetime(2030, 1, 1, tzinfo=zone)
        >>> Calendar(day, day + datetime.timedelta(hours=3), zone).hourly_mean([30, 60], [4, -1])
        array([2., 3., 3.])
        """
        time = np.maximum(np.asarray(time_min, dtype=np.int64), 0)
        amount = np.asarray(change, dtype=np.float64)
        inside = time < self.n_hours * self.step_min
        time, amount = time[inside], amount[inside]
        index = time // self.step_min
        late = amount * (time - index * self.step_min)
        at = np.bincount(index, weights=amount, minlength=self.n_hours)
        lost = np.bincount(index, weights=late, minlength=self.n_hours)
        return np.cumsum(at) - lost / self.step_min

    def monthly_sum(self, hourly: ArrayLike) -> Floats:
        """Return the sums of `hourly`, an array on the steps, over each month of the run."""
        return np.asarray(
            np.add.reduceat(np.asarray(hourly, dtype=np.float64), self.month_starts, axis=-1)
        )


@functools.lru_cache(maxsize=2)
def calendar_of(
    start: datetime.datetime, end: datetime.datetime, zone: zoneinfo.ZoneInfo, step_h: float
) -> Calendar:
    """Return the calendar of a run; runs over the same time share one, with its cached arrays.

    Parameters
    ----------
    start, end : datetime
        First instant of the run, and first one after it.
    zone : ZoneInfo
        Zone of the site.
    step_h : float
        Length of a step. [h]

    Returns
    -------
    Calendar
        Its arrays are read-only: who changed one would change all later runs.
    """
    return Calendar(start, end, zone, step_h)


def _read_only(values: NDArray[Scalar]) -> NDArray[Scalar]:
    values.flags.writeable = False
    return values


def hour_of(local_time: NDArray[np.datetime64]) -> Integers:
    """Return the hour of the day, 0 to 23, of wall-clock times."""
    return np.asarray(
        local_time.astype("datetime64[h]").astype(np.int64) % HOURS_PER_DAY, dtype=np.int64
    )


def weekday_of(local_time: NDArray[np.datetime64]) -> Integers:
    """Return the day of the week, Monday 0 to Sunday 6, of wall-clock times."""
    return np.asarray((local_time.astype("datetime64[D]").astype(np.int64) + 3) % 7, dtype=np.int64)


@functools.lru_cache(maxsize=16)
def _midnight_offsets_s(zone: zoneinfo.ZoneInfo, first_day: int, last_day: int) -> Integers:
    # Kept, as every run of a study asks for the same days.
    return np.array(
        [_offset_s(zone, day * SECONDS_PER_DAY) for day in range(first_day, last_day + 1)]
    )


def _offset_s(zone: zoneinfo.ZoneInfo, second: int) -> int:
    offset = datetime.datetime.fromtimestamp(second, zone).utcoffset()
    assert offset is not None
    return round(offset.total_seconds())
