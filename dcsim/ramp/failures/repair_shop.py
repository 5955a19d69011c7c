"""The repair shop: what it learns while the ramp runs, and all its repairs once that is over.

Nothing waits for a repair but the server itself: no rack, no hall, no power. So a rack that enters
service only writes down when, and all repairs of a run are worked out when the lives of its racks
are known, without an event for any of them. First failed is first repaired, as technicians and
spares allow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from simpy import Environment

from dcsim.clock import Floats, Integers, minutes
from dcsim.ramp.failures.hazard import Draw, Failures, draw_failures
from dcsim.ramp.failures.repair_queue import Failed, RepairQueue
from dcsim.ramp.failures.spare_servers import SpareServers
from dcsim.ramp.record import Rack
from dcsim.scenario.schema.fleet import Fleet, Product
from dcsim.units import HOURS_PER_YEAR, MINUTES_PER_HOUR


class Stock(NamedTuple):
    """Technicians or spares that are there from a time on."""

    from_min: int
    n: int


class OrderFailures(NamedTuple):
    """The racks of one order and the failures of their servers."""

    failures: Failures
    first: Rack
    """Its first rack; the others have the indices that follow."""
    n_racks: int
    rack_servers: int
    server_gpus: int


@dataclass
class RepairShop:
    """The failures of each order, the racks in service, technicians and spares."""

    env: Environment
    fleet: Fleet
    horizon_min: int
    technicians: list[Stock] = field(default_factory=list)
    spares: list[Stock] = field(default_factory=list)
    spare_servers: list[Stock] = field(default_factory=list)
    """Whole servers of each product."""
    order_failures: dict[int, OrderFailures] = field(default_factory=dict)
    """By order."""
    in_service: dict[int, list[tuple[int, int, int]]] = field(default_factory=dict)
    """By order: number of a rack in it, when it went online [min], how many racks did before."""
    n_online: int = 0

    def __post_init__(self) -> None:
        self.technicians.append(Stock(0, self.fleet.n_technicians))
        self.spares.append(Stock(0, self.fleet.spares))
        self.spare_servers.append(Stock(0, self.fleet.spare_servers))

    def expect(self, racks: Sequence[Rack], n_gpus: int, product: Product, draw: Draw) -> None:
        """Draw the failures of an order that was just placed.

        Parameters
        ----------
        racks : sequence of Rack
            All racks of the order, their indices ascending by one.
        n_gpus : int
            GPUs of the order; its last rack may hold fewer than the others.
        product : Product
            What it orders.
        draw : Draw
            Random numbers of the order.
        """
        n_servers = -(-n_gpus // product.server_size)
        failures = draw_failures(
            self.fleet,
            n_servers,
            product.server_size,
            product.life_years,
            draw,
            until_years=(self.horizon_min - self.env.now) / MINUTES_PER_HOUR / HOURS_PER_YEAR,
        )
        self.order_failures[racks[0].order] = OrderFailures(
            failures,
            racks[0],
            len(racks),
            product.rack_size // product.server_size,
            product.server_size,
        )

    def went_online(self, rack: Rack, now: int) -> None:
        """Start the clock of a rack's failures."""
        entry = (rack.number, now, self.n_online)
        self.in_service.setdefault(rack.order, []).append(entry)
        self.n_online += 1

    def join(self, n_technicians: int, spares: int, spare_servers: int) -> None:
        """Add technicians, spares, and spare servers of each product from now on.

        Parameters
        ----------
        n_technicians, spares, spare_servers : int
        """
        now = int(self.env.now)
        self.technicians.append(Stock(now, n_technicians))
        self.spares.append(Stock(now, spares))
        self.spare_servers.append(Stock(now, spare_servers))


class RepairRequests(NamedTuple):
    """Failures that need hands, in the order of their repair; shape ``(n_requests,)``."""

    time_min: Integers
    """Time of the failure, ascending. [min]"""
    server: Integers
    """A number of its own for each server."""
    service_end_min: Integers
    """Retirement of its rack, or the end of the run; later than the failure. [min]"""
    scale: Floats
    """Length of its repair over the mean. [1]"""
    product: Integers | None = None
    """Index of its product, which a spare server has to be of; needed where there are any."""


class Repairs(NamedTuple):
    """Repairs that follow from the requests, in their order; shape ``(n_repairs,)``."""

    request: Integers
    """Index of the request; a server that is down already does not fail again."""
    start_min: Integers
    """Technician and spare, or a spare server, are there; without a repair the server leaves
    service then. [min]"""
    end_min: Integers
    """The server is back, or would be; without a repair it leaves service then. [min]"""
    done: NDArray[np.bool_]
    """True where the repair begins."""


def schedule_repairs(
    requests: RepairRequests,
    fleet: Fleet,
    technicians: Sequence[Stock],
    spares: Sequence[Stock],
    spare_servers: Sequence[Stock] = (),
) -> Repairs:
    """Repair what fails, first failed, first repaired.

    Parameters
    ----------
    requests : RepairRequests
        Failures.
    fleet : Fleet
        Times for which a repair holds a technician, a server and a spare.
    technicians, spares, spare_servers : sequence of Stock
        Numbers of them, each from a time on; so many spare servers of each product.

    Returns
    -------
    Repairs
        One for each request of a server that is not down already.

    Notes
    -----
    As nobody overtakes, the repair of request ``i`` begins at ``max(failure, first technician
    free, first spare in stock)``, and all three are known from the requests before it: a queue
    with many servers in one pass, by the recursion of Kiefer and Wolfowitz [1]_. A server whose
    rack is retired by then leaves the queue and takes nothing with it.

    References
    ----------
    .. [1] J. Kiefer, J. Wolfowitz, "On the theory of queues with many servers", Transactions of
       the American Mathematical Society 78 (1955) 1-18.

    Examples
    --------
    Two servers fail an hour apart; the only technician works 4 hours on each, after 24 hours each
    is back. So the second waits 3 hours:

    >>> fleet = Fleet(failure_rate="1 1/GPU/year", hands=1, recovery="1 h", technicians=1,
    ...               hands_on="4 h", repair="24 h", spares=9, spare_lead_time="1 h")
    >>> requests = RepairRequests(time_min=np.array([0, 60]), server=np.array([0, 1]),
    ...                           service_end_min=np.array([9999, 9999]), scale=np.ones(2))
    >>> repairs = schedule_repairs(requests, fleet, [Stock(0, 1)], [Stock(0, 9)])
    >>> (repairs.start_min / 60).tolist(), (repairs.end_min / 60).tolist()
    ([0.0, 4.0], [24.0, 28.0])
    """
    never_min = int(requests.service_end_min.max(initial=0))
    there = _there(technicians, never_min), _there(spares, never_min)
    spare_min = max(minutes(fleet.spare_lead_time_h), 1)
    failed = Failed(
        requests.time_min,
        requests.server,
        requests.service_end_min,
        *_lengths(requests.scale, fleet),
    )
    if any(stock.n for stock in spare_servers):
        assert requests.product is not None
        shop = SpareServers(
            *there,
            part_min=spare_min,
            swap_min=max(minutes(fleet.swap_h), 1),
            spares_min=_there(spare_servers, never_min)[:-1].tolist(),
        )
        request, start_min, end_min = shop.serve(failed, requests.product)
    else:
        n_servers = int(requests.server.max(initial=-1)) + 1
        request, start_min, end_min = RepairQueue(*there, spare_min, n_servers).serve(failed)
    return Repairs(request, start_min, end_min, start_min < requests.service_end_min[request])


def _there(stocks: Sequence[Stock], never_min: int) -> Integers:
    """Return from when on each technician or spare is there, ascending.

    The last one, at `never_min`, is not there before all servers have left service: so there is a
    first one even without technicians, and who waits for that one waits in vain.

    >>> _there([Stock(0, 2), Stock(50, 1)], 1000).tolist()
    [0, 0, 50, 1000]
    """
    there = [np.full(stock.n, stock.from_min, dtype=np.int64) for stock in stocks]
    return np.sort(np.concatenate([*there, np.array([never_min], dtype=np.int64)]))


def _lengths(scale: Floats, fleet: Fleet) -> tuple[Integers, Integers]:
    """Return how long each repair holds a technician and its server. [min]."""
    hands = np.rint(fleet.hands_on_h * MINUTES_PER_HOUR * scale).astype(np.int64)
    repair = np.rint(fleet.repair_h * MINUTES_PER_HOUR * scale).astype(np.int64)
    hands = np.maximum(hands, 1)
    return hands, np.maximum(repair, hands)
