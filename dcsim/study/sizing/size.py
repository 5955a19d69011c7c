"""Least-cost sizes of plants and batteries for one year of a scenario, found and then replayed.

The program of `dcsim.supply.optimum.sizing` is handed the year as the scenario would meet it; its
answer is laid on the scenario and run through the whole simulation, whose policy does not see the
future.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from dcsim.accounts.money.tariff import monthly_peak_mw
from dcsim.accounts.months import hourly_value
from dcsim.clock import Calendar, Floats
from dcsim.errors import ModelError, Problem, ScenarioError
from dcsim.pipeline import Run, run_stages
from dcsim.scenario.prices import (
    demand_price_per_mw_month,
    energy_price_per_mwh,
    exchange,
    yearly_price,
)
from dcsim.scenario.scenario import Scenario
from dcsim.scenario.schema.assets.kind import AssetKind
from dcsim.scenario.schema.assets.registry import KINDS, assets_of, kind_of, kinds_of
from dcsim.scenario.schema.money import MoneyPart
from dcsim.scenario.schema.part import key_of
from dcsim.scenario.schema.quantity import Price
from dcsim.scenario.schema.site import Site
from dcsim.supply.availability import AvailableSupply, available_supply
from dcsim.supply.optimum.objective import dispatchable_assets, marginal_price_per_mwh
from dcsim.supply.optimum.sizing import Found, SizedPlant, SizedStore, Year, find_sizes

MOST_TRIES = 8
CLOSE_FRAC = 1e-3
"""How far below its goal a share still counts as met."""
OVER_FRAC = 0.005
"""How far above it is close enough."""
LOST_LOAD = 100.0
"""Weight of unserved load over the highest price of energy, where the scenario gives no price."""


class Asked(NamedTuple):
    """What sizes are asked for."""

    year: int
    cfe_frac: float | None = None
    cost_limit: float | None = None
    """In the currency of the scenario's totals."""
    names: tuple[str, ...] = ()
    """Plants and batteries that may change; without any, all that have a cost or a price."""
    meet: bool = False
    """Whether the simulation has to reach the share, not only the program."""


class Part(NamedTuple):
    """The year of a site, as the program takes it."""

    year: Year
    plants: dict[str, SizedPlant]
    stores: dict[str, SizedStore]
    steps: slice
    """Steps of the run that it holds."""


class Replayed(NamedTuple):
    """The same figures as the program gives, from the simulation."""

    cfe_frac: float
    cost: float
    unserved_mwh: float


class Sized(NamedTuple):
    """What was found."""

    found: Found
    replayed: Replayed
    before: Replayed
    """Of the scenario as it was."""
    overrides: tuple[str, ...]
    """Values that lay the sizes on the scenario."""


def size(scenario: Scenario, asked: Asked) -> Sized:
    """Return the sizes of least cost, and what the simulation makes of them.

    Raises
    ------
    ScenarioError
        If the scenario has no money, nothing that may be sized, or no such year.
    ModelError
        If no sizes reach what is asked for.
    """
    run = run_stages(scenario.plan())
    part = year_of(run, asked)
    found, second = _attempt(scenario, part, asked, asked.cfe_frac)
    if asked.meet and asked.cfe_frac is not None:
        found, second = _until_met(scenario, part, asked, found, second)
    site = run.plan.site
    old_mw = {key: sizes_now(site, key)[0] for key in part.plants}
    old = {key: (sizes_now(site, key)[0], sizes_now(site, key)[1]) for key in part.stores}
    return Sized(
        found, second, replayed(run, part, old_mw, old), overrides_of(scenario.site, found)
    )


def _attempt(
    scenario: Scenario, part: Part, asked: Asked, cfe_frac: float | None
) -> tuple[Found, Replayed]:
    """Find sizes for a share, and replay them."""
    found = find_sizes(
        part.year, part.plants, part.stores, cfe_frac=cfe_frac, cost_limit=asked.cost_limit
    )
    sized = scenario.with_overrides(overrides_of(scenario.site, found))
    return found, replayed(run_stages(sized.plan()), part, found.plants_mw, found.stores)


def _until_met(
    scenario: Scenario, part: Part, asked: Asked, found: Found, second: Replayed
) -> tuple[Found, Replayed]:
    """Ask the program for more until the simulation reaches the share, and for no more than that.

    By false position: first what the simulation falls short by is added, then the line between the
    last miss and the last hit is followed.
    """
    goal = asked.cfe_frac
    assert goal is not None
    missed, target, met = (goal, second.cfe_frac), goal, None
    for _ in range(MOST_TRIES):
        if second.cfe_frac < goal - CLOSE_FRAC:
            missed = (target, second.cfe_frac)
        else:
            met = (target, second.cfe_frac, found, second)
        if met is not None and met[1] - goal <= OVER_FRAC:
            break
        if met is None:
            target += goal - second.cfe_frac
        else:
            step = (goal + OVER_FRAC / 2 - missed[1]) / (met[1] - missed[1])
            target = missed[0] + (met[0] - missed[0]) * step
        if target >= 1.0:
            break
        found, second = _attempt(scenario, part, asked, target)
    if met is not None:
        return met[2], met[3]
    raise ModelError(
        f"the simulation stays at {second.cfe_frac:.1%} however large the plants are: its policy "
        f"{scenario.site.dispatch.policy} runs other sources first; try dispatch.policy=cfe-first"
    )


def year_of(run: Run, asked: Asked) -> Part:
    """Return one calendar year of a run as the program takes it, what is to be sized taken out."""
    site, calendar = run.plan.site, run.timeline.calendar
    money = _money(site)
    steps = _steps_of(calendar, asked.year)
    available = available_supply(run.plan, run.timeline, run.weather, run.load)
    sized = _sized(site, asked.names)
    h = calendar.step_h
    plants = {
        key: _sized_plant(kind, part, available, money, run, steps=steps)
        for key, (kind, part) in sized.items()
        if not kind.is_store
    }
    stores = {
        key: _sized_store(part, available.stores[key].power_mw[steps], money, asked.year, h)
        for key, (kind, part) in sized.items()
        if kind.is_store
    }
    return Part(_year(run, available, money, steps, set(plants)), plants, stores, steps)


def _money(site: Site) -> MoneyPart:
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
        message = f"year {year} is not a whole year of the run; those are {known}"
        raise ScenarioError([Problem("--year", "", message)])
    return slice(int(inside[0]), int(inside[-1]) + 1)


def _is_whole(calendar: Calendar, year: int) -> bool:
    return np.unique(calendar.month[calendar.year == year]).size == 12


def last_whole_year(calendar: Calendar) -> int:
    """Return the last calendar year that lies in a run with all its months."""
    whole = [int(year) for year in np.unique(calendar.year) if _is_whole(calendar, int(year))]
    if not whole:
        raise ScenarioError([Problem("", "end", "the run holds no whole calendar year")])
    return whole[-1]


def _sized(site: Site, names: Sequence[str]) -> dict[str, tuple[AssetKind, Any]]:
    """Return what may change by asset key: what has a cost or a price, or what is named."""
    kinds = [kind for kind in KINDS if kind.sized_fields]
    every = {kind.key(part): (kind, part) for kind, part in assets_of(site, kinds)}
    able = {key: found for key, found in every.items() if _is_priced(*found)}
    unknown = [name for name in names if name not in every]
    if unknown:
        raise ScenarioError(
            [Problem("--plant", unknown[0], f"is none of {', '.join(every) or 'none there'}")]
        )
    unpriced = [name for name in names if name not in able]
    if unpriced or not able:
        key = unpriced[0] if unpriced else ", ".join(kind.section for kind in kinds)
        message = "has no cost to weigh its size by; give cost (capital, life)"
        raise ScenarioError([Problem("", f"{key}.cost" if unpriced else key, message)])
    return {key: found for key, found in able.items() if not names or key in names}


def _is_priced(kind: AssetKind, part: Any) -> bool:
    return part.cost is not None or kind.price(part) is not None


def annuity(rate_frac: float, life_years: float) -> float:
    """Return the yearly payment for an outlay of 1 over a life.

    >>> round(annuity(0.07, 20), 12), annuity(0.0, 20)
    (0.094392925743, 0.05)
    """
    if rate_frac == 0:
        return 1.0 / life_years
    return float(-rate_frac / np.expm1(-life_years * np.log1p(rate_frac)))


def _worth(money: MoneyPart, price: Price | None) -> float:
    return 0.0 if price is None else price.amount * exchange(money, price.currency)


def _sized_plant(
    kind: AssetKind,
    part: Any,
    available: AvailableSupply,
    money: MoneyPart,
    run: Run,
    *,
    steps: slice,
) -> SizedPlant:
    made_mw = {**available.onsite_mw, **available.wheeled_mw}[kind.key(part)]
    output_pu = made_mw[steps] / kind.rated_mw(part)
    cost = 0.0
    if part.cost is not None:
        yearly = annuity(money.discount_rate_frac, part.cost.life_years)
        cost += yearly * _worth(money, part.cost.capital_per_mw)
        cost += _worth(money, part.cost.fixed_per_mw_year)
    terms = kind.price(part)
    if terms is not None and terms.by_year is not None:
        price = yearly_price(money, terms.by_year, run.timeline.calendar)[steps]
        cost += float((output_pu * price).sum()) * run.timeline.calendar.step_h
    return SizedPlant(output_pu, cost, wheeled=kind.wheeled(part))


def _sized_store(
    part: Any, power_mw: Floats, money: MoneyPart, year: int, step_h: float
) -> SizedStore:
    cost = part.cost
    assert cost is not None
    yearly = annuity(money.discount_rate_frac, cost.life_years)
    charge, discharge = part.efficiencies
    return SizedStore(
        there_frac=power_mw / part.power_mw,
        charge_frac=charge,
        discharge_frac=discharge,
        kept_frac=(1.0 - part.self_discharge_per_h) ** step_h,
        least_frac=max(part.reserve_frac, part.minimum_frac),
        cost_per_mw=yearly * _worth(money, cost.capital_power_per_mw)
        + _worth(money, cost.fixed_per_mw_year),
        cost_per_mwh=yearly * _worth(money, cost.capital_energy_per_mwh),
    )


def _year(
    run: Run, available: AvailableSupply, money: MoneyPart, steps: slice, sized: set[str]
) -> Year:
    """Return what there is besides what is to be sized."""
    site, calendar = run.plan.site, run.timeline.calendar
    tariff = money.tariff
    assert tariff is not None
    n = steps.stop - steps.start
    clean = {
        kind.key(asset)
        for kind, asset in assets_of(site)
        if kind.cleanliness_of(asset).name != "emitting"
    }

    def total(sources: Mapping[str, Floats], *, is_clean: bool) -> Floats:
        kept = [
            made[steps]
            for key, made in sources.items()
            if key not in sized and (key in clean) == is_clean
        ]
        return sum(kept, np.zeros(n))

    price = energy_price_per_mwh(money, tariff, calendar)[steps]
    plant_price = {
        key: marginal_price_per_mwh(kind, asset, money, calendar)[steps]
        for key, (kind, asset) in dispatchable_assets(site).items()
    }
    terms = [kind.price(asset) for kind, asset in assets_of(site, kinds_of("backup"))]
    fuel = [_worth(money, each.fixed) if each else 0.0 for each in terms]
    highest = max(float(part.max(initial=0.0)) for part in (price, *plant_price.values()))
    lost = site.dispatch.lost_load_per_mwh
    month = calendar.month_index[steps]
    return Year(
        load_mw=run.load.facility_power_mw[steps],
        connection_mw=available.connection_mw[steps],
        clean_wheeled_mw=total(available.wheeled_mw, is_clean=True),
        clean_onsite_mw=total(available.onsite_mw, is_clean=True),
        other_mw=np.minimum(
            total(available.wheeled_mw, is_clean=False), available.connection_mw[steps]
        ),
        dispatchable_mw={
            key: (unit.minimum_frac * unit.available_mw[steps], unit.available_mw[steps])
            for key, unit in available.dispatchable.items()
        },
        backup_mw=sum(
            (unit.available_mw[steps] for unit in available.backup.values()), np.zeros(n)
        ),
        import_clean_frac=hourly_value(site.grid.carbon_free_frac, calendar)[steps],
        import_per_mwh=price,
        dispatchable_per_mwh=plant_price,
        backup_per_mwh=max([*fuel, 10.0 * highest]),
        unserved_per_mwh=LOST_LOAD * highest if lost is None else _worth(money, lost),
        demand_per_mw=demand_price_per_mw_month(money, tariff, calendar)[
            int(month[0]) : int(month[-1]) + 1
        ],
        month=month - month[0],
        step_of_hour=max(1, round(1 / calendar.step_h)),
        step_h=calendar.step_h,
    )


def overrides_of(site: Site, found: Found) -> tuple[str, ...]:
    """Return the values that lay sizes on a scenario; what is not built is as small as can be."""
    sizes: dict[str, tuple[float, ...]] = {key: (mw,) for key, mw in found.plants_mw.items()}
    return tuple(
        f"{key}.{key_of(field)}={max(value, 1e-6):.6g} {unit}"
        for key, values in (sizes | found.stores).items()
        for field, value, unit in zip(_fields(key), values, ("MW", "MWh"), strict=False)
    )


def _fields(key: str) -> tuple[str, ...]:
    kind = kind_of(key)
    assert kind is not None
    return kind.sized_fields


def sizes_now(site: Site, key: str) -> tuple[float, ...]:
    """Return what a scenario says of the size of an asset: rated power, of a store energy too."""
    part = next(part for kind, part in assets_of(site) if kind.key(part) == key)
    return tuple(float(getattr(part, field)) for field in _fields(key))


def replayed(
    run: Run,
    part: Part,
    plants_mw: Mapping[str, float],
    stores: Mapping[str, tuple[float, float]],
) -> Replayed:
    """Return share, cost and unserved energy of the year of a run, at the program's prices."""
    year, steps, flows = part.year, part.steps, run.flows
    h = year.step_h
    load_mw = run.load.facility_power_mw[steps]
    cost = sum(part.plants[key].cost_per_mw * mw for key, mw in plants_mw.items())
    for key, (power_mw, energy_mwh) in stores.items():
        cost += part.stores[key].cost_per_mw * power_mw
        cost += part.stores[key].cost_per_mwh * energy_mwh
    imported_mw = flows.grid_import_mw[steps]
    cost += float((imported_mw * year.import_per_mwh).sum()) * h
    for key, price in year.dispatchable_per_mwh.items():
        cost += float((flows.asset_generation_mw[key][steps] * price).sum()) * h
    backup = [
        flows.asset_generation_mw[kind.key(asset)][steps]
        for kind, asset in assets_of(run.plan.site, kinds_of("backup"))
    ]
    cost += float(sum(backup, np.zeros(load_mw.size)).sum()) * h * year.backup_per_mwh
    peaks_mw = monthly_peak_mw(flows.grid_import_mw, run.timeline.calendar)
    first = int(run.timeline.calendar.month_index[steps.start])
    cost += float((peaks_mw[first : first + 12] * year.demand_per_mw).sum())
    total_mw = float(load_mw.sum())
    matched = float(run.accounts.carbon_free_mw[steps].sum()) / total_mw if total_mw else 1.0
    return Replayed(matched, cost, float(flows.unserved_mw[steps].sum()) * h)
