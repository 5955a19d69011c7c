"""The queue of a repair shop: failures in their order in, begin and end of each repair out.

Most failures find a technician and a spare at once. Blocks of those are worked out with arrays;
only where somebody waits, one failure follows after another.
"""

from __future__ import annotations

import heapq
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dcsim.clock import Integers
from dcsim.ramp.record import stable_order

BLOCK = 2048
"""Failures that are looked at together for whether all of them are repaired at once."""
ONE_BY_ONE = 64
"""Least failures after a wait that follow one after another before a block is tried again."""
WORTH_A_BLOCK = 256
"""Failures of a block without a wait for which its arrays pay; where it has fewer, twice as many
as the last time follow one after another."""
DOWN_ALREADY = -1
"""Mark in place of a start where a server is down already when it fails."""


class Failed(NamedTuple):
    """Servers that fail, in the order of their repair; shape ``(n_failed,)`` each."""

    time_min: Integers
    """Ascending. [min]"""
    server: Integers
    service_end_min: Integers
    """Later than the failure. [min]"""
    hands_min: Integers
    """Time for which the repair holds a technician, at least 1. [min]"""
    repair_min: Integers
    """Time for which it holds the server, at least as long. [min]"""

    def part(self, first: int, end: int) -> Failed:
        """Return those from number `first` up to number `end`."""
        return Failed(*(column[first:end] for column in self))


class Served(NamedTuple):
    """Servers that were not down already when they failed; shape ``(n_served,)`` each."""

    number: Integers
    """Number of the failure."""
    start_min: Integers
    """Begin of the repair, or end of service if it comes first. [min]"""
    end_min: Integers
    """End of the repair, or of service. [min]"""


class RepairQueue:
    """Technicians, spares and servers that are down, after all failures so far.

    Parameters
    ----------
    free_min, stock_min : ndarray
        Ascending: when each technician is free, and each spare in stock; the last of both only
        once all servers have left service. [min]
    spare_min : int
        Time until a spare is replaced, at least 1. [min]
    n_servers : int
        Servers are numbered below it.
    """

    def __init__(
        self, free_min: Integers, stock_min: Integers, spare_min: int, n_servers: int
    ) -> None:
        self.free_min = free_min
        self.stock_min = stock_min
        self.spare_min = spare_min
        self.down_until = np.zeros(n_servers, dtype=np.int64)

    def serve(self, failed: Failed) -> Served:
        """Return the repairs of all that fail, first failed, first repaired."""
        parts: list[Served] = []
        first, n_failed, n_alone = 0, failed.time_min.size, ONE_BY_ONE
        while first < n_failed:
            served, n_seen = self._serve_at_once(failed.part(first, first + BLOCK))
            parts.append(served._replace(number=served.number + first))
            first += n_seen
            if n_seen == BLOCK or first == n_failed:
                continue
            n_alone = ONE_BY_ONE if n_seen >= WORTH_A_BLOCK else 2 * n_alone
            served, n_seen = self._serve_one_by_one(failed.part(first, n_failed), n_alone)
            parts.append(served._replace(number=served.number + first))
            first += n_seen
        return _joined(parts)

    def _serve_at_once(self, block: Failed) -> tuple[Served, int]:
        """Serve failures up to the first one that has to wait; return how many those are, too.

        Notes
        -----
        Each repair takes the technician that is free first, and gives him back later than it
        began. So the i-th repair, counted from 0, takes the i-th of all times at which one becomes
        free, those before the block and those after its repairs together, in ascending order; it
        waits if that time is later than the failure. Times after repairs that begin later than
        this one are later, too, and do not count, so that it is no matter whether they are right.
        Spares go the same way.
        """
        kept = np.flatnonzero(_are_up(block, self.down_until))
        time = block.time_min[kept]
        freed, restocked = time + block.hands_min[kept], time + self.spare_min
        ready = np.maximum(_ascending(self.free_min, freed), _ascending(self.stock_min, restocked))
        waits = np.flatnonzero(ready > time)
        n_kept, n_seen = time.size, block.time_min.size
        if waits.size:
            n_kept = int(waits[0])
            n_seen = int(kept[n_kept])
        kept, time = kept[:n_kept], time[:n_kept]
        self.free_min = _later(self.free_min, freed[:n_kept])
        self.stock_min = _later(self.stock_min, restocked[:n_kept])
        end = time + block.repair_min[kept]
        self.down_until[block.server[kept]] = end  # of several for one server, the last one counts
        return Served(kept, time, end), n_seen

    def _serve_one_by_one(self, failed: Failed, n_least: int) -> tuple[Served, int]:
        """Serve failures one after another until nobody waits; return how many those are, too."""
        free, stock = self.free_min.tolist(), self.stock_min.tolist()  # ascending, so heaps
        parts: list[Served] = []
        n_seen, n_failed, waits = 0, failed.time_min.size, True
        while n_seen < n_failed and waits:
            part = failed.part(n_seen, n_seen + n_least)
            served = self._serve_part(part, free, stock)
            parts.append(served._replace(number=served.number + n_seen))
            n_seen += part.time_min.size
            waits = bool((served.start_min > part.time_min[served.number])[-1:].any())
        self.free_min, self.stock_min = np.sort(free), np.sort(stock)
        return _joined(parts), n_seen

    def _serve_part(self, part: Failed, free: list[int], stock: list[int]) -> Served:
        """Serve failures one after another by heaps of when technicians and spares are there."""
        down_until: dict[int, int] = {}
        starts: list[int] = []
        spare_min = self.spare_min
        # Lists of plain integers: to read arrays one number at a time takes longer.
        columns = (*part, self.down_until[part.server])
        rows = zip(*(column.tolist() for column in columns), strict=True)
        for time, server, service_end, hands, repair, down_before in rows:
            if down_until.get(server, down_before) > time:
                starts.append(DOWN_ALREADY)
                continue
            start, in_stock = free[0], stock[0]
            # Comparisons in place of `max`, which takes three times as long.
            start = in_stock if in_stock > start else start
            start = time if time > start else start
            if start < service_end:
                # The technician is free again after the hands-on part, the server back later; the
                # spare is replaced by one that is ordered now.
                heapq.heapreplace(free, start + hands)
                heapq.heapreplace(stock, start + spare_min)
                down_until[server] = start + repair
            else:
                start = down_until[server] = service_end
            starts.append(start)
        self.down_until[list(down_until)] = list(down_until.values())
        start_min = np.array(starts, dtype=np.int64)
        number = np.flatnonzero(start_min != DOWN_ALREADY)
        start_min = start_min[number]
        begins = start_min < part.service_end_min[number]
        return Served(number, start_min, start_min + np.where(begins, part.repair_min[number], 0))


def _joined(parts: list[Served]) -> Served:
    """Return the repairs of several parts in their order."""
    nothing = Served(*(np.empty(0, dtype=np.int64) for _ in Served._fields))
    return Served(*(np.concatenate(column) for column in zip(nothing, *parts, strict=True)))


def _ascending(before: Integers, after: Integers) -> Integers:
    """Return the least of both, in ascending order, as many as there are in `after`."""
    return np.sort(np.concatenate([before, after]), kind="stable")[: after.size]


def _later(before: Integers, after: Integers) -> Integers:
    """Return what is left of both once as many as there are in `after` are taken, least first."""
    return np.sort(np.concatenate([before, after]), kind="stable")[after.size :]


def _are_up(block: Failed, down_until: Integers) -> NDArray[np.bool_]:
    """Tell which failures are those of servers that are not down, if all are repaired at once.

    Server 4 fails in minutes 10, 12 and 25, and each of its repairs takes 10 minutes; server 7 is
    down until minute 30:

    >>> block = Failed(time_min=np.array([10, 12, 20, 25]), server=np.array([4, 4, 7, 4]),
    ...                service_end_min=np.full(4, 99), hands_min=np.full(4, 5),
    ...                repair_min=np.full(4, 10))
    >>> down_until = np.zeros(8, dtype=int)
    >>> down_until[7] = 30
    >>> _are_up(block, down_until).tolist()
    [True, False, False, True]
    """
    order = stable_order(block.server)
    server, time = block.server[order], block.time_min[order]
    end = time + block.repair_min[order]
    before = down_until[server]
    # Latest end of the same server's repairs before: one running maximum serves all servers, as
    # each has an offset that is larger than any end.
    offset = server * (int(end.max(initial=0)) + 1)
    same = server[1:] == server[:-1]
    latest = (np.maximum.accumulate(end + offset) - offset)[:-1]
    before[1:][same] = np.maximum(before[1:][same], latest[same])
    up = before <= time
    # A few may be up although one before is not done: it does not begin, its server being down.
    for row in np.flatnonzero(~up).tolist():
        last = row - 1
        while last >= 0 and server[last] == server[row] and not up[last]:
            last -= 1
        is_first = last < 0 or server[last] != server[row]
        up[row] = (down_until[server[row]] if is_first else end[last]) <= time[row]
    is_up = np.empty(order.size, dtype=bool)
    is_up[order] = up
    return is_up
