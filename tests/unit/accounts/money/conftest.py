"""Ledgers of hand-made runs, line by line."""

from __future__ import annotations

import pytest

from dcsim.accounts.energy.allocation import allocate
from dcsim.accounts.energy.carbon import emissions
from dcsim.accounts.money.budget import write_ledger
from dcsim.accounts.months import Months

MONEY = {"price_year": 2030, "discount_rate": 0.08}
PRODUCT = {
    "name": "server",
    "power": "1.79 kW",
    "server_size": "8 GPU",
    "rack_size": "16 GPU",
    "price": "1000 USD/GPU",
    "performance": "4 PFLOPS",
}


@pytest.fixture
def book(make_plan, build):
    """The lines of a run as (date, party, asset, kind, quantity, unit, rate, currency, amount)."""

    def run(
        money, *, start="2030-01-01", end="2031-01-01", site=None, flows=None, load=None, **line
    ):
        calendar = build.calendar(start, end)
        plan = make_plan(money=MONEY | money, **({"products": [PRODUCT]} | (site or {})))
        timeline = build.timeline(calendar, **line)
        flow = build.flows(calendar, **(flows or {}))
        carbon = emissions(plan.site, calendar, flow, allocate(plan.site, flow))
        months = Months.of(calendar)
        drawn = build.load(calendar, **(load or {}))
        ledger = write_ledger(plan.site, months, timeline, drawn, flow, carbon=carbon)
        return list(zip(*ledger.values(), strict=True))

    return run
