"""Failures of the servers of an order: rates and random numbers in, ages of failures out.

All failures of an order are drawn at once, by inverse transform of its cumulative hazard: one pass
over arrays, whatever the number of servers.
"""

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
    """True where a technician is needed; else the server recovers by itself."""
    recovery_min: Integers
    """Time to recover by itself, at least 1. [min]"""
    repair_scale: Floats
    """Length of its repair over the mean of all. [1]"""


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
    continuous there. With ``a = min(age, w)``, ``b = max(age, w)``, ``w`` the age at which wear
    begins, ``k`` its shape, ``e`` the end of early life and ``f`` its factor, the integral is::

        H = rate * (a + w / k * ((b / w)^k - 1) + (f - 1) * min(age, e))

    Failures are repaired to as-old (minimal repair), so their number over a time is Poisson with
    this mean [1]_.

    References
    ----------
    .. [1] M. Rausand, A. Høyland, "System Reliability Theory", 2nd edition, Wiley (2004), section
       7.3.

    Examples
    --------
    Twice the rate in the first half year, wear of shape 2 from year 4 on:

    >>> fleet = Fleet(failure_rate="0.1 1/GPU/year", hands=1, recovery="1 h", technicians=1,
    ...               hands_on="4 h", repair="24 h", spares=1, spare_lead_time="1 h",
    ...               early="4383 h", early_factor=2, wear_after="4 years", wear_shape=2)
    >>> cumulative_hazard(np.array([0.5, 4.0, 8.0]), fleet, 1).round(3).tolist()
    [0.1, 0.45, 1.05]
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

    Parameters
    ----------
    fleet : Fleet
        Failure rate, share that needs hands, mean recovery, spread of repairs.
    n_servers : int
        Servers of the order.
    n_gpus : int
        GPUs of each.
    life_years : float
        Age at which they are retired. [year]
    draw : Draw
        Random numbers of the order.
    until_years : float
        Ages beyond it, which the run does not reach, are left out; those before it stay as they
        are. [year]

    Returns
    -------
    Failures
        Ordered by server and age.

    Raises
    ------
    ModelError
        If more failures are expected than `MAX_FAILURES`.

    Notes
    -----
    The servers together are one Poisson process, by superposition: arrivals at unit rate in the
    hazard of all of them, ``n_servers * H(age)``, fall on servers at random. The age of an arrival
    ``x`` is ``H^-1(x / n_servers)``, by inverse transform (time-rescaling) [1]_. Another failure
    rate stretches the same arrivals, so two scenarios share their random numbers.

    References
    ----------
    .. [1] E. Çinlar, "Introduction to Stochastic Processes", Prentice-Hall (1975), chapter 4.
    """
    ages, hazard = _hazard_points(fleet, n_servers, n_gpus, life_years)
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
    drawn = Failures(
        server,
        _whole_minutes(age_min),
        hands,
        _whole_minutes(recovery_h * MINUTES_PER_HOUR),
        REPAIR_SPREADS[fleet.repair_spread](draw, n),
    )
    # They are in order of age, and the sort by server is stable.
    return _without_failures_while_recovering(_select(drawn, stable_order(drawn.server)))


def _hazard_points(
    fleet: Fleet, n_servers: int, n_gpus: int, life_years: float
) -> tuple[Floats, Floats]:
    """Return ages and the cumulative hazard of all servers at them, for interpolation."""
    ages = np.linspace(0.0, life_years, N_HAZARD_POINTS)
    # The rate jumps at the end of early life and bends where wear begins: points there keep the
    # interpolation exact up to the wear.
    corners = [
        age for age in (fleet.early_h / HOURS_PER_YEAR, fleet.wear_after_years) if age < life_years
    ]
    ages = np.unique(np.concatenate([ages, corners]))
    return ages, cumulative_hazard(ages, fleet, n_gpus) * n_servers


def _whole_minutes(time_min: Floats) -> Integers:
    """Return times on the event clock, at least 1: nothing fails in the minute it goes online."""
    return np.maximum(np.rint(time_min), 1).astype(np.int64)


def _arrivals(total: float, draw: Draw) -> Floats:
    """Return the arrivals of a unit Poisson process up to `total`."""
    if total <= 0:
        return np.empty(0)
    # Six standard deviations above the mean, so that a second round is as good as never needed.
    # A stream gives the same numbers however many are drawn, so the first ones stay.
    n = int(total + 6 * np.sqrt(total) + 20)
    while True:
        arrival = np.cumsum(exponentials(draw("arrival", n)))
        if arrival[-1] > total:
            return np.asarray(arrival[: np.searchsorted(arrival, total)])
        n *= 2


def _without_failures_while_recovering(failures: Failures) -> Failures:
    """Drop failures of a server that still recovers by itself from an earlier one.

    The recovery of a failure that is dropped still covers those after it. That is an approximation
    of second order in rate times recovery: it takes three failures within two recoveries.

    The second of these three, all of one server, is dropped: the first lasts until minute 25.

    >>> failures = Failures(server=np.zeros(3, int), age_min=np.array([10, 20, 30]),
    ...                     hands=np.zeros(3, bool), recovery_min=np.array([15, 5, 5]),
    ...                     repair_scale=np.ones(3))
    >>> _without_failures_while_recovering(failures).age_min.tolist()
    [10, 30]
    """
    if not failures.server.size:
        return failures
    recovered = failures.age_min + np.where(failures.hands, 0, failures.recovery_min)
    # A server's offset is larger than any age, so one running maximum serves all servers at once.
    offset = failures.server * (int(recovered.max()) + 1)
    latest = np.maximum.accumulate(recovered + offset)
    dropped = np.zeros(failures.server.size, dtype=bool)
    dropped[1:] = (failures.server[1:] == failures.server[:-1]) & (
        failures.age_min[1:] + offset[1:] <= latest[:-1]
    )
    return _select(failures, ~dropped)


def _select(failures: Failures, which: NDArray[np.generic]) -> Failures:
    return Failures(*(column[which] for column in failures))
