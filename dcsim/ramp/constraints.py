"""Places for racks: hall space, provisioned power, cooling; first come, first served."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import chain

from dcsim.gpu_states import STATE
from dcsim.ramp.record import Rack, Record
from dcsim.ramp.schedule import Agenda, Step
from dcsim.scenario.schema.fleet import Hall
from dcsim.units import W_PER_KW, W_PER_MW

Kind = tuple[int, float]
"""Power that is provisioned for a rack, and its nameplate. [W]"""
Queued = tuple[Rack, Step]
"""A rack that waits, and what comes next for it when it is its turn."""


@dataclass(slots=True)
class HallState:
    """A hall and what is still free in it."""

    name: str
    free_racks: int
    free_w: int
    """IT power. [W]"""
    free_air_w: int
    free_liquid_w: int
    rack_limit_w: float
    open: bool = False
    cooled: bool = False
    never: bool = False
    """It will not open: its work never comes."""


@dataclass
class Space:
    """Hall space, by rack positions and IT power.

    Racks of one kind queue behind one another; racks of different kinds do not, or one that fits
    nowhere would stop all others.
    """

    agenda: Agenda
    record: Record
    unlimited: bool = False
    halls: list[HallState] = field(default_factory=list)
    place: dict[str, int] = field(default_factory=dict)
    """Index of each hall by its name."""
    queues: dict[tuple[int, tuple[str, ...]], deque[Queued]] = field(default_factory=dict)
    arrived: dict[int, int] = field(default_factory=dict)
    """Number of each waiting rack in the order of arrival."""
    n_queued: int = 0
    full_before: dict[Kind, int] = field(default_factory=dict)
    """Index of the first hall that may have room for each kind of rack: a large site has hundreds
    of full ones."""

    def add(self, hall: Hall) -> HallState:
        """Take up a hall that is not open yet."""

        def watts(cooling_mw: float | None) -> int:
            return round((hall.it_power_mw if cooling_mw is None else cooling_mw) * W_PER_MW)

        free_w = round(hall.it_power_mw * W_PER_MW)
        state = HallState(
            hall.name,
            hall.racks,
            free_w,
            watts(hall.air_cooling_mw),
            watts(hall.liquid_cooling_mw),
            hall.rack_limit_kw * W_PER_KW,
        )
        self.place[hall.name] = len(self.halls)
        self.halls.append(state)
        self.relabel()
        return state

    def find(self, rack: Rack) -> int:
        """Return the index of the first open hall that can take `rack`, in its order, or -1."""
        kind = (rack.need_w, rack.nameplate_w)
        if rack.halls:
            indices: Iterable[int] = [self.place[n] for n in rack.halls if n in self.place]
        else:
            indices = range(self.full_before.get(kind, 0), len(self.halls))
        for index in indices:
            hall = self.halls[index]
            if (
                hall.open
                and (self.unlimited or (hall.free_racks > 0 and hall.free_w >= rack.need_w))
                and _admits(hall, rack)
            ):
                if not rack.halls:
                    self.full_before[kind] = index
                return index
        if not rack.halls:
            self.full_before[kind] = len(self.halls)
        return -1

    def _has_room(self, index: int) -> None:
        """Look at a hall again for every kind of rack."""
        for kind, first in self.full_before.items():
            self.full_before[kind] = min(first, index)

    def take(self, rack: Rack, index: int) -> None:
        """Put `rack` into a hall."""
        hall = self.halls[index]
        hall.free_racks -= 1
        hall.free_w -= rack.need_w
        rack.hall = index

    def request(self, rack: Rack, now: int, then: Step) -> bool:
        """Give `rack` a place at once and return True, or queue it: `then` comes in its turn."""
        queue = self.queues.setdefault((rack.product, rack.halls), deque())
        index = -1 if queue else self.find(rack)
        if index >= 0:
            self.take(rack, index)
            return True
        queue.append((rack, then))
        self.arrived[rack.index] = self.n_queued
        self.n_queued += 1
        self.record.move(now, rack, self.cause(rack))
        return False

    def cause(self, rack: Rack) -> int:
        """Return the state of a rack that waits for a hall: still being built, or full."""
        coming = any(not (h.open or h.never) and _admits(h, rack) for h in self.halls)
        return STATE["hall_works" if coming else "hall_space"]

    def release(self, rack: Rack) -> None:
        """Free the place of a retired rack."""
        hall = self.halls[rack.hall]
        hall.free_racks += 1
        hall.free_w += rack.need_w
        self._has_room(rack.hall)
        self.serve()

    def serve(self) -> None:
        """Hand out free places in the order of arrival."""
        heads = [
            (self.arrived[queue[0][0].index], key) for key, queue in self.queues.items() if queue
        ]
        heapq.heapify(heads)
        while heads:
            _, key = heapq.heappop(heads)
            queue = self.queues[key]
            rack, then = queue[0]
            index = self.find(rack)
            if index < 0:
                continue
            self.take(rack, index)
            queue.popleft()
            del self.arrived[rack.index]
            self.agenda.at(self.agenda.now, then, rack)
            if queue:
                heapq.heappush(heads, (self.arrived[queue[0][0].index], key))

    def opened(self, hall: HallState) -> None:
        """Open a hall."""
        hall.open = True
        self._has_room(self.place[hall.name])
        self.serve()
        self.relabel()

    def relabel(self) -> None:
        """Bring the cause of every waiting rack up to date."""
        causes: dict[object, int] = {}

        def cause(rack: Rack) -> int:
            kind = (rack.halls, rack.nameplate_w)
            if kind not in causes:
                causes[kind] = self.cause(rack)
            return causes[kind]

        _relabel(self.agenda.now, self.record, chain.from_iterable(self.queues.values()), cause)


@dataclass
class Headroom:
    """Provisioned power of the whole site, strictly first come, first served."""

    agenda: Agenda
    record: Record
    unlimited: bool = False
    free_w: int = 0
    n_coming: int = 0
    """Steps of the connection that are still being built."""
    queue: deque[Queued] = field(default_factory=deque)

    def request(self, rack: Rack, now: int, then: Step) -> bool:
        """Grant the rack's power at once and return True, or queue it: `then` comes in its turn."""
        if self.unlimited or (not self.queue and self.free_w >= rack.need_w):
            self.free_w -= rack.need_w
            return True
        self.queue.append((rack, then))
        self.record.move(now, rack, self.cause(rack))
        return False

    def cause(self, _: Rack) -> int:
        """Return the state of a rack that waits for power: a step to come, or all used."""
        return STATE["grid_works" if self.n_coming else "power"]

    def release(self, watts: int) -> None:
        """Add free power, of a new step or a retired rack."""
        self.free_w += watts
        while self.queue and self.queue[0][0].need_w <= self.free_w:
            rack, then = self.queue.popleft()
            self.free_w -= rack.need_w
            self.agenda.at(self.agenda.now, then, rack)

    def stepped(self, n_coming: int) -> None:
        """Say that steps have come into sight (positive) or have come or failed (negative)."""
        self.n_coming += n_coming
        _relabel(self.agenda.now, self.record, self.queue, self.cause)


@dataclass
class Cooling:
    """Cooling of each hall, for air and for liquid."""

    agenda: Agenda
    record: Record
    space: Space
    unlimited: bool = False
    queues: dict[int, deque[Queued]] = field(default_factory=dict)

    def fits(self, rack: Rack) -> bool:
        """Tell whether the rack's hall can take its heat."""
        hall = self.space.halls[rack.hall]
        enough = hall.free_air_w >= rack.air_w and hall.free_liquid_w >= rack.liquid_w
        return self.unlimited or (hall.cooled and enough)

    def take(self, rack: Rack, sign: int) -> None:
        """Use (+1) or free (-1) the cooling of a rack."""
        hall = self.space.halls[rack.hall]
        hall.free_air_w -= sign * rack.air_w
        hall.free_liquid_w -= sign * rack.liquid_w

    def request(self, rack: Rack, now: int, then: Step) -> bool:
        """Grant the rack's cooling at once and return True, or queue it."""
        queue = self.queues.setdefault(rack.hall, deque())
        if not queue and self.fits(rack):
            self.take(rack, 1)
            return True
        queue.append((rack, then))
        self.record.move(now, rack, STATE["cooling"])
        return False

    def release(self, rack: Rack) -> None:
        """Free the cooling of a retired rack."""
        self.take(rack, -1)
        self.serve(rack.hall)

    def serve(self, hall: int) -> None:
        """Hand out the cooling of a hall in the order of arrival."""
        queue = self.queues.get(hall, deque())
        while queue and self.fits(queue[0][0]):
            rack, then = queue.popleft()
            self.take(rack, 1)
            self.agenda.at(self.agenda.now, then, rack)


@dataclass
class Pool:
    """Crews or slots: as many at a time as there are, first come, first served.

    Like a SimPy resource, but a request that is granted at once costs no event: most are.
    """

    agenda: Agenda
    record: Record
    free: int
    waiting: int
    """State of a rack in its queue."""
    queue: deque[Queued] = field(default_factory=deque)

    def request(self, rack: Rack, now: int, then: Step) -> bool:
        """Take one at once and return True, or queue the rack: `then` comes in its turn."""
        if self.free > 0:
            self.free -= 1
            return True
        self.queue.append((rack, then))
        self.record.move(now, rack, self.waiting)
        return False

    def release(self) -> None:
        """Give one back; it goes to the rack that has waited longest."""
        if self.queue:
            rack, then = self.queue.popleft()
            self.agenda.at(self.agenda.now, then, rack)
        else:
            self.free += 1


def _admits(hall: HallState, rack: Rack) -> bool:
    return (not rack.halls or hall.name in rack.halls) and rack.nameplate_w <= hall.rack_limit_w


def _relabel(
    now_min: int, record: Record, queue: Iterable[Queued], cause: Callable[[Rack], int]
) -> None:
    for rack, _ in queue:
        state = cause(rack)
        if rack.state != state:
            record.move(now_min, rack, state)
