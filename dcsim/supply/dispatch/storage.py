"""Batteries that follow a policy: the arrays around the loop of `dcsim.supply.kernels.battery`.

A policy says for each battery and each step how far it may go; what it says of a step may depend on
that step and on those before it, never on later ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats, Integers
from dcsim.supply.dispatch.battery import (
    Balance,
    BatteryRun,
    BatteryUnit,
    after,
    idle_run,
    run_battery,
)
from dcsim.supply.kernels.battery import Asked, Store, Walked, walk_store
from dcsim.supply.kernels.compiled import preferred_loops
from dcsim.units import HOURS_PER_YEAR

StorageLimit = Floats | float
"""One number a step, shape ``(n_steps,)``, or one for all."""


class StorageLimits(NamedTuple):
    """How far a battery may go in each step.

    Whatever it says, need that the connection cannot serve is covered down to the minimum, and
    surplus is stored.
    """

    floor_mwh: StorageLimit
    """Level below which need is left to the grid. [MWh]"""
    target_mwh: StorageLimit
    """Level up to which the grid charges. [MWh]"""
    discharge_mw: StorageLimit = np.inf
    """Most it gives for need that the grid could serve. [MW]"""
    grid_charge_mw: StorageLimit = np.inf
    """Most it takes from the grid, whose spare room is a limit in any case. [MW]"""


LimitsOf = Callable[[BatteryUnit, Balance], StorageLimits]
"""Says how far a battery may go, with what is left when its turn comes."""
StoragePolicy = Callable[[Balance, Sequence[BatteryUnit], float], LimitsOf]
"""What a policy is for batteries: sees what there is before any of them, and the step length."""


@dataclass(frozen=True)
class StoresRun:
    """What all batteries did together."""

    run: BatteryRun
    lost_mwh: Floats = field(default_factory=lambda: np.zeros(0))
    """What left the stores without being given, by step; empty where all loss lies on charging."""
    renewed_step: Mapping[str, Integers] = field(default_factory=dict)
    """Steps at whose start a battery was renewed, by asset key."""


def keep_reserve(
    balance: Balance,
    stores: Sequence[BatteryUnit],
    step_h: float,
) -> LimitsOf:
    """Use each battery down to its reserve, and refill that from the grid: self-consumption."""
    return lambda unit, _: StorageLimits(floor_of(unit), unit.reserve_mwh)


def floor_of(unit: BatteryUnit) -> float:
    """Return the level down to which a battery may go for any need. [MWh]"""
    return max(unit.reserve_mwh, unit.minimum_mwh)


def run_stores(
    stores: Mapping[str, BatteryUnit],
    balance: Balance,
    step_h: float,
    storage_policy: StoragePolicy | None = None,
) -> tuple[StoresRun, Balance]:
    """Run batteries in the order listed.

    Parameters
    ----------
    batteries : mapping of asset key to BatteryUnit
    balance : Balance
        What is left when their turn comes. [MW]
    step_h : float
        Length of a step. [h]
    storage_policy : callable, optional
        By default `keep_reserve`, for which plain batteries have a shorter loop of their own.

    Returns
    -------
    tuple
        What they did together, and what they leave.
    """
    limits_of = (storage_policy or keep_reserve)(balance, list(stores.values()), step_h)
    total = idle_run(balance.need_mw.size)
    lost_mwh, renewed = np.zeros(0), {}
    for key, unit in stores.items():
        if storage_policy is None and unit.plain:
            run = run_battery(unit, balance, step_h)
        else:
            run, lost, steps = run_limited(unit, balance, limits_of(unit, balance), step_h)
            lost_mwh = lost_mwh + lost if lost_mwh.size else lost
            if steps.size:
                renewed[key] = steps
        balance = after(balance, run)
        total = BatteryRun._make(a + b for a, b in zip(total, run, strict=True))
    return StoresRun(total, lost_mwh, renewed), balance


def run_limited(
    unit: BatteryUnit, balance: Balance, limits: StorageLimits, step_h: float
) -> tuple[BatteryRun, Floats, Integers]:
    """Run one battery within limits given for each step.

    ``stored(t+1) = (1 - loss)^h * stored(t) + charge_frac * h * charge
    - h / discharge_frac * discharge``, between the minimum and what age and use have left of the
    energy. A level that self-discharge or fade has brought below the minimum is not drawn on.

    Parameters
    ----------
    unit : BatteryUnit
    balance : Balance
        What is left when its turn comes. [MW]
    limits : StorageLimits
    step_h : float
        Length of a step. [h]

    Returns
    -------
    tuple
        What it did; what left the store in each step without being given, shape ``(n_steps,)``
        [MWh]; the steps at whose start it was renewed. Charge and discharge are never both above
        zero.
    """
    n_steps = unit.power_mw.size
    first = int(np.argmax(unit.power_mw > 0)) if n_steps else 0
    if not n_steps or not unit.power_mw[first] > 0 or not unit.energy_mwh > 0:
        return idle_run(n_steps), np.zeros(n_steps), np.zeros(0, dtype=np.int64)
    into, out_of = step_h * unit.charge_frac, step_h / unit.discharge_frac
    asked = _ask(unit, balance, limits, first)
    change_mwh = asked.offered_mw * into - asked.wanted_mw * out_of
    must_mwh = asked.must_mw * out_of
    floor_mwh = np.maximum(_part(limits.floor_mwh, first, n_steps), unit.minimum_mwh)
    target_mwh = np.array(_part(limits.target_mwh, first, n_steps))
    refill_mwh = asked.refill_mw * into
    before, now, renewed = _walk(
        Asked(change_mwh, must_mwh, refill_mwh, floor_mwh, target_mwh), unit, step_h
    )
    # Where no limit of the battery cut the step short, the power is the one asked for, to the bit:
    # a difference of levels would leave dust of rounding, and dust would count as unserved hours.
    rise_mwh = now - before
    as_asked, as_must = now == before + change_mwh, now == before - must_mwh
    cut_mw = np.where(as_must, asked.must_mw, -rise_mwh / out_of)
    fall_mw = np.where(as_asked, asked.wanted_mw, cut_mw)
    rise_mw = np.where(as_asked, asked.offered_mw, rise_mwh / into)
    discharge_mw = np.clip(fall_mw, 0.0, asked.wanted_mw)
    stored_mwh = np.concatenate(([unit.start_mwh], now))
    run = BatteryRun(
        surplus_charge_mw=_padded(np.clip(rise_mw, 0.0, asked.offered_mw), first),
        grid_charge_mw=_padded(np.clip(rise_mw - asked.offered_mw, 0.0, asked.refill_mw), first),
        discharge_mw=_padded(discharge_mw, first),
        stored_mwh=_padded(stored_mwh, first),
    )
    on_the_way_mwh = np.maximum(np.maximum(-rise_mwh, 0.0) - discharge_mw * step_h, 0.0)
    lost_mwh = stored_mwh[:-1] - before + on_the_way_mwh
    return run, _padded(lost_mwh, first), np.flatnonzero(renewed) + first


class _Powers(NamedTuple):
    """What a battery may do in each step of its service if its level lets it. [MW]"""

    offered_mw: Floats
    wanted_mw: Floats
    must_mw: Floats
    refill_mw: Floats


def _ask(unit: BatteryUnit, balance: Balance, limits: StorageLimits, first: int) -> _Powers:
    n_steps = unit.power_mw.size
    surplus_mw, need_mw, beyond_mw, spare_mw = (column[first:] for column in balance)
    most_in_mw, most_out_mw = unit.charge_power_mw[first:], unit.discharge_power_mw[first:]
    offered_mw = np.minimum(surplus_mw, most_in_mw)
    must_mw = np.minimum(beyond_mw, most_out_mw)
    allowed_mw = np.minimum(need_mw, _part(limits.discharge_mw, first, n_steps))
    wanted_mw = np.maximum(np.minimum(allowed_mw, most_out_mw), must_mw)
    grid_mw = np.minimum(spare_mw, _part(limits.grid_charge_mw, first, n_steps))
    refill_mw = np.maximum(np.minimum(grid_mw, most_in_mw - offered_mw), 0.0)
    return _Powers(offered_mw, wanted_mw, must_mw, refill_mw)


def _part(limit: StorageLimit, first: int, n_steps: int) -> Floats:
    return np.broadcast_to(np.asarray(limit, dtype=np.float64), (n_steps,))[first:]


class _Arrays(NamedTuple):
    before_mwh: Floats
    after_mwh: Floats
    renewed: Floats


def _walk(asked: Asked, unit: BatteryUnit, step_h: float) -> _Arrays:
    """Walk compiled where this process prefers it, otherwise over lists, which are read faster."""
    store = Store(
        start_mwh=float(unit.start_mwh),
        energy_mwh=float(unit.energy_mwh),
        minimum_mwh=float(unit.minimum_mwh),
        kept_frac=float((1.0 - unit.loss_frac_per_h) ** step_h),
        fade_per_step_frac=float(unit.fade_per_year_frac * step_h / HOURS_PER_YEAR),
        fade_per_cycle_frac=float(unit.fade_per_cycle_frac),
        renew_below_frac=float(unit.replace_below_frac),
    )
    n_steps = len(asked.change_mwh)
    loops = preferred_loops()
    if loops is not None:
        arrays = np.zeros((3, n_steps))
        loops.walk_store(asked, store, Walked(*arrays))
        return _Arrays(*arrays)
    lists = Walked([0.0] * n_steps, [0.0] * n_steps, [0.0] * n_steps)
    walk_store(Asked(*(np.asarray(column).tolist() for column in asked)), store, lists)
    return _Arrays(*(np.array(column) for column in lists))


def _padded(part: Floats, n_before: int) -> Floats:
    return np.concatenate((np.zeros(n_before), part))
