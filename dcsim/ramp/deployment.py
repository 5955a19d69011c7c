"""Racks on their way: ordered, delivered, installed, powered, commissioned, online, retired."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simpy import Environment
from simpy.events import ProcessGenerator

from dcsim.clock import HOURS_PER_YEAR, minutes
from dcsim.ramp.places import Cooling, Headroom, Pool, Space
from dcsim.ramp.record import ON_ORDER, ONLINE, RETIRED, Rack, Record
from dcsim.scenario.fleet import Deployment
from dcsim.stages import STATE

INSTALLING, COMMISSIONING = STATE["installing"], STATE["commissioning"]


@dataclass(frozen=True)
class Site:
    """What racks pass through, shared by all of them."""

    env: Environment
    record: Record
    space: Space
    headroom: Headroom
    cooling: Cooling
    crews: Pool
    slots: Pool
    times: Deployment
    horizon_min: int
    """End of the run; what lies beyond is not scheduled. [min]"""
    went_online: Callable[[Rack], None]
    """Called when a rack enters service: from then on it can fail."""
    went_away: Callable[[Rack], int]
    """Called just before a rack is retired: returns how many of its GPUs are failed or in repair;
    those it has retired itself."""


def deploy(site: Site, rack: Rack, life_years: float) -> ProcessGenerator:
    """Take one delivered rack from the gate into service and, at the end of its life, out of it."""
    env, record = site.env, site.record
    waiting = site.space.request(rack)
    if waiting is not None:
        yield waiting
    waiting = site.crews.request(rack)
    if waiting is not None:
        yield waiting
    record.move(int(env.now), rack, INSTALLING)
    yield env.timeout(minutes(site.times.install_h))
    site.crews.release()
    # The crew has left before we wait for power: one late substation must not stall other racks.
    for resource in (site.headroom, site.cooling, site.slots):
        waiting = resource.request(rack)
        if waiting is not None:
            yield waiting
    record.move(int(env.now), rack, COMMISSIONING)
    yield env.timeout(minutes(site.times.commissioning_h))
    site.slots.release()
    record.move(int(env.now), rack, ONLINE)
    site.went_online(rack)
    life_min = minutes(life_years * HOURS_PER_YEAR)
    if env.now + life_min >= site.horizon_min:
        return
    yield env.timeout(life_min)
    n_down = site.went_away(rack)
    if n_down < rack.n_gpus:
        record.shift(int(env.now), rack, rack.n_gpus - n_down, ONLINE, RETIRED)
    record.count(rack.n_gpus, ONLINE, RETIRED)
    rack.state = RETIRED
    site.cooling.release(rack)
    site.headroom.release(rack.need_w)
    site.space.release(rack)


def deliver(
    site: Site, racks: list[Rack], lot_racks: int, interval_min: int, life_years: float
) -> ProcessGenerator:
    """Bring the racks of an order to the gate, lot by lot."""
    for first in range(0, len(racks), lot_racks):
        if first:
            yield site.env.timeout(interval_min)
        for rack in racks[first : first + lot_racks]:
            site.env.process(deploy(site, rack, life_years))


def place_order(site: Site, racks: list[Rack]) -> None:
    """Put racks on order."""
    for rack in racks:
        site.record.move(int(site.env.now), rack, ON_ORDER)
