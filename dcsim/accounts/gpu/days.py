"""GPU-minutes by state, in whole numbers, and the binding cause of each quarter, from moves.

All of it comes from ``Timeline.moves``: a move at minute t counts from t on, one before the run
from its start, one after the run not at all. Integers keep the attribution exact.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dcsim.clock import Calendar, Integers
from dcsim.gpu_states import CAUSES, OUTSIDE, STATE, STATES
from dcsim.types import Timeline
from dcsim.units import MINUTES_PER_DAY


@dataclass(frozen=True, slots=True)
class GpuStock:
    """GPUs in a state or a group of states, as whole numbers; zero before the first change."""

    time_min: Integers
    """Times of change: ascending, each minute once, from 0 on. [min]"""
    gpus: Integers
    """GPUs from then on."""

    def before(self, edges_min: Integers) -> Integers:
        """Return the GPUs just before each edge, shape ``(n_edges,)``."""
        levels = np.concatenate(([0], self.gpus))
        return np.asarray(levels[np.searchsorted(self.time_min, edges_min, side="left")])

    def minutes_until(self, edges_min: Integers) -> Integers:
        """Return the GPU-minutes from the start of the run to each edge, shape ``(n_edges,)``."""
        spent = np.cumsum(self.gpus[:-1] * np.diff(self.time_min))
        spent = np.concatenate(([0, 0], spent))[: self.gpus.size + 1]
        place = np.searchsorted(self.time_min, edges_min, side="left")
        since = edges_min - np.concatenate(([0], self.time_min))[place]
        return np.asarray(spent[place] + np.concatenate(([0], self.gpus))[place] * since)

    @property
    def most(self) -> int:
        """The highest number that lasted at least a minute."""
        return int(self.gpus.max(initial=0))


def stock_of(time_min: Integers, change: NDArray[np.integer]) -> GpuStock:
    """Make a stock from changes in order of time.

    Of several changes in one minute only their sum counts, so their order does not matter.

    Raises
    ------
    AssertionError
        If the stock falls below zero: GPUs left a state that held none.

    Examples
    --------
    Eight GPUs enter in minute 60, and 4 leave while 6 enter in minute 90:

    >>> stock = stock_of(np.array([60, 90, 90]), np.array([8, -4, 6]))
    >>> stock.time_min.tolist(), stock.gpus.tolist(), stock.most
    ([60, 90], [8, 10], 10)
    >>> stock.minutes_until(np.array([60, 100])).tolist()  # 30 x 8 + 10 x 10
    [0, 340]
    """
    time = np.maximum(time_min, 0)
    last = np.flatnonzero(np.append(time[1:] != time[:-1], [True] * (time.size > 0)))
    gpus = np.cumsum(change, dtype=np.int64)[last]
    assert gpus.min(initial=0) >= 0, "more GPUs left a state than had entered it"
    return GpuStock(time[last], gpus)


def stocks(timeline: Timeline) -> dict[str, GpuStock]:
    """Return the stock of every state within the run, in the order of `STATES`."""
    moves, end = timeline.moves, timeline.calendar.n_minutes
    inside = slice(0, int(np.searchsorted(moves.time_min, end, side="left")))
    origin, target = moves.origin[inside], moves.target[inside]
    result = {}
    for index, name in enumerate(STATES):
        entering = target == index
        at = np.flatnonzero(entering | (origin == index))
        n_gpus = moves.n_gpus[at].astype(np.int64)
        result[name] = stock_of(moves.time_min[at], np.where(entering[at], n_gpus, -n_gpus))
    return result


def group_stock(timeline: Timeline, *states: str) -> GpuStock:
    """Return the stock of the GPUs in any of `states`; moves among these leave it alone."""
    time, _, change = _changes(timeline, states)
    return stock_of(time, change)


def product_stocks(timeline: Timeline, *states: str) -> list[GpuStock]:
    """Return the stock of the GPUs in any of `states` for each product, in order."""
    time, product, change = _changes(timeline, states)
    return [
        stock_of(time[product == index], change[product == index])
        for index in range(len(timeline.products))
    ]


def _changes(
    timeline: Timeline, states: tuple[str, ...]
) -> tuple[Integers, NDArray[np.int16], Integers]:
    """Return time, product and change of the GPUs in a group, for moves across its border."""
    moves = timeline.moves
    inside = slice(0, int(np.searchsorted(moves.time_min, timeline.calendar.n_minutes)))
    inside_group = np.zeros(len(STATES) + 1, dtype=np.int8)  # the last stands for OUTSIDE
    inside_group[[STATE[state] for state in states]] = 1
    sign = inside_group[moves.target[inside]] - inside_group[moves.origin[inside]]
    at = np.flatnonzero(sign != 0)
    return moves.time_min[at], moves.product[at], sign[at] * moves.n_gpus[at].astype(np.int64)


def gpu_minutes(timeline: Timeline, by_state: Mapping[str, GpuStock]) -> dict[str, int]:
    """Return the GPU-minutes in each state over the run, checked to the minute.

    Parameters
    ----------
    timeline : Timeline
    by_state : mapping of Stock
        By state, as `stocks` returns it.

    Returns
    -------
    dict of int
        GPU-minutes by state; lost ones are those of the keys of ``CAUSES``.

    Raises
    ------
    AssertionError
        If they do not close: all states together against the GPUs ordered, and all but online
        against what was delivered and not online.
    """
    end = np.array([timeline.calendar.n_minutes], dtype=np.int64)
    minutes = {name: int(stock.minutes_until(end)[0]) for name, stock in by_state.items()}
    ordered, delivered = _entered(timeline)
    lost = sum(minutes[state] for state in CAUSES if state != "on_order")
    assert sum(minutes.values()) == ordered, "GPU-minutes by state are not those ordered"
    assert delivered - minutes["online"] == lost + minutes["retired"], (
        "GPU-minutes lost by cause do not add up to delivered minus online"
    )
    return minutes


def _entered(timeline: Timeline) -> tuple[int, int]:
    """Return the GPU-minutes since the order and since delivery.

    They come from the moves that mark an order or a delivery alone, so that they check the sums
    over all states.
    """
    moves, end = timeline.moves, timeline.calendar.n_minutes
    left = np.maximum(end - np.maximum(moves.time_min, 0), 0)
    weight = moves.n_gpus.astype(np.int64) * left
    is_order = moves.origin == OUTSIDE
    on_order = STATE["on_order"]
    is_delivery = (is_order | (moves.origin == on_order)) & (moves.target != on_order)
    return int(weight[is_order].sum()), int(weight[is_delivery].sum())


def binding(
    timeline: Timeline,
    *,
    by_state: Mapping[str, GpuStock] | None = None,
    delivery: Callable[[Integers], Integers] | None = None,
) -> list[tuple[str, str | None, float]]:
    """Return the cause that held back most GPU-days in each calendar quarter of the run.

    Parameters
    ----------
    timeline : Timeline
    by_state : mapping of Stock, optional
        By state, as `stocks` returns it; computed here if left out.
    delivery : callable, optional
        From edges to the GPU-minutes that delivery held back between them; without it, all GPUs
        on order count as held back.

    Returns
    -------
    list of (str, str or None, float)
        ``("2028 Q1", state, GPU-days)``: the state is a key of ``CAUSES``, the earliest in
        `STATES` of equals; None with 0 where nothing was held back, as before the first order.
    """
    quarters = list(_quarters(timeline.calendar))
    edges = np.array([start for _, start in quarters] + [timeline.calendar.n_minutes])
    by_state = by_state or stocks(timeline)
    causes = list(CAUSES)
    lost = np.stack([np.diff(by_state[name].minutes_until(edges)) for name in causes])
    if delivery is not None:
        lost[causes.index("on_order")] = delivery(edges)
    worst = lost.argmax(axis=0)
    most = lost.max(axis=0)
    return [
        (label, causes[cause] if gpu_min else None, float(gpu_min) / MINUTES_PER_DAY)
        for (label, _), cause, gpu_min in zip(quarters, worst.tolist(), most.tolist(), strict=True)
    ]


def _quarters(calendar: Calendar) -> Iterator[tuple[str, int]]:
    """Yield each calendar quarter of the run and the minute it begins; the first with the run."""
    day, end = calendar.start.date(), calendar.end.date()
    first = (day.month - 1) // 3
    quarter = day.year * 4 + first
    while day < end:
        yield f"{quarter // 4} Q{quarter % 4 + 1}", calendar.minute_of(day)
        quarter += 1
        day = datetime.date(quarter // 4, quarter % 4 * 3 + 1, 1)
