"""Emergency generators as a number that runs: groups in, the chances of what runs later out.

Machines of a group start or fail independently and, once running, live an exponential time; none is
repaired during an outage. So how many run is binomial, and the numbers of all groups are a Markov
chain that only falls.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats

CARRIED_WITHIN = 1e-9
"""Share of the load that may be missing while it still counts as carried: room for rounding."""


class GensetGroup(NamedTuple):
    """Equal machines, each of which starts and fails by itself."""

    n_units: int
    unit_mw: float
    start_failure_frac: float
    mttf_h: float
    dark_h: float = 0.0
    """Time at the start that neither they nor the UPS carry. [h]"""


def needed_units(load_mw: float, unit_mw: float) -> int:
    """Return the number of machines that carry a load alone.

    >>> needed_units(10.0, 2.5), needed_units(10.1, 2.5)
    (4, 5)
    """
    return math.ceil(load_mw / unit_mw - CARRIED_WITHIN)


def running_chance(group: GensetGroup, hours: Floats) -> Floats:
    """Return the probability that one machine runs at each time. [1]

    In two weeks a fifth fails:

    >>> group = GensetGroup(n_units=1, unit_mw=1.0, start_failure_frac=0.0, mttf_h=1505.7)
    >>> float(1 - running_chance(group, np.array([336.0]))[0])
    0.2000...
    """
    return np.asarray((1.0 - group.start_failure_frac) * np.exp(-hours / group.mttf_h))


def capacity_chances(groups: Sequence[GensetGroup], hour: float) -> tuple[Floats, Floats]:
    """Return the powers that all machines together may give at a time, and their probabilities.

    One entry for each combination of running machines over the groups, in MW and 1.
    """
    from scipy.stats import binom  # noqa: PLC0415  (only for who asks about outages)

    power_mw, chance = np.zeros(1), np.ones(1)
    for group in groups:
        count = np.arange(group.n_units + 1)
        p = float(running_chance(group, np.array([hour]))[0])
        power_mw = np.add.outer(power_mw, count * group.unit_mw).ravel()
        chance = np.multiply.outer(chance, binom.pmf(count, group.n_units, p)).ravel()
    return power_mw, chance


def group_powers_mw(groups: Sequence[GensetGroup]) -> Floats:
    """Return the power of each combination of running machines, one axis a group. [MW]"""
    power_mw = np.zeros(())
    for group in groups:
        power_mw = np.add.outer(power_mw, np.arange(group.n_units + 1) * group.unit_mw)
    return np.asarray(power_mw)


def started_chances(groups: Sequence[GensetGroup]) -> Floats:
    """Return the probability of each combination of machines that start, one axis a group."""
    from scipy.stats import binom  # noqa: PLC0415  (only for who asks about outages)

    chance = np.ones(())
    for group in groups:
        count = np.arange(group.n_units + 1)
        own = binom.pmf(count, group.n_units, 1.0 - group.start_failure_frac)
        chance = np.multiply.outer(chance, own)
    return np.asarray(chance)


def after_failures(groups: Sequence[GensetGroup], chance: Floats, length_h: float) -> Floats:
    """Return the probabilities of the numbers that run once time has passed.

    Parameters
    ----------
    groups : sequence of GensetGroup
    chance : ndarray
        Probability of each combination of running machines, one axis a group. [1]
    length_h : float
        Time that passes. [h]

    Examples
    --------
    Two machines of which each lives through the hour with 9 in 10:

    >>> pair = GensetGroup(2, 1.0, 0.0, -1 / np.log(0.9))
    >>> after_failures([pair], np.array([0.0, 0.0, 1.0]), 1.0).round(3)
    array([0.01, 0.18, 0.81])
    """
    for axis, group in enumerate(groups):
        if not math.isinf(group.mttf_h):
            left = _left_running(group.n_units, math.exp(-length_h / group.mttf_h))
            chance = np.moveaxis(np.tensordot(left, chance, axes=(1, axis)), 0, axis)
    return chance


@functools.lru_cache(maxsize=64)
def _left_running(n_units: int, lives_frac: float) -> Floats:
    """Return the probability that so many (row) run on of so many (column) that ran."""
    from scipy.stats import binom  # noqa: PLC0415  (only for who asks about outages)

    count = np.arange(n_units + 1)
    left = np.asarray(binom.pmf(count[:, np.newaxis], count[np.newaxis, :], lives_frac))
    left.setflags(write=False)  # the cache shares it
    return left
