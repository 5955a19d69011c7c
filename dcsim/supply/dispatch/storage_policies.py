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

from dcsim.clock import Calendar, Floats
from dcsim.scenario.plan import Plan
from dcsim.scenario.prices import demand_price_per_mw_month, energy_price_per_mwh
from dcsim.supply.dispatch.battery import Balance, BatteryUnit, StorageLimits, floor_of
from dcsim.supply.dispatch.bill import BillPrices, watch_bill
from dcsim.supply.dispatch.forecast import expected_ahead, steps_of_day
from dcsim.supply.dispatch.storage import LimitsOf, StoragePolicy

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


def planned_shortage(plan: Plan, calendar: Calendar) -> StoragePolicy:
    """Return `hold_for_shortage` with the keys of a scenario."""
    return functools.partial(hold_for_shortage, n_days=plan.site.dispatch.n_forecast_days)


def planned_peaks(plan: Plan, calendar: Calendar) -> StoragePolicy:
    """Return the policy that shaves peaks; with a tariff it looks at all of the bill."""
    keys, money = plan.site.dispatch, plan.site.money
    if money is not None and money.tariff is not None and keys.import_target_mw is None:
        return _planned_bill(plan, calendar)
    return functools.partial(
        shave_peaks, import_target_mw=keys.import_target_mw, n_days=keys.n_forecast_days
    )


def planned_trade(plan: Plan, calendar: Calendar) -> StoragePolicy:
    """Return the policy that trades with the tariff of a scenario, at all of its bill."""
    return _planned_bill(plan, calendar)


def _planned_bill(plan: Plan, calendar: Calendar) -> StoragePolicy:
    money, keys = plan.site.money, plan.site.dispatch
    tariff = None if money is None else money.tariff
    assert money is not None
    assert tariff is not None, "checked when the scenario was read"
    demand = demand_price_per_mw_month(money, tariff, calendar)
    return functools.partial(
        watch_bill,
        prices=BillPrices(
            energy_price_per_mwh(money, tariff, calendar), demand[calendar.month_index]
        ),
        import_target_mw=keys.import_target_mw,
        n_days=keys.n_forecast_days,
    )


PLANNED_STORAGE_POLICIES: dict[str, Callable[[Plan, Calendar], StoragePolicy]] = {
    "arbitrage": planned_trade,
    "peak-shaving": planned_peaks,
    "reserve": planned_shortage,
}
"""Storage policies by the name of the policy in a scenario."""
