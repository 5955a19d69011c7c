"""Bills of the site's operator for energy and carbon, month by month."""

from __future__ import annotations

import numpy as np

from dcsim.accounts.energy.carbon import Carbon
from dcsim.accounts.money.ledger import Lines
from dcsim.accounts.money.tariff import grid_bill, mean_energy_price
from dcsim.accounts.months import Months
from dcsim.clock import Floats
from dcsim.scenario.schema.assets.kind import EnergyPrice
from dcsim.scenario.schema.assets.registry import assets_of, kinds_of
from dcsim.scenario.schema.money import MoneyPart
from dcsim.scenario.schema.site import Site
from dcsim.types import Flows


def energy_bills(
    site: Site, money: MoneyPart, months: Months, flows: Flows, party: str
) -> list[Lines]:
    """Return the lines for energy: grid, dispatchable, variable and backup sources.

    A purchase agreement pays for all that is made, also what is curtailed, at the price of the
    calendar year. Energy without a price costs nothing.

    Parameters
    ----------
    site, money, months, flows
        The assets, what their energy costs, the months of the run, what each asset made.
    party : str
        Payer.
    """
    bills = []
    if money.tariff is not None:
        bills += grid_bill(money.tariff, months, flows.grid_import_mw, party)
    for kind, asset in assets_of(site, kinds_of("dispatchable", "variable", "backup")):
        terms = kind.price(asset)
        if terms is not None:
            lines = Lines(months.day, party, kind.key(asset), kind.ledger_kind)
            bills += _bill(lines, terms, money, months, _energy(kind.key(asset), months, flows))
    return bills


def _bill(
    lines: Lines, terms: EnergyPrice, money: MoneyPart, months: Months, energy_mwh: Floats
) -> list[Lines]:
    """Return the lines of one asset, one for each currency it is paid in."""
    rates: dict[str, Floats] = {}
    if terms.by_year is not None:
        rates = {terms.by_year.currency: months.at(terms.by_year)}
    elif terms.fixed is not None:
        rates = {terms.fixed.currency: np.full(months.day.size, terms.fixed.amount)}
    elif terms.tariff_discount_frac is not None and money.tariff is not None:
        left = 1.0 - terms.tariff_discount_frac
        means = mean_energy_price(money.tariff, months)
        rates = {currency: price * left for currency, price in means.items()}
    return [lines.priced(energy_mwh, "MWh", -rate, currency) for currency, rate in rates.items()]


def carbon_bills(money: MoneyPart, months: Months, carbon: Carbon, party: str) -> list[Lines]:
    """Return the lines for emissions of on-site plants, as far as they are paid for.

    Parameters
    ----------
    money : MoneyPart
        Price of an emitted tonne by year, and the share that is paid for.
    months : Months
        Months of the run.
    carbon : Carbon
        Emissions of each step.
    party : str
        Payer.

    Returns
    -------
    list of Lines
        One set of lines; none without a price of emissions.
    """
    price = money.carbon_price_per_t
    if price is None:
        return []
    return [
        Lines(months.day, party, key, "carbon").priced(
            months.calendar.monthly_sum(emitted_t) * money.carbon_paid_frac,
            "t",
            -months.at(price),
            price.currency,
        )
        for key, emitted_t in carbon.onsite_t.items()
    ]


def _energy(key: str, months: Months, flows: Flows) -> Floats:
    made_mw = flows.asset_generation_mw.get(key)
    return np.zeros(months.day.size) if made_mw is None else months.total(made_mw)
