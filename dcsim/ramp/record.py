"""The record that every process of the ramp writes to: moves of GPUs, works, capacity, a log."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dcsim.clock import Integers
from dcsim.gpu_states import OUTSIDE, STATE, STATES
from dcsim.types import LogEntry, Moves, RackRecord, TaskRecord

ON_ORDER = STATE["on_order"]
ONLINE = STATE["online"]
RETIRED = STATE["retired"]
N_COLUMNS = 6

StateChange = tuple[int, int]
"""Indices of the states before and after a move."""


@dataclass(slots=True)
class Rack:
    """One rack on its way; in service, single servers of it may be down while it is ``online``."""

    index: int
    product: int
    """Index of the product."""
    order: int
    """Index of its order among those placed."""
    number: int
    """Its number in its order, from 0."""
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
    life_min: int
    """Age at which it is retired. [min]"""
    renewed_min: int | None
    """Age at which what replaces it is ordered; None if nothing does. [min]"""
    state: int = OUTSIDE
    hall: int = -1


@dataclass
class Record:
    """The events of the ramp so far: moves, works, capacity, log.

    Counts of whole racks by state are kept up to date for rules that look at the past; there, a
    rack in service counts as online whatever of it is under repair.
    """

    moves: list[int] = field(default_factory=list)
    """Flat rows of time, product, subject, GPUs, origin, target. A list, because an array of the
    standard library takes five times as long to extend."""
    racks: list[RackRecord] = field(default_factory=list)
    tasks: list[TaskRecord] = field(default_factory=list)
    capacity: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    log: list[LogEntry] = field(default_factory=list)
    stock: list[int] = field(default_factory=lambda: [0] * len(STATES))
    n_ordered: int = 0

    def move(self, now_min: int, rack: Rack, target: int) -> None:
        """Move a whole rack to a state.

        Parameters
        ----------
        now_min : int
            When. [min]
        rack : Rack
            Its `state` is set.
        target : int
            Index of the state.
        """
        n_gpus, origin = rack.n_gpus, rack.state
        self.moves.extend((now_min, rack.product, rack.index, n_gpus, origin, target))
        rack.state = target
        if origin == OUTSIDE:
            self.n_ordered += n_gpus
        else:
            self.stock[origin] -= n_gpus
        self.stock[target] += n_gpus

    def update_states(
        self, now_min: int, racks: Iterable[Rack], state_of: Callable[[Rack], int]
    ) -> None:
        """Move those of the racks whose state has changed.

        Parameters
        ----------
        now_min : int
            When. [min]
        racks : iterable of Rack
            Racks that wait.
        state_of : callable
            From a rack to the state it is in now: what it waits for may have another cause.
        """
        for rack in racks:
            state = state_of(rack)
            if rack.state != state:
                self.move(now_min, rack, state)

    def add_capacity(self, now_min: int, key: str, change: float) -> None:
        """Add to the capacity of an asset.

        Parameters
        ----------
        now_min : int
            When. [min]
        key : str
            Key of `Timeline.capacity`.
        change : float
            How much more there is from then on, in the unit of the key.
        """
        self.capacity.setdefault(key, []).append((now_min, change))

    def note(self, now_min: int, kind: str, subject: str, text: str) -> None:
        """Write a line to the log.

        Parameters
        ----------
        now_min : int
            When. [min]
        kind, subject, text : str
            Fields of `LogEntry`.
        """
        self.log.append(LogEntry(now_min, kind, subject, text))


def moves_from_rows(flat: Sequence[int]) -> Moves:
    """Return flat rows as columns."""
    table = np.array(flat, dtype=np.int64).reshape(-1, N_COLUMNS)
    return _typed(*table.T)


def moves_at(
    time_min: Integers,
    product: Integers,
    subject: Integers,
    n_gpus: Integers,
    *,
    change: StateChange,
) -> Moves:
    """Return moves that all lead from one state to another.

    Parameters
    ----------
    time_min, product, subject, n_gpus : ndarray, shape (n_moves,)
        Columns of `Moves`.
    change : StateChange
        The two states.
    """
    origin, target = (np.full(time_min.size, state, dtype=np.int8) for state in change)
    return _typed(time_min, product, subject, n_gpus, origin, target)


def _typed(
    time_min: Integers,
    product: Integers,
    subject: Integers,
    n_gpus: Integers,
    *states: NDArray[np.integer],
) -> Moves:
    """Return columns as moves, in the types that a run folder stores."""
    origin, target = states
    return Moves(
        time_min.astype(np.int64),
        product.astype(np.int16),
        subject.astype(np.int32),
        n_gpus.astype(np.int32),
        origin.astype(np.int8),
        target.astype(np.int8),
    )


def move_columns(moves: Moves) -> tuple[NDArray[np.generic], ...]:
    """Return the columns of moves in the order of their fields."""
    return tuple(getattr(moves, name) for name in Moves.__slots__)


def select_moves(moves: Moves, which: NDArray[np.generic]) -> Moves:
    """Return some of the moves, by number or by mask."""
    return Moves(*(column[which] for column in move_columns(moves)))


def concatenate_moves(tables: Sequence[Moves]) -> Moves:
    """Return several tables of moves as one, in their order."""
    columns = zip(*(move_columns(table) for table in tables), strict=True)
    return Moves(*(np.concatenate(column) for column in columns))


def stable_order(values: Integers) -> Integers:
    """Return the indices that sort values, equal ones in the order they have.

    A radix sort by one digit of 16 bits after another, the lowest first: NumPy counts where it
    sorts numbers of 16 bits, three times faster than it sorts longer ones. Values are not negative.

    >>> stable_order(np.array([70_000, 5, 70_000, 4])).tolist()
    [3, 1, 0, 2]
    """
    order = np.argsort(values.astype(np.uint16), kind="stable")
    for shift in range(16, int(values.max(initial=0)).bit_length(), 16):
        digit = (values >> shift).astype(np.uint16)
        order = order[np.argsort(digit[order], kind="stable")]
    return order
