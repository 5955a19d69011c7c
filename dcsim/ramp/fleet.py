"""The fleet in service: failures that heal by themselves, failures that need hands and spares.

Repairs compete for technicians and spares, so they are events. Recoveries without hands meet no
queue and are counted with arrays afterwards.
"""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from simpy import Environment, Event, Timeout

from dcsim.clock import HOURS_PER_YEAR, MINUTES_PER_HOUR, Integers, minutes
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
    life_min: int


class Job(NamedTuple):
    """A server that waits for a technician or a spare."""

    server: tuple[int, int]
    rack: Rack
    since_min: int


@dataclass
class Workshop:
    """Technicians, spares, and the servers they bring back; first failed, first repaired.

    A repair that finds a technician and a spare knows its end when it begins, so it costs one
    event, the failure; only a queue needs more.
    """

    env: Environment
    record: Record
    fleet: Fleet
    horizon_min: int
    technicians: list[int] = field(default_factory=list)
    """Heap of when each technician is free. [min]"""
    spares: list[int] = field(default_factory=list)
    """Heap of when each spare is in stock. [min]"""
    queue: deque[Job] = field(default_factory=deque)
    down_until: dict[tuple[int, int], int] = field(default_factory=dict)
    """When each server that needed hands is back, by rack and server; the horizon if it waits."""
    waiting: set[tuple[int, int]] = field(default_factory=set)
    """Servers that are failed and not yet in repair."""
    batches: dict[int, Batch] = field(default_factory=dict)
    in_service: dict[int, tuple[int, int, Rack]] = field(default_factory=dict)
    """By rack: when it went online, when it will be retired. [min]"""
    repairs: list[tuple[int, int, int, int]] = field(default_factory=list)
    """Rack, server, from, to: the times a server needed hands. [min]"""

    def __post_init__(self) -> None:
        self.technicians = [0] * self.fleet.n_technicians
        self.spares = [0] * self.fleet.spares
        self.hands_on_min = max(minutes(self.fleet.hands_on_h), 1)
        self.repair_min = max(minutes(self.fleet.repair_h), self.hands_on_min)
        self.spare_min = max(minutes(self.fleet.spare_lead_time_h), 1)

    def expect(self, order: int, n_gpus: int, product: Product, draw: Draw) -> None:
        """Draw the failures of an order that was just placed."""
        n_servers = -(-n_gpus // product.server_size)
        found = draw_failures(
            self.fleet,
            n_servers,
            product.server_size,
            product.life_years,
            draw,
            until_years=(self.horizon_min - self.env.now) / MINUTES_PER_HOUR / HOURS_PER_YEAR,
        )
        per_rack = product.rack_size // product.server_size
        n_racks = -(-n_servers // per_rack)
        first = np.searchsorted(found.server, np.arange(n_racks + 1) * per_rack).tolist()
        with_hands = np.flatnonzero(found.hands)
        rack = found.server[with_hands] // per_rack
        # The chain of a rack runs in order of age, whichever of its servers is next.
        by_age = np.lexsort((found.age_min[with_hands], rack))
        ages = found.age_min[with_hands][by_age].tolist()
        servers = found.server[with_hands][by_age].tolist()
        edges = np.searchsorted(rack[by_age], np.arange(n_racks + 1)).tolist()
        self.batches[order] = Batch(
            found,
            first,
            [ages[a:b] for a, b in itertools.pairwise(edges)],
            [servers[a:b] for a, b in itertools.pairwise(edges)],
            product.server_size,
            per_rack,
            minutes(product.life_years * HOURS_PER_YEAR),
        )

    def went_online(self, rack: Rack) -> None:
        """Start the clock of a rack's failures."""
        now = int(self.env.now)
        self.in_service[rack.index] = (now, now + self.batches[rack.order].life_min, rack)
        self.await_next(rack, now, 0)

    def await_next(self, rack: Rack, online_min: int, k: int) -> None:
        """Wait for failure `k` of a rack that needs hands."""
        batch = self.batches[rack.order]
        ages = batch.hands[rack.place]
        if k == len(ages) or online_min + ages[k] >= self.horizon_min or ages[k] >= batch.life_min:
            return
        # Failures are by far the most events, so they carry their data and share one callback.
        delay_min = online_min + ages[k] - int(self.env.now)
        event = Timeout(self.env, delay_min, (rack, online_min, k))
        event.callbacks.append(self.fail_next)

    def fail_next(self, event: Event) -> None:
        """Let the failure that an event carries happen, and wait for the next of its rack."""
        rack, online_min, k = event.value  # type: ignore[misc]
        batch = self.batches[rack.order]
        number = batch.servers[rack.place][k]
        self.fail(rack, number, online_min + batch.hands[rack.place][k])
        self.await_next(rack, online_min, k + 1)

    def fail(self, rack: Rack, number: int, now: int) -> None:
        """Take a server down, unless it is down already, and have it repaired."""
        server = (rack.index, number)
        if self.down_until.get(server, 0) > now:
            return
        self.record.shift(now, rack, self.batches[rack.order].server_gpus, ONLINE, FAILED)
        self.down_until[server] = self.horizon_min
        self.waiting.add(server)
        job = Job(server, rack, now)
        if self.queue or not self.can_repair(now):
            self.queue.append(job)
            if len(self.queue) == 1:
                self.serve()
        else:
            self.repair(job, now)

    def can_repair(self, now: int) -> bool:
        """Tell whether a technician and a spare are there."""
        return bool(
            self.technicians
            and self.spares
            and self.technicians[0] <= now
            and self.spares[0] <= now
        )

    def serve(self, _: Event | None = None) -> None:
        """Repair those who wait while a technician and a spare are there; else come back then."""
        now = int(self.env.now)
        while self.queue:
            job = self.queue[0]
            gone_min = self.in_service[job.rack.index][1]
            if gone_min <= now:  # retired while it waited; until then it needed hands
                self.repairs.append((*job.server, job.since_min, gone_min))
                self.queue.popleft()
            elif self.can_repair(now):
                self.repair(self.queue.popleft(), now)
            else:
                self.come_back(now)
                return

    def come_back(self, now: int) -> None:
        """Serve the queue again when the next technician and spare are there."""
        if self.technicians and self.spares:  # else not until somebody joins
            ready = max(self.technicians[0], self.spares[0])
            if ready < self.horizon_min:
                event = Timeout(self.env, ready - now)
                event.callbacks.append(self.serve)

    def repair(self, job: Job, now: int) -> None:
        """Repair one server that is still in service, until it is back or retired with its rack."""
        heapq.heapreplace(self.technicians, now + self.hands_on_min)
        heapq.heapreplace(self.spares, now + self.spare_min)
        rack = job.rack
        n_gpus = self.batches[rack.order].server_gpus
        end = now + self.repair_min
        self.record.shift(now, rack, n_gpus, FAILED, IN_REPAIR)
        self.down_until[job.server] = end
        self.waiting.remove(job.server)
        self.repairs.append((*job.server, job.since_min, end))
        if end < min(self.in_service[rack.index][1], self.horizon_min):
            self.record.shift(end, rack, n_gpus, IN_REPAIR, ONLINE)

    def went_away(self, rack: Rack) -> int:
        """Retire what is failed or in repair of a rack; return how many GPUs that are."""
        now = int(self.env.now)
        batch = self.batches[rack.order]
        n_down = 0
        first = rack.place * batch.rack_servers
        for number in range(first, first + batch.rack_servers):
            server = (rack.index, number)
            if self.down_until.get(server, -1) >= now:
                state = FAILED if server in self.waiting else IN_REPAIR
                self.record.shift(now, rack, batch.server_gpus, state, RETIRED)
                n_down += batch.server_gpus
        return n_down

    def join(self, n_technicians: int, spares: int) -> None:
        """Add people and parts."""
        now = int(self.env.now)
        for heap, n in ((self.technicians, n_technicians), (self.spares, spares)):
            for _ in range(n):
                heapq.heappush(heap, now)
        self.serve()


def recoveries(workshop: Workshop) -> Integers:
    """Return the moves of servers that fell and came back by themselves, as move rows.

    A server that is in repair does not fall; one that is retired or meets the end of the run while
    it recovers ends its recovery there.
    """
    in_service: dict[int, list[tuple[int, int, Rack]]] = {}
    for entry in workshop.in_service.values():
        in_service.setdefault(entry[2].order, []).append(entry)
    repairs = _Repairs.of(workshop)
    rows = [_recoveries_of(workshop, repairs, racks) for racks in in_service.values()]
    return np.concatenate(rows) if rows else np.empty((0, N_COLUMNS), dtype=np.int64)


def _recoveries_of(
    workshop: Workshop, repairs: _Repairs, racks: list[tuple[int, int, Rack]]
) -> Integers:
    batch = workshop.batches[racks[0][2].order]
    n_places = len(batch.first) - 1
    online = np.full(n_places, workshop.horizon_min, dtype=np.int64)
    gone = np.full(n_places, workshop.horizon_min, dtype=np.int64)
    index = np.zeros(n_places, dtype=np.int64)
    for online_min, gone_min, rack in racks:
        online[rack.place], index[rack.place] = online_min, rack.index
        gone[rack.place] = min(gone_min, workshop.horizon_min)
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
    product = racks[0][2].product
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
        unfinished = [(*job.server, job.since_min, workshop.horizon_min) for job in workshop.queue]
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
