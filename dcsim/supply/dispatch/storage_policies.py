"""Storage policies: balance and batteries in, the storage limits of each battery out.

Each is a `StoragePolicy` once its last arguments are bound: it takes the balance before all
batteries, the batteries and the step length, and returns a function that gives the limits of one
battery. Limits rest on the past and the present; what is known beforehand is stated: the tariff,
and the same hours of the days before.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from dcsim.clock import Calendar, Floats
from dcsim.errors import ModelError
from dcsim.scenario.plan import Plan
from dcsim.scenario.prices import energy_price_per_mwh
from dcsim.supply.dispatch.battery import Balance, BatteryUnit, StorageLimits, floor_of
from dcsim.supply.dispatch.forecast import expected_ahead, steps_of_day
from dcsim.supply.dispatch.storage import LimitsOf, StoragePolicy
from dcsim.units import HOURS_PER_DAY

FORECAST_DAYS = 7
"""Days looked back by default: a week, so that each weekday is among them."""


def hold_for_shortage(
    balance: Balance,
    stores: Sequence[BatteryUnit],
    step_h: float,
    *,
    n_days: int = FORECAST_DAYS,
) -> LimitsOf:
    """Storage policy that keeps, and refills from the grid, what may be needed beyond it.

    Expected of each step is the highest need beyond the connection in the same step of the
    `n_days` before. A battery keeps the sum over the coming day, as far as it can hold it; what it
    holds above that is used as under self-consumption. A second battery looks at what the first
    left uncovered.

    Parameters
    ----------
    balance : Balance
        Before any battery, shape ``(n_steps,)``. [MW]
    stores : sequence of BatteryUnit
    step_h : float
        Length of a step. [h]
    n_days : int
        Days before whose same steps are expected to come again.

    Returns
    -------
    callable
        Limits of a battery, given what is left when its turn comes.
    """
    n_in_day = steps_of_day(step_h)

    def limits_of(unit: BatteryUnit, left: Balance) -> StorageLimits:
        short_mw = np.minimum(left.beyond_grid_mw, unit.discharge_power_mw)
        needed_mwh = expected_ahead(short_mw, n_days, n_in_day) * (step_h / unit.discharge_frac)
        kept_mwh = np.minimum(unit.minimum_mwh + needed_mwh, unit.energy_mwh)
        # Without expected need the minimum would bind as a floor anyway; as a target it would have
        # the grid refill what self-discharge takes.
        kept_mwh = np.where(needed_mwh > 0, kept_mwh, 0.0)
        return StorageLimits(
            np.maximum(kept_mwh, floor_of(unit)), np.maximum(kept_mwh, unit.reserve_mwh)
        )

    return limits_of


def shave_peaks(
    balance: Balance,
    stores: Sequence[BatteryUnit],
    step_h: float,
    *,
    import_target_mw: float | None = None,
    n_days: int = FORECAST_DAYS,
) -> LimitsOf:
    """Storage policy that gives what import would be above a target, and refills below it.

    Without a stated target it is the lowest to which the batteries could have kept each of the
    `n_days` before, the highest of those days; on the first day nothing is known, and they wait.

    Parameters
    ----------
    balance : Balance
        Before any battery, shape ``(n_steps,)``. [MW]
    stores : sequence of BatteryUnit
    step_h : float
        Length of a step. [h]
    import_target_mw : float, optional
        Import to be kept to. [MW]
    n_days : int
        Days looked back for a target that is not stated.

    Returns
    -------
    callable
        Limits of a battery, given what is left when its turn comes.
    """
    if import_target_mw is None:
        n_in_day = steps_of_day(step_h)
        target_mw = daily_target_mw(balance.need_mw, stores, step_h, n_days, n_in_day)
    else:
        target_mw = np.full(balance.need_mw.size, import_target_mw)
    # On the first day the target is infinite: nothing to give, and nothing known to charge up to.
    known = np.isfinite(target_mw)
    under_mw = np.where(known, np.maximum(target_mw - balance.need_mw, 0.0), 0.0)

    def limits_of(unit: BatteryUnit, left: Balance) -> StorageLimits:
        # Batteries before this one may have used some of the room below the target.
        used_mw = balance.spare_mw - left.spare_mw
        return StorageLimits(
            floor_mwh=floor_of(unit),
            target_mwh=unit.energy_mwh,
            discharge_mw=np.maximum(left.need_mw - target_mw, 0.0),
            grid_charge_mw=np.maximum(under_mw - used_mw, 0.0),
        )

    return limits_of


def daily_target_mw(
    need_mw: Floats,
    stores: Sequence[BatteryUnit],
    step_h: float,
    n_days: int,
    n_in_day: int,
) -> Floats:
    """Return the import to which batteries could have kept each of the days before.

    The lowest level L that energy E and power P allow on a day is the larger of ``max(need) - P``
    and the largest over k of ``(sum of the k highest needs - E / h) / k``: energy above L is
    ``sum(max(need - L, 0)) * h <= E`` exactly where it holds for every k.

    Parameters
    ----------
    need_mw : ndarray, shape (n_steps,)
        Load that batteries and the grid have to serve. [MW]
    stores : sequence of BatteryUnit
    step_h : float
        Length of a step. [h]
    n_days : int
        Days looked back.
    n_in_day : int
        Steps of a day; days are counted from the first step.

    Returns
    -------
    ndarray, shape (n_steps,)
        Infinite on the first day. [MW]

    Examples
    --------
    2 MWh keep a day of 1, 5, 4 and 1 MW below 3.5 MW; the next day is held to that:

    >>> unit = BatteryUnit(np.full(8, 9.0), 2.0, 1.0)
    >>> daily_target_mw(np.tile([1.0, 5.0, 4.0, 1.0], 2), [unit], 1.0, n_days=7, n_in_day=4)
    array([inf, inf, inf, inf, 3.5, 3.5, 3.5, 3.5])
    """
    energy_mwh = sum((u.energy_mwh - floor_of(u)) * u.discharge_frac for u in stores)
    power_mw = sum(float(u.discharge_power_mw.max(initial=0.0)) for u in stores)
    n_whole = need_mw.size // n_in_day
    days_mw = np.sort(need_mw[: n_whole * n_in_day].reshape(n_whole, n_in_day))[:, ::-1]
    count = np.arange(1, n_in_day + 1)
    levels_mw = (np.cumsum(days_mw, axis=1) - energy_mwh / step_h) / count
    lowest_mw = np.maximum(levels_mw.max(axis=1), days_mw[:, 0] - power_mw)
    targets_mw = np.full(n_whole + 1, np.inf)
    for day in range(1, n_whole + 1):
        targets_mw[day] = max(0.0, float(lowest_mw[max(day - n_days, 0) : day].max()))
    return np.repeat(targets_mw, n_in_day)[: need_mw.size]


def trade_hours(
    balance: Balance,
    stores: Sequence[BatteryUnit],
    step_h: float,
    *,
    price_per_mwh: Floats,
    ahead_h: float = HOURS_PER_DAY,
    import_limit_mw: float = np.inf,
) -> LimitsOf:
    """Storage policy that charges from the grid in cheap hours and gives in dear ones.

    The tariff is known beforehand. A battery charges where, going forward, an hour comes that pays
    for the round trip before a cheaper one does. It gives where an hour comes in which it is
    refilled at a gain before a dearer one does, and waits in all other hours. Its reserve is kept
    in all of them.

    Parameters
    ----------
    balance : Balance
    stores : sequence of BatteryUnit
    step_h : float
        Length of a step. [h]
    price_per_mwh : ndarray, shape (n_steps,)
        Cost of a MWh from the grid. [currency/MWh]
    ahead_h : float
        Time that the tariff is looked ahead. [h]
    import_limit_mw : float
        Import up to which batteries charge from the grid; by default the connection. [MW]

    Raises
    ------
    ModelError
        If there is not one price a step.
    """
    if price_per_mwh.shape != balance.need_mw.shape:
        raise ModelError(
            f"need one price a step, got {price_per_mwh.shape} for {balance.need_mw.shape}"
        )
    under_mw = np.maximum(import_limit_mw - balance.need_mw, 0.0)

    def limits_of(unit: BatteryUnit, left: Balance) -> StorageLimits:
        fills, gives = price_signs(price_per_mwh, step_h, unit.round_trip_frac, ahead_h)
        used_mw = balance.spare_mw - left.spare_mw
        # A floor at the full energy lets it wait: only need that the grid cannot serve is covered.
        return StorageLimits(
            floor_mwh=np.where(gives, floor_of(unit), unit.energy_mwh),
            target_mwh=np.where(fills, unit.energy_mwh, unit.reserve_mwh),
            discharge_mw=np.where(gives, np.inf, 0.0),
            grid_charge_mw=np.where(fills, np.maximum(under_mw - used_mw, 0.0), np.inf),
        )

    return limits_of


Signs = tuple[NDArray[np.bool_], NDArray[np.bool_]]


def price_signs(
    price_per_mwh: Floats, step_h: float, round_trip_frac: float, ahead_h: float
) -> Signs:
    """Return the steps in which a battery is filled and those in which it gives, never both.

    Parameters
    ----------
    price_per_mwh : ndarray, shape (n_steps,)
        Cost of a MWh from the grid. [currency/MWh]
    step_h : float
        Length of a step. [h]
    round_trip_frac : float
        Energy out over energy in. [1]
    ahead_h : float
        Time that the tariff is looked ahead. [h]

    Returns
    -------
    tuple of ndarray of bool, shape (n_steps,) each

    Examples
    --------
    At a round trip of 0.8 the 4 of the second hour come back as 5 in terms of the hour that is
    served: 6 in the next does pay, but the first hour waits for the cheaper second one.

    >>> fills, gives = price_signs(np.array([5.0, 4.0, 6.0, 9.0, 6.0, 4.0]), 1.0, 0.8, 24.0)
    >>> fills.astype(int), gives.astype(int)
    (array([0, 1, 1, 0, 0, 0]), array([0, 0, 0, 1, 1, 0]))
    """
    n_steps = price_per_mwh.size
    # Within an hour the price is one: what holds for its first step holds for all.
    in_hour = max(1, round(1 / step_h))
    price = price_per_mwh[::in_hour]
    n_ahead = max(1, round(ahead_h / max(step_h, 1.0)))
    fills, gives = np.zeros(price.size, dtype=bool), np.zeros(price.size, dtype=bool)
    # Hours ahead are looked at from near to far. A question is open until an hour settles it: one
    # that pays, and then the battery fills or gives now, or one in which doing so is better still.
    open_fill, open_give = np.ones(price.size, dtype=bool), np.ones(price.size, dtype=bool)
    for ahead in range(1, min(n_ahead, price.size - 1) + 1):
        now, then = price[:-ahead], price[ahead:]
        pays, refills = then * round_trip_frac > now, then < now * round_trip_frac
        fills[:-ahead] |= open_fill[:-ahead] & pays
        gives[:-ahead] |= open_give[:-ahead] & refills
        open_fill[:-ahead] &= ~(pays | (then < now))
        open_give[:-ahead] &= ~(refills | (then > now))
    gives &= ~fills  # both could hold below a price of zero only
    return np.repeat(fills, in_hour)[:n_steps], np.repeat(gives, in_hour)[:n_steps]


def planned_shortage(plan: Plan, calendar: Calendar) -> StoragePolicy:
    """Return `hold_for_shortage` with the keys of a scenario."""
    return functools.partial(hold_for_shortage, n_days=plan.site.dispatch.n_forecast_days)


def planned_peaks(plan: Plan, calendar: Calendar) -> StoragePolicy:
    """Return `shave_peaks` with the keys of a scenario."""
    keys = plan.site.dispatch
    return functools.partial(
        shave_peaks, import_target_mw=keys.import_target_mw, n_days=keys.n_forecast_days
    )


def planned_trade(plan: Plan, calendar: Calendar) -> StoragePolicy:
    """Return `trade_hours` with the tariff and the keys of a scenario, which has a tariff."""
    money, keys = plan.site.money, plan.site.dispatch
    tariff = None if money is None else money.tariff
    assert money is not None
    assert tariff is not None, "checked when the scenario was read"
    limit_mw = np.inf if keys.import_target_mw is None else keys.import_target_mw
    return functools.partial(
        trade_hours,
        price_per_mwh=energy_price_per_mwh(money, tariff, calendar),
        import_limit_mw=limit_mw,
    )


PLANNED_STORAGE_POLICIES: dict[str, Callable[[Plan, Calendar], StoragePolicy]] = {
    "arbitrage": planned_trade,
    "peak-shaving": planned_peaks,
    "reserve": planned_shortage,
}
"""Storage policies by the name of the policy in a scenario."""
