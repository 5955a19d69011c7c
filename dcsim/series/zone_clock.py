"""Clock of a time zone: moments in, what the clocks on the wall show out, and back."""

from __future__ import annotations

import datetime
import zoneinfo
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dcsim.clock import Integers
from dcsim.units import MINUTES_PER_DAY, SECONDS_PER_MINUTE

_MARGIN_DAYS = 3
_ORIGIN = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


class ZoneClock(NamedTuple):
    """The offsets of a zone over a stretch of time."""

    change_min: Integers
    """When each offset begins, the first long before the stretch. [min since 1970-01-01 UTC]"""
    offset_min: Integers
    """Clock minus UTC from then on. [min]"""

    @classmethod
    def between(cls, zone: zoneinfo.ZoneInfo, first_min: int, last_min: int) -> ZoneClock:
        """Return the clock of a zone between two times, with some days to spare.

        Parameters
        ----------
        zone : ZoneInfo
        first_min, last_min : int
            Times, of UTC or of the zone. [min since 1970-01-01]
        """
        days = np.arange(
            first_min // MINUTES_PER_DAY - _MARGIN_DAYS,
            last_min // MINUTES_PER_DAY + _MARGIN_DAYS + 1,
        )
        offsets = [_zone_offset_min(zone, int(day) * MINUTES_PER_DAY) for day in days]
        changes, kept = [int(days[0] - 1) * MINUTES_PER_DAY], [offsets[0]]
        for at in np.flatnonzero(np.diff(offsets)).tolist():
            low, high = int(days[at]) * MINUTES_PER_DAY, int(days[at + 1]) * MINUTES_PER_DAY
            while high - low > 1:
                middle = (low + high) // 2
                if _zone_offset_min(zone, middle) == offsets[at]:
                    low = middle
                else:
                    high = middle
            changes.append(high)
            kept.append(offsets[at + 1])
        return cls(np.array(changes, dtype=np.int64), np.array(kept, dtype=np.int64))

    def offset_at(self, time_min: Integers) -> Integers:
        """Return the offset at moments of UTC. [min]"""
        place = np.searchsorted(self.change_min, time_min, side="right") - 1
        return self.offset_min[np.maximum(place, 0)]

    def wall_min(self, time_min: Integers) -> Integers:
        """Return what the clock shows at moments of UTC. [min since 1970-01-01]"""
        return np.asarray(time_min + self.offset_at(time_min))

    def moments(self, wall_min: Integers) -> tuple[Integers, Integers, NDArray[np.bool_]]:
        """Return the earlier and the later moment at which the clock shows each time.

        Returns
        -------
        earlier, later : ndarray of int
            Equal but in the hour that is doubled when clocks go back. A time that is skipped when
            they go forward has that of the offset before. [min since 1970-01-01 UTC]
        is_skipped : ndarray of bool
            Where the clock never shows it.
        """
        place = np.searchsorted(self.change_min, wall_min, side="right") - 1
        near = np.stack([np.clip(place + step, 0, self.change_min.size - 1) for step in (-1, 0, 1)])
        tried = wall_min - self.offset_min[near]
        right = self.offset_at(tried) == self.offset_min[near]
        far = np.iinfo(np.int64).max
        earlier = np.where(right, tried, far).min(axis=0)
        later = np.where(right, tried, -far).max(axis=0)
        is_skipped = ~right.any(axis=0)
        before = tried.max(axis=0)  # the smaller of two offsets is the one before the clocks go on
        return (
            np.where(is_skipped, before, earlier),
            np.where(is_skipped, before, later),
            is_skipped,
        )


def _zone_offset_min(zone: zoneinfo.ZoneInfo, time_min: int) -> int:
    moment = _ORIGIN + datetime.timedelta(minutes=time_min)
    offset = moment.astimezone(zone).utcoffset()
    assert offset is not None
    return round(offset.total_seconds() / SECONDS_PER_MINUTE)
