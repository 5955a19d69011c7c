"""All batteries of a site, in the order listed, under a storage policy.

A storage policy sets for each battery and each step how far it may go; its limits in a step may
depend on that step and on those before it, never on later ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from dcsim.clock import Floats, Integers
from dcsim.supply.dispatch.battery import (
    Balance,
    BatteryRun,
    BatteryUnit,
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
    """Run batteries in the order listed.

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
    total = idle_run(balance.need_mw.size)
    lost_mwh, renewed = np.zeros(0), {}
    for key, unit in stores.items():
        run, wear = run_battery(unit, balance, limits_of(unit, balance), step_h)
        # A plain battery gives all that leaves its store: only rounding could count as lost. Under
        # a policy it does, which keeps the results of runs under one what they always were.
        if storage_policy is not None or not unit.plain:
            lost_mwh = lost_mwh + wear.lost_mwh if lost_mwh.size else wear.lost_mwh
        if wear.renewed_step.size:
            renewed[key] = wear.renewed_step
        balance = after(balance, run)
        total = BatteryRun._make(a + b for a, b in zip(total, run, strict=True))
    return StoresRun(total, lost_mwh, renewed), balance
