"""Racks and failures in service, as arrays: what the repair shop has written down, by rack."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dcsim.clock import Floats, Integers
from dcsim.ramp.failures.repair_shop import RepairShop


class RackService(NamedTuple):
    """Service of each rack, which its servers share, by index of the rack; shape ``(n_racks,)``."""

    online_min: Integers
    """Entry into service; the end of the run if it never enters. [min]"""
    service_end_min: Integers
    """Retirement, or the end of the run. [min]"""
    entry_order: Integers
    """Number of racks that entered service before it."""
    product: Integers
    """Index of the product."""
    server_gpus: Integers
    """GPUs of one of its servers."""


class FailureEvents(NamedTuple):
    """Failures in service, in order of their server and time; shape ``(n_failures,)``."""

    time_min: Integers
    rack: Integers
    """Index of the rack."""
    server: Integers
    """A number of its own for each server of the site."""
    hands: NDArray[np.bool_]
    """True where a technician is needed; else the server recovers by itself."""
    recovery_min: Integers
    """Time to recover by itself. [min]"""
    scale: Floats
    """Length of its repair over the mean. [1]"""

    def select(self, which: NDArray[np.generic]) -> FailureEvents:
        """Return some of them, by number or by mask."""
        return FailureEvents(*(column[which] for column in self))


def rack_service(repair_shop: RepairShop) -> RackService:
    """Return when each rack was in service."""
    horizon_min = repair_shop.horizon_min
    orders = repair_shop.order_failures.values()
    n_racks = max((order.first.index + order.n_racks for order in orders), default=0)
    online = np.full(n_racks, horizon_min, dtype=np.int64)
    entry_order, life, product, gpus = (np.zeros(n_racks, dtype=np.int64) for _ in range(4))
    for index, order in repair_shop.order_failures.items():
        first = order.first
        mine = slice(first.index, first.index + order.n_racks)
        life[mine], product[mine], gpus[mine] = first.life_min, first.product, order.server_gpus
        entries = np.array(repair_shop.in_service.get(index, []), dtype=np.int64).reshape(-1, 3)
        online[first.index + entries[:, 0]] = entries[:, 1]
        entry_order[first.index + entries[:, 0]] = entries[:, 2]
    return RackService(online, np.minimum(online + life, horizon_min), entry_order, product, gpus)


def failure_events(repair_shop: RepairShop, racks: RackService) -> FailureEvents:
    """Return the failures of all servers while they are in service.

    An order draws the ages at which its servers fail when it is placed; here each age is counted
    from the minute in which the rack of the server went online. Ages beyond its service are left
    out.
    """
    # The first element, without rows, gives the columns their types where nothing fails.
    types = (int, int, int, bool, int, float)
    by_order = [FailureEvents(*(np.empty(0, dtype=dtype) for dtype in types))]
    n_servers = 0
    for order in repair_shop.in_service:
        failures, first, n_racks, rack_servers, _ = repair_shop.order_failures[order]
        rack = first.index + failures.server // rack_servers
        time_min = racks.online_min[rack] + failures.age_min
        events = FailureEvents(
            time_min,
            rack,
            failures.server + n_servers,
            failures.hands,
            failures.recovery_min,
            failures.repair_scale,
        )
        by_order.append(events.select(time_min < racks.service_end_min[rack]))
        n_servers += n_racks * rack_servers
    return FailureEvents(*(np.concatenate(columns) for columns in zip(*by_order, strict=True)))
