"""All batteries of a site, in the order listed, under a storage policy.

A storage policy sets for each battery and each step how far it may go; its limits in a step may
depend on that step and on those before it, never on later ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dcsim.clock import Floats, Integers
from dcsim.supply.dispatch.battery import (
    Balance,
    BatteryRun,
    BatteryUnit,
    BatteryWear,
    StorageLimits,
    after,
    idle_run,
    reserve_limits,
    run_battery,
)

LimitsOf = Callable[[BatteryUnit, Balance], StorageLimits]
"""Returns the limits of a battery, given what is left when its turn comes."""
StoragePolicy = Callable[[Balance, Sequence[BatteryUnit], float], LimitsOf]
"""Takes the balance before any battery, all batteries, and the step length."""


@dataclass(frozen=True)
class StoresRun:
    """Flows of all batteries together."""

    run: BatteryRun
    lost_mwh: Floats = field(default_factory=lambda: np.zeros(0))
    """Energy lost on the way out or in store, by step; empty where all loss lies on charging."""
    renewed_step: Mapping[str, Integers] = field(default_factory=dict)
    """Steps at whose start a battery was renewed, by asset key."""
    of_each: Mapping[str, BatteryRun] = field(default_factory=dict)
    """Flows of each battery, by asset key."""


def keep_reserve(
    balance: Balance,
    stores: Sequence[BatteryUnit],
    step_h: float,
) -> LimitsOf:
    """Storage policy that uses each battery down to its reserve, and refills that from the grid.

    This is self-consumption: its limits are the same in every step.

    Parameters
    ----------
    balance : Balance
        Before any battery, shape ``(n_steps,)``. [MW]
    stores : sequence of BatteryUnit
    step_h : float
        Length of a step. [h]

    Returns
    -------
    callable
        Limits of a battery, given what is left when its turn comes.
    """
    return lambda unit, _: reserve_limits(unit)


def run_stores(
    stores: Mapping[str, BatteryUnit],
    balance: Balance,
    step_h: float,
    storage_policy: StoragePolicy | None = None,
) -> tuple[StoresRun, Balance]:
    """Run batteries in the order listed; none charges in a step in which another discharges.

    Where that would come about, what discharges goes on, and the grid refills another step.

    Parameters
    ----------
    stores : mapping of asset key to BatteryUnit
    balance : Balance
        What is left when their turn comes, shape ``(n_steps,)``. [MW]
    step_h : float
        Length of a step. [h]
    storage_policy : callable, optional
        By default `keep_reserve`.

    Returns
    -------
    tuple of StoresRun and Balance
        Their flows together, and what they leave.
    """
    limits_of = (storage_policy or keep_reserve)(balance, list(stores.values()), step_h)
    runs, left = _run_in_order(stores, balance, limits_of, step_h)
    total = _summed([run for run, _ in runs.values()], balance.need_mw.size)
    if len(stores) > 1 and np.any((total.discharge_mw > 0) & (_charge_mw(total) > 0)):
        # Steps before the first of these come out as they were: nothing is known beforehand.
        runs, left = _run_in_order(stores, balance, limits_of, step_h, total.discharge_mw > 0)
        total = _summed([run for run, _ in runs.values()], balance.need_mw.size)
    lost_mwh, renewed = np.zeros(0), {}
    for key, (_, wear) in runs.items():
        # A plain battery gives all that leaves its store: only rounding could count as lost. Under
        # a policy it does, which keeps the results of runs under one what they always were.
        if storage_policy is not None or not stores[key].plain:
            lost_mwh = lost_mwh + wear.lost_mwh if lost_mwh.size else wear.lost_mwh
        if wear.renewed_step.size:
            renewed[key] = wear.renewed_step
    return StoresRun(total, lost_mwh, renewed, {key: run for key, (run, _) in runs.items()}), left


def _run_in_order(
    stores: Mapping[str, BatteryUnit],
    balance: Balance,
    limits_of: LimitsOf,
    step_h: float,
    gives: NDArray[np.bool_] | None = None,
) -> tuple[dict[str, tuple[BatteryRun, BatteryWear]], Balance]:
    """Return the runs of all batteries by asset key, and what they leave.

    With `gives`, the steps in which one is expected to discharge, none is refilled from the grid in
    these or where one before it discharges, and none discharges where one before it is charged.
    """
    runs: dict[str, tuple[BatteryRun, BatteryWear]] = {}
    charges = np.zeros(balance.need_mw.size, dtype=bool)
    for key, unit in stores.items():
        limits = limits_of(unit, balance)
        if gives is not None:
            limits = _one_way(limits, charges, gives)
        run, wear = run_battery(unit, balance, limits, step_h)
        runs[key] = (run, wear)
        if gives is not None:
            charges, gives = charges | (_charge_mw(run) > 0), gives | (run.discharge_mw > 0)
        balance = after(balance, run)
    return runs, balance


def _one_way(
    limits: StorageLimits, charges: NDArray[np.bool_], gives: NDArray[np.bool_]
) -> StorageLimits:
    """Return limits that let nothing discharge while another charges, nor the other way round.

    Need that the grid cannot serve is covered whatever they say; where there is any, the grid has
    no room left that could charge, and no source a surplus.
    """
    discharge_mw = np.inf if limits.discharge_mw is None else limits.discharge_mw
    grid_charge_mw = np.inf if limits.grid_charge_mw is None else limits.grid_charge_mw
    return limits._replace(
        discharge_mw=np.where(charges, 0.0, discharge_mw),
        grid_charge_mw=np.where(gives, 0.0, grid_charge_mw),
    )


def _charge_mw(run: BatteryRun) -> Floats:
    return run.surplus_charge_mw + run.grid_charge_mw


def _summed(runs: Sequence[BatteryRun], n_steps: int) -> BatteryRun:
    total = idle_run(n_steps)
    for run in runs:
        total = BatteryRun._make(a + b for a, b in zip(total, run, strict=True))
    return total
