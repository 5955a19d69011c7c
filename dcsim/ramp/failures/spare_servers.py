"""Spare servers: failures in their order in, the time each place stands empty out.

A server that fails is taken out, and a spare one of its product goes into its place. What was taken
out is repaired and becomes a spare one itself. Without a spare one the place waits for the next
that comes back from repair, in the order in which the places failed.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from dcsim.clock import Integers
from dcsim.ramp.failures.repair_queue import Failed, Served


@dataclass
class _Spares:
    """Spare servers of one product, and the places that wait for one."""

    store: list[int]
    """When each of those that are not in repair joins, ascending. [min]"""
    coming: list[int] = field(default_factory=list)
    """When each of those in repair comes back, as a heap. [min]"""
    waiting: deque[tuple[int, int, int]] = field(default_factory=deque)
    """Empty places, first failed, first filled: number of the failure, its time, and the end of
    service of the place. [min]"""

    def next_min(self) -> int | None:
        """Return when the next one is there, of those in store or in repair."""
        heads = [times[0] for times in (self.store, self.coming) if times]
        return min(heads, default=None)

    def take(self) -> int:
        """Take the next one and return when it is there."""
        if self.store and (not self.coming or self.store[0] <= self.coming[0]):
            return heapq.heappop(self.store)
        return heapq.heappop(self.coming)


class SpareServers:
    """Places, technicians, parts and spare servers, failure by failure.

    Parameters
    ----------
    free_min, stock_min : ndarray
        Ascending: when each technician is free, and each part in stock; the last of both only once
        all servers have left service. [min]
    part_min : int
        Time until a part is replaced, at least 1. [min]
    swap_min : int
        Time to put a spare server into a place, at least 1. [min]
    spares_min : sequence of int
        When each spare server of a product is there, ascending; each product has as many. [min]
    """

    def __init__(
        self,
        free_min: Integers,
        stock_min: Integers,
        part_min: int,
        swap_min: int,
        spares_min: Sequence[int],
    ) -> None:
        self.free, self.stock = free_min.tolist(), stock_min.tolist()  # ascending, so heaps
        self.never_min = self.free[-1]
        self.part_min, self.swap_min = part_min, swap_min
        self.spares_min = list(spares_min)
        self.by_product: dict[int, _Spares] = {}
        self.starts: dict[int, int] = {}
        """Minute in which a spare server is there for the place of each failure."""

    def serve(self, failed: Failed, product: Integers) -> Served:
        """Return from when to when each place is being filled again.

        Parameters
        ----------
        failed : Failed
        product : ndarray of int, shape (n_failed,)
            Product of each server.

        Returns
        -------
        Served
            Without those places that were empty already when they failed.
        """
        ends = failed.service_end_min.tolist()
        rows = zip(*(column.tolist() for column in (*failed, product)), strict=True)
        last_of: dict[int, int] = {}
        for number, (time, server, _, hands, repair, kind) in enumerate(rows):
            spares = self.by_product.setdefault(kind, _Spares(list(self.spares_min)))
            self._fill(spares, time)
            before = last_of.get(server)
            if before is not None and self._filled_min(before, ends) > time:
                continue
            last_of[server] = number
            self.starts[number] = self.never_min
            spares.waiting.append((number, time, ends[number]))
            self._repair(spares, time, hands, repair)
            self._fill(spares, time)
        for spares in self.by_product.values():
            self._fill(spares, self.never_min)
        return self._served(ends)

    def _repair(self, spares: _Spares, time_min: int, hands_min: int, repair_min: int) -> None:
        """Repair the server that was taken out; without hands or parts it never comes back."""
        start = max(time_min, self.free[0], self.stock[0])
        if start < self.never_min:
            heapq.heapreplace(self.free, start + hands_min)
            heapq.heapreplace(self.stock, start + self.part_min)
            heapq.heappush(spares.coming, start + repair_min)

    def _fill(self, spares: _Spares, until_min: int) -> None:
        """Fill places that wait with what is there up to a minute."""
        while spares.waiting:
            there = spares.next_min()
            if there is None or there > until_min:
                return
            number, failed_min, end_min = spares.waiting.popleft()
            # A place whose rack has been retired by then takes nothing with it.
            if there < end_min:
                self.starts[number] = max(spares.take(), failed_min)

    def _filled_min(self, number: int, ends: Sequence[int]) -> int:
        return min(self.starts[number] + self.swap_min, ends[number])

    def _served(self, ends: Sequence[int]) -> Served:
        numbers = list(self.starts)
        return Served(
            np.array(numbers, dtype=np.int64),
            np.array([min(self.starts[n], ends[n]) for n in numbers], dtype=np.int64),
            np.array([self._filled_min(n, ends) for n in numbers], dtype=np.int64),
        )
