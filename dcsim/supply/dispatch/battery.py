"""One battery against what is left of load and surplus: the arrays around its loop."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats
from dcsim.supply.kernels.level import walk_level


class BatteryUnit(NamedTuple):
    """A battery as dispatch sees it; what has a default is left out of a plain one."""

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
        """What reaches the store over energy in. [1]"""
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
        """Whether time or use takes of what it can hold."""
        return self.fade_per_year_frac > 0 or self.fade_per_cycle_frac > 0

    @property
    def plain(self) -> bool:
        """Whether it has nothing but power, energy, efficiency, reserve and start."""
        two_sided = self.charge_limit_mw is not None or self.discharge_limit_mw is not None
        other = self.minimum_mwh > 0 or self.loss_frac_per_h > 0 or self.discharge_frac != 1.0
        return not (two_sided or other or self.fades)


class Balance(NamedTuple):
    """What is left of surplus and deficit in each step, shape ``(n_hours,)``."""

    surplus_mw: Floats
    """Power that nothing has taken yet; zero where something is needed."""
    need_mw: Floats
    """Load that nothing serves yet."""
    beyond_grid_mw: Floats
    """Part of the need that the connection cannot serve."""
    spare_mw: Floats
    """Room in the connection that the need leaves; zero where it falls short."""


class BatteryRun(NamedTuple):
    """What a battery did, shape ``(n_hours,)`` and the level on the edges."""

    surplus_charge_mw: Floats
    grid_charge_mw: Floats
    discharge_mw: Floats
    stored_mwh: Floats


def run_battery(battery: BatteryUnit, balance: Balance, step_h: float) -> BatteryRun:
    """Charge on surplus, discharge on deficit, keep a reserve for what the grid cannot serve.

    Whether a step charges or discharges follows from surplus and deficit; the level only says how
    far. All loss lies on charging. The battery comes into service with `start_mwh`; before, it
    holds nothing, and the energy it brings with it is in no flow.

    Parameters
    ----------
    battery : BatteryUnit
    balance : Balance
        What is left when the battery's turn comes. [MW]
    step_h : float
        Length of a step. [h]

    Returns
    -------
    BatteryRun
        Charge and discharge are never both above zero.
    """
    first = int(np.argmax(battery.power_mw > 0))
    if not battery.power_mw[first] > 0 or not battery.energy_mwh > 0:
        return idle_run(battery.power_mw.size)
    power_mw = battery.power_mw[first:]
    surplus_mw, need_mw, beyond_mw, spare_mw = (part[first:] for part in balance)
    offered_mw = np.minimum(surplus_mw, power_mw)
    wanted_mw = np.minimum(need_mw, power_mw)
    must_mw = np.minimum(beyond_mw, power_mw)
    refill_mw = np.zeros_like(power_mw)
    if battery.reserve_mwh > 0:
        np.minimum(spare_mw, power_mw - offered_mw, out=refill_mw)
    kept_h = step_h * battery.round_trip_frac
    change_mwh = offered_mw * kept_h - wanted_mw * step_h
    must_mwh = must_mw * step_h
    levels = walk_level(
        change_mwh.tolist(),
        must_mwh.tolist(),
        (refill_mw * kept_h).tolist(),
        battery.start_mwh,
        (battery.reserve_mwh, battery.energy_mwh),
    )
    stored_mwh = np.array(levels)
    before, now, rise_mwh = stored_mwh[:-1], stored_mwh[1:], np.diff(stored_mwh)
    # Where no limit of the battery cut the step short, the power is the one asked for, to the bit:
    # a difference of levels would leave dust of rounding, and dust would count as unserved hours.
    as_asked, as_must = now == before + change_mwh, now == before - must_mwh
    fall_mw = np.where(as_asked, wanted_mw, np.where(as_must, must_mw, -rise_mwh / step_h))
    rise_mw = np.where(as_asked, offered_mw, rise_mwh / kept_h)
    return BatteryRun(
        surplus_charge_mw=_padded(np.clip(rise_mw, 0.0, offered_mw), first),
        grid_charge_mw=_padded(np.clip(rise_mw - offered_mw, 0.0, refill_mw), first),
        discharge_mw=_padded(np.clip(fall_mw, 0.0, wanted_mw), first),
        stored_mwh=_padded(stored_mwh, first),
    )


def idle_run(n_steps: int) -> BatteryRun:
    """Return what no battery does."""
    idle = np.zeros(n_steps)
    return BatteryRun(idle, idle, idle, np.zeros(n_steps + 1))


def after(balance: Balance, run: BatteryRun) -> Balance:
    """Return what a battery leaves to what comes after it."""
    return Balance(
        surplus_mw=balance.surplus_mw - run.surplus_charge_mw,
        need_mw=balance.need_mw - run.discharge_mw,
        beyond_grid_mw=np.maximum(balance.beyond_grid_mw - run.discharge_mw, 0.0),
        spare_mw=balance.spare_mw - run.grid_charge_mw,
    )


def _padded(part: Floats, n_before: int) -> Floats:
    return np.concatenate((np.zeros(n_before), part))
