"""The budget of a run: outputs of the stages in, ledger and figures of money out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dcsim.accounts.energy.carbon import Carbon
from dcsim.accounts.gpu.powered import powered_frac
from dcsim.accounts.key_figures import money_names
from dcsim.accounts.money import bills, finance, outlays
from dcsim.accounts.money.ledger import (
    INCOME_KINDS,
    capital_kinds,
    energy_kinds,
    ledger_from,
    ledger_kinds,
    operating_kinds,
)
from dcsim.accounts.months import Months
from dcsim.clock import Floats
from dcsim.scenario.prices import exchange
from dcsim.scenario.schema.money import MoneyPart
from dcsim.scenario.schema.site import Site
from dcsim.types import Flows, Load, Timeline
from dcsim.units import DAYS_PER_YEAR

UNNAMED_OPERATOR = "operator"
"""Party that pays for energy where the scenario names no operator."""


def _yearly_kinds() -> dict[str, tuple[tuple[str, ...], float]]:
    """Return the kinds that figures of money sum, and the sign that makes costs positive."""
    return {
        "energy_cost": (energy_kinds(), -1.0),
        "operating_cost": (operating_kinds(), -1.0),
        "capex": (capital_kinds(), -1.0),
        "capex_gpus": (("gpus",), -1.0),
        "income": (INCOME_KINDS, 1.0),
        "cash_flow": (ledger_kinds(), 1.0),
    }


def write_ledger(
    site: Site, months: Months, timeline: Timeline, load: Load, flows: Flows, *, carbon: Carbon
) -> dict[str, list[object]]:
    """Return the ledger of the run; without money in the scenario it has no lines.

    Parameters
    ----------
    site : Site
        Prices and costs of assets, and `money`.
    months : Months
        Months that are billed.
    timeline : Timeline
        Works and deliveries that are paid for.
    load : Load
        GPUs that earn rental.
    flows : Flows
        Energy that is paid for.
    carbon : Carbon
        Emissions on site that are paid for.

    Returns
    -------
    dict of list
        Columns of the ledger. Lines of a date stand in the order energy, carbon, capital, GPUs,
        stores, staff and maintenance, rental.
    """
    money = site.money
    if money is None:
        return ledger_from([])
    operator = money.costs.operator if money.costs else UNNAMED_OPERATOR
    spent = outlays.capital(site, money, months, timeline)
    lines = [
        *bills.energy_bills(site, money, months, flows, operator),
        *bills.carbon_bills(money, months, carbon, operator),
        *spent,
        *outlays.gpu_purchases(site, months, timeline, operator),
        *outlays.store_renewals(site, months, flows, operator),
    ]
    if money.costs is not None:
        on_works = [
            line for line, cost in zip(spent, money.capital, strict=True) if cost.works is not None
        ]
        lines += outlays.running_costs(site, money.costs, months, timeline, on_works)
        powered = powered_frac(load, flows)
        lines += outlays.rental(site, money.costs, months, timeline, load, earning_frac=powered)
    return ledger_from(lines)


def rental_not_earned(
    site: Site, months: Months, timeline: Timeline, load: Load, flows: Flows
) -> Floats:
    """Return the rental of each month that GPUs without power do not earn, shape ``(n_months,)``.

    Parameters
    ----------
    site, months, timeline, load, flows
        As `write_ledger` takes them.

    Returns
    -------
    ndarray, shape (n_months,)
        Zero without rental. [currency of the totals]
    """
    money, lost = site.money, np.zeros(months.day.size)
    if money is None or money.costs is None or not flows.unserved_mw.any():
        return lost
    dark = 1.0 - powered_frac(load, flows)
    for line in outlays.rental(site, money.costs, months, timeline, load, earning_frac=dark):
        lost += line.amount * exchange(money, line.currency)
    return lost


def money_figures(
    money: MoneyPart | None,
    months: Months,
    ledger: Mapping[str, list[object]],
    monthly: Mapping[str, Floats],
) -> tuple[dict[str, Floats], dict[str, float | None]]:
    """Return the figures of money by year and of the run, in the currency of the totals.

    Costs are positive. Without money in the scenario there are none by year, and those of the run
    are None, named as in US dollars.

    Parameters
    ----------
    money : MoneyPart or None
        Currency of the totals, rates of exchange, discount rate, funds.
    months : Months
        Months of the run.
    ledger : mapping of list
        Columns of the ledger.
    monthly : mapping of ndarray, shape (n_months,)
        Sums by month, of which GPU-hours, energy drawn and what of both is not served are read,
        and ``income_unserved``, the rental that is not earned for it.

    Returns
    -------
    yearly : dict of ndarray, shape (n_years,)
    figures : dict of float or None
        Names and order are those of `money_names`.

    Raises
    ------
    ScenarioError
        If a currency is used that ``money.rates`` does not give.
    AssertionError
        If the ledger does not add up to the same by kind, party and year.
    """
    if money is None:
        return {}, dict.fromkeys(money_names("usd"))
    unit = money.currency.lower()
    flow = finance.cash(money, ledger, months.calendar.start.date())
    finance.check_totals(flow)
    yearly = {
        f"{name}_{unit}": flow.by_year(sign * flow.of(*kinds), months.years)
        for name, (kinds, sign) in _yearly_kinds().items()
    }
    yearly[f"income_unserved_{unit}"] = months.by_year(monthly["income_unserved"])
    figures: dict[str, float | None] = {name: float(sums.sum()) for name, sums in yearly.items()}
    figures |= _value_figures(money, months, flow, monthly, unit)
    figures["payback_year"] = finance.payback_year(yearly[f"cash_flow_{unit}"], months.years)
    funds = finance.funding(money, flow)
    figures[f"funds_promised_{unit}"] = sum(fund.committed for fund in funds)
    figures[f"funds_drawn_{unit}"] = sum(fund.drawn for fund in funds)
    figures[f"funds_gap_{unit}"] = sum(fund.gap for fund in funds)
    assert set(figures) == set(money_names(unit))
    return yearly, figures


def _value_figures(
    money: MoneyPart,
    months: Months,
    flow: finance.Cash,
    monthly: Mapping[str, Floats],
    unit: str,
) -> dict[str, float | None]:
    """Return present value, internal return and levelized costs of the run."""
    discount = money.discount_rate_frac
    since = (months.day - months.first_day).astype(np.int64)
    years = np.maximum(since, 0) / DAYS_PER_YEAR
    cost = -flow.of(*capital_kinds(), *operating_kinds())
    energy = -flow.of(*energy_kinds())
    gpu_h = monthly["gpu_hours_online"] - monthly["gpu_hours_unserved"]
    served_mwh = monthly["facility_mwh"] - monthly["unserved_mwh"]

    def levelized(spent: Floats, output: Floats) -> float | None:
        return finance.levelized_cost(spent, flow.years, output, years, discount)

    return {
        f"npv_{unit}": finance.present_value(flow.amount, flow.years, discount),
        # A plan that never earns its outlay back has roots that mean nothing to a reader.
        "irr_frac": (
            finance.internal_return(flow.amount, flow.years) if flow.amount.sum() > 0 else None
        ),
        f"levelized_cost_{unit}_per_gpu_hour": levelized(cost, gpu_h),
        f"levelized_cost_{unit}_per_mwh": levelized(cost, served_mwh),
        f"levelized_energy_cost_{unit}_per_mwh": levelized(energy, served_mwh),
    }
