"""Outages replayed one by one: machines that start and fail at random, then batteries.

The machines are called when the grid goes, and the batteries serve what they leave: before they
run, where too few run, and where the load is above all of them. Between two failures, and between
two edges of the steps, nothing changes, so each such piece of time is worked out at once.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from dcsim import streams
from dcsim.clock import Floats
from dcsim.supply.backup.machines import CARRIED_WITHIN, GensetGroup
from dcsim.supply.backup.stores import OutageStore, serve_need
from dcsim.supply.backup.survival import Survival, outage_loads_mw
from dcsim.supply.dispatch.plants import failed_starts


class Replay(NamedTuple):
    """Length, number and seed of the outages that are replayed."""

    n_hours: float
    n_replications: int
    seed: int
    step_h: float = 1.0

    @property
    def n_steps(self) -> int:
        """Steps of an outage."""
        return round(self.n_hours / self.step_h)


def replayed(
    groups: Sequence[GensetGroup],
    load_mw: float | Floats,
    replay: Replay,
    stores: Sequence[OutageStore] = (),
) -> Survival:
    """Return survival by outages that are played, replication by replication.

    Parameters
    ----------
    groups : sequence of GensetGroup
        All of them are called at once.
    load_mw : float or ndarray, shape (n_steps,)
        Load, constant or of each step. [MW]
    replay : Replay
    stores : sequence of OutageStore
        They serve what the machines leave, in the order listed, and are not charged.

    Returns
    -------
    Survival
        At the edges of the steps, with standard errors.

    Raises
    ------
    ModelError
        If there is not one load a step, or nothing above zero.
    """
    loads_mw = outage_loads_mw(load_mw, replay.n_steps)
    carried, energy = np.zeros((2, replay.n_replications, replay.n_steps + 1))
    for number in range(replay.n_replications):
        changes = list(_power_changes(groups, replay.seed, number))
        missing_mwh, fine = _one_outage(changes, loads_mw, stores, replay.step_h)
        carried[number, 0] = 1.0
        carried[number, 1:] = np.logical_and.accumulate(fine)
        energy[number, 1:] = np.cumsum(missing_mwh)
    root = math.sqrt(replay.n_replications)
    return Survival(
        hours=np.arange(replay.n_steps + 1, dtype=np.float64) * replay.step_h,
        carried_frac=carried.mean(axis=0),
        unserved_mwh=energy.mean(axis=0),
        carried_sem=carried.std(axis=0) / root,
        unserved_sem=energy.std(axis=0) / root,
    )


def _power_changes(
    groups: Sequence[GensetGroup], seed: int, replication: int
) -> Iterator[tuple[float, float]]:
    """Yield changes of the power of all machines: time and size, the first at 0. [h], [MW]"""
    for place, group in enumerate(groups):
        names = (seed, f"outage.{place}")
        start = streams.uniforms(*names, "start", replication, 1)
        n_started = group.n_units - int(
            failed_starts(start, group.n_units, group.start_failure_frac)[0]
        )
        yield group.dark_h, n_started * group.unit_mw
        if math.isinf(group.mttf_h):
            continue
        u = streams.uniforms(*names, "life", replication, group.n_units)[:n_started]
        for life_h in (-group.mttf_h * np.log1p(-u)).tolist():
            # One that would fail before it has started never gives anything.
            yield max(life_h, group.dark_h), -group.unit_mw


def _one_outage(
    changes: list[tuple[float, float]],
    loads_mw: Floats,
    stores: Sequence[OutageStore],
    step_h: float,
) -> tuple[Floats, list[bool]]:
    """Return the energy unserved in each step, and whether all of it was carried."""
    n_steps = loads_mw.size
    missing_mwh, fine = np.zeros(n_steps), [True] * n_steps
    levels, seen_h = [store.stored_mwh for store in stores], 0.0
    for begin, end, step, power_mw in _intervals(changes, n_steps, step_h):
        load = float(loads_mw[step])
        need = load - power_mw
        if need <= load * CARRIED_WITHIN:
            continue
        # What self-discharge takes over a piece goes at its start, as in every dispatch.
        idle_h, seen_h = end - seen_h, end
        levels = [s.level_after(v, idle_h) for s, v in zip(stores, levels, strict=True)]
        left = serve_need(stores, levels, need, end - begin)
        if left > load * CARRIED_WITHIN:
            fine[step] = False
            missing_mwh[step] += left * (end - begin)
    return missing_mwh, fine


def _intervals(
    changes: list[tuple[float, float]], n_steps: int, step_h: float
) -> Iterator[tuple[float, float, int, float]]:
    """Yield begin, end, step and power of all machines of each piece without a change."""
    end_h = n_steps * step_h
    edges = [(step * step_h, 0.0) for step in range(n_steps)]
    power, rows = 0.0, sorted([*edges, *((at, by) for at, by in changes if at < end_h)])
    for (begin, change), (end, _) in itertools.pairwise([*rows, (end_h, 0.0)]):
        power += change
        if end > begin:
            yield begin, end, min(int(begin / step_h + CARRIED_WITHIN), n_steps - 1), power
