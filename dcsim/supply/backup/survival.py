"""Emergency generators alone with a load: survival by closed form.

Machines start or fail independently and, once running, live an exponential time; none is repaired
during the outage. After t hours a machine runs with probability ``(1 - start failure) *
exp(-t / mttf)``, so how many run is binomial, and a constant load is carried up to t where enough
run at t. Under a load that changes the numbers that run are a Markov chain, in which those that
were too few once have failed for good.

References
----------
J. Marqusee and D. Jenket, "Reliability of emergency and standby diesel generators: Impact on energy
resiliency solutions", Applied Energy 268 (2020) 114918.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats
from dcsim.errors import ModelError
from dcsim.supply.backup.machines import (
    CARRIED_WITHIN,
    GensetGroup,
    after_failures,
    capacity_chances,
    group_powers_mw,
    started_chances,
)


class Survival(NamedTuple):
    """Load carried and energy unserved in an outage, up to each edge of its steps."""

    hours: Floats
    """Edges of the steps, shape ``(n_steps + 1,)``. [h]"""
    carried_frac: Floats
    """Probability that all of the load has been carried up to each edge."""
    unserved_mwh: Floats
    """Expected energy unserved up to each edge. [MWh]"""
    carried_sem: Floats | None = None
    """Standard error of the probability, where it was replayed."""
    unserved_sem: Floats | None = None
    """Standard error of the energy. [MWh]"""


def closed_form(groups: Sequence[GensetGroup], load_mw: float | Floats, hours: Floats) -> Survival:
    """Return survival and expected unserved energy by the binomial distribution, without replay.

    Parameters
    ----------
    groups : sequence of GensetGroup
        All machines.
    load_mw : float or ndarray, shape (n_steps,)
        Load, constant or between each two times. [MW]
    hours : ndarray, shape (n_steps + 1,)
        Times, ascending from 0. [h]

    Returns
    -------
    Survival
        The energy is the integral of the expected shortfall, by Gauss's rule between the times.

    Raises
    ------
    ModelError
        If the load is not above zero or the times do not ascend from 0.
    """
    if hours.size == 0 or hours[0] != 0 or np.any(np.diff(hours) <= 0):
        raise ModelError("need times that ascend from 0")
    loads_mw = outage_loads_mw(load_mw, hours.size - 1)
    dark_h = max((group.dark_h for group in groups), default=0.0)
    edges = itertools.pairwise(hours.tolist())
    # Between two edges the shortfall is smooth: five nodes integrate a polynomial of degree nine.
    parts = np.array(
        [
            _gauss(functools.partial(_missing_mw, groups, load), first, last)
            for load, (first, last) in zip(loads_mw.tolist(), edges, strict=True)
        ]
    )
    unserved = np.concatenate(([0.0], np.cumsum(parts)))
    first_mw = float(loads_mw[0]) if loads_mw.size else 0.0
    # In the dark time nothing is served: what machines would have given then is unserved, too.
    served_in_dark = dark_h * (first_mw - _missing_mw(groups, first_mw, 0.0))
    carried = _carried_chance(groups, loads_mw, hours)
    if dark_h > 0:
        carried[1:] = 0.0
    return Survival(
        hours=hours,
        carried_frac=carried,
        unserved_mwh=unserved + np.where(hours > 0, served_in_dark, 0.0),
    )


def outage_loads_mw(load_mw: float | Floats, n_steps: int) -> Floats:
    """Return the load of each step of an outage. [MW]

    Parameters
    ----------
    load_mw : float or ndarray, shape (n_steps,)
        Constant, or of each step. [MW]
    n_steps : int

    Raises
    ------
    ModelError
        If it is not one number a step, or nothing above zero.
    """
    loads_mw = np.asarray(load_mw, dtype=np.float64)
    if loads_mw.ndim and loads_mw.shape != (n_steps,):
        raise ModelError(f"need one load a step, got {loads_mw.shape} for {n_steps} steps")
    if not (np.all(loads_mw >= 0) and np.any(loads_mw > 0)):
        raise ModelError(f"need a load above zero, got {load_mw} MW")
    return np.broadcast_to(loads_mw, (n_steps,))


def _missing_mw(groups: Sequence[GensetGroup], load_mw: float, hour: float) -> float:
    """Return the expected shortfall at a time. [MW]"""
    power_mw, chance = capacity_chances(groups, hour)
    return float((np.maximum(load_mw - power_mw, 0.0) * chance).sum())


def _carried_chance(groups: Sequence[GensetGroup], loads_mw: Floats, hours: Floats) -> Floats:
    """Return the probability that enough machines ran at the end of each step so far.

    At the first time it is the probability that enough have started, for the first load.
    """
    power_mw, chance = group_powers_mw(groups), started_chances(groups)
    carried = [1.0]
    if loads_mw.size:
        carried = [float(chance[power_mw >= loads_mw[0] * (1.0 - CARRIED_WITHIN)].sum())]
    for load, length_h in zip(loads_mw.tolist(), np.diff(hours).tolist(), strict=True):
        chance = after_failures(groups, chance, length_h)
        chance = np.where(power_mw >= load * (1.0 - CARRIED_WITHIN), chance, 0.0)
        carried.append(float(chance.sum()))
    return np.array(carried)


def _gauss(function: Callable[[float], float], first: float, last: float) -> float:
    node, weight = np.polynomial.legendre.leggauss(5)
    middle, half = (first + last) / 2, (last - first) / 2
    return half * sum(w * function(middle + half * x) for x, w in zip(node, weight, strict=True))


def yearly_unserved_mwh(
    groups: Sequence[GensetGroup], load_mw: float, rate_per_year: float, repair_h: float
) -> float:
    """Return the energy that outages of the grid leave unserved in a mean year. [MWh]

    Parameters
    ----------
    groups : sequence of GensetGroup
        Machines of one kind each, independent of one another.
    load_mw : float
        Load throughout the outage. [MW]
    rate_per_year : float
        Outages in a mean year. [1/year]
    repair_h : float
        Mean duration of an outage; durations are exponential. [h]

    Notes
    -----
    With outages that come at a rate r and last an exponential time of mean m, the expected
    shortfall S(t) at t counts with the chance ``exp(-t / m)`` that the outage still lasts; d is the
    time in the dark until machines start:

        unserved = r * (integral of S(t) exp(-t / m) dt + d * load)
    """
    # Gauss's rule for integrals of exp(-x) f(x): with t = x repair_h, its weight is the chance that
    # the outage lasts.
    node, weight = np.polynomial.laguerre.laggauss(48)
    total = 0.0
    for x, w in zip(node, weight, strict=True):
        power_mw, chance = capacity_chances(groups, float(x * repair_h))
        total += w * float((np.maximum(load_mw - power_mw, 0.0) * chance).sum())
    in_dark = max((group.dark_h for group in groups), default=0.0)
    return rate_per_year * (total * repair_h + in_dark * load_mw)
