"""The way of a rack: ordered, delivered, installed, powered, commissioned, online, retired."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from simpy.events import ProcessGenerator

from dcsim.ramp.constraints import Constraint, CoolingCapacity, PowerHeadroom
from dcsim.ramp.hall_space import HallSpace
from dcsim.ramp.record import ON_ORDER, ONLINE, RETIRED, Rack, Record
from dcsim.ramp.schedule import EventSchedule, RackStep


@dataclass(frozen=True)
class RackFlow:
    """The constraints between the gate and service, shared by all racks of a site.

    Where a rack has to wait, it is queued together with its next step; else that step is taken at
    once, in the same call and without an event.
    """

    schedule: EventSchedule
    record: Record
    hall_space: HallSpace
    headroom: PowerHeadroom
    cooling: CoolingCapacity
    constraints: tuple[Constraint, ...]
    """All that a rack passes from the gate into service, in this order."""
    horizon_min: int
    """End of the run; what lies beyond is not scheduled. [min]"""
    went_online: Callable[[Rack, int], None]
    """Called when a rack enters service: from then on it can fail."""

    @functools.cached_property
    def first_step(self) -> RackStep:
        """The step of a rack at the gate.

        Steps are built once: only equal ones share an event, and no two functions are equal.
        """
        step: RackStep = self._enter_service
        for constraint in reversed(self.constraints):
            step = _step_through(constraint, step)
        return step

    def place_order(self, racks: Iterable[Rack]) -> None:
        """Put racks on order."""
        now = self.schedule.now
        for rack in racks:
            self.record.move(now, rack, ON_ORDER)

    def arrive(self, racks: Iterable[Rack]) -> None:
        """Deliver racks to the gate, from where each goes as far as it can."""
        now = self.schedule.now
        for rack in racks:
            self.first_step(rack, now)

    def _enter_service(self, rack: Rack, now: int) -> None:
        self.record.move(now, rack, ONLINE)
        self.went_online(rack, now)
        if now + rack.life_min < self.horizon_min:
            self.schedule.at(now + rack.life_min, self._retire, rack)

    def _retire(self, rack: Rack, now: int) -> None:
        self.record.move(now, rack, RETIRED)
        # Cooling and power first: a rack that takes the freed position in the hall must find them.
        self.cooling.release(rack)
        self.headroom.release(rack.need_w)
        self.hall_space.release(rack)


def _step_through(constraint: Constraint, next_step: RackStep) -> RackStep:
    """Return the step that asks for what a constraint grants, and goes on once it is granted."""
    request = constraint.request

    def step(rack: Rack, now: int) -> None:
        if request(rack, now, next_step):
            next_step(rack, now)

    return step


def deliver(
    flow: RackFlow, racks: list[Rack], lot_racks: int, interval_min: int, *, due_min: int
) -> ProcessGenerator:
    """Bring the racks of an order to the gate, lot by lot.

    Parameters
    ----------
    flow : RackFlow
        Takes up each lot.
    racks : list of Rack
        All racks of the order.
    lot_racks : int
        Racks a lot; the last one may be smaller.
    interval_min : int
        Time between lots. [min]
    due_min : int
        When the first lot is due; what is due before now comes now. [min]
    """
    env = flow.schedule.env
    for first in range(0, len(racks), lot_racks):
        if first:
            due_min += interval_min
            yield env.timeout(max(due_min - int(env.now), 0))
        flow.arrive(racks[first : first + lot_racks])
