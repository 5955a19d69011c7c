"""The fleet in service: failures that heal by themselves, failures that need hands and spares.

Repairs compete for technicians and spares, so they are events. Recoveries without hands meet no
queue and are counted with arrays afterwards.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from simpy import Environment, Event

from dcsim.clock import Integers, minutes
from dcsim.ramp.failures import Draw, Failures, draw_failures
from dcsim.ramp.record import N_COLUMNS, ONLINE, RETIRED, Rack, Record
from dcsim.scenario.fleet import Fleet, Product
from dcsim.stages import STATE

RECOVERING, FAILED, IN_REPAIR = STATE["recovering"], STATE["failed"], STATE["in_repair"]


class Batch(NamedTuple):
    """The failures of one order, and where each of its racks begins in them."""

    failures: Failures
    first: list[int]
    """Index of the first failure of each rack, with one more at the end."""
    hands: list[list[int]]
    """Ages at which each rack has failures that need hands. [min]"""
    servers: list[list[int]]
    """Server of each of those."""
    server_gpus: int
    rack_servers: int


class Down(NamedTuple):
    """A server that is down and needs hands."""

    server: tuple[int, int]
    """Rack and server in its order."""
    rack: Rack
    since_min: int


@dataclass
class Workshop:
    """Technicians, spares, and the servers they bring back; first failed, first repaired."""

    env: Environment
    record: Record
    fleet: Fleet
    horizon_min: int
    free_technicians: int = 0
    spares: int = 0
    queue: deque[Down] = field(default_factory=deque)
    down: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    """State of each server that needs hands and since when, by rack and server."""
    batches: dict[int, Batch] = field(default_factory=dict)
    online_min: dict[int, tuple[int, Rack]] = field(default_factory=dict)
    """When each rack went online."""
    gone_min: dict[int, int] = field(default_factory=dict)
    """When each rack was retired."""
    repairs: list[tuple[int, int, int, int]] = field(default_factory=list)
    """Rack, server, from, to: the times a server needed hands. [min]"""

    def __post_init__(self) -> None:
        self.free_technicians = self.fleet.n_technicians
        self.spares = self.fleet.spares
        self.hands_on_min = max(minutes(self.fleet.hands_on_h), 1)
        self.repair_min = max(minutes(self.fleet.repair_h), self.hands_on_min)
        self.spare_min = max(minutes(self.fleet.spare_lead_time_h), 1)

    def expect(self, order: int, n_gpus: int, product: Product, draw: Draw) -> None:
        """Draw the failures of an order that was just placed."""
        n_servers = -(-n_gpus // product.server_size)
        found = draw_failures(self.fleet, n_servers, product.server_size, product.life_years, draw)
        per_rack = product.rack_size // product.server_size
        n_racks = -(-n_servers // per_rack)
        first = np.searchsorted(found.server, np.arange(n_racks + 1) * per_rack).tolist()
        with_hands = np.flatnonzero(found.hands)
        rack = found.server[with_hands] // per_rack
        # The chain of a rack runs in order of age, whichever of its servers is next.
        by_age = np.lexsort((found.age_min[with_hands], rack))
        ages = found.age_min[with_hands][by_age]
        servers = found.server[with_hands][by_age]
        edges = np.searchsorted(rack[by_age], np.arange(1, n_racks))
        self.batches[order] = Batch(
            found,
            first,
            [part.tolist() for part in np.split(ages, edges)],
            [part.tolist() for part in np.split(servers, edges)],
            product.server_size,
            per_rack,
        )

    def went_online(self, rack: Rack) -> None:
        """Start the clock of a rack's failures."""
        now = int(self.env.now)
        self.online_min[rack.index] = (now, rack)
        if self.batches[rack.order].hands[rack.place]:
            self.await_next(rack, now, 0)

    def await_next(self, rack: Rack, online_min: int, k: int) -> None:
        """Wait for failure `k` of a rack that needs hands."""
        ages = self.batches[rack.order].hands[rack.place]
        if k == len(ages) or online_min + ages[k] >= self.horizon_min:
            return

        def fail(_: Event) -> None:
            if rack.state == ONLINE:
                self.fail(rack, k)
                self.await_next(rack, online_min, k + 1)

        self.at(online_min + ages[k] - int(self.env.now), fail)

    def at(self, delay_min: int, action: object) -> None:
        """Call `action` after a delay."""
        event = self.env.timeout(delay_min)
        assert event.callbacks is not None
        event.callbacks.append(action)  # type: ignore[arg-type]

    def fail(self, rack: Rack, k: int) -> None:
        """Take a server down, if it is not down already."""
        batch = self.batches[rack.order]
        server = (rack.index, batch.servers[rack.place][k])
        if server in self.down:
            return
        now = int(self.env.now)
        n_gpus = batch.server_gpus
        self.record.shift(now, rack, n_gpus, ONLINE, FAILED)
        rack.n_failed += n_gpus
        self.down[server] = (FAILED, now)
        self.queue.append(Down(server, rack, now))
        self.serve()

    def serve(self) -> None:
        """Start repairs while there are technicians and spares."""
        while self.queue and self.free_technicians and self.spares:
            job = self.queue.popleft()
            if job.server not in self.down:
                continue  # retired while it waited
            self.free_technicians -= 1
            self.spares -= 1
            self.repair(job)

    def repair(self, job: Down) -> None:
        """Repair one server: hands for a while, tests after that, a new spare on its way."""
        now = int(self.env.now)
        n_gpus = self.batches[job.rack.order].server_gpus
        self.down[job.server] = (IN_REPAIR, job.since_min)
        self.record.shift(now, job.rack, n_gpus, FAILED, IN_REPAIR)

        def hands_free(_: Event) -> None:
            self.free_technicians += 1
            self.serve()

        def spare_back(_: Event) -> None:
            self.spares += 1
            self.serve()

        def repaired(_: Event) -> None:
            if self.down.pop(job.server, None) is None:
                return  # retired meanwhile
            self.record.shift(int(self.env.now), job.rack, n_gpus, IN_REPAIR, ONLINE)
            job.rack.n_failed -= n_gpus
            self.repairs.append((*job.server, job.since_min, int(self.env.now)))

        self.at(self.hands_on_min, hands_free)
        self.at(self.repair_min, repaired)
        self.at(self.spare_min, spare_back)

    def went_away(self, rack: Rack) -> None:
        """Retire what is failed or in repair of a rack."""
        now = int(self.env.now)
        self.gone_min[rack.index] = now
        if not rack.n_failed:
            return
        batch = self.batches[rack.order]
        first = rack.place * batch.rack_servers
        for number in range(first, first + batch.rack_servers):
            server = (rack.index, number)
            if server in self.down:
                state, since_min = self.down.pop(server)
                self.record.shift(now, rack, batch.server_gpus, state, RETIRED)
                self.repairs.append((*server, since_min, now))

    def join(self, n_technicians: int, spares: int) -> None:
        """Add people and parts."""
        self.free_technicians += n_technicians
        self.spares += spares
        self.serve()


def recoveries(workshop: Workshop) -> Integers:
    """Return the moves of servers that fell and came back by themselves, as move rows.

    A server that is in repair does not fall; one that is retired or meets the end of the run while
    it recovers ends its recovery there.
    """
    in_service: dict[int, list[tuple[int, Rack]]] = {}
    for at, rack in workshop.online_min.values():
        in_service.setdefault(rack.order, []).append((at, rack))
    repairs = _Repairs.of(workshop)
    rows = [_recoveries_of(workshop, repairs, racks) for racks in in_service.values()]
    return np.concatenate(rows) if rows else np.empty((0, N_COLUMNS), dtype=np.int64)


def _recoveries_of(
    workshop: Workshop, repairs: _Repairs, racks: list[tuple[int, Rack]]
) -> Integers:
    batch = workshop.batches[racks[0][1].order]
    n_places = len(batch.first) - 1
    online = np.full(n_places, workshop.horizon_min, dtype=np.int64)
    gone = np.full(n_places, workshop.horizon_min, dtype=np.int64)
    index = np.zeros(n_places, dtype=np.int64)
    for at, rack in racks:
        online[rack.place], index[rack.place] = at, rack.index
        gone[rack.place] = workshop.gone_min.get(rack.index, workshop.horizon_min)
    place_of = np.repeat(np.arange(n_places), np.diff(batch.first))
    failures = batch.failures
    start = online[place_of] + failures.age_min
    mine = ~failures.hands & (start < gone[place_of])
    start, place_of = start[mine], place_of[mine]
    server, length = failures.server[mine], failures.recovery_min[mine]
    down = repairs.cover(index[place_of], server, start)
    keep = ~down
    start, place_of, length = start[keep], place_of[keep], length[keep]
    end = np.minimum(start + length, gone[place_of])
    product = racks[0][1].product
    return _rows(
        start,
        end,
        index[place_of],
        product=product,
        n_gpus=batch.server_gpus,
        horizon_min=workshop.horizon_min,
    )


class _Repairs(NamedTuple):
    """When servers needed hands, in a form that many times can be looked up in at once."""

    table: Integers
    """Rows of rack, server, from, to, sorted."""
    key: Integers
    """One number for the first three columns of each row, ascending."""
    width: int
    span: int

    @staticmethod
    def of(workshop: Workshop) -> _Repairs:
        unfinished = [
            (*key, since, workshop.horizon_min) for key, (_, since) in workshop.down.items()
        ]
        table = np.array(workshop.repairs + unfinished, dtype=np.int64).reshape(-1, 4)
        span = workshop.horizon_min + 1
        servers = [int(batch.failures.server.max(initial=0)) for batch in workshop.batches.values()]
        width = max(servers, default=0) + 1
        key = (table[:, 0] * width + table[:, 1]) * span + table[:, 2]
        order = np.argsort(key, kind="stable")
        return _Repairs(table[order], key[order], width, span)

    def cover(self, rack: Integers, server: Integers, at_min: Integers) -> NDArray[np.bool_]:
        """Tell which servers need hands at the given times."""
        if not self.key.size:
            return np.zeros(at_min.size, dtype=np.bool_)
        key = (rack * self.width + server) * self.span + at_min
        row = np.searchsorted(self.key, key, side="right") - 1
        same = (row >= 0) & (self.table[row, 0] == rack) & (self.table[row, 1] == server)
        return np.asarray(same & (at_min <= self.table[row, 3]))


def _rows(
    start: Integers,
    end: Integers,
    rack: Integers,
    *,
    product: int,
    n_gpus: int,
    horizon_min: int,
) -> Integers:
    n = start.size
    table = np.empty((2 * n, N_COLUMNS), dtype=np.int64)
    table[:n, 0], table[n:, 0] = start, end
    table[:, 1], table[:, 3] = product, n_gpus
    table[:n, 2] = table[n:, 2] = rack
    table[:n, 4], table[:n, 5] = ONLINE, RECOVERING
    table[n:, 4], table[n:, 5] = RECOVERING, ONLINE
    return table[table[:, 0] < horizon_min]
