"""The last stage: plan, timeline, load and flows in, closed accounts out."""

from __future__ import annotations

from dcsim.accounts.energy.allocation import allocate
from dcsim.accounts.energy.carbon import emissions
from dcsim.accounts.energy.cfe import match
from dcsim.accounts.figures import Books, monthly_figures, run_figures, yearly_figures
from dcsim.accounts.gpu.days import gpu_minutes, group_stock, stocks
from dcsim.accounts.gpu.milestones import check_milestones
from dcsim.accounts.money.budget import money_figures, rental_not_earned, write_ledger
from dcsim.accounts.months import Months
from dcsim.gpu_states import IN_SERVICE
from dcsim.scenario.plan import Plan
from dcsim.series.profiles import grid_carbon_kg_per_mwh
from dcsim.types import Accounts, Flows, Load, Timeline


def close_accounts(plan: Plan, timeline: Timeline, load: Load, flows: Flows) -> Accounts:
    """Count GPU-days, milestones, carbon-free hours, carbon and money of a run.

    Parameters
    ----------
    plan : Plan
        The site with its values as drawn; prices, milestones and factors are read from it.
    timeline : Timeline
        Moves of GPUs, works and capacity; its calendar is the one that counts.
    load : Load
        Power and GPUs on the steps of that calendar.
    flows : Flows
        Power by source, store and sink on the same steps.

    Returns
    -------
    Accounts
        Each quantity counted once: figures and ledger are sums of the same arrays.

    Raises
    ------
    ScenarioError
        If money is counted in a currency for which the scenario has no rate.
    AssertionError
        If GPU-minutes, generation or money do not close: a defect of dcsim, not of the input.
    """
    site, calendar = plan.site, timeline.calendar
    months = Months.of(calendar)
    by_state = stocks(timeline)
    allocated = allocate(site, flows)
    books = Books(
        site=site,
        months=months,
        timeline=timeline,
        load=load,
        flows=flows,
        allocated=allocated,
        matched=match(calendar, site.grid, load, flows, allocated),
        carbon=emissions(
            site, calendar, flows, allocated, grid_kg_per_mwh=grid_carbon_kg_per_mwh(plan)
        ),
        stocks=by_state,
        in_service=group_stock(timeline, *IN_SERVICE),
        gpu_minutes=gpu_minutes(timeline, by_state),
    )
    monthly = monthly_figures(books)
    ledger = write_ledger(site, months, timeline, load, flows, carbon=books.carbon)
    lost = {"income_unserved": rental_not_earned(site, months, timeline, load, flows)}
    yearly_money, run_money = money_figures(site.money, months, ledger, monthly | lost)
    return Accounts(
        gpu_minutes=books.gpu_minutes,
        milestones=check_milestones(site, timeline, load),
        ledger=ledger,
        yearly=yearly_figures(books, monthly) | yearly_money,
        key_figures=run_figures(books, monthly) | run_money,
        carbon_free_mw=books.matched.carbon_free_mw,
        renewable_mw=books.matched.renewable_mw,
    )
