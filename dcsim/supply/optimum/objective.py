"""Objective of the optimal dispatch: weights of import, plants and unserved load by step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from dcsim.clock import Calendar, Floats, Integers
from dcsim.errors import Problem, ScenarioError
from dcsim.scenario.plan import Plan
from dcsim.scenario.prices import (
    demand_price_per_mw_month,
    energy_price_per_mwh,
    exchange,
    mean_by_month,
    yearly_price,
)
from dcsim.scenario.schema.assets.kind import AssetKind, EnergyPrice
from dcsim.scenario.schema.assets.registry import assets_of, kinds_of
from dcsim.scenario.schema.money import MoneyPart
from dcsim.scenario.schema.site import Site
from dcsim.series.profiles import grid_carbon_kg_per_mwh
from dcsim.units import KG_PER_TONNE

UNSERVED = 1000.0
"""Weight of unserved load over the highest of all others: what comes first by far."""
BACKUP = 10.0
"""Weight of backup likewise: they are left for what nothing else can serve."""
TIE = 1e-4
"""Least weight of anything that runs, over the usual weight of import: of plans that are equally
good the one is taken that does less."""


class Weights(NamedTuple):
    """Weights of energy, without unit: the mean price or factor of import is about 1."""

    import_per_mwh: Floats
    """Shape ``(n_steps,)``."""
    dispatchable_per_mwh: Mapping[str, Floats]
    """By asset key, shape ``(n_steps,)`` each."""
    backup_per_mwh: float
    unserved_per_mwh: float
    demand_per_mw: Floats
    """Of the highest hourly import of each month, shape ``(n_months,)``; empty if it has none."""
    month: Integers
    """Month of each step, shape ``(n_steps,)``."""
    step_of_hour: int = 1
    """Steps in the hour over which that import is averaged."""


def import_weights(n_steps: int, dispatchable: Mapping[str, object]) -> Weights:
    """Return weights that make unserved energy small first, then import from the grid."""
    return _ranked(np.ones(n_steps), {key: np.zeros(n_steps) for key in dispatchable})


def weights_of(plan: Plan, calendar: Calendar) -> Weights:
    """Return the weights that ``dispatch.objective`` of a scenario asks for.

    Parameters
    ----------
    plan : Plan
    calendar : Calendar

    Returns
    -------
    Weights

    Raises
    ------
    ScenarioError
        If costs are to be made small and the scenario has no tariff.
    """
    site, dispatch = plan.site, plan.site.dispatch
    n_steps = calendar.n_hours
    units = dispatchable_assets(site)
    if dispatch.objective == "import":
        return import_weights(n_steps, units)
    if dispatch.objective == "carbon":
        kg = grid_carbon_kg_per_mwh(plan)
        factors = {
            key: np.full(n_steps, kind.cleanliness_of(asset).kg_per_mwh)
            for key, (kind, asset) in units.items()
        }
        return _ranked(kg, factors)
    money = site.money
    if money is None or money.tariff is None:
        message = "is needed where dispatch.objective is cost; give it, or choose import or carbon"
        raise ScenarioError([Problem("", "money.tariff", message)])
    price = energy_price_per_mwh(money, money.tariff, calendar)
    prices = {
        key: marginal_price_per_mwh(kind, asset, money, calendar)
        for key, (kind, asset) in units.items()
    }
    lost = dispatch.lost_load_per_mwh
    weights = _ranked(
        price,
        prices,
        unserved=None if lost is None else lost.amount * exchange(money, lost.currency),
    )
    demand = demand_price_per_mw_month(money, money.tariff, calendar) / _usual(price)
    # No peak is shaved by gensets, which may not start, nor by load that is left unserved.
    above = float(demand.max(initial=0.0)) / calendar.step_h
    return weights._replace(
        backup_per_mwh=weights.backup_per_mwh + above,
        unserved_per_mwh=weights.unserved_per_mwh + (above if lost is None else 0.0),
        demand_per_mw=demand,
        month=calendar.month_index,
        step_of_hour=max(1, round(1 / calendar.step_h)),
    )


def dispatchable_assets(site: Site) -> dict[str, tuple[AssetKind, Any]]:
    """Return the assets that may follow the load, with their kinds, by key."""
    return {
        kind.key(asset): (kind, asset) for kind, asset in assets_of(site, kinds_of("dispatchable"))
    }


def marginal_price_per_mwh(
    kind: AssetKind, asset: Any, money: MoneyPart, calendar: Calendar
) -> Floats:
    """Return what one MWh of an asset costs in each step, emissions that are paid for included.

    Its own price by year or of its fuel, or its discount on the mean price of grid energy of the
    month.

    Parameters
    ----------
    kind : AssetKind
    asset : asset of the kind
    money : MoneyPart
        Tariff, exchange rates, and the price of emissions.
    calendar : Calendar

    Returns
    -------
    ndarray, shape (n_hours,)
        [currency of the totals per MWh]
    """
    price, terms = np.zeros(calendar.n_hours), kind.price(asset) or EnergyPrice()
    if terms.by_year is not None:
        price = yearly_price(money, terms.by_year, calendar)
    elif terms.fixed is not None:
        price = price + terms.fixed.amount * exchange(money, terms.fixed.currency)
    elif terms.tariff_discount_frac is not None and money.tariff is not None:
        grid = energy_price_per_mwh(money, money.tariff, calendar)
        price = mean_by_month(grid, calendar) * (1.0 - terms.tariff_discount_frac)
    cleanliness = kind.cleanliness_of(asset)
    if money.carbon_price_per_t is not None and cleanliness.kg_per_mwh:
        t_per_mwh = cleanliness.kg_per_mwh / KG_PER_TONNE * money.carbon_paid_frac
        price = price + yearly_price(money, money.carbon_price_per_t, calendar) * t_per_mwh
    return price


def _ranked(
    grid: Floats, plants: Mapping[str, Floats], *, unserved: float | None = None
) -> Weights:
    """Return weights over the usual one of import, backup and unserved load above all others."""
    usual = _usual(grid)
    shares = {key: np.maximum(price / usual, TIE) for key, price in plants.items()}
    bought = np.maximum(grid / usual, TIE)
    highest = max(float(part.max(initial=1.0)) for part in (bought, *shares.values()))
    return Weights(
        import_per_mwh=bought,
        dispatchable_per_mwh=shares,
        backup_per_mwh=BACKUP * highest,
        unserved_per_mwh=UNSERVED * highest if unserved is None else unserved / usual,
        demand_per_mw=np.zeros(0),
        month=np.zeros(grid.size, dtype=np.int64),
    )


def _usual(grid: Floats) -> float:
    mean = float(np.abs(grid).mean()) if grid.size else 0.0
    return mean or 1.0
