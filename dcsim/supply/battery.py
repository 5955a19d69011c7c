"""One battery against what is left of load and surplus: the arrays around its loop."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats
from dcsim.supply.kernel import walk_level


class BatteryUnit(NamedTuple):
    """A battery as dispatch sees it."""

    power_mw: Floats
    """Most it charges or discharges in each step, on the side of the site; zero before service."""
    energy_mwh: float
    """Energy it can give between empty and full."""
    round_trip_frac: float
    reserve_mwh: float = 0.0
    start_mwh: float = 0.0
    """Energy on the first edge of its service."""
    floor_mwh: Floats | None = None
    """Reserve of each step, where it is not the same in all; see `dcsim.supply.reserve`."""


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
