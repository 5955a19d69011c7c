"""A policy that holds part of the batteries for hours in which the grid is not enough."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from dcsim.plugins import (
    Balance,
    BatteryUnit,
    Calendar,
    DispatchPolicy,
    LimitsOf,
    Part,
    Plan,
    Share,
    StorageLimits,
    self_consumption,
)


class HoldKeys(Part):
    """Keys of the section ``dispatch`` that the policy reads."""

    hold_frac: Share = 0.5
    """Share of each battery's energy that ``hold-charge`` keeps, refilled from the grid."""


def hold(
    balance: Balance, stores: Sequence[BatteryUnit], step_h: float, *, hold_frac: float
) -> LimitsOf:
    """Storage policy that uses a battery above a share of its energy only."""

    def limits_of(unit: BatteryUnit, left: Balance) -> StorageLimits:
        kept_mwh = max(unit.reserve_mwh, unit.minimum_mwh, hold_frac * unit.energy_mwh)
        return StorageLimits(floor_mwh=kept_mwh, target_mwh=kept_mwh)

    return limits_of


def planned(plan: Plan, calendar: Calendar) -> partial:
    """Return self-consumption under that storage policy, with the share the scenario gives."""
    held = partial(hold, hold_frac=plan.site.dispatch.hold_frac)
    return partial(self_consumption, storage_policy=held)


HOLD_CHARGE = DispatchPolicy(planned=planned, keys=HoldKeys)
