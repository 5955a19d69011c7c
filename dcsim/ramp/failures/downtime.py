"""Downtime of servers: the moves of whole racks in, those of servers that fail and return added.

While the ramp runs, a rack in service is online as a whole. When the run is over, everything that
happens to its servers is worked out with arrays, because nothing else on the site waits for it: in
a large fleet these are nine of ten moves, and an event for each would take minutes.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dcsim.clock import Integers
from dcsim.gpu_states import STATE
from dcsim.ramp.failures.repair_shop import (
    RepairRequests,
    Repairs,
    RepairShop,
    schedule_repairs,
)
from dcsim.ramp.failures.service import (
    FailureEvents,
    RackService,
    failure_events,
    rack_service,
)
from dcsim.ramp.record import (
    ONLINE,
    RETIRED,
    StateChange,
    concatenate_moves,
    move_columns,
    moves_at,
    select_moves,
    stable_order,
)
from dcsim.types import Moves

RECOVERING, FAILED, IN_REPAIR = STATE["recovering"], STATE["failed"], STATE["in_repair"]


def with_failures(moves: Moves, repair_shop: RepairShop) -> Moves:
    """Return moves of whole racks together with those of servers that fail and come back.

    Within a minute servers come back first, then those fail that need hands, then racks move, then
    servers fail that recover by themselves. One that is down when its rack is retired goes from
    the state it is in.

    Parameters
    ----------
    moves : Moves
        Of whole racks, in the order in which they happened.
    repair_shop : RepairShop
        What failed and who repairs it.

    Returns
    -------
    Moves
        All of them; a stable sort by time puts them in order.
    """
    racks, end_min = rack_service(repair_shop), repair_shop.horizon_min
    failures = failure_events(repair_shop, racks)
    requested = in_repair_order(failures.select(failures.hands), racks)
    repairs = schedule_repairs(
        RepairRequests(
            requested.time_min,
            requested.server,
            racks.service_end_min[requested.rack],
            requested.scale,
            racks.product[requested.rack],
        ),
        repair_shop.fleet,
        repair_shop.technicians,
        repair_shop.spares,
        repair_shop.spare_servers,
    )
    needy = requested.select(repairs.request)  # without servers that were down already
    recovered, recovering = _recoveries(
        failures.select(~failures.hands), racks, needy, repairs, end_min
    )
    repaired, failed = _repairs(racks, needy, repairs)
    retired = _retired(moves, racks, needy, repairs, end_min)
    # The order within a minute that the docstring states.
    return concatenate_moves([recovered, repaired, failed, retired, recovering])


def in_repair_order(failures: FailureEvents, racks: RackService) -> FailureEvents:
    """Return failures in the order in which they are repaired: by time.

    Of two in one minute the one whose rack has had none for longer is first, then the one whose
    rack entered service first. Any rule would do, but it must not depend on how the orders are
    numbered, or another order in a scenario would change whose repair comes first.

    Parameters
    ----------
    failures : FailureEvents
        In order of server and time.
    racks : RackService
        When their racks entered service.

    Returns
    -------
    FailureEvents
        The same rows in another order.

    Examples
    --------
    In minute 50 servers of racks 0 and 1 fail. Rack 0 had a failure in minute 20, rack 1 has had
    none since it went online in minute 10, so it is first:

    >>> rows = FailureEvents(time_min=np.array([20, 50, 50]), rack=np.array([0, 0, 1]),
    ...                      server=np.array([0, 1, 16]), hands=np.ones(3, bool),
    ...                      recovery_min=np.ones(3, int), scale=np.ones(3))
    >>> racks = RackService(online_min=np.array([0, 10]), service_end_min=np.array([99, 99]),
    ...                     entry_order=np.array([0, 1]), product=np.zeros(2, int),
    ...                     server_gpus=np.full(2, 8))
    >>> in_repair_order(rows, racks).server.tolist()
    [0, 16, 1]
    """
    by_time = stable_order(failures.time_min)
    by_rack = failures.select(by_time[stable_order(failures.rack[by_time])])
    # The failure before in the same rack; of its first one, the minute the rack went online.
    before = racks.online_min[by_rack.rack]
    same = by_rack.rack[1:] == by_rack.rack[:-1]
    before[1:][same] = by_rack.time_min[:-1][same]
    # Stable sorts by the least key first: entry into service, then failure before, then time.
    order = stable_order(racks.entry_order[by_rack.rack])
    order = order[stable_order(before[order])]
    return by_rack.select(order[stable_order(by_rack.time_min[order])])


def _moves(
    failures: FailureEvents, racks: RackService, time_min: Integers, change: StateChange
) -> Moves:
    rack = failures.rack
    gpus = racks.server_gpus[rack]
    return moves_at(time_min, racks.product[rack], rack, gpus, change=change)


def _recoveries(
    failures: FailureEvents,
    racks: RackService,
    needy: FailureEvents,
    repairs: Repairs,
    horizon_min: int,
) -> tuple[Moves, Moves]:
    """Return the moves of servers back from recoveries, and those into them.

    A server that waits for repair or is in it does not fail; one that is retired or meets the end
    of the run while it recovers ends its recovery there.
    """
    failures = failures.select(~_is_down(failures, needy, repairs))
    end = np.minimum(
        failures.time_min + failures.recovery_min, racks.service_end_min[failures.rack]
    )
    back = _moves(failures, racks, end, (RECOVERING, ONLINE))
    into = _moves(failures, racks, failures.time_min, (ONLINE, RECOVERING))
    return select_moves(back, end < horizon_min), into


def _is_down(failures: FailureEvents, needy: FailureEvents, repairs: Repairs) -> NDArray[np.bool_]:
    """Tell which servers wait for repair or are in it already when they fail.

    Server 1 is down from minute 30 to 60, so its failure in minute 40 does not happen:

    >>> def events(server, time_min):
    ...     return FailureEvents(np.array(time_min), np.array(server), np.array(server),
    ...                          *(np.ones(len(server), int),) * 3)
    >>> failures = events(server=[0, 1, 1, 1], time_min=[40, 20, 40, 70])
    >>> repairs = Repairs(np.array([0]), np.array([35]), np.array([60]), np.array([True]))
    >>> _is_down(failures, events([1], [30]), repairs).tolist()
    [False, False, True, False]
    """
    # One number for server and time, ``server * span + time``, grows along the failures. So the
    # failures within a downtime are a run of neighbors, from `begin` up to `end`, and all runs are
    # marked at once: +1 where one begins, -1 where it ends, and their running sum.
    span = int(failures.time_min.max(initial=0)) + 1
    key, offset = failures.server * span + failures.time_min, needy.server * span
    last = np.minimum(repairs.end_min, span - 1)  # not into the numbers of the next server
    order = stable_order(needy.server)  # a search for ascending numbers takes a third of the time
    since, until = (offset + np.minimum(needy.time_min, span))[order], (offset + last)[order]
    begin = np.searchsorted(key, since, side="left")
    end = np.searchsorted(key, until, side="right")
    edges = np.bincount(begin, minlength=key.size + 1) - np.bincount(end, minlength=key.size + 1)
    return np.asarray(np.cumsum(edges[:-1]) > 0)


def _repairs(racks: RackService, needy: FailureEvents, repairs: Repairs) -> tuple[Moves, Moves]:
    """Return the moves of servers back from repairs, and those to failed and into repair."""
    service_end = racks.service_end_min[needy.rack]
    back = _moves(needy, racks, repairs.end_min, (IN_REPAIR, ONLINE))
    failed = _moves(needy, racks, needy.time_min, (ONLINE, FAILED))
    begun = _moves(needy, racks, repairs.start_min, (FAILED, IN_REPAIR))
    # In a minute servers fail, and are repaired at once where nobody waits, before the queue moves
    # on. So a repair that begins at once stands right behind its failure, and one that had to wait
    # behind all failures.
    done = np.flatnonzero(repairs.done)
    waited = repairs.start_min[done] > needy.time_min[done]
    n_failed = needy.time_min.size
    number = np.concatenate([np.arange(n_failed), np.where(waited, done + n_failed, done)])
    both = concatenate_moves([failed, select_moves(begun, done)])
    return (
        select_moves(back, repairs.done & (repairs.end_min < service_end)),
        select_moves(both, stable_order(number)),
    )


def _retired(
    moves: Moves, racks: RackService, needy: FailureEvents, repairs: Repairs, horizon_min: int
) -> Moves:
    """Return the moves of racks, in which what is down when a rack retires goes from its state.

    A rack of 72 GPUs with one server of 8 in repair retires as 8 GPUs from ``in_repair`` and 64
    from ``online``.
    """
    service_end = racks.service_end_min[needy.rack]
    still_down = np.flatnonzero((service_end < horizon_min) & (repairs.end_min >= service_end))
    still_down = still_down[stable_order(needy.server[still_down])]
    down, time_min = needy.select(still_down), service_end[still_down]
    leaving = _moves(down, racks, time_min, (IN_REPAIR, RETIRED))
    leaving.origin[~repairs.done[still_down]] = FAILED
    # Each such move goes before that of its rack, which loses as many GPUs.
    retired = np.flatnonzero(moves.target == RETIRED)
    row_of = np.zeros(racks.service_end_min.size, dtype=np.int64)
    row_of[moves.subject[retired]] = retired
    row = row_of[down.rack]
    moves = replace(moves, n_gpus=moves.n_gpus.copy())
    np.subtract.at(moves.n_gpus, row, racks.server_gpus[down.rack])  # a row may stand here twice
    pairs = zip(move_columns(moves), move_columns(leaving), strict=True)
    all_moves = Moves(*(np.insert(whole, row, part) for whole, part in pairs))
    return select_moves(all_moves, all_moves.n_gpus > 0)
