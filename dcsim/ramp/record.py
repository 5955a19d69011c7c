"""The record that every process writes to: moves of GPUs, works, capacity, a log."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dcsim.stages import OUTSIDE, STATE, STATES, LogEntry, Moves, RackRecord, TaskRecord

ON_ORDER = STATE["on_order"]
ONLINE = STATE["online"]
RETIRED = STATE["retired"]
N_COLUMNS = 6


@dataclass(slots=True)
class Rack:
    """One rack on its way; in service, single servers of it may be down while it is ``online``."""

    index: int
    product: int
    """Index of the product."""
    order: int
    """Index of its order among those placed."""
    place: int
    """Its number in its order."""
    n_gpus: int
    need_w: int
    """IT power provisioned for it. [W]"""
    air_w: int
    """Heat it gives to air. [W]"""
    liquid_w: int
    """Heat it gives to liquid. [W]"""
    nameplate_w: int
    halls: tuple[str, ...]
    """Halls it may go to; empty for all."""
    state: int = OUTSIDE
    hall: int = -1


@dataclass
class Record:
    """What happened so far.

    Counts of whole racks by state are kept up to date for rules that look at the past; there, a
    rack in service counts as online whatever of it is under repair.
    """

    moves: array[int] = field(default_factory=lambda: array("q"))
    """Flat rows of time, product, subject, GPUs, origin, target."""
    racks: list[RackRecord] = field(default_factory=list)
    tasks: list[TaskRecord] = field(default_factory=list)
    capacity: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    log: list[LogEntry] = field(default_factory=list)
    stock: list[int] = field(default_factory=lambda: [0] * len(STATES))
    n_ordered: int = 0

    def move(self, now_min: int, rack: Rack, target: int) -> None:
        """Move a whole rack to a state."""
        origin = rack.state
        self.shift(now_min, rack, rack.n_gpus, origin, target)
        rack.state = target
        self.count(rack.n_gpus, origin, target)

    def count(self, n_gpus: int, origin: int, target: int) -> None:
        """Bring the counts by state up to date."""
        if origin == OUTSIDE:
            self.n_ordered += n_gpus
        else:
            self.stock[origin] -= n_gpus
        self.stock[target] += n_gpus

    def shift(self, at_min: int, rack: Rack, n_gpus: int, origin: int, target: int) -> None:
        """Write down that some GPUs of a rack go from one state to another at a time."""
        self.moves.extend((at_min, rack.product, rack.index, n_gpus, origin, target))

    def add_capacity(self, now_min: int, key: str, change: float) -> None:
        """Add to the capacity of an asset."""
        self.capacity.setdefault(key, []).append((now_min, change))

    def note(self, now_min: int, kind: str, subject: str, text: str) -> None:
        """Write a line to the log."""
        self.log.append(LogEntry(now_min, kind, subject, text))


def rows(moves: array[int]) -> NDArray[np.int64]:
    """Return flat move rows as an array of shape ``(n_moves, 6)``."""
    return np.frombuffer(moves, dtype=np.int64).reshape(-1, N_COLUMNS)


def as_moves(table: NDArray[np.int64]) -> Moves:
    """Return move rows as columns, in order of time; rows of one minute keep their order."""
    ordered = table[np.argsort(table[:, 0], kind="stable")]
    return Moves(
        ordered[:, 0].copy(),
        ordered[:, 1].astype(np.int16),
        ordered[:, 2].astype(np.int32),
        ordered[:, 3].astype(np.int32),
        ordered[:, 4].astype(np.int8),
        ordered[:, 5].astype(np.int8),
    )
