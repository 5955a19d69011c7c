"""Plants that follow the load: combined heat and power, and emergency generators."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats, Integers


class ChpUnit(NamedTuple):
    """A CHP plant as dispatch sees it."""

    available_mw: Floats
    """What it can give in each step, outages taken off."""
    minimum_frac: float = 0.0
    """Least that is taken of it, over what it can give."""


class GensetUnit(NamedTuple):
    """A group of equal emergency generators as dispatch sees it."""

    available_mw: Floats
    """What all machines together can give in each step."""
    n_units: int = 1
    start_failure_frac: float = 0.0
    luck: Callable[[Integers], Floats] | None = None
    """Uniform numbers for the steps in which calls begin, ascending: low ones go well."""


def must_run_mw(plants: Mapping[str, ChpUnit], n_steps: int) -> Floats:
    """Return the least that is taken of all CHP plants, shape ``(n_steps,)``. [MW]"""
    total = np.zeros(n_steps)
    for plant in plants.values():
        total += plant.minimum_frac * plant.available_mw
    return total


def follow_load(
    plants: Mapping[str, ChpUnit], deficit_mw: Floats
) -> tuple[dict[str, Floats], Floats]:
    """Run CHP plants between their minimum and what they can give, in the order listed.

    Parameters
    ----------
    plants : mapping of asset key to ChpUnit
    deficit_mw : ndarray, shape (n_steps,)
        Load that nothing serves once the minima are taken; negative is surplus. [MW]

    Returns
    -------
    tuple
        Generation by asset key, minimum included, and the deficit that is left; surplus stays as
        it was. [MW]

    Examples
    --------
    >>> plants = {"chp.a": ChpUnit(np.full(3, 10.0), 0.4), "chp.b": ChpUnit(np.full(3, 5.0))}
    >>> made, left = follow_load(plants, np.array([-2.0, 8.0, 15.0]))
    >>> made["chp.a"], made["chp.b"], left
    (array([ 4., 10., 10.]), array([0., 2., 5.]), array([-2.,  0.,  4.]))
    """
    made: dict[str, Floats] = {}
    left_mw = deficit_mw
    for key, plant in plants.items():
        minimum_mw = plant.minimum_frac * plant.available_mw
        further_mw = np.minimum(np.maximum(left_mw, 0.0), plant.available_mw - minimum_mw)
        made[key] = minimum_mw + further_mw
        left_mw = left_mw - further_mw
    return made, left_mw


def run_gensets(
    gensets: Mapping[str, GensetUnit], unserved_mw: Floats
) -> tuple[dict[str, Floats], Floats]:
    """Start gensets for what nothing else can serve, in the order listed.

    A call is a run of steps with something unserved. Each machine starts or fails once a call and
    stays that way to its end; all machines are called, whatever is missing.

    Parameters
    ----------
    gensets : mapping of asset key to GensetUnit
    unserved_mw : ndarray, shape (n_steps,)
        What is left of the load. [MW]

    Returns
    -------
    tuple
        Generation by asset key and what is still unserved. [MW]
    """
    called = np.flatnonzero(unserved_mw > 0)
    left_mw = unserved_mw[called]
    made: dict[str, Floats] = {}
    for key, genset in gensets.items():
        made[key] = np.zeros(unserved_mw.size)
        able_mw = genset.available_mw[called] * started_frac(genset, called, left_mw)
        made[key][called] = np.minimum(left_mw, able_mw)
        left_mw = left_mw - made[key][called]
    unserved_mw = unserved_mw.copy()
    unserved_mw[called] = left_mw
    return made, unserved_mw


def started_frac(genset: GensetUnit, steps: Integers, unserved_mw: Floats) -> Floats:
    """Return the share of the machines that run in each of `steps`; 1 outside of calls.

    Parameters
    ----------
    genset : GensetUnit
    steps : ndarray of int, shape (n,)
        Steps in which anything may be unserved, ascending.
    unserved_mw : ndarray, shape (n,)
        What is unserved in them. [MW]
    """
    frac = np.ones(steps.size)
    short = unserved_mw > 0
    if genset.luck is None or genset.start_failure_frac == 0 or not short.any():
        return frac
    follows = np.diff(steps, prepend=-2) == 1
    begins = short & ~(follows & np.concatenate(([False], short[:-1])))
    luck = genset.luck(steps[begins])
    failed = failed_starts(luck, genset.n_units, genset.start_failure_frac)
    call_of_step = np.cumsum(begins) - 1
    frac[short] = 1.0 - failed[call_of_step[short]] / genset.n_units
    return frac


def failed_starts(u: Floats, n_units: int, start_failure_frac: float) -> Floats:
    """Return how many of `n_units` fail to start, by inverse transform of uniform `u`.

    Machines fail independently, so the count is binomial.

    >>> failed_starts(np.array([0.5, 0.7, 0.99]), 2, 0.2)  # none 0.64, at most one 0.96
    array([0., 1., 2.])
    """
    if start_failure_frac >= 1:
        return np.full(u.shape, float(n_units))
    if start_failure_frac <= 0:
        return np.zeros(u.shape)
    count = np.arange(n_units + 1)
    log_factorial = np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, n_units + 1)))))
    log_ways = log_factorial[-1] - log_factorial - log_factorial[::-1]
    log_odds = count * np.log(start_failure_frac) + (n_units - count) * np.log1p(
        -start_failure_frac
    )
    at_most = np.cumsum(np.exp(log_ways + log_odds))
    return np.minimum(np.searchsorted(at_most, u), n_units).astype(np.float64)
