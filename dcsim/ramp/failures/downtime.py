"""What servers do while their racks are in service, as moves beside those of whole racks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dcsim.clock import Integers
from dcsim.gpu_states import STATE
from dcsim.ramp.failures.repair_shop import Calls, Repairs, work_out
from dcsim.ramp.failures.service import Falls, Racks, Workshop, falls_of, racks_of
from dcsim.ramp.record import (
    ONLINE,
    RETIRED,
    Path,
    columns_of,
    in_order,
    joined,
    moves_at,
    some,
)
from dcsim.types import Moves

RECOVERING, FAILED, IN_REPAIR = STATE["recovering"], STATE["failed"], STATE["in_repair"]


def with_failures(moves: Moves, workshop: Workshop) -> Moves:
    """Return moves of whole racks together with those of servers that fail and come back.

    Within a minute servers come back first, then those fail that need hands, then racks move, then
    servers fall that recover by themselves. One that is down when its rack is retired goes from
    the state it is in.
    """
    racks, end_min = racks_of(workshop), workshop.horizon_min
    falls = falls_of(workshop, racks)
    called = in_turn(falls.take(falls.hands), racks)
    repairs = work_out(
        Calls(called.time_min, called.server, racks.gone_min[called.rack], called.scale),
        workshop.fleet,
        workshop.technicians,
        workshop.spares,
    )
    called = called.take(repairs.call)
    healed, fell = _recoveries(falls.take(~falls.hands), racks, called, repairs, end_min)
    mended, repaired = _repairs(racks, called, repairs)
    retired = _retired(moves, racks, called, repairs, end_min)
    return joined([healed, mended, repaired, retired, fell])


def in_turn(falls: Falls, racks: Racks) -> Falls:
    """Return failures in the order in which they are taken up.

    Of two in one minute the one whose rack has had none for longer is first, then the one whose
    rack entered service first.
    """
    by_time = in_order(falls.time_min)
    by_rack = falls.take(by_time[in_order(falls.rack[by_time])])
    online, turn = racks.online_min[by_rack.rack], racks.turn[by_rack.rack]
    before = online.copy()
    same = by_rack.rack[1:] == by_rack.rack[:-1]
    before[1:][same] = by_rack.time_min[:-1][same]
    first = in_order(turn)
    first = first[in_order(before[first])]
    return by_rack.take(first[in_order(by_rack.time_min[first])])


def _moves(falls: Falls, racks: Racks, time_min: Integers, path: Path) -> Moves:
    rack = falls.rack
    return moves_at(time_min, racks.product[rack], rack, racks.server_gpus[rack], path=path)


def _recoveries(
    falls: Falls, racks: Racks, called: Falls, repairs: Repairs, horizon_min: int
) -> tuple[Moves, Moves]:
    """Return the moves of servers back from recoveries, and those into them.

    A server that needs hands does not fall; one that is retired or meets the end of the run while
    it recovers ends its recovery there.
    """
    falls = falls.take(~_down(falls, called, repairs))
    end = np.minimum(falls.time_min + falls.recovery_min, racks.gone_min[falls.rack])
    back = _moves(falls, racks, end, (RECOVERING, ONLINE))
    return some(back, end < horizon_min), _moves(falls, racks, falls.time_min, (ONLINE, RECOVERING))


def _down(falls: Falls, called: Falls, repairs: Repairs) -> NDArray[np.bool_]:
    """Tell which servers need hands already when they fall."""
    # One number for server and time: it grows along the falls.
    span = int(falls.time_min.max(initial=0)) + 1
    key, offset = falls.server * span + falls.time_min, called.server * span
    last = np.minimum(repairs.end_min, span - 1)
    begin = np.searchsorted(key, offset + np.minimum(called.time_min, span), side="left")
    end = np.searchsorted(key, offset + last, side="right")
    edges = np.bincount(begin, minlength=key.size + 1) - np.bincount(end, minlength=key.size + 1)
    return np.asarray(np.cumsum(edges[:-1]) > 0)


def _repairs(racks: Racks, called: Falls, repairs: Repairs) -> tuple[Moves, Moves]:
    """Return the moves of servers back from repairs, and those to failed and into repair."""
    gone = racks.gone_min[called.rack]
    back = _moves(called, racks, repairs.end_min, (IN_REPAIR, ONLINE))
    failed = _moves(called, racks, called.time_min, (ONLINE, FAILED))
    taken = _moves(called, racks, repairs.start_min, (FAILED, IN_REPAIR))
    # In a minute servers fail, and are taken up where nobody waits, before the queue moves on.
    done = np.flatnonzero(repairs.done)
    waited = repairs.start_min[done] > called.time_min[done]
    number = np.concatenate([np.arange(gone.size), np.where(waited, done + gone.size, done)])
    both = some(joined([failed, some(taken, done)]), in_order(number))
    return some(back, repairs.done & (repairs.end_min < gone)), both


def _retired(
    moves: Moves, racks: Racks, called: Falls, repairs: Repairs, horizon_min: int
) -> Moves:
    """Return the moves of racks, in which what is down when a rack retires goes from its state."""
    gone = racks.gone_min[called.rack]
    left = np.flatnonzero((gone < horizon_min) & (repairs.end_min >= gone))
    left = left[in_order(called.server[left])]
    down, gone, done = called.take(left), gone[left], repairs.done[left]
    retired = np.flatnonzero(moves.target == RETIRED)
    row_of = np.zeros(racks.gone_min.size, dtype=np.int64)
    row_of[moves.subject[retired]] = retired
    row, n_down = row_of[down.rack], racks.server_gpus[down.rack]
    theirs = _moves(down, racks, gone, (IN_REPAIR, RETIRED))
    theirs.origin[~done] = FAILED
    moves = replace(moves, n_gpus=moves.n_gpus.copy())
    np.subtract.at(moves.n_gpus, row, n_down)
    pairs = zip(columns_of(moves), columns_of(theirs), strict=True)
    all_moves = Moves(*(np.insert(whole, row, part) for whole, part in pairs))
    return some(all_moves, all_moves.n_gpus > 0)
