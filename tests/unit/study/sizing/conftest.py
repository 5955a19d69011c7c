"""A site with a tariff of one price, and runs of it small enough to check by hand."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest

from dcsim.pipeline import Run, run_stages

TARIFF = {
    "seller": "grid",
    "price_year": 2030,
    "demand_charge": "5 USD/kW/month",
    "seasons": [
        {
            "name": "all",
            "months": list(range(1, 13)),
            **dict.fromkeys(("light", "middle", "peak"), "100 USD/MWh"),
            **dict.fromkeys(("weekday", "saturday", "sunday"), "L" * 24),
        }
    ],
}
PRICED: dict[str, Any] = {
    "step": "6 h",
    "end": "2031-03-01",
    "money": {"price_year": 2030, "discount_rate": "7 %", "tariff": TARIFF},
    "solar": [
        {
            "name": "roof",
            "capacity": "2 MW",
            "delivery": "onsite",
            "cost": {"capital": "900 USD/kW", "fixed": "10 USD/kW/year", "life": "25 years"},
        },
        {"name": "old", "capacity": "1 MW", "delivery": "onsite"},
    ],
    "batteries": [
        {
            "name": "box",
            "power": "1 MW",
            "energy": "4 MWh",
            "round_trip": 0.81,
            "reserve": "25 %",
            "cost": {
                "capital_power": "200 USD/kW",
                "capital_energy": "150 USD/kWh",
                "life": "15 years",
            },
        }
    ],
}


@pytest.fixture(scope="session")
def priced_run(plan_of: Callable[..., Any]) -> Callable[..., Run]:
    """All stages of the priced site, without the sections that are named."""

    @functools.cache
    def run(*without: str) -> Run:
        keys = {key: value for key, value in PRICED.items() if key not in without}
        return run_stages(plan_of(**keys))

    return run
