"""How much a battery keeps for hours in which the connection would bind: from the past alone."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dcsim.clock import Floats
from dcsim.supply.battery import BatteryUnit

HOURS_PER_DAY = 24.0


def floor_mwh(beyond_mw: Floats, step_h: float, *, days: int, ahead_h: float) -> Floats:
    """Return the energy to keep at the end of each step.

    The forecast of an hour to come is the worst of the same hours of the last days; the energy
    that is kept is what these hours would take from the battery together, up to `ahead_h`.

    Parameters
    ----------
    beyond_mw : ndarray, shape (n_steps,)
        Load that neither sources nor the connection serve, before any battery. [MW]
    step_h : float
        Length of a step; a day is a whole number of them. [h]
    days : int
        Past days that are looked at.
    ahead_h : float
        How far ahead the energy is to last, at most a day. [h]

    Returns
    -------
    ndarray, shape (n_steps,)
        A function of what was before the end of each step: with the same past it is the same,
        whatever comes. [MWh]

    Examples
    --------
    Two hours of 5 MW beyond the connection on the first day are kept for the second from a day
    later on:

    >>> beyond = np.zeros(72)
    >>> beyond[18:20] = 5.0
    >>> floor_mwh(beyond, 1.0, days=1, ahead_h=24.0)[[17, 18, 19, 40, 41, 42, 43]]
    array([ 0.,  5., 10., 10., 10.,  5.,  0.])
    """
    per_day = round(HOURS_PER_DAY / step_h)
    worst_mw = np.zeros(beyond_mw.size + per_day)
    for day in range(1, days + 1):
        first = day * per_day
        seen = beyond_mw[: max(worst_mw.size - first, 0)]
        np.maximum(worst_mw[first : first + seen.size], seen, out=worst_mw[first:][: seen.size])
    # Of the hours after a step, those within a day are known from the day before.
    total_mwh = np.concatenate(([0.0], np.cumsum(worst_mw))) * step_h
    n_ahead = min(round(ahead_h / step_h), per_day)
    after = np.arange(1, beyond_mw.size + 1)
    return np.maximum(total_mwh[after + n_ahead] - total_mwh[after], 0.0)


def with_floors(batteries: Mapping[str, BatteryUnit], kept_mwh: Floats) -> dict[str, BatteryUnit]:
    """Return batteries that keep an energy together, the first in the list as much as it can.

    Each keeps at least its own reserve.
    """
    left_mwh = kept_mwh
    made: dict[str, BatteryUnit] = {}
    for key, unit in batteries.items():
        floor = np.minimum(np.maximum(left_mwh, unit.reserve_mwh), unit.energy_mwh)
        made[key] = unit._replace(floor_mwh=floor)
        left_mwh = np.maximum(left_mwh - floor, 0.0)
    return made
