"""Constraints that racks wait for: hall space, power headroom, cooling, crews and slots.

All of them are first come, first served. `request` either grants what a rack needs at once and
returns True, or queues the rack with its next step, records why it waits, and returns False. What
is set free later is granted to those in the queue, whose next steps are scheduled for that minute.
Unlike a SimPy resource, a request that is granted at once costs no event: most are.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import chain

from dcsim.gpu_states import STATE
from dcsim.ramp.record import Rack, Record
from dcsim.ramp.schedule import EventSchedule, RackStep
from dcsim.scenario.schema.fleet import Hall
from dcsim.units import W_PER_KW, W_PER_MW

RackKind = tuple[int, float]
"""Power that is provisioned for a rack, and its nameplate. [W]"""
QueuedRack = tuple[Rack, RackStep]
"""A rack that waits, and its next step once it is granted what it waits for."""


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
class HallSpace:
    """Hall space, by rack positions and IT power.

    Racks of one kind queue behind one another; racks of different kinds do not, or one that fits
    nowhere would stop all others. Among the heads of the queues the one that arrived first is
    served first.

    Examples
    --------
    A hall of 1 MW takes racks of 600 kW: one of them, until that one is retired.

    >>> from simpy import Environment
    >>> from types import SimpleNamespace
    >>> def rack(index):
    ...     return SimpleNamespace(index=index, product=0, halls=(), hall=-1, n_gpus=72,
    ...                            need_w=600_000, nameplate_w=600_000, state=-1)
    >>> space = HallSpace(EventSchedule(Environment()), Record())
    >>> north = space.add(SimpleNamespace(name="north", it_power_mw=1.0, racks=10,
    ...                                   air_cooling_mw=None, liquid_cooling_mw=None,
    ...                                   rack_limit_kw=1000.0))
    >>> space.open_hall(north)
    >>> first, second = rack(0), rack(1)
    >>> space.request(first, 0, None), space.request(second, 0, None)
    (True, False)
    >>> second.state == STATE["hall_space"]
    True
    >>> space.release(first)
    >>> second.hall, north.free_w
    (0, 400000)
    """

    schedule: EventSchedule
    record: Record
    unlimited: bool = False
    halls: list[HallState] = field(default_factory=list)
    index_of: dict[str, int] = field(default_factory=dict)
    """Index of each hall by its name."""
    queues: dict[tuple[int, tuple[str, ...]], deque[QueuedRack]] = field(default_factory=dict)
    """By product and the halls the racks may go to."""
    arrived: dict[int, int] = field(default_factory=dict)
    """Number of each waiting rack in the order of arrival."""
    n_queued: int = 0
    full_before: dict[RackKind, int] = field(default_factory=dict)
    """Index of the first hall that may have room for each kind of rack: a large site has hundreds
    of full ones."""

    def add(self, hall: Hall) -> HallState:
        """Add a hall that is not open yet."""

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
        self.index_of[hall.name] = len(self.halls)
        self.halls.append(state)
        self.update_causes()
        return state

    def find(self, rack: Rack) -> int:
        """Return the index of the first open hall that can take `rack`, in its order, or -1."""
        if rack.halls:
            named = (self.index_of[name] for name in rack.halls if name in self.index_of)
            return next((index for index in named if self._can_take(index, rack)), -1)
        # Halls only fill up between two releases, so the search goes on where the last one for
        # this kind of rack ended. `_has_room` moves the start back when room is made.
        kind = (rack.need_w, rack.nameplate_w)
        first = self.full_before.get(kind, 0)
        free = (i for i in range(first, len(self.halls)) if self._can_take(i, rack))
        index = next(free, len(self.halls))
        self.full_before[kind] = index
        return index if index < len(self.halls) else -1

    def _can_take(self, index: int, rack: Rack) -> bool:
        hall = self.halls[index]
        fits = self.unlimited or (hall.free_racks > 0 and hall.free_w >= rack.need_w)
        return hall.open and fits and _admits(hall, rack)

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

    def request(self, rack: Rack, now: int, next_step: RackStep) -> bool:
        """Put `rack` into a hall at once and return True, or queue it and return False.

        Parameters
        ----------
        rack : Rack
            Its `hall` is set where it is granted one.
        now : int
            The minute it is. [min]
        next_step : RackStep
            Scheduled when a queued rack is granted a hall.

        Returns
        -------
        bool
            True if the caller goes on with the rack at once.
        """
        queue = self.queues.setdefault((rack.product, rack.halls), deque())
        # Not past those of its kind who wait already, even if it would fit.
        index = -1 if queue else self.find(rack)
        if index >= 0:
            self.take(rack, index)
            return True
        queue.append((rack, next_step))
        self.arrived[rack.index] = self.n_queued
        self.n_queued += 1
        self.record.move(now, rack, self.cause(rack))
        return False

    def cause(self, rack: Rack) -> int:
        """Return the state of a rack that waits for a hall: still being built, or full."""
        coming = any(not (h.open or h.never) and _admits(h, rack) for h in self.halls)
        return STATE["hall_works" if coming else "hall_space"]

    def release(self, rack: Rack) -> None:
        """Free the position of a retired rack."""
        hall = self.halls[rack.hall]
        hall.free_racks += 1
        hall.free_w += rack.need_w
        self._has_room(rack.hall)
        self.serve()

    def serve(self) -> None:
        """Grant free space in the order of arrival."""
        # A heap of the heads of all queues. One whose head fits nowhere is dropped for this round:
        # nothing behind it may overtake it, and room only shrinks while others are served.
        heads = [
            (self.arrived[queue[0][0].index], key) for key, queue in self.queues.items() if queue
        ]
        heapq.heapify(heads)
        while heads:
            _, key = heapq.heappop(heads)
            queue = self.queues[key]
            rack, next_step = queue[0]
            index = self.find(rack)
            if index < 0:
                continue
            self.take(rack, index)
            queue.popleft()
            del self.arrived[rack.index]
            self.schedule.at(self.schedule.now, next_step, rack)
            if queue:
                heapq.heappush(heads, (self.arrived[queue[0][0].index], key))

    def open_hall(self, hall: HallState) -> None:
        """Open a hall."""
        hall.open = True
        self._has_room(self.index_of[hall.name])
        self.serve()
        self.update_causes()

    def update_causes(self) -> None:
        """Bring the cause of every waiting rack up to date."""
        causes: dict[object, int] = {}

        # Thousands of racks may wait, of a few kinds: one search through the halls for each kind.
        def cause(rack: Rack) -> int:
            kind = (rack.halls, rack.nameplate_w)
            if kind not in causes:
                causes[kind] = self.cause(rack)
            return causes[kind]

        queued = chain.from_iterable(self.queues.values())
        _update_causes(self.schedule.now, self.record, queued, cause)


@dataclass
class PowerHeadroom:
    """Provisioned power of the whole site, strictly first come, first served.

    A large rack at the head of the queue is not overtaken by small ones behind it that would fit:
    else it might never come online.

    Examples
    --------
    >>> from simpy import Environment
    >>> from types import SimpleNamespace
    >>> headroom = PowerHeadroom(EventSchedule(Environment()), Record(), free_w=100)
    >>> racks = [SimpleNamespace(index=i, product=0, n_gpus=8, need_w=w, state=-1)
    ...          for i, w in enumerate((70, 50, 20))]
    >>> [headroom.request(rack, 0, None) for rack in racks]  # the last would fit, but waits
    [True, False, False]
    >>> headroom.release(20)
    >>> headroom.free_w, len(headroom.queue)
    (0, 1)
    """

    schedule: EventSchedule
    record: Record
    unlimited: bool = False
    free_w: int = 0
    n_coming: int = 0
    """Steps of the connection that are still being built."""
    queue: deque[QueuedRack] = field(default_factory=deque)

    def request(self, rack: Rack, now: int, next_step: RackStep) -> bool:
        """Grant the rack's power at once and return True, or queue it and return False.

        Parameters
        ----------
        rack : Rack
            Needs its `need_w`.
        now : int
            The minute it is. [min]
        next_step : RackStep
            Scheduled when a queued rack is granted its power.

        Returns
        -------
        bool
            True if the caller goes on with the rack at once.
        """
        if self.unlimited or (not self.queue and self.free_w >= rack.need_w):
            self.free_w -= rack.need_w
            return True
        self.queue.append((rack, next_step))
        self.record.move(now, rack, self.cause(rack))
        return False

    def cause(self, _: Rack) -> int:
        """Return the state of a rack that waits for power: a step to come, or all used."""
        return STATE["grid_works" if self.n_coming else "power"]

    def release(self, watts: int) -> None:
        """Add free power, of a new step or a retired rack."""
        self.free_w += watts
        while self.queue and self.queue[0][0].need_w <= self.free_w:
            rack, next_step = self.queue.popleft()
            self.free_w -= rack.need_w
            self.schedule.at(self.schedule.now, next_step, rack)

    def expect_steps(self, n_coming: int) -> None:
        """Count steps that are planned (positive), or that have come or never will (negative)."""
        self.n_coming += n_coming
        _update_causes(self.schedule.now, self.record, self.queue, self.cause)


@dataclass
class CoolingCapacity:
    """Cooling of each hall, for air and for liquid; a queue for each hall."""

    schedule: EventSchedule
    record: Record
    hall_space: HallSpace
    unlimited: bool = False
    queues: dict[int, deque[QueuedRack]] = field(default_factory=dict)

    def fits(self, rack: Rack) -> bool:
        """Tell whether the rack's hall can take its heat."""
        hall = self.hall_space.halls[rack.hall]
        enough = hall.free_air_w >= rack.air_w and hall.free_liquid_w >= rack.liquid_w
        return self.unlimited or (hall.cooled and enough)

    def take(self, rack: Rack, sign: int) -> None:
        """Use (+1) or free (-1) the cooling of a rack."""
        hall = self.hall_space.halls[rack.hall]
        hall.free_air_w -= sign * rack.air_w
        hall.free_liquid_w -= sign * rack.liquid_w

    def request(self, rack: Rack, now: int, next_step: RackStep) -> bool:
        """Grant the rack's cooling at once and return True, or queue it and return False.

        Parameters
        ----------
        rack : Rack
            In a hall; needs its `air_w` and `liquid_w` there.
        now : int
            The minute it is. [min]
        next_step : RackStep
            Scheduled when a queued rack is granted its cooling.

        Returns
        -------
        bool
            True if the caller goes on with the rack at once.
        """
        queue = self.queues.setdefault(rack.hall, deque())
        if not queue and self.fits(rack):
            self.take(rack, 1)
            return True
        queue.append((rack, next_step))
        self.record.move(now, rack, STATE["cooling"])
        return False

    def release(self, rack: Rack) -> None:
        """Free the cooling of a retired rack."""
        self.take(rack, -1)
        self.serve(rack.hall)

    def serve(self, hall: int) -> None:
        """Grant the cooling of a hall in the order of arrival."""
        queue = self.queues.get(hall, deque())
        while queue and self.fits(queue[0][0]):
            rack, next_step = queue.popleft()
            self.take(rack, 1)
            self.schedule.at(self.schedule.now, next_step, rack)


@dataclass
class CrewPool:
    """Installation crews or commissioning slots: as many racks at a time as there are of them."""

    schedule: EventSchedule
    record: Record
    free: int
    waiting: int
    """State of a rack in its queue."""
    queue: deque[QueuedRack] = field(default_factory=deque)

    def request(self, rack: Rack, now: int, next_step: RackStep) -> bool:
        """Grant a crew at once and return True, or queue the rack and return False.

        Parameters
        ----------
        rack : Rack
            Needs one.
        now : int
            The minute it is. [min]
        next_step : RackStep
            Scheduled when a queued rack is granted a crew.

        Returns
        -------
        bool
            True if the caller goes on with the rack at once.
        """
        if self.free > 0:
            self.free -= 1
            return True
        self.queue.append((rack, next_step))
        self.record.move(now, rack, self.waiting)
        return False

    def release(self) -> None:
        """Give one back; it goes to the rack that has waited longest."""
        if self.queue:
            # Handed over directly: it is never free, so nobody who comes this minute overtakes.
            rack, next_step = self.queue.popleft()
            self.schedule.at(self.schedule.now, next_step, rack)
        else:
            self.free += 1


def _admits(hall: HallState, rack: Rack) -> bool:
    return (not rack.halls or hall.name in rack.halls) and rack.nameplate_w <= hall.rack_limit_w


def _update_causes(
    now_min: int, record: Record, queue: Iterable[QueuedRack], cause: Callable[[Rack], int]
) -> None:
    for rack, _ in queue:
        state = cause(rack)
        if rack.state != state:
            record.move(now_min, rack, state)
