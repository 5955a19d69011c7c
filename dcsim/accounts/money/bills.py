"""What the site's operator pays for energy and carbon, month by month."""

from __future__ import annotations

import numpy as np

from dcsim.accounts.energy.carbon import Carbon
from dcsim.accounts.money.ledger import Lines
from dcsim.accounts.money.tariff import grid_bill, mean_energy_price
from dcsim.accounts.months import Months
from dcsim.clock import Floats
from dcsim.scenario.schema.money import MoneyPart
from dcsim.scenario.schema.site import Site
from dcsim.scenario.schema.supply import Chp
from dcsim.types import Flows


def energy_bills(
    site: Site, money: MoneyPart, months: Months, flows: Flows, party: str
) -> list[Lines]:
    """Return the lines for energy: grid, CHP, power purchase agreements, genset fuel.

    A purchase agreement pays for all that is made, also what is curtailed, at the price of the
    calendar year. Energy without a price costs nothing.
    """
    bills = []
    if money.tariff is not None:
        bills += grid_bill(money.tariff, months, flows.grid_import_mw, party)
    for plant in site.chp:
        bills += _chp(plant, money, months, _energy(f"chp.{plant.name}", months, flows), party)
    for section in ("solar", "wind", "contracts"):
        for asset in getattr(site, section):
            if asset.price_per_mwh is None:
                continue
            key, price = f"{section}.{asset.name}", asset.price_per_mwh
            lines = Lines(months.day, party, key, "ppa_energy")
            energy_mwh = _energy(key, months, flows)
            bills.append(lines.priced(energy_mwh, "MWh", -months.at(price), price.currency))
    for gensets in site.gensets:
        if gensets.fuel_price_per_mwh is None:
            continue
        key, fuel = f"gensets.{gensets.name}", gensets.fuel_price_per_mwh
        rate = np.full(months.day.size, -fuel.amount)
        lines = Lines(months.day, party, key, "genset_fuel")
        bills.append(lines.priced(_energy(key, months, flows), "MWh", rate, fuel.currency))
    return bills


def _chp(
    plant: Chp, money: MoneyPart, months: Months, energy_mwh: Floats, party: str
) -> list[Lines]:
    lines = Lines(months.day, party, f"chp.{plant.name}", "chp_energy")
    if plant.price_per_mwh is not None:
        rate = -months.at(plant.price_per_mwh)
        return [lines.priced(energy_mwh, "MWh", rate, plant.price_per_mwh.currency)]
    if money.tariff is None:
        return []
    left = 1.0 - plant.discount_frac
    return [
        lines.priced(energy_mwh, "MWh", -price * left, currency)
        for currency, price in mean_energy_price(money.tariff, months).items()
    ]


def carbon_bills(money: MoneyPart, months: Months, carbon: Carbon, party: str) -> list[Lines]:
    """Return the lines for emissions of on-site plants, as far as they are paid for."""
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
