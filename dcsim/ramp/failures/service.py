"""The fleet in service: failures that heal by themselves, failures that need hands and spares.

What is down in a rack holds back nothing else on the site, so a rack that enters service only
writes down when; what fails in it is worked out with arrays when the run is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from simpy import Environment

from dcsim.clock import Floats, Integers
from dcsim.ramp.failures.hazard import Draw, Failures, draw_failures
from dcsim.ramp.failures.repair_shop import Stock
from dcsim.ramp.record import Rack
from dcsim.scenario.schema.fleet import Fleet, Product
from dcsim.units import HOURS_PER_YEAR, MINUTES_PER_HOUR


class Batch(NamedTuple):
    """The racks of one order and the failures of their servers."""

    failures: Failures
    first: Rack
    """Its first rack; the others have the numbers that follow."""
    n_racks: int
    rack_servers: int
    server_gpus: int


class Racks(NamedTuple):
    """What servers share, by number of the rack; shape ``(n_racks,)``."""

    online_min: Integers
    """When it enters service; the end of the run if it never does. [min]"""
    gone_min: Integers
    """When it is retired, or the end of the run. [min]"""
    turn: Integers
    """How many racks entered service before it."""
    product: Integers
    server_gpus: Integers


class Falls(NamedTuple):
    """Failures in service, in order of their server and time; shape ``(n_falls,)``."""

    time_min: Integers
    rack: Integers
    server: Integers
    """A number of its own for each server of the site."""
    hands: NDArray[np.bool_]
    """Whether it needs a technician."""
    recovery_min: Integers
    """How long it takes to recover by itself. [min]"""
    scale: Floats
    """How long its repair takes, over the mean. [1]"""

    def take(self, which: NDArray[np.generic]) -> Falls:
        """Return some of them, by number or by mask."""
        return Falls(*(column[which] for column in self))


@dataclass
class Workshop:
    """What decides the fate of servers: their failures, their racks, technicians and spares."""

    env: Environment
    fleet: Fleet
    horizon_min: int
    technicians: list[Stock] = field(default_factory=list)
    spares: list[Stock] = field(default_factory=list)
    batches: dict[int, Batch] = field(default_factory=dict)
    """By order."""
    in_service: dict[int, list[tuple[int, int, int]]] = field(default_factory=dict)
    """By order: place of a rack in it, when it went online [min], how many racks did before."""
    n_online: int = 0

    def __post_init__(self) -> None:
        self.technicians.append(Stock(0, self.fleet.n_technicians))
        self.spares.append(Stock(0, self.fleet.spares))

    def expect(self, racks: Sequence[Rack], n_gpus: int, product: Product, draw: Draw) -> None:
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
        self.batches[racks[0].order] = Batch(
            found,
            racks[0],
            len(racks),
            product.rack_size // product.server_size,
            product.server_size,
        )

    def went_online(self, rack: Rack, now: int) -> None:
        """Start the clock of a rack's failures."""
        entry = (rack.place, now, self.n_online)
        self.in_service.setdefault(rack.order, []).append(entry)
        self.n_online += 1

    def join(self, n_technicians: int, spares: int) -> None:
        """Add people and parts."""
        now = int(self.env.now)
        self.technicians.append(Stock(now, n_technicians))
        self.spares.append(Stock(now, spares))


def racks_of(workshop: Workshop) -> Racks:
    """Return when each rack was in service."""
    horizon_min = workshop.horizon_min
    batches = workshop.batches.values()
    n_racks = max((batch.first.index + batch.n_racks for batch in batches), default=0)
    online = np.full(n_racks, horizon_min, dtype=np.int64)
    turn, life, product, gpus = (np.zeros(n_racks, dtype=np.int64) for _ in range(4))
    for order, batch in workshop.batches.items():
        first = batch.first
        mine = slice(first.index, first.index + batch.n_racks)
        life[mine], product[mine], gpus[mine] = first.life_min, first.product, batch.server_gpus
        entries = np.array(workshop.in_service.get(order, []), dtype=np.int64).reshape(-1, 3)
        online[first.index + entries[:, 0]] = entries[:, 1]
        turn[first.index + entries[:, 0]] = entries[:, 2]
    return Racks(online, np.minimum(online + life, horizon_min), turn, product, gpus)


def falls_of(workshop: Workshop, racks: Racks) -> Falls:
    """Return the failures of all servers while they are in service."""
    found = [Falls(*(np.empty(0, dtype=dtype) for dtype in (int, int, int, bool, int, float)))]
    n_servers = 0
    for order in workshop.in_service:
        failures, first, n_racks, rack_servers, _ = workshop.batches[order]
        rack = first.index + failures.server // rack_servers
        time_min = racks.online_min[rack] + failures.age_min
        falls = Falls(
            time_min,
            rack,
            failures.server + n_servers,
            failures.hands,
            failures.recovery_min,
            failures.repair_scale,
        )
        found.append(falls.take(time_min < racks.gone_min[rack]))
        n_servers += n_racks * rack_servers
    return Falls(*(np.concatenate(columns) for columns in zip(*found, strict=True)))
