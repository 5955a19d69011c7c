"""Repairs by hand: who fails first is repaired first, as technicians and spares allow.

Nothing waits for a repair but the server itself, so all repairs of a run are worked out when the
lives of its racks are known, without an event for any of them.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dcsim.clock import Floats, Integers, minutes
from dcsim.scenario.schema.fleet import Fleet
from dcsim.units import MINUTES_PER_HOUR


class Calls(NamedTuple):
    """Failures that need hands, in the order in which they are taken up; shape ``(n_calls,)``."""

    time_min: Integers
    """When, ascending. [min]"""
    server: Integers
    """A number of its own for each server."""
    gone_min: Integers
    """When its rack is retired, or the end of the run; later than the failure. [min]"""
    scale: Floats
    """How long its repair takes, over the mean. [1]"""


class Repairs(NamedTuple):
    """What became of calls, in their order; shape ``(n_repairs,)``."""

    call: Integers
    """Which call; a server that is down already does not fail again."""
    start_min: Integers
    """When hands and spare were there; when the server was gone, if they never were. [min]"""
    end_min: Integers
    """When the server was back, or would have been; when it was gone, without a repair. [min]"""
    done: NDArray[np.bool_]
    """Whether the repair began."""


class Stock(NamedTuple):
    """Technicians or spares that are there from a time on."""

    from_min: int
    n: int


def work_out(
    calls: Calls, fleet: Fleet, technicians: Sequence[Stock], spares: Sequence[Stock]
) -> Repairs:
    """Repair what fails, first failed, first repaired.

    Parameters
    ----------
    calls : Calls
        Failures.
    fleet : Fleet
        How long a repair holds a technician, a server and a spare.
    technicians, spares : sequence of Stock
        Who and what is there from when on.

    Notes
    -----
    As nobody overtakes, a repair begins when the server has failed, a technician is free and a
    spare is in stock; all three are known from the calls before. A server whose rack is retired
    by then leaves the queue and takes nothing with it.
    """
    never = int(calls.gone_min.max(initial=0))
    free, stock = _heap(technicians, never), _heap(spares, never)
    hands_min, repair_min = _lengths(calls.scale, fleet)
    spare_min = max(minutes(fleet.spare_lead_time_h), 1)
    down_until = [0] * (int(calls.server.max(initial=-1)) + 1)
    numbers, starts, ends = [], [], []
    columns = (calls.time_min, calls.server, calls.gone_min, hands_min, repair_min)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    for number, (time, server, gone, hands, repair) in enumerate(rows):
        if down_until[server] > time:
            continue
        start = max(time, free[0], stock[0])
        end = start = min(start, gone)
        if start < gone:
            heapq.heapreplace(free, start + hands)
            heapq.heapreplace(stock, start + spare_min)
            end += repair
        down_until[server] = end
        numbers.append(number)
        starts.append(start)
        ends.append(end)
    call, start_min, end_min = (np.array(v, dtype=np.int64) for v in (numbers, starts, ends))
    return Repairs(call, start_min, end_min, start_min < calls.gone_min[call])


def _heap(stocks: Sequence[Stock], never_min: int) -> list[int]:
    """Return from when on each one is there; the last one, for all who wait in vain, never is."""
    there = [stock.from_min for stock in stocks for _ in range(stock.n)]
    return sorted([*there, never_min])


def _lengths(scale: Floats, fleet: Fleet) -> tuple[Integers, Integers]:
    """Return how long each repair holds a technician and its server. [min]."""
    hands = np.rint(fleet.hands_on_h * MINUTES_PER_HOUR * scale).astype(np.int64)
    repair = np.rint(fleet.repair_h * MINUTES_PER_HOUR * scale).astype(np.int64)
    hands = np.maximum(hands, 1)
    return hands, np.maximum(repair, hands)
