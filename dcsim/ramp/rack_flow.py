"""The way of a rack: ordered, delivered, installed, powered, commissioned, online, retired."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from simpy.events import ProcessGenerator

from dcsim.gpu_states import STATE
from dcsim.ramp.constraints import CoolingCapacity, CrewPool, PowerHeadroom
from dcsim.ramp.hall_space import HallSpace
from dcsim.ramp.record import ON_ORDER, ONLINE, RETIRED, Rack, Record
from dcsim.ramp.schedule import EventSchedule

INSTALLING, COMMISSIONING = STATE["installing"], STATE["commissioning"]


@dataclass(frozen=True)
class RackFlow:
    """The constraints that racks pass, shared by all of them, and the steps between them.

    A rack passes hall space, crew, installation, power, cooling, slot, commissioning, in this
    order. Where it has to wait, it is queued together with its next step; else that step is taken
    at once, in the same call and without an event.
    """

    schedule: EventSchedule
    record: Record
    hall_space: HallSpace
    headroom: PowerHeadroom
    cooling: CoolingCapacity
    crews: CrewPool
    slots: CrewPool
    install_min: int
    commissioning_min: int
    horizon_min: int
    """End of the run; what lies beyond is not scheduled. [min]"""
    went_online: Callable[[Rack, int], None]
    """Called when a rack enters service: from then on it can fail."""

    def place_order(self, racks: Iterable[Rack]) -> None:
        """Put racks on order."""
        now = self.schedule.now
        for rack in racks:
            self.record.move(now, rack, ON_ORDER)

    def arrive(self, racks: Iterable[Rack]) -> None:
        """Deliver racks to the gate, from where each goes as far as it can."""
        now = self.schedule.now
        for rack in racks:
            if self.hall_space.request(rack, now, self._find_crew):
                self._find_crew(rack, now)

    def _find_crew(self, rack: Rack, now: int) -> None:
        if self.crews.request(rack, now, self._install):
            self._install(rack, now)

    def _install(self, rack: Rack, now: int) -> None:
        self.record.move(now, rack, INSTALLING)
        self.schedule.at(now + self.install_min, self._installed, rack)

    def _installed(self, rack: Rack, now: int) -> None:
        # The crew leaves before the rack waits for power: a late substation must not stall others.
        self.crews.release()
        if self.headroom.request(rack, now, self._cool):
            self._cool(rack, now)

    def _cool(self, rack: Rack, now: int) -> None:
        if self.cooling.request(rack, now, self._find_slot):
            self._find_slot(rack, now)

    def _find_slot(self, rack: Rack, now: int) -> None:
        if self.slots.request(rack, now, self._commission):
            self._commission(rack, now)

    def _commission(self, rack: Rack, now: int) -> None:
        self.record.move(now, rack, COMMISSIONING)
        self.schedule.at(now + self.commissioning_min, self._enter_service, rack)

    def _enter_service(self, rack: Rack, now: int) -> None:
        self.slots.release()
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


def deliver(
    flow: RackFlow, racks: list[Rack], lot_racks: int, interval_min: int
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
    """
    env = flow.schedule.env
    for first in range(0, len(racks), lot_racks):
        if first:
            yield env.timeout(interval_min)
        flow.arrive(racks[first : first + lot_racks])
