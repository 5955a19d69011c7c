"""One calendar year of a run as the program of sizes takes it.

What may change its size is taken out of the supply and handed over for one MW; all that remains
stays as the run has it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from dcsim.accounts.months import hourly_value
from dcsim.clock import Calendar, Floats
from dcsim.errors import Problem, ScenarioError
from dcsim.pipeline import Run
from dcsim.scenario.prices import (
    demand_price_per_mw_month,
    energy_price_per_mwh,
    exchange,
    yearly_price,
)
from dcsim.scenario.schema.assets.kind import AssetKind
from dcsim.scenario.schema.assets.registry import all_kinds, assets_of, kinds_of
from dcsim.scenario.schema.money import MoneyPart
from dcsim.scenario.schema.quantity import Price
from dcsim.scenario.schema.site import Site
from dcsim.supply.availability import AvailableSupply, available_supply
from dcsim.supply.optimum.objective import dispatchable_assets, marginal_price_per_mwh
from dcsim.supply.optimum.sizing_year import SizedPlant, SizedStore, Year

LOST_LOAD = 100.0
"""Weight of unserved load over the highest price of energy, where the scenario gives no price."""


FULL_FRAC = 0.95
"""Mean load of a year in full use, over the highest of all years."""


class SizingYear(NamedTuple):
    """Input of the program of sizes: one year of a run, and the assets that may change."""

    year: Year
    plants: dict[str, SizedPlant]
    stores: dict[str, SizedStore]
    steps: slice
    """Steps of the run that belong to the year."""


def sizing_year(run: Run, year: int, names: Sequence[str] = ()) -> SizingYear:
    """Return one calendar year of a run with the assets to be sized taken out of its supply.

    Parameters
    ----------
    run : Run
        All stages of the scenario as it is.
    year : int
        Calendar year that lies in the run with all its months.
    names : sequence of str
        Keys of the assets that may change; without any, all that have a cost or a price.

    Returns
    -------
    SizingYear

    Raises
    ------
    ScenarioError
        If the scenario has no tariff, nothing that may be sized, or no such year, or if the site
        draws nothing in it.
    """
    site, calendar = run.plan.site, run.timeline.calendar
    money = _money_with_tariff(site)
    steps = _steps_of(calendar, year)
    _check_load(calendar, run.load.facility_power_mw, year)
    available = available_supply(run.plan, run.timeline, run.weather, run.load)
    sized = _sized_assets(site, names)
    plants = {
        key: _sized_plant(kind, asset, available, money, run, steps=steps)
        for key, (kind, asset) in sized.items()
        if not kind.is_store
    }
    stores = {
        key: _sized_store(asset, available.stores[key].power_mw[steps], money, calendar.step_h)
        for key, (kind, asset) in sized.items()
        if kind.is_store
    }
    return SizingYear(_fixed_year(run, available, money, steps, set(plants)), plants, stores, steps)


def _money_with_tariff(site: Site) -> MoneyPart:
    if site.money is None or site.money.tariff is None:
        message = "is needed to find sizes of least cost: give the tariff of the grid"
        raise ScenarioError([Problem("", "money.tariff", message)])
    return site.money


def _steps_of(calendar: Calendar, year: int) -> slice:
    inside = np.flatnonzero(calendar.year == year)
    months = np.unique(calendar.month[inside]).size if inside.size else 0
    if months < 12:
        whole = [int(y) for y in np.unique(calendar.year) if _is_whole(calendar, int(y))]
        known = f"{whole[0]} to {whole[-1]}" if whole else "none"
        message = f"is not a whole year of the run; those are {known}"
        raise ScenarioError([Problem("", f"year {year}", message)])
    return slice(int(inside[0]), int(inside[-1]) + 1)


def _is_whole(calendar: Calendar, year: int) -> bool:
    return np.unique(calendar.month[calendar.year == year]).size == 12


def first_full_year(calendar: Calendar, load_mw: Floats) -> int:
    """Return the first calendar year of a run in which the site is in full use.

    That is the first with all its months whose mean load is at least `FULL_FRAC` of the highest
    one: neither a year in which racks are still coming in nor one in which they retire.

    Parameters
    ----------
    calendar : Calendar
    load_mw : ndarray, shape (n_hours,)
        Facility power. [MW]

    Raises
    ------
    ScenarioError
        If the run holds no whole calendar year, or the site draws nothing in any of them.
    """
    whole = [int(year) for year in np.unique(calendar.year) if _is_whole(calendar, int(year))]
    if not whole:
        raise ScenarioError([Problem("", "end", "the run holds no whole calendar year")])
    means_mw = [float(load_mw[calendar.year == year].mean()) for year in whole]
    if max(means_mw) <= 0:
        message = "the site draws nothing in any whole year of the run"
        raise ScenarioError([Problem("", "year", message)])
    return next(
        year
        for year, mean in zip(whole, means_mw, strict=True)
        if mean >= FULL_FRAC * max(means_mw)
    )


def _check_load(calendar: Calendar, load_mw: Floats, year: int) -> None:
    """Refuse a year without a load: any sizes would serve it."""
    if load_mw[calendar.year == year].any():
        return
    drawn = np.unique(calendar.year[load_mw > 0])
    when = f"it draws power from {drawn[0]} to {drawn[-1]}" if drawn.size else "it never does"
    message = f"the site draws nothing in that year; {when}"
    raise ScenarioError([Problem("", f"year {year}", message)])


def _sized_assets(site: Site, names: Sequence[str]) -> dict[str, tuple[AssetKind, Any]]:
    """Return the assets that may change: the named ones, or all that have a cost or a price."""
    kinds = [kind for kind in all_kinds() if kind.sized_fields]
    every = {kind.key(asset): (kind, asset) for kind, asset in assets_of(site, kinds)}
    able = {key: pair for key, pair in every.items() if _is_priced(*pair)}
    unknown = [name for name in names if name not in every]
    if unknown:
        raise ScenarioError(
            [Problem("", f"plants: {unknown[0]}", f"is none of {', '.join(every) or 'none there'}")]
        )
    unpriced = [name for name in names if name not in able]
    if unpriced or not able:
        key = unpriced[0] if unpriced else ", ".join(kind.section for kind in kinds)
        message = "has no cost to weigh its size by; give cost (capital, life)"
        raise ScenarioError([Problem("", f"{key}.cost" if unpriced else key, message)])
    return {key: pair for key, pair in able.items() if not names or key in names}


def _is_priced(kind: AssetKind, asset: Any) -> bool:
    return asset.cost is not None or kind.price(asset) is not None


def annuity(rate_frac: float, life_years: float) -> float:
    """Return the yearly payment for an outlay of 1 over a life.

    >>> round(annuity(0.07, 20), 12), annuity(0.0, 20)
    (0.094392925743, 0.05)
    """
    if rate_frac == 0:
        return 1.0 / life_years
    return float(-rate_frac / np.expm1(-life_years * np.log1p(rate_frac)))


def _in_totals(money: MoneyPart, price: Price | None) -> float:
    """Return a price in the currency of the scenario's totals."""
    return 0.0 if price is None else price.amount * exchange(money, price.currency)


def _sized_plant(
    kind: AssetKind,
    asset: Any,
    available: AvailableSupply,
    money: MoneyPart,
    run: Run,
    *,
    steps: slice,
) -> SizedPlant:
    output_mw = {**available.onsite_mw, **available.wheeled_mw}[kind.key(asset)]
    output_pu = output_mw[steps] / kind.rated_mw(asset)
    cost = 0.0
    if asset.cost is not None:
        yearly = annuity(money.discount_rate_frac, asset.cost.life_years)
        cost += yearly * _in_totals(money, asset.cost.capital_per_mw)
        cost += _in_totals(money, asset.cost.fixed_per_mw_year)
    terms = kind.price(asset)
    if terms is not None and terms.by_year is not None:
        price = yearly_price(money, terms.by_year, run.timeline.calendar)[steps]
        cost += float((output_pu * price).sum()) * run.timeline.calendar.step_h
    return SizedPlant(output_pu, cost, wheeled=kind.wheeled(asset))


def _sized_store(asset: Any, power_mw: Floats, money: MoneyPart, step_h: float) -> SizedStore:
    cost = asset.cost
    assert cost is not None
    yearly = annuity(money.discount_rate_frac, cost.life_years)
    charge, discharge = asset.efficiencies
    return SizedStore(
        availability_frac=power_mw / asset.power_mw,
        charge_frac=charge,
        discharge_frac=discharge,
        retention_frac=(1.0 - asset.self_discharge_per_h) ** step_h,
        min_stored_frac=max(asset.reserve_frac, asset.minimum_frac),
        cost_per_mw=yearly * _in_totals(money, cost.capital_power_per_mw)
        + _in_totals(money, cost.fixed_per_mw_year),
        cost_per_mwh=yearly * _in_totals(money, cost.capital_energy_per_mwh),
        max_stored_frac=asset.maximum_frac,
        charge_limit_mw=np.inf if asset.charge_power_mw is None else asset.charge_power_mw,
        discharge_limit_mw=np.inf if asset.discharge_power_mw is None else asset.discharge_power_mw,
    )


def _fixed_year(
    run: Run, available: AvailableSupply, money: MoneyPart, steps: slice, sized: set[str]
) -> Year:
    """Return load, supply and prices of a year without the plants that are to be sized."""
    site, calendar = run.plan.site, run.timeline.calendar
    wheeled_clean_mw, wheeled_other_mw = _by_cleanliness(site, available.wheeled_mw, steps, sized)
    onsite_clean_mw, _ = _by_cleanliness(site, available.onsite_mw, steps, sized)
    backup_mw = [unit.available_mw[steps] for unit in available.backup.values()]
    month = calendar.month_index[steps]
    return Year(
        load_mw=run.load.facility_power_mw[steps],
        connection_mw=available.connection_mw[steps],
        clean_wheeled_mw=wheeled_clean_mw,
        clean_onsite_mw=onsite_clean_mw,
        other_mw=np.minimum(wheeled_other_mw, available.connection_mw[steps]),
        dispatchable_mw=_dispatchable_mw(run, available, steps),
        clean_dispatchable=frozenset(
            key for key, unit in available.dispatchable.items() if unit.is_clean
        ),
        backup_mw=sum(backup_mw, np.zeros(steps.stop - steps.start)),
        import_clean_frac=hourly_value(site.grid.carbon_free_frac, calendar)[steps],
        month=month - month[0],
        step_of_hour=max(1, round(1 / calendar.step_h)),
        step_h=calendar.step_h,
        change_mw={
            key: unit.ramp_mw_per_h * calendar.step_h
            for key, unit in available.dispatchable.items()
            if unit.has_ramp
        },
        **_prices(site, money, calendar, steps),
    )


def _dispatchable_mw(
    run: Run, available: AvailableSupply, steps: slice
) -> dict[str, tuple[Floats, Floats]]:
    """Return the least and most of each dispatchable plant, as far as the policy lets it run.

    Under `cfe-first` what emits runs above its minimum only for what the connection cannot bring.
    """
    clean_first = run.plan.site.dispatch.policy == "cfe-first"
    beyond_mw = np.maximum(run.load.facility_power_mw - available.connection_mw, 0.0)[steps]
    limits = {}
    for key, unit in available.dispatchable.items():
        most_mw = unit.available_mw[steps]
        least_mw = unit.minimum_frac * most_mw
        if clean_first and not unit.is_clean:
            most_mw = np.minimum(most_mw, np.maximum(least_mw, beyond_mw))
        limits[key] = least_mw, most_mw
    return limits


def _by_cleanliness(
    site: Site, sources: Mapping[str, Floats], steps: slice, sized: set[str]
) -> tuple[Floats, Floats]:
    """Return the output of carbon-free and of other sources that keep their size. [MW]"""
    clean = {
        kind.key(asset)
        for kind, asset in assets_of(site)
        if kind.cleanliness_of(asset).name != "emitting"
    }

    def total_mw(*, is_clean: bool) -> Floats:
        outputs_mw = [
            output_mw[steps]
            for key, output_mw in sources.items()
            if key not in sized and (key in clean) == is_clean
        ]
        return sum(outputs_mw, np.zeros(steps.stop - steps.start))

    return total_mw(is_clean=True), total_mw(is_clean=False)


def _prices(site: Site, money: MoneyPart, calendar: Calendar, steps: slice) -> dict[str, Any]:
    """Return the fields of a `Year` that are prices, in the currency of the totals.

    Unserved load without a price of its own costs `LOST_LOAD` times the dearest energy, and backup
    at least ten times, so that neither is ever the cheap way out: with import at 160 USD/MWh at
    most, backup costs 1,600 and unserved load 16,000 USD/MWh.
    """
    tariff = money.tariff
    assert tariff is not None
    import_price = energy_price_per_mwh(money, tariff, calendar)[steps]
    plant_prices = {
        key: marginal_price_per_mwh(kind, asset, money, calendar)[steps]
        for key, (kind, asset) in dispatchable_assets(site).items()
    }
    terms = [kind.price(asset) for kind, asset in assets_of(site, kinds_of("backup"))]
    fuel = [_in_totals(money, each.fixed) if each else 0.0 for each in terms]
    highest = max(float(price.max(initial=0.0)) for price in (import_price, *plant_prices.values()))
    lost = site.dispatch.lost_load_per_mwh
    months = calendar.month_index[steps]
    demand_price = demand_price_per_mw_month(money, tariff, calendar)
    return {
        "import_per_mwh": import_price,
        "dispatchable_per_mwh": plant_prices,
        "backup_per_mwh": max([*fuel, 10.0 * highest]),
        "unserved_per_mwh": LOST_LOAD * highest if lost is None else _in_totals(money, lost),
        "demand_per_mw": demand_price[int(months[0]) : int(months[-1]) + 1],
    }
