"""Hall space for racks, by positions and IT power: racks and halls in, each rack's hall out."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain

from dcsim.gpu_states import STATE
from dcsim.ramp.record import Rack, Record
from dcsim.ramp.schedule import EventSchedule, QueuedRack, RackStep
from dcsim.scenario.schema.fleet import Hall
from dcsim.units import W_PER_KW, W_PER_MW

WaitingKind = tuple[tuple[str, ...], float]
"""Halls that a rack may go to, empty for all, and its nameplate [W]: what it waits for."""
RackKind = tuple[int, float]
"""Power that is provisioned for a rack, and its nameplate. [W]"""


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
    causes: dict[WaitingKind, int] = field(default_factory=dict)
    """State of the racks of each kind that waits, or has waited, for a hall."""
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
        index = self.full_before.get(kind, 0)
        while index < len(self.halls) and not self._can_take(index, rack):
            index += 1
        self.full_before[kind] = index
        return index if index < len(self.halls) else -1

    def _can_take(self, index: int, rack: Rack) -> bool:
        hall = self.halls[index]
        fits = self.unlimited or (hall.free_racks > 0 and hall.free_w >= rack.need_w)
        return hall.open and fits and _admits(hall, rack)

    def _has_room(self, index: int) -> None:
        """Look at a hall again for every kind of rack."""
        for kind, first in self.full_before.items():
            if index < first:
                self.full_before[kind] = index

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
        kind = (rack.product, rack.halls)
        queue = self.queues.get(kind)
        # Not past those of its kind who wait already, even if it would fit.
        index = -1 if queue else self.find(rack)
        if index >= 0:
            self.take(rack, index)
            return True
        if queue is None:
            queue = self.queues[kind] = deque()
        queue.append((rack, next_step))
        self.arrived[rack.index] = self.n_queued
        self.n_queued += 1
        self.record.move(now, rack, self.cause(rack))
        return False

    def cause(self, rack: Rack) -> int:
        """Return the state of a rack that waits for a hall: still being built, or full."""
        kind = (rack.halls, rack.nameplate_w)
        if kind not in self.causes:
            self.causes[kind] = self._cause_of(kind)
        return self.causes[kind]

    def _cause_of(self, kind: WaitingKind) -> int:
        names, nameplate_w = kind
        halls: Iterable[HallState] = self.halls
        if names:
            halls = (self.halls[self.index_of[name]] for name in names if name in self.index_of)
        coming = any(not (h.open or h.never) and nameplate_w <= h.rack_limit_w for h in halls)
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
        if not self.arrived:
            return
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
        causes = {kind: self._cause_of(kind) for kind in self.causes}
        if causes == self.causes:
            return  # thousands of racks may wait while hundreds of halls open one by one
        self.causes = causes
        queued = (rack for rack, _ in chain.from_iterable(self.queues.values()))
        self.record.update_states(self.schedule.now, queued, self.cause)


def _admits(hall: HallState, rack: Rack) -> bool:
    return (not rack.halls or hall.name in rack.halls) and rack.nameplate_w <= hall.rack_limit_w
