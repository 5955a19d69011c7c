"""Storage policy that looks at all of the bill: price of energy and demand charge.

Known beforehand is the tariff; need and surplus of a step are expected to be the mean of the same
step of the days before. At the start of each day a few plans are tried on the day expected: self-
consumption, and plans that keep import to a level, hold energy for dearer hours and charge from the
grid where that pays. The one with the smallest bill is followed.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dcsim.clock import Floats, Integers
from dcsim.errors import ModelError
from dcsim.supply.dispatch.battery import (
    Balance,
    BatteryUnit,
    StorageLimits,
    floor_of,
    reserve_limits,
)
from dcsim.supply.dispatch.forecast import mean_of_days, steps_of_day
from dcsim.supply.dispatch.storage import LimitsOf
from dcsim.units import DAYS_PER_YEAR, MONTHS_PER_YEAR

LEVELS_TRIED = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Levels of import that are tried, from the lowest that stores allow to the highest need; beside
them no level at all, and self-consumption."""


class BillPrices(NamedTuple):
    """Prices of a tariff, known beforehand."""

    energy_per_mwh: Floats
    """Cost of a MWh from the grid, shape ``(n_steps,)``. [currency/MWh]"""
    demand_per_mw: Floats
    """Cost of a MW of the highest import of its month, shape ``(n_steps,)``. [currency/MW]"""


class FleetSize(NamedTuple):
    """All stores as one, above their floors."""

    charge_mw: float
    discharge_mw: float
    energy_mwh: float
    charge_frac: float
    discharge_frac: float


class ExpectedDays(NamedTuple):
    """Days as they are expected, shape ``(n_days, n_in_day)`` each."""

    need_mw: Floats
    surplus_mw: Floats
    price: Floats
    demand_per_mw_day: Floats
    """Cost of a MW of the highest import, for each day of a month, shape ``(n_days,)``."""


def watch_bill(
    balance: Balance,
    stores: Sequence[BatteryUnit],
    step_h: float,
    *,
    prices: BillPrices,
    import_target_mw: float | None = None,
    n_days: int = 7,
) -> LimitsOf:
    """Storage policy that makes the bill of the expected day small.

    Parameters
    ----------
    balance : Balance
        Before any battery, shape ``(n_steps,)``. [MW]
    stores : sequence of BatteryUnit
    step_h : float
        Length of a step. [h]
    prices : BillPrices
        Of each step.
    import_target_mw : float, optional
        Level of import to be kept to, in the place of the one that is chosen each day. [MW]
    n_days : int
        Days before whose same steps are expected to come again.

    Returns
    -------
    callable
        Limits of a battery, given what is left when its turn comes.

    Raises
    ------
    ModelError
        If there is not one price a step.

    Notes
    -----
    With the price p, the expected need n and surplus s, and the level L of the day, energy is held
    for what is dearer: from the end of the coming day backwards, between zero and what it holds,

        held = held + (min(n, power) where p(later) > p(now), else max(n - L, 0)) - charge from s

    It is charged from the grid up to the same sum over what pays for the round trip, in the
    cheapest step before that, and only as far as import stays below L.
    """
    if prices.energy_per_mwh.shape != balance.need_mw.shape:
        raise ModelError(
            f"need one price a step, got {prices.energy_per_mwh.shape} for {balance.need_mw.shape}"
        )
    level_mw, follows = _chosen(balance, stores, step_h, prices, n_days)
    if import_target_mw is not None:
        level_mw = np.full(balance.need_mw.size, import_target_mw)
        follows = np.ones(balance.need_mw.size, dtype=bool)
    watch = _Watch(balance, prices.energy_per_mwh, level_mw, follows, n_days, step_h)
    return functools.partial(_limits_of, watch)


class _Watch(NamedTuple):
    """All that the limits of each battery rest on."""

    balance: Balance
    """Before any battery."""
    price: Floats
    level_mw: Floats
    follows: NDArray[np.bool_]
    """Steps in which the level is kept to; in the others it is self-consumption."""
    n_days: int
    step_h: float


def _limits_of(watch: _Watch, unit: BatteryUnit, left: Balance) -> StorageLimits:
    """Return the limits of a battery, given what is left when its turn comes."""
    plain, floor_mwh, price = reserve_limits(unit), floor_of(unit), watch.price
    n_in_day, level_mw = steps_of_day(watch.step_h), watch.level_mw
    need_mw = mean_of_days(left.need_mw, watch.n_days, n_in_day)
    surplus_mw = mean_of_days(left.surplus_mw, watch.n_days, n_in_day)
    ahead = _Ahead(
        need_mw=np.minimum(need_mw, unit.discharge_power_mw.max(initial=0.0)),
        charge_mw=np.minimum(surplus_mw, unit.charge_power_mw.max(initial=0.0)),
        price=np.concatenate((price, np.zeros(n_in_day))),
    )
    size = (max(unit.energy_mwh - floor_mwh, 0.0), watch.step_h)
    held = _held_mwh(ahead, unit, (1.0, level_mw, price), size)
    wanted = floor_mwh + _held_mwh(ahead, unit, (unit.round_trip_frac, level_mw, price), size)
    fills = watch.follows & _cheapest_before(ahead, unit.round_trip_frac, level_mw, price)
    above_mw = np.maximum(left.need_mw - level_mw, 0.0)
    shaves = watch.follows & (above_mw > 0)
    used_mw = watch.balance.spare_mw - left.spare_mw
    under_mw = np.maximum(level_mw - watch.balance.need_mw - used_mw, 0.0)
    refill_mw = np.inf if plain.grid_charge_mw is None else plain.grid_charge_mw
    return StorageLimits(
        floor_mwh=floor_mwh + np.where(watch.follows & ~shaves, held, 0.0),
        target_mwh=np.where(fills, np.maximum(wanted, plain.target_mwh), plain.target_mwh),
        discharge_mw=np.where(shaves & (held > 0), above_mw, np.inf),
        grid_charge_mw=np.where(fills, under_mw, refill_mw),
    )


class _Ahead(NamedTuple):
    """What is expected of the steps of the run and of the day after it."""

    need_mw: Floats
    charge_mw: Floats
    price: Floats


def _held_mwh(
    ahead: _Ahead,
    unit: BatteryUnit,
    worth: tuple[float, Floats, Floats],
    size: tuple[float, float],
) -> Floats:
    """Return the energy to be held for the coming day at the end of each step. [MWh]"""
    (round_trip, level_mw, price), (span_mwh, step_h) = worth, size
    n_steps = price.size
    held = np.zeros(n_steps)
    out_of, into = step_h / unit.discharge_frac, step_h * unit.charge_frac
    for k in range(ahead.need_mw.size - n_steps - 1, 0, -1):
        need_mw = ahead.need_mw[k : k + n_steps]
        dearer = ahead.price[k : k + n_steps] * round_trip > price
        out_mw = np.where(dearer, need_mw, np.maximum(need_mw - level_mw, 0.0))
        held += out_mw * out_of - ahead.charge_mw[k : k + n_steps] * into
        np.clip(held, 0.0, span_mwh, out=held)
    return held


def _cheapest_before(
    ahead: _Ahead, round_trip: float, level_mw: Floats, price: Floats
) -> NDArray[np.bool_]:
    """Return the steps that no cheaper one follows before what is worth charging for comes."""
    n_steps = price.size
    fills, is_open = np.zeros(n_steps, dtype=bool), np.ones(n_steps, dtype=bool)
    for k in range(1, ahead.need_mw.size - n_steps):
        need_mw, then = ahead.need_mw[k : k + n_steps], ahead.price[k : k + n_steps]
        pays = ((then * round_trip > price) & (need_mw > 0)) | (need_mw > level_mw)
        fills |= is_open & pays
        is_open &= ~(pays | (then < price))
    return fills


def _chosen(
    balance: Balance,
    stores: Sequence[BatteryUnit],
    step_h: float,
    prices: BillPrices,
    n_days: int,
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the level of import of each step, and whether the plan with that level is followed."""
    n_in_day, n_steps = steps_of_day(step_h), balance.need_mw.size
    days = _expected_days(balance, prices, n_days, n_in_day, step_h)
    hours = step_h * n_in_day / days.need_mw.shape[1]
    fleet = _fleet_of(stores)
    highest = days.need_mw.max(axis=1)
    lowest = np.minimum(lowest_level_mw(days.need_mw, fleet, hours), highest)
    parts = np.array(LEVELS_TRIED)
    levels = np.concatenate(
        (
            np.full((highest.size, 1), np.inf),
            lowest[:, None] + (highest - lowest)[:, None] * parts,
            np.full((highest.size, 1), np.inf),
        ),
        axis=1,
    )
    bills = _bills(days, levels, fleet, hours)
    # Of equal bills the one that does least: self-consumption stands first.
    best = bills.argmin(axis=1)
    level_mw = levels[np.arange(best.size), best]
    by_step: Integers = np.arange(n_steps) // n_in_day
    return level_mw[by_step], (best > 0)[by_step]


def _expected_days(
    balance: Balance, prices: BillPrices, n_days: int, n_in_day: int, step_h: float
) -> ExpectedDays:
    """Return the expected days, by hours where steps are shorter."""
    n_whole = -(-balance.need_mw.size // n_in_day) * n_in_day
    in_hour = max(1, round(1.0 / step_h))

    def by_day(column: Floats) -> Floats:
        padded = np.concatenate((column, np.zeros(max(n_whole - column.size, 0))))[:n_whole]
        return np.asarray(padded.reshape(-1, n_in_day // in_hour, in_hour).mean(axis=2))

    demand = prices.demand_per_mw[::n_in_day] * (MONTHS_PER_YEAR / DAYS_PER_YEAR)
    return ExpectedDays(
        need_mw=by_day(mean_of_days(balance.need_mw, n_days, n_in_day)),
        surplus_mw=by_day(mean_of_days(balance.surplus_mw, n_days, n_in_day)),
        price=by_day(prices.energy_per_mwh),
        demand_per_mw_day=demand,
    )


def _fleet_of(stores: Sequence[BatteryUnit]) -> FleetSize:
    energy = [max(unit.energy_mwh - floor_of(unit), 0.0) for unit in stores]
    weight = np.array(energy) / sum(energy) if sum(energy) > 0 else np.zeros(len(energy))

    def mean(values: list[float]) -> float:
        return float(weight @ np.array(values)) or 1.0

    return FleetSize(
        charge_mw=sum(float(unit.charge_power_mw.max(initial=0.0)) for unit in stores),
        discharge_mw=sum(float(unit.discharge_power_mw.max(initial=0.0)) for unit in stores),
        energy_mwh=float(sum(energy)),
        charge_frac=mean([unit.charge_frac for unit in stores]),
        discharge_frac=mean([unit.discharge_frac for unit in stores]),
    )


def lowest_level_mw(need_mw: Floats, fleet: FleetSize, step_h: float) -> Floats:
    """Return the lowest import to which full stores can keep days of need.

    Parameters
    ----------
    need_mw : ndarray, shape (n_days, n_in_day)
        [MW]
    fleet : FleetSize
    step_h : float
        Length of a step. [h]

    Returns
    -------
    ndarray, shape (n_days,)
        [MW]

    Examples
    --------
    >>> fleet = FleetSize(9.0, 9.0, 2.0, 1.0, 1.0)
    >>> lowest_level_mw(np.array([[1.0, 5.0, 4.0, 1.0]]), fleet, 1.0)
    array([3.5])
    """
    ordered = np.sort(need_mw)[:, ::-1]
    given = fleet.energy_mwh * fleet.discharge_frac / step_h
    levels = (np.cumsum(ordered, axis=1) - given) / np.arange(1, ordered.shape[1] + 1)
    by_power = ordered[:, 0] - fleet.discharge_mw
    return np.asarray(np.maximum(np.maximum(levels.max(axis=1), by_power), 0.0))


def _bills(days: ExpectedDays, levels: Floats, fleet: FleetSize, step_h: float) -> Floats:
    """Return the bill of each expected day under each level; the first is self-consumption.

    The day is run twice and the second counts, so that no energy of the start is taken for granted.
    """
    n = days.need_mw.shape[1]
    follows = np.arange(levels.shape[1]) > 0
    into, out_of = step_h * fleet.charge_frac, step_h / fleet.discharge_frac
    stored = np.zeros(levels.shape)
    cost, peak = np.zeros(levels.shape), np.zeros(levels.shape)
    plans = [_plan_of(days, t, levels, fleet, step_h) for t in range(n)]
    for t in (*range(n), *range(n)):
        cost, peak = (0.0 * cost, 0.0 * peak) if t == 0 else (cost, peak)
        need, surplus = days.need_mw[:, t, None], days.surplus_mw[:, t, None]
        held, wanted, fills = (np.where(follows, part, 0.0) for part in plans[t])
        above = np.maximum(need - levels, 0.0)
        shaves = follows & (above > 0)
        least = np.where(shaves, 0.0, held)
        most = np.where(shaves & (held > 0), above, np.inf)
        out = np.minimum(np.minimum(need, fleet.discharge_mw), most)
        out = np.minimum(out, np.maximum(stored - least, 0.0) / out_of)
        room = (fleet.energy_mwh - stored) / into
        taken = np.minimum(np.minimum(surplus, fleet.charge_mw), room)
        bought = np.minimum(np.maximum(levels - need, 0.0), fleet.charge_mw - taken)
        bought = np.minimum(bought, np.maximum(wanted - stored - taken * into, 0.0) / into)
        bought = np.where((fills > 0) & (out <= 0), bought, 0.0)
        stored = stored + (taken + bought) * into - out * out_of
        imported = need - out + bought
        cost = cost + imported * days.price[:, t, None] * step_h
        peak = np.maximum(peak, imported)
    # A peak is lowered by all days of a month alone, and raised by any of them for the whole month.
    base = peak[:, :1]
    raised = np.maximum(peak - base, 0.0) * (DAYS_PER_YEAR / MONTHS_PER_YEAR)
    counted = np.minimum(peak, base) + raised
    return np.asarray(cost + counted * days.demand_per_mw_day[:, None])


def _plan_of(
    days: ExpectedDays, now: int, levels: Floats, fleet: FleetSize, step_h: float
) -> tuple[Floats, Floats, Floats]:
    """Return what is held, what is worth charging, and whether to charge, in a step of each day."""
    n = days.need_mw.shape[1]
    round_trip = fleet.charge_frac * fleet.discharge_frac
    held, wanted = np.zeros(levels.shape), np.zeros(levels.shape)
    price = days.price[:, now, None]
    for k in range(n - 1, 0, -1):
        then = (now + k) % n
        need = np.minimum(days.need_mw[:, then, None], fleet.discharge_mw)
        above = np.maximum(need - levels, 0.0)
        gained = np.minimum(days.surplus_mw[:, then, None], fleet.charge_mw) * (
            step_h * fleet.charge_frac
        )
        later, out_of = days.price[:, then, None], step_h / fleet.discharge_frac
        held += np.where(later > price, need, above) * out_of - gained
        np.clip(held, 0.0, fleet.energy_mwh, out=held)
        wanted += np.where(later * round_trip > price, need, above) * out_of - gained
        np.clip(wanted, 0.0, fleet.energy_mwh, out=wanted)
    fills, is_open = np.zeros(levels.shape, dtype=bool), np.ones(levels.shape, dtype=bool)
    for k in range(1, n):
        then = (now + k) % n
        need, later = days.need_mw[:, then, None], days.price[:, then, None]
        pays = ((later * round_trip > price) & (need > 0)) | (need > levels)
        fills |= is_open & pays
        is_open &= ~(pays | (later < price))
    return held, wanted, fills
