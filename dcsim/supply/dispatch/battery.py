"""One battery against what is left of load and surplus: powers requested in, powers moved out.

The arrays around the battery kernel. Whether a step charges or discharges follows from surplus and
need alone; the level only says how far. So powers become changes of the level, the kernel moves the
level within its limits, and its differences become powers again.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats, Integers
from dcsim.supply.kernels.battery import BatteryConstants, StorageRequest
from dcsim.supply.kernels.levels import battery_levels
from dcsim.units import HOURS_PER_YEAR


class BatteryUnit(NamedTuple):
    """Battery in the terms of dispatch; a plain one leaves every default as it is."""

    power_mw: Floats
    """Rated power in each step, on the side of the site; zero before service."""
    energy_mwh: float
    """Most it may hold while new. [MWh]"""
    round_trip_frac: float
    """Energy out over energy in. [1]"""
    reserve_mwh: float = 0.0
    """Kept for what the grid cannot serve, and refilled from it. [MWh]"""
    start_mwh: float = 0.0
    """Held on the first edge of its service. [MWh]"""
    discharge_frac: float = 1.0
    """Energy out over what leaves the store; 1 where all loss lies on charging. [1]"""
    charge_limit_mw: Floats | None = None
    """Most it charges in each step where that is not `power_mw`. [MW]"""
    discharge_limit_mw: Floats | None = None
    """Most it discharges in each step where that is not `power_mw`. [MW]"""
    minimum_mwh: float = 0.0
    """Never drawn below this. [MWh]"""
    loss_frac_per_h: float = 0.0
    """Share of what it holds that it loses by itself in an hour. [1/h]"""
    fade_per_year_frac: float = 0.0
    """Share of `energy_mwh` that a year of service takes for good. [1/year]"""
    fade_per_cycle_frac: float = 0.0
    """Share of `energy_mwh` that a full cycle takes for good; a cycle takes as much out of the
    store as `energy_mwh`. [1]"""
    replace_below_frac: float = 0.0
    """Renewed when less than this share of `energy_mwh` is left; 0 is never. [1]"""

    @property
    def charge_frac(self) -> float:
        """Energy that reaches the store over energy in. [1]"""
        return self.round_trip_frac / self.discharge_frac

    @property
    def charge_power_mw(self) -> Floats:
        """Most it charges in each step. [MW]"""
        return self.power_mw if self.charge_limit_mw is None else self.charge_limit_mw

    @property
    def discharge_power_mw(self) -> Floats:
        """Most it discharges in each step. [MW]"""
        return self.power_mw if self.discharge_limit_mw is None else self.discharge_limit_mw

    @property
    def fades(self) -> bool:
        """True if age or use lowers the energy it can hold."""
        return self.fade_per_year_frac > 0 or self.fade_per_cycle_frac > 0

    @property
    def plain(self) -> bool:
        """True if it has nothing but power, energy, efficiency, reserve and start."""
        two_sided = self.charge_limit_mw is not None or self.discharge_limit_mw is not None
        other = self.minimum_mwh > 0 or self.loss_frac_per_h > 0 or self.discharge_frac != 1.0
        return not (two_sided or other or self.fades)


class Balance(NamedTuple):
    """Surplus and need that are left in each step, shape ``(n_steps,)``. [MW]"""

    surplus_mw: Floats
    """Power that nothing has taken yet; zero where something is needed."""
    need_mw: Floats
    """Load that nothing serves yet."""
    beyond_grid_mw: Floats
    """Part of the need that the connection cannot serve."""
    spare_mw: Floats
    """Room in the connection that the need leaves; zero where it falls short."""


StorageLimit = Floats | float
"""One number a step, shape ``(n_steps,)``, or one for all."""


class StorageLimits(NamedTuple):
    """Limits of a battery in each step, set by a storage policy.

    Under any limits, need that the connection cannot serve is covered down to the minimum, and
    surplus is stored.
    """

    floor_mwh: StorageLimit
    """Level below which need is left to the grid. [MWh]"""
    target_mwh: StorageLimit
    """Level up to which the grid charges. [MWh]"""
    discharge_mw: StorageLimit | None = None
    """Most it gives for need that the grid could serve; None is no limit. [MW]"""
    grid_charge_mw: StorageLimit | None = None
    """Most it takes from the grid, whose spare room is a limit in any case. [MW]"""


class BatteryRun(NamedTuple):
    """Flows of a battery, shape ``(n_steps,)``, and its level on the edges of the steps."""

    surplus_charge_mw: Floats
    grid_charge_mw: Floats
    discharge_mw: Floats
    stored_mwh: Floats


class BatteryWear(NamedTuple):
    """Energy a battery lost without giving it, and its renewals."""

    lost_mwh: Floats
    """Energy that left the store in each step without being given, shape ``(n_steps,)``. [MWh]"""
    renewed_step: Integers
    """Steps at whose start it was renewed."""


def floor_of(unit: BatteryUnit) -> float:
    """Return the level below which only need that the grid cannot serve is covered. [MWh]"""
    return max(unit.reserve_mwh, unit.minimum_mwh)


def reserve_limits(unit: BatteryUnit) -> StorageLimits:
    """Return the limits of self-consumption: down to the reserve, which the grid refills.

    Parameters
    ----------
    unit : BatteryUnit

    Returns
    -------
    StorageLimits
    """
    grid_charge_mw = None if unit.reserve_mwh > 0 else 0.0
    return StorageLimits(floor_of(unit), unit.reserve_mwh, grid_charge_mw=grid_charge_mw)


def run_battery(
    unit: BatteryUnit, balance: Balance, limits: StorageLimits, step_h: float
) -> tuple[BatteryRun, BatteryWear]:
    """Run one battery within limits given for each step.

    The battery comes into service with `start_mwh`; before, it holds nothing, and the energy it
    brings with it is in no flow. A level that self-discharge or fade has brought below the minimum
    is not drawn on.

    Parameters
    ----------
    unit : BatteryUnit
    balance : Balance
        What is left when its turn comes, shape ``(n_steps,)``. [MW]
    limits : StorageLimits
    step_h : float
        Length of a step. [h]

    Returns
    -------
    tuple of BatteryRun and BatteryWear
        Charge and discharge are never both above zero.

    Notes
    -----
    ``stored(t+1) = (1 - loss)^h stored(t) + charge_frac h charge - h / discharge_frac discharge``,
    between the minimum and what age and use have left of the energy.

    Examples
    --------
    Half of the surplus fits in, and 80 % of it arrives; the 4 MW of need find 10 MWh. On the way
    out nothing is lost:

    >>> unit = BatteryUnit(np.full(2, 5.0), 10.0, 0.8, start_mwh=8.0)
    >>> surplus, need, none = np.array([5.0, 0.0]), np.array([0.0, 4.0]), np.zeros(2)
    >>> balance = Balance(surplus, need, none, none)
    >>> run, _ = run_battery(unit, balance, reserve_limits(unit), 1.0)
    >>> run.surplus_charge_mw, run.discharge_mw, run.stored_mwh
    (array([2.5, 0. ]), array([0., 4.]), array([ 8., 10.,  6.]))
    """
    n_steps = unit.power_mw.size
    first = int(np.argmax(unit.power_mw > 0)) if n_steps else 0
    if not n_steps or not unit.power_mw[first] > 0 or not unit.energy_mwh > 0:
        return idle_run(n_steps), BatteryWear(np.zeros(n_steps), np.zeros(0, dtype=np.int64))
    powers = _powers_of(unit, balance, limits, first)
    into, out_of = step_h * unit.charge_frac, step_h / unit.discharge_frac
    request = _request(powers, unit, limits, (into, out_of))
    levels = battery_levels(request, constants_of(unit, step_h))
    rise_mwh = levels.after_mwh - levels.before_mwh
    # Where no limit of the battery cut the step short, the power is the one asked for, to the bit:
    # a difference of levels would leave dust of rounding, and dust would count as unserved hours.
    as_asked = levels.after_mwh == levels.before_mwh + request.change_mwh
    as_must = levels.after_mwh == levels.before_mwh - request.must_mwh
    fall_mw, rise_mw = rise_mwh / -out_of, rise_mwh / into
    np.copyto(fall_mw, powers.must_mw, where=as_must)
    np.copyto(fall_mw, powers.wanted_mw, where=as_asked)
    np.copyto(rise_mw, powers.charge_mw, where=as_asked)
    run = idle_run(n_steps)
    np.clip(rise_mw, 0.0, powers.charge_mw, out=run.surplus_charge_mw[first:])
    # Surplus goes in before the grid: what the level rose beyond it came from the grid.
    rise_mw -= powers.charge_mw
    np.clip(rise_mw, 0.0, powers.refill_mw, out=run.grid_charge_mw[first:])
    np.clip(fall_mw, 0.0, powers.wanted_mw, out=run.discharge_mw[first:])
    run.stored_mwh[first] = unit.start_mwh
    run.stored_mwh[first + 1 :] = levels.after_mwh
    # Lost: by self-discharge and fade before anything is moved, and on the way out.
    lost_mwh = np.zeros(n_steps)
    on_the_way_mwh = np.maximum(-rise_mwh, 0.0) - run.discharge_mw[first:] * step_h
    lost_mwh[first:] = run.stored_mwh[first:-1] - levels.before_mwh
    lost_mwh[first:] += np.maximum(on_the_way_mwh, 0.0)
    return run, BatteryWear(lost_mwh, np.flatnonzero(levels.renewed) + first)


def constants_of(unit: BatteryUnit, step_h: float) -> BatteryConstants:
    """Return what the battery kernel takes of a battery, for steps of `step_h` hours."""
    return BatteryConstants(
        start_mwh=float(unit.start_mwh),
        energy_mwh=float(unit.energy_mwh),
        minimum_mwh=float(unit.minimum_mwh),
        remaining_frac=float((1.0 - unit.loss_frac_per_h) ** step_h),
        fade_per_step_frac=float(unit.fade_per_year_frac * step_h / HOURS_PER_YEAR),
        fade_per_cycle_frac=float(unit.fade_per_cycle_frac),
        renew_below_frac=float(unit.replace_below_frac),
    )


class _Powers(NamedTuple):
    """Powers of a battery in each step of its service if its level allows them. [MW]"""

    charge_mw: Floats
    """Charge from surplus."""
    wanted_mw: Floats
    """Discharge for any need."""
    must_mw: Floats
    """Part of it for need that the grid cannot serve."""
    refill_mw: Floats
    """Charge from the grid."""


def _powers_of(unit: BatteryUnit, balance: Balance, limits: StorageLimits, first: int) -> _Powers:
    surplus_mw, need_mw, beyond_mw, spare_mw = (column[first:] for column in balance)
    most_in_mw, most_out_mw = unit.charge_power_mw[first:], unit.discharge_power_mw[first:]
    charge_mw = np.minimum(surplus_mw, most_in_mw)
    must_mw = np.minimum(beyond_mw, most_out_mw)
    wanted_mw = np.minimum(need_mw, most_out_mw)
    if limits.discharge_mw is not None:
        allowed_mw = np.minimum(wanted_mw, _from(limits.discharge_mw, first))
        # No limit of a policy holds back what would otherwise be unserved.
        wanted_mw = np.maximum(allowed_mw, must_mw)
    # Surplus and the grid share the power with which the battery charges.
    refill_mw = most_in_mw - charge_mw
    np.minimum(refill_mw, spare_mw, out=refill_mw)
    if limits.grid_charge_mw is not None:
        np.minimum(refill_mw, _from(limits.grid_charge_mw, first), out=refill_mw)
    np.maximum(refill_mw, 0.0, out=refill_mw)
    return _Powers(charge_mw, wanted_mw, must_mw, refill_mw)


def _request(
    powers: _Powers, unit: BatteryUnit, limits: StorageLimits, per_mw: tuple[float, float]
) -> StorageRequest:
    """Return what powers and limits ask of the level; a MW raises or lowers it by `per_mw`."""
    n_steps = powers.charge_mw.size
    first = unit.power_mw.size - n_steps
    into, out_of = per_mw
    change_mwh = powers.charge_mw * into
    change_mwh -= powers.wanted_mw * out_of
    return StorageRequest(
        change_mwh=change_mwh,
        must_mwh=powers.must_mw * out_of,
        refill_mwh=powers.refill_mw * into,
        floor_mwh=np.broadcast_to(
            np.maximum(_from(limits.floor_mwh, first), unit.minimum_mwh), (n_steps,)
        ),
        target_mwh=np.broadcast_to(_from(limits.target_mwh, first), (n_steps,)),
    )


def _from(limit: StorageLimit, first: int) -> StorageLimit:
    """Return a limit from a step on."""
    return limit[first:] if isinstance(limit, np.ndarray) else limit


def idle_run(n_steps: int) -> BatteryRun:
    """Return the flows and levels of a battery that does nothing."""
    charge_mw, grid_mw, discharge_mw = np.zeros((3, n_steps))
    return BatteryRun(charge_mw, grid_mw, discharge_mw, np.zeros(n_steps + 1))


def after(balance: Balance, run: BatteryRun) -> Balance:
    """Return what a battery leaves to what comes after it."""
    return Balance(
        surplus_mw=balance.surplus_mw - run.surplus_charge_mw,
        need_mw=balance.need_mw - run.discharge_mw,
        beyond_grid_mw=np.maximum(balance.beyond_grid_mw - run.discharge_mw, 0.0),
        spare_mw=balance.spare_mw - run.grid_charge_mw,
    )
