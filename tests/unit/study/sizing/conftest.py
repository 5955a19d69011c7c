"""A site with a tariff of one price, and runs of it small enough to check by hand."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Callable
from pathlib import Path
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


@pytest.fixture
def priced() -> dict[str, Any]:
    """Keys of the priced site."""
    return dict(PRICED)


@pytest.fixture(scope="session")
def priced_run(plan_of: Callable[..., Any]) -> Callable[..., Run]:
    """All stages of the priced site, without the sections that are named."""

    @functools.cache
    def run(*without: str) -> Run:
        keys = {key: value for key, value in PRICED.items() if key not in without}
        return run_stages(plan_of(**keys))

    return run


SIZED = """
extends: minimal.yaml
end: 2029-01-01
step: 6 h
solar:
  - {name: roof, capacity: 5 MW, delivery: onsite, cost: {capital: 900 USD/kW, life: 25 years}}
money:
  price_year: 2026
  discount_rate: 7 %
  tariff:
    seller: grid
    price_year: 2026
    demand_charge: 5 USD/kW/month
    seasons:
      - name: all
        months: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
        light: 90 USD/MWh
        middle: 120 USD/MWh
        peak: 160 USD/MWh
        weekday: LLLLLLLLMMMMMMMPPPPPPMLL
        saturday: LLLLLLLLMMMMMMMMMMMMMMLL
        sunday: LLLLLLLLLLLLLLLLLLLLLLLL
"""


@pytest.fixture(scope="session")
def sized_site(scenarios: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small site with a roof to be sized."""
    folder = tmp_path_factory.mktemp("sized")
    shutil.copy(scenarios / "minimal.yaml", folder)
    (folder / "site.yaml").write_text(SIZED)
    return folder / "site.yaml"
