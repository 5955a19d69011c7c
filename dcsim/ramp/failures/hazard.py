"""When servers fail: drawn for a whole order at once, by inverse transform of its hazard."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dcsim.clock import Floats, Integers
from dcsim.errors import ModelError
from dcsim.ramp.record import stable_order
from dcsim.scenario.schema.fleet import Fleet
from dcsim.streams import exponentials
from dcsim.units import HOURS_PER_YEAR, MINUTES_PER_HOUR

N_HAZARD_POINTS = 400
"""Points of the cumulative hazard between which its inverse is linear; see `cumulative_hazard`."""
MAX_FAILURES = 20_000_000
"""Most failures of one order: beyond, it is a wrong rate that would take gigabytes to draw."""

Draw = Callable[[str, int], NDArray[np.float64]]
"""From a purpose and a number to that many uniform numbers of a stream."""


REPAIR_SPREADS: Mapping[str, Callable[[Draw, int], Floats]] = {
    "fixed": lambda _, n: np.ones(n),
    "exponential": lambda draw, n: exponentials(draw("repair", n)),
}
"""By `Fleet.repair_spread`: lengths of repairs over their mean."""


class Failures(NamedTuple):
    """Failures of the servers of an order over their life, ordered by server and age."""

    server: Integers
    """Number of the server in its order."""
    age_min: Integers
    """Its age in service at the failure, at least 1. [min]"""
    hands: NDArray[np.bool_]
    """Whether it needs a technician."""
    recovery_min: Integers
    """How long it takes to recover by itself, at least 1. [min]"""
    repair_scale: Floats
    """How long its repair takes, over the mean of all. [1]"""


def cumulative_hazard(age_years: Floats, fleet: Fleet, n_gpus: int) -> Floats:
    """Return the expected failures of one server up to an age.

    Parameters
    ----------
    age_years : ndarray
        Age in service. [year]
    fleet : Fleet
        Rate a GPU and year, its multiplier in early life, Weibull wear from an age on.
    n_gpus : int
        GPUs of the server; it fails as often as all of them.

    Returns
    -------
    ndarray
        Integral of the rate from 0 to the age. [1]

    Notes
    -----
    The rate is ``rate * early_factor`` up to ``early`` and ``rate`` after; from ``wear_after`` on
    it is multiplied by ``(age / wear_after)^(shape - 1)``, the hazard of a Weibull law scaled to be
    continuous there. Failures are repaired to as-old (minimal repair), so their number over a time
    is Poisson with this mean (Rausand and Høyland, System Reliability Theory, 2004, section 7.3).
    """
    rate = fleet.failure_rate_per_gpu_year * n_gpus
    early_years = fleet.early_h / HOURS_PER_YEAR
    wear_years, shape = fleet.wear_after_years, fleet.wear_shape
    young = np.minimum(age_years, wear_years)
    worn = np.maximum(age_years, wear_years)
    aged = wear_years / shape * ((worn / wear_years) ** shape - 1)
    early = (fleet.early_factor - 1) * np.minimum(age_years, early_years)
    return np.asarray(rate * (young + aged + early))


def draw_failures(
    fleet: Fleet,
    n_servers: int,
    n_gpus: int,
    life_years: float,
    draw: Draw,
    *,
    until_years: float = math.inf,
) -> Failures:
    """Draw all failures of `n_servers` equal servers over their life.

    Ages beyond `until_years`, which the run does not reach, are left out; those before it stay as
    they are.

    The servers together are one Poisson process: its arrivals, at unit rate in the hazard of all of
    them, fall on servers at random. Another failure rate stretches the same arrivals, so two
    scenarios meet the same luck.

    Raises
    ------
    ModelError
        If more failures are expected than `MAX_FAILURES`.
    """
    ages = np.linspace(0.0, life_years, N_HAZARD_POINTS)
    corners = [
        age for age in (fleet.early_h / HOURS_PER_YEAR, fleet.wear_after_years) if age < life_years
    ]
    ages = np.unique(np.concatenate([ages, corners]))
    hazard = cumulative_hazard(ages, fleet, n_gpus) * n_servers
    total = float(np.interp(until_years, ages, hazard))
    if total > MAX_FAILURES:
        raise ModelError(
            f"fleet: {total:.2g} failures are expected of one order, more than {MAX_FAILURES:,}; "
            "give a lower failure_rate or a later wear_after"
        )
    arrival = _arrivals(total, draw)
    n = arrival.size
    age_min = np.interp(arrival, hazard, ages) * HOURS_PER_YEAR * MINUTES_PER_HOUR
    server = (draw("server", n) * n_servers).astype(np.int64)
    hands = draw("hands", n) < fleet.hands_frac
    recovery_h = exponentials(draw("recovery", n)) * fleet.recovery_h
    found = Failures(
        server,
        np.maximum(np.rint(age_min), 1).astype(np.int64),
        hands,
        np.maximum(np.rint(recovery_h * MINUTES_PER_HOUR), 1).astype(np.int64),
        REPAIR_SPREADS[fleet.repair_spread](draw, n),
    )
    return _without_echoes(_by_server(found))


def _arrivals(total: float, draw: Draw) -> Floats:
    """Return the arrivals of a unit Poisson process up to `total`."""
    if total <= 0:
        return np.empty(0)
    n = int(total + 6 * np.sqrt(total) + 20)
    while True:
        arrival = np.cumsum(exponentials(draw("arrival", n)))
        if arrival[-1] > total:
            return np.asarray(arrival[: np.searchsorted(arrival, total)])
        n *= 2


def _by_server(found: Failures) -> Failures:
    # They are in order of age already.
    return _take(found, stable_order(found.server))


def _without_echoes(found: Failures) -> Failures:
    """Drop failures of a server that falls again while it still recovers by itself."""
    if not found.server.size:
        return found
    recovered = found.age_min + np.where(found.hands, 0, found.recovery_min)
    # A server's offset is larger than any age, so one running maximum serves all servers in turn.
    offset = found.server * (int(recovered.max()) + 1)
    latest = np.maximum.accumulate(recovered + offset)
    echo = np.zeros(found.server.size, dtype=bool)
    echo[1:] = (found.server[1:] == found.server[:-1]) & (
        found.age_min[1:] + offset[1:] <= latest[:-1]
    )
    return _take(found, ~echo)


def _take(found: Failures, which: NDArray[np.generic]) -> Failures:
    return Failures(*(column[which] for column in found))
