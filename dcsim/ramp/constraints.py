"""Constraints beside hall space: power headroom, cooling, crews and slots.

All of them are first come, first served. `request` either grants what a rack needs at once and
returns True, or queues the rack with its next step, records why it waits, and returns False. What
is set free later is granted to those in the queue, whose next steps are scheduled for that minute.
Unlike a SimPy resource, a request that is granted at once costs no event: most are.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Protocol

from dcsim.gpu_states import STATE
from dcsim.ramp.hall_space import HallSpace
from dcsim.ramp.record import Rack, Record
from dcsim.ramp.schedule import EventSchedule, QueuedRack, RackStep


class Constraint(Protocol):
    """Anything that a rack passes on its way into service, and that may hold it back."""

    def request(self, rack: Rack, now: int, next_step: RackStep) -> bool:
        """Grant it at once and return True, or keep the rack and schedule its next step later.

        Parameters
        ----------
        rack : Rack
            On its way into service.
        now : int
            The minute it is. [min]
        next_step : RackStep
            Scheduled when the rack may go on, if it may not at once.

        Returns
        -------
        bool
        """


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
        self.record.update_states(self.schedule.now, (rack for rack, _ in self.queue), self.cause)


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
        queue = self.queues.get(rack.hall)
        if not queue and self.fits(rack):
            self.take(rack, 1)
            return True
        if queue is None:
            queue = self.queues[rack.hall] = deque()
        queue.append((rack, next_step))
        self.record.move(now, rack, STATE["cooling"])
        return False

    def release(self, rack: Rack) -> None:
        """Free the cooling of a retired rack."""
        self.take(rack, -1)
        self.serve(rack.hall)

    def serve(self, hall: int) -> None:
        """Grant the cooling of a hall in the order of arrival."""
        queue = self.queues.get(hall)
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


@dataclass(frozen=True)
class CrewWork:
    """Work on each rack that takes a time: the rack is in a state of its own until it is done."""

    schedule: EventSchedule
    record: Record
    working: int
    """State of a rack that is worked on."""
    work_min: int
    """Time it takes. [min]"""

    def request(self, rack: Rack, now: int, next_step: RackStep) -> bool:
        """Begin the work on a rack and return False; its next step follows when it is done.

        Parameters
        ----------
        rack : Rack
            Has its crew.
        now : int
            The minute it is. [min]
        next_step : RackStep
            Scheduled for the end of the work.

        Returns
        -------
        bool
        """
        self.record.move(now, rack, self.working)
        self.schedule.at(now + self.work_min, next_step, rack)
        return False


@dataclass(frozen=True)
class CrewRelease:
    """End of the work of a crew: it leaves before the rack goes on.

    A rack that waits for power keeps no crew: a late substation must not stall others.
    """

    pool: CrewPool

    def request(self, _rack: Rack, _now: int, _next_step: RackStep) -> bool:
        """Give the crew back and let the rack go on."""
        self.pool.release()
        return True
