"""Results small enough to draw in every test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

import dcsim
from dcsim import Result
from dcsim.results.run_folder import yaml_text

MINIMAL = Path(__file__).parents[3] / "scenarios" / "minimal.yaml"
MORE: dict[str, Any] = {
    "name": "Small site",
    "end": "2028-12-31",
    "works": [
        {"name": "permit", "kind": "permit", "finish": "2027-02-28"},
        {"name": "shell", "kind": "building", "after": ["permit"], "duration": "90 days"},
        {"name": "fit-out", "kind": "hall", "after": ["shell"], "duration": "20 days"},
        {"name": "second-step", "kind": "grid", "finish": "2029-06-30"},
        {"name": "sun", "kind": "supply", "finish": "2027-06-30", "slip": "1 months"},
    ],
    "power": {
        "basis": "facility",
        "design_pue": 1.2,
        "steps": [
            {"name": "connection", "adds": "10 MW"},
            {"name": "more", "adds": "5 MW", "works": "second-step"},
        ],
    },
    "halls": [{"name": "hall", "racks": 400, "it_power": "8 MW", "works": "fit-out"}],
    "solar": [{"name": "roof", "works": "sun", "capacity": "20 MW", "delivery": "onsite"}],
    "batteries": [{"name": "battery", "power": "3 MW", "energy": "6 MWh"}],
    "money": {
        "currency": "USD",
        "rates": {"KRW": 1000},
        "price_year": 2027,
        "discount_rate": "5 %",
        "capital": [
            {"name": "land", "amount": "10 bn KRW", "on": "2027-01-10", "paid_by": "owner"},
            {"name": "building", "amount": "50 mn USD", "works": "shell", "paid_by": "owner"},
        ],
        "costs": {"operator": "owner", "rental": "2 USD/GPU/h"},
    },
    "milestones": [
        {"name": "half", "metric": "gpus_online", "gpus": "2000 GPU", "by": "2027-11-30"},
        {"name": "all", "metric": "gpus_online", "gpus": "4000 GPU", "by": "2027-10-31"},
        {"name": "connected", "metric": "energized_mw", "power": "15 MW", "by": "2028-10-31"},
    ],
}


def _run(folder: Path, **keys: Any) -> Result:
    data = YAML(typ="safe", pure=True).load(MINIMAL)
    path = folder / "site.yaml"
    path.write_text(yaml_text({**data, **keys}), encoding="utf-8")
    return dcsim.simulate(dcsim.load(path))


@pytest.fixture(scope="session")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """Two years with works, a milestone met and two missed, sun, a battery and money."""
    return _run(tmp_path_factory.mktemp("small"), **MORE)


@pytest.fixture(scope="session")
def plain_result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """The least a scenario says: no works, no money, no milestones; not a whole year."""
    return _run(tmp_path_factory.mktemp("plain"), end="2027-11-01")


@pytest.fixture(scope="session")
def summer_result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """A site whose clocks change, from winter to the next autumn."""
    place = tmp_path_factory.mktemp("summer")
    return _run(place, time_zone="Europe/Berlin", start="2027-01-01", end="2028-10-01")
