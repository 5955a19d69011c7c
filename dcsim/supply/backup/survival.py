"""Emergency generators alone with a load: survival by closed form, and by replay of dispatch.

Machines start or fail independently and, once running, live an exponential time; none is repaired
during the outage. After t hours a machine runs with probability ``(1 - start failure) *
exp(-t / mttf)``, so how many run is binomial, and the load is carried up to t where enough run at
t.

References
----------
J. Marqusee and D. Jenket, "Reliability of emergency and standby diesel generators: Impact on energy
resiliency solutions", Applied Energy 268 (2020) 114918.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from dcsim import streams
from dcsim.clock import Floats, Integers
from dcsim.errors import ModelError
from dcsim.supply.availability import AvailableSupply
from dcsim.supply.dispatch.battery import BatteryUnit
from dcsim.supply.dispatch.greedy import self_consumption
from dcsim.supply.dispatch.plants import BackupUnit

_ENOUGH = 1e-9
"""Share of the load that may be missing while it still counts as carried: room for rounding."""


class GensetGroup(NamedTuple):
    """Equal machines, each of which starts and fails by itself."""

    n_units: int
    unit_mw: float
    start_failure_frac: float
    mttf_h: float
    dark_h: float = 0.0
    """Time at the start that neither they nor the UPS carry. [h]"""


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


def needed_units(load_mw: float, unit_mw: float) -> int:
    """Return the number of machines that carry a load alone.

    >>> needed_units(10.0, 2.5), needed_units(10.1, 2.5)
    (4, 5)
    """
    return math.ceil(load_mw / unit_mw - _ENOUGH)


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


def closed_form(groups: Sequence[GensetGroup], load_mw: float, hours: Floats) -> Survival:
    """Return survival and expected unserved energy by the binomial distribution, without replay.

    Parameters
    ----------
    groups : sequence of GensetGroup
        All machines.
    load_mw : float
        Constant load. [MW]
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
    if not load_mw > 0:
        raise ModelError(f"need a load above zero, got {load_mw} MW")
    if hours.size == 0 or hours[0] != 0 or np.any(np.diff(hours) <= 0):
        raise ModelError("need times that ascend from 0")
    dark_h = max((group.dark_h for group in groups), default=0.0)

    def carried(hour: float) -> float:
        power_mw, chance = capacity_chances(groups, hour)
        enough = power_mw >= load_mw * (1.0 - _ENOUGH)
        return float(chance[enough].sum()) if dark_h == 0 or hour == 0 else 0.0

    def missing_mw(hour: float) -> float:
        power_mw, chance = capacity_chances(groups, hour)
        return float((np.maximum(load_mw - power_mw, 0.0) * chance).sum())

    edges = itertools.pairwise(hours.tolist())
    # Between two edges the shortfall is smooth: five nodes integrate a polynomial of degree nine.
    parts = np.array([_gauss(missing_mw, first, last) for first, last in edges])
    unserved = np.concatenate(([0.0], np.cumsum(parts)))
    # In the dark time nothing is served: what machines would have given then is unserved, too.
    served_in_dark = dark_h * (load_mw - missing_mw(0.0))
    return Survival(
        hours=hours,
        carried_frac=np.array([carried(float(hour)) for hour in hours]),
        unserved_mwh=unserved + np.where(hours > 0, served_in_dark, 0.0),
    )


def _gauss(function: Callable[[float], float], first: float, last: float) -> float:
    node, weight = np.polynomial.legendre.leggauss(5)
    middle, half = (first + last) / 2, (last - first) / 2
    return half * sum(w * function(middle + half * x) for x, w in zip(node, weight, strict=True))


class Replay(NamedTuple):
    """Length, number and seed of the outages that are replayed."""

    n_hours: int
    n_replications: int
    seed: int
    step_h: float = 1.0


def replayed(
    groups: Sequence[GensetGroup],
    load_mw: float,
    replay: Replay,
    stores: Sequence[BatteryUnit] = (),
) -> Survival:
    """Return survival by the dispatch itself, on an island, replication by replication.

    Parameters
    ----------
    groups : sequence of GensetGroup
    load_mw : float
        Constant load. [MW]
    replay : Replay
    stores : sequence of BatteryUnit
        Used before the machines, over the steps of the outage.

    Returns
    -------
    Survival
        At the edges of the steps, with standard errors.
    """
    n_steps = round(replay.n_hours / replay.step_h)
    load = np.full(n_steps, load_mw)
    units = {f"batteries.{number}": unit for number, unit in enumerate(stores)}
    carried, energy = np.zeros((2, replay.n_replications, n_steps + 1))
    carried[:, 0] = 1.0
    for number in range(replay.n_replications):
        backup = {
            f"gensets.{place}": _unit(group, place, n_steps, replay.seed, number)
            for place, group in enumerate(groups)
        }
        island = AvailableSupply(np.zeros(n_steps), np.zeros(n_steps), stores=units, backup=backup)
        flows = self_consumption(load, island, replay.step_h)
        fine = flows.unserved_mw <= load_mw * _ENOUGH
        carried[number, 1:] = np.logical_and.accumulate(fine)
        energy[number, 1:] = np.cumsum(flows.unserved_mw) * replay.step_h
    root = math.sqrt(replay.n_replications)
    return Survival(
        hours=np.arange(n_steps + 1, dtype=np.float64) * replay.step_h,
        carried_frac=carried.mean(axis=0),
        unserved_mwh=energy.mean(axis=0),
        carried_sem=carried.std(axis=0) / root,
        unserved_sem=energy.std(axis=0) / root,
    )


def _unit(group: GensetGroup, place: int, n_steps: int, seed: int, replication: int) -> BackupUnit:
    def start_uniforms(begins: Integers) -> Floats:
        return streams.uniforms(seed, f"outage.{place}", "start", replication, begins.size)

    def life_uniforms(_: int) -> Floats:
        return streams.uniforms(seed, f"outage.{place}", "life", replication, group.n_units)

    return BackupUnit(
        available_mw=np.full(n_steps, group.n_units * group.unit_mw),
        n_units=group.n_units,
        start_failure_frac=group.start_failure_frac,
        start_uniforms=start_uniforms,
        mttf_h=group.mttf_h,
        life_uniforms=life_uniforms,
        dark_h=group.dark_h,
    )


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
