"""Units that follow the load, and backup units that start for what nothing else can serve."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats, Integers


class DispatchableUnit(NamedTuple):
    """A dispatchable plant as dispatch sees it."""

    available_mw: Floats
    """Most it can give in each step, outages taken off."""
    minimum_frac: float = 0.0
    """Least that is taken of it, over what it can give."""
    ramp_mw_per_h: float = math.inf
    """Most it changes in an hour. [MW/h]"""
    is_clean: bool = False
    """True if its energy is carbon-free or renewable; policies may order by it."""

    @property
    def minimum_mw(self) -> Floats:
        """Least that is taken of it in each step, once its ramp lets it come so far. [MW]"""
        return self.minimum_frac * self.available_mw

    @property
    def has_ramp(self) -> bool:
        """True if what it can give depends on what it gave before."""
        return not math.isinf(self.ramp_mw_per_h)

    def reach_mw(self, made_mw: Floats, step_h: float) -> Floats:
        """Return the most it could give in each step, coming from what it made before. [MW]

        Parameters
        ----------
        made_mw : ndarray, shape (n_steps,)
            What it made. [MW]
        step_h : float
            Length of a step. [h]
        """
        if not self.has_ramp:
            return self.available_mw
        before_mw = np.concatenate(([math.inf], made_mw[:-1]))[: made_mw.size]
        return np.minimum(self.available_mw, before_mw + self.ramp_mw_per_h * step_h)


class BackupUnit(NamedTuple):
    """A group of equal backup machines as dispatch sees it."""

    available_mw: Floats
    """Most that all machines together can give in each step."""
    n_units: int = 1
    """Number of machines."""
    start_failure_frac: float = 0.0
    """Chance that a machine does not start when it is called. [1]"""
    start_uniforms: Callable[[Integers], Floats] | None = None
    """Uniform numbers for the steps in which calls begin, ascending: low ones go well."""
    mttf_h: float = math.inf
    """Mean time a running machine takes to fail; it is repaired after the call. [h]"""
    life_uniforms: Callable[[int], Floats] | None = None
    """Uniform numbers, one for each machine, for the call that begins in a step."""
    dark_h: float = 0.0
    """Time at the start of a call that neither the machines nor the UPS carry. [h]"""

    @property
    def plain(self) -> bool:
        """True if machines that start run to the end of the call, and from its beginning."""
        return math.isinf(self.mttf_h) and self.dark_h == 0.0


def must_run_mw(plants: Mapping[str, DispatchableUnit], n_steps: int) -> Floats:
    """Return the least that is taken of all dispatchable units, shape ``(n_steps,)``. [MW]"""
    total = np.zeros(n_steps)
    for plant in plants.values():
        total += plant.minimum_mw
    return total


def follow_load(
    plants: Mapping[str, DispatchableUnit],
    deficit_mw: Floats,
    step_h: float,
    *,
    least_mw: Mapping[str, Floats] | None = None,
) -> tuple[dict[str, Floats], Floats]:
    """Run dispatchable units between their minimum and what they can give, in the order listed.

    A plant with a ramp changes by no more than that from step to step; an outage takes it at once,
    and from zero it comes back by its ramp, below its minimum on the way. What it then lacks is
    asked of the others; what it makes beyond the deficit on its way down is surplus.

    Parameters
    ----------
    plants : mapping of asset key to DispatchableUnit
    deficit_mw : ndarray, shape (n_steps,)
        Load that nothing serves once the least of all plants is taken; negative is surplus. [MW]
    step_h : float
        Length of a step. [h]
    least_mw : mapping of asset key to ndarray, shape (n_steps,), optional
        Least that is asked of a plant, by default its minimum. [MW]

    Returns
    -------
    tuple
        Generation by asset key, and the deficit that is left; negative is surplus, what a ramp
        adds to it included. [MW]

    Examples
    --------
    >>> near = DispatchableUnit(np.full(3, 10.0), 0.4)
    >>> plants = {"a": near, "b": DispatchableUnit(np.full(3, 5.0))}
    >>> made, left = follow_load(plants, np.array([-2.0, 8.0, 15.0]), 1.0)
    >>> made["a"], made["b"], left
    (array([ 4., 10., 10.]), array([0., 2., 5.]), array([-2.,  0.,  4.]))
    """
    least = {key: plant.minimum_mw for key, plant in plants.items()} | dict(least_mw or {})
    if any(plant.has_ramp for plant in plants.values()):
        return _follow_with_ramps(plants, deficit_mw, step_h, least)
    made: dict[str, Floats] = {}
    left_mw = deficit_mw
    for key, plant in plants.items():
        further_mw = np.minimum(np.maximum(left_mw, 0.0), plant.available_mw - least[key])
        made[key] = least[key] + further_mw
        left_mw = left_mw - further_mw
    return made, left_mw


def _follow_with_ramps(
    plants: Mapping[str, DispatchableUnit],
    deficit_mw: Floats,
    step_h: float,
    least_mw: Mapping[str, Floats],
) -> tuple[dict[str, Floats], Floats]:
    """Run all plants step by step: what each can give depends on what it gave in the step before.

    In every step all plants first stand where their ramps let them come closest to their least;
    then they rise in order. So nothing counts on what a plant is supposed to make.
    """
    columns = [
        (plant.available_mw.tolist(), least_mw[key].tolist(), plant.ramp_mw_per_h * step_h)
        for key, plant in plants.items()
    ]
    made = [[0.0] * deficit_mw.size for _ in columns]
    left_mw = deficit_mw.tolist()
    before = [math.nan] * len(columns)  # in the first step no ramp leads on from anything
    for step in range(deficit_mw.size):
        left, bounds = left_mw[step], []
        for (available, least, change), was in zip(columns, before, strict=True):
            most, wanted = available[step], least[step]
            high = most if most < was + change or was != was else was + change  # noqa: PLR0124
            low = wanted if not wanted < was - change else was - change
            low = high if low > high else low
            left += wanted - low
            bounds.append((low, high))
        for place, (low, high) in enumerate(bounds):
            room = high - low
            rise = 0.0 if left <= 0.0 else room if left >= room else left
            before[place] = made[place][step] = high if rise == room else low + rise
            left -= rise
        left_mw[step] = left
    return dict(zip(plants, map(np.array, made), strict=True)), np.array(left_mw)


def ramped(requested_mw: Floats, plant: DispatchableUnit, step_h: float) -> Floats:
    """Return the output of a plant that follows a request and changes by its ramp at most.

    Parameters
    ----------
    requested_mw : ndarray, shape (n_steps,)
        Output it would have without a ramp. [MW]
    plant : DispatchableUnit
    step_h : float
        Length of a step. [h]

    Returns
    -------
    ndarray, shape (n_steps,)
        At most what is available, which an outage lowers at once. [MW]

    Examples
    --------
    >>> plant = DispatchableUnit(np.array([9.0, 9.0, 9.0, 0.0, 9.0]), ramp_mw_per_h=2.0)
    >>> ramped(np.array([9.0, 0.0, 0.0, 0.0, 9.0]), plant, 1.0)
    array([9., 7., 5., 0., 2.])
    """
    most_mw = plant.ramp_mw_per_h * step_h
    made, before = [], float(requested_mw[0]) if requested_mw.size else 0.0
    for requested, available in zip(
        requested_mw.tolist(), plant.available_mw.tolist(), strict=True
    ):
        before = min(max(requested, before - most_mw), before + most_mw, available)
        made.append(before)
    return np.array(made)


def run_backup(
    backup: Mapping[str, BackupUnit], unserved_mw: Floats, step_h: float
) -> tuple[dict[str, Floats], Floats]:
    """Start backup units for what nothing else can serve, in the order listed.

    A call is a run of steps with something unserved. Each machine starts or fails once a call; one
    that runs fails after an exponential time and stays off to the end of the call. All machines
    are called, whatever is missing.

    Parameters
    ----------
    backup : mapping of asset key to BackupUnit
    unserved_mw : ndarray, shape (n_steps,)
        What is left of the load. [MW]
    step_h : float
        Length of a step. [h]

    Returns
    -------
    tuple
        Generation by asset key and what is still unserved. [MW]
    """
    called = np.flatnonzero(unserved_mw > 0)
    left_mw = unserved_mw[called]
    made: dict[str, Floats] = {}
    for key, backup_unit in backup.items():
        made[key] = np.zeros(unserved_mw.size)
        able_mw = backup_unit.available_mw[called] * running_frac(
            backup_unit, called, left_mw, step_h
        )
        made[key][called] = np.minimum(left_mw, able_mw)
        left_mw = left_mw - made[key][called]
    unserved_mw = unserved_mw.copy()
    unserved_mw[called] = left_mw
    return made, unserved_mw


def running_frac(
    backup_unit: BackupUnit, steps: Integers, unserved_mw: Floats, step_h: float
) -> Floats:
    """Return the share of the machines that run in each of `steps`; 1 outside of calls.

    Parameters
    ----------
    backup_unit : BackupUnit
    steps : ndarray of int, shape (n,)
        Steps in which anything may be unserved, ascending.
    unserved_mw : ndarray, shape (n,)
        What is unserved in them. [MW]
    step_h : float
        Length of a step. [h]
    """
    frac = np.ones(steps.size)
    short = unserved_mw > 0
    fails = backup_unit.start_uniforms is not None and backup_unit.start_failure_frac > 0
    if (not fails and backup_unit.plain) or not short.any():
        return frac
    follows = np.diff(steps, prepend=-2) == 1
    begins = short & ~(follows & np.concatenate(([False], short[:-1])))
    call_of_step = np.cumsum(begins) - 1
    started = np.full(int(begins.sum()), float(backup_unit.n_units))
    if backup_unit.start_uniforms is not None and fails:
        u = backup_unit.start_uniforms(steps[begins])
        started -= failed_starts(u, backup_unit.n_units, backup_unit.start_failure_frac)
    frac[short] = started[call_of_step[short]] / backup_unit.n_units
    if not math.isinf(backup_unit.mttf_h):
        places = np.flatnonzero(short)
        calls = np.split(places, np.flatnonzero(np.diff(call_of_step[places])) + 1)
        for n_started, call in zip(started.tolist(), calls, strict=True):
            frac[call] = _alive_frac(backup_unit, steps[call], int(n_started), step_h)
    if backup_unit.dark_h > 0:
        frac[begins] *= 1.0 - min(backup_unit.dark_h / step_h, 1.0)
    return frac


def _alive_frac(backup_unit: BackupUnit, call: Integers, n_started: int, step_h: float) -> Floats:
    """Return the mean share of the machines that run in each step of one call."""
    if backup_unit.life_uniforms is None or n_started == 0:
        return np.full(call.size, n_started / backup_unit.n_units)
    # Machines are alike, so those that started are the first ones.
    u = backup_unit.life_uniforms(int(call[0]))[:n_started]
    life_steps = -backup_unit.mttf_h * np.log1p(-u) / step_h
    ran = np.clip(life_steps[:, np.newaxis] - np.arange(call.size), 0.0, 1.0)
    return np.asarray(ran.sum(axis=0) / backup_unit.n_units)


def failed_starts(u: Floats, n_units: int, start_failure_frac: float) -> Floats:
    """Return how many machines fail to start, by inverse transform of uniform numbers.

    Parameters
    ----------
    u : ndarray, shape (n,)
        Uniform numbers, one a call. [1]
    n_units : int
        Machines, which fail independently of one another.
    start_failure_frac : float
        Chance that one fails. [1]

    Returns
    -------
    ndarray, shape (n,)
        Smallest count k whose binomial distribution function is at least u.

    Examples
    --------
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
