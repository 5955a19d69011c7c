"""Batteries in an outage: the batteries of a run at one of its steps in, what they give out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats
from dcsim.supply.dispatch.battery import BatteryUnit
from dcsim.units import HOURS_PER_YEAR


class OutageStore(NamedTuple):
    """Battery at the beginning of an outage, which nothing charges until the grid is back."""

    stored_mwh: float
    """What it holds. [MWh]"""
    discharge_mw: float
    """Most it gives. [MW]"""
    minimum_mwh: float = 0.0
    """Never drawn below this. [MWh]"""
    discharge_frac: float = 1.0
    """Energy out over what leaves the store. [1]"""
    loss_frac_per_h: float = 0.0
    """Share of what it holds that it loses by itself in an hour. [1/h]"""

    def level_after(self, level_mwh: float, idle_h: float) -> float:
        """Return what self-discharge leaves of a level. [MWh]"""
        if self.loss_frac_per_h == 0:
            return level_mwh
        return float(level_mwh * (1.0 - self.loss_frac_per_h) ** idle_h)

    def give(self, level_mwh: float, need_mw: float, length_h: float) -> tuple[float, float]:
        """Return the mean power it gives for a need, and its level afterwards.

        Parameters
        ----------
        level_mwh : float
            Its level, self-discharge taken off. [MWh]
        need_mw : float
            Power needed throughout. [MW]
        length_h : float
            Time, above zero. [h]

        Examples
        --------
        Half of the 8 MWh above the minimum is lost on the way out, so 4 MW last an hour:

        >>> OutageStore(10.0, 6.0, 2.0, discharge_frac=0.5).give(10.0, 9.0, 1.0)
        (4.0, 2.0)
        """
        able_mwh = max(level_mwh - self.minimum_mwh, 0.0) * self.discharge_frac
        given_mw = min(need_mw, self.discharge_mw)
        if given_mw * length_h >= able_mwh:
            return able_mwh / length_h, min(level_mwh, self.minimum_mwh)
        return given_mw, level_mwh - given_mw * length_h / self.discharge_frac


def serve_need(
    stores: Sequence[OutageStore], levels_mwh: list[float], need_mw: float, length_h: float
) -> float:
    """Serve a need from batteries in the order listed; return the need that is left.

    Parameters
    ----------
    stores : sequence of OutageStore
    levels_mwh : list of float
        Their levels, self-discharge taken off; changed to those afterwards. [MWh]
    need_mw : float
        [MW]
    length_h : float
        Time, above zero. [h]
    """
    for place, store in enumerate(stores):
        given_mw, levels_mwh[place] = store.give(levels_mwh[place], need_mw, length_h)
        need_mw -= given_mw
    return need_mw


def outage_store(
    unit: BatteryUnit, step: int, step_h: float, taken_mwh: Floats | None = None
) -> OutageStore:
    """Return a battery as an outage that begins in a step of a run finds it.

    It holds its reserve and no more: what lies above is there only if the run happened to have
    charged it. A battery that is not in service yet, or stands still, gives nothing.

    Parameters
    ----------
    unit : BatteryUnit
        Over the run.
    step : int
        The step in which the outage begins.
    step_h : float
        Length of a step. [h]
    taken_mwh : ndarray, shape (n_steps,), optional
        Energy taken out of the store in each step, for what its cycles wore; by default none.

    Returns
    -------
    OutageStore
    """
    energy_mwh = unit.energy_mwh * energy_left_frac(unit, step, step_h, taken_mwh)
    return OutageStore(
        stored_mwh=min(max(unit.reserve_mwh, unit.minimum_mwh), energy_mwh),
        discharge_mw=float(min(unit.discharge_power_mw[step], unit.power_mw[step]))
        if unit.power_mw[step] > 0
        else 0.0,
        minimum_mwh=unit.minimum_mwh,
        discharge_frac=unit.discharge_frac,
        loss_frac_per_h=unit.loss_frac_per_h,
    )


def energy_left_frac(
    unit: BatteryUnit, step: int, step_h: float, taken_mwh: Floats | None = None
) -> float:
    """Return the share of its energy that age and use have left a battery at a step.

    Parameters
    ----------
    unit : BatteryUnit
        Over the run.
    step : int
    step_h : float
        Length of a step. [h]
    taken_mwh : ndarray, shape (n_steps,), optional
        Energy taken out of the store in each step; by default none.

    Examples
    --------
    A tenth a year, renewed below 85 %: at the age of three half years it is half a year old again,
    less one step:

    >>> unit = BatteryUnit(np.ones(9), 4.0, 1.0, fade_per_year_frac=0.1, replace_below_frac=0.86)
    >>> [round(energy_left_frac(unit, n, 8766 / 2), 3) for n in range(5)]
    [1.0, 0.95, 0.9, 1.0, 0.95]
    """
    works = np.flatnonzero(unit.power_mw[: step + 1] > 0)
    if not works.size or not unit.fades:
        return 1.0
    first, left = int(works[0]), 1.0
    taken = np.zeros(step + 1) if taken_mwh is None else np.asarray(taken_mwh)[: step + 1]
    age_steps, used_mwh = 0, 0.0
    for at in range(first, step + 1):
        if at > first:
            used_mwh += float(taken[at - 1])
        left = 1.0 - unit.fade_per_year_frac * age_steps * step_h / HOURS_PER_YEAR
        left -= unit.fade_per_cycle_frac * used_mwh / unit.energy_mwh
        if left < unit.replace_below_frac:
            left, age_steps, used_mwh = 1.0, 0, 0.0
        age_steps += 1
    return max(left, 0.0)
