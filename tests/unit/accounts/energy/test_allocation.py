"""Surplus is taken off one class of source after the other, worked out by hand for one hour."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from dcsim.accounts.energy import allocation
from dcsim.accounts.energy.allocation import allocate, share
from dcsim.scenario.schema.assets.kind import CARBON_FREE, RENEWABLE
from dcsim.scenario.schema.assets.registry import KINDS

CONTRACTS = [
    {"name": "hydro", "capacity": "9 MW", "renewable": True},
    {"name": "free", "capacity": "9 MW", "renewable": False},
    {"name": "gas", "capacity": "9 MW", "renewable": False, "carbon": "400 kg/MWh"},
]
SOLAR = [
    {"name": "roof", "capacity": "9 MW", "delivery": "onsite"},
    {"name": "far", "capacity": "9 MW"},
]
PLANT = {"name": "p", "capacity": "9 MW", "efficiency": 0.5, "carbon": "300 kg/MWh"}
MADE = {
    "contracts.hydro": 2.0,
    "contracts.free": 3.0,
    "contracts.gas": 4.0,
    "solar.roof": 5.0,
    "solar.far": 1.0,
    "chp.p": 6.0,
}


@pytest.fixture
def allocated(make_plan, build):
    def run(curtailed_mw=0.0, made=MADE):
        calendar = build.calendar("2030-01-01", "2030-01-02")
        plan = make_plan(solar=SOLAR, contracts=CONTRACTS, chp=[PLANT])
        flows = build.flows(
            calendar,
            generation_mw=made,
            asset_generation_mw=made,
            curtailed_mw=curtailed_mw,
        )
        found = allocate(plan.site, flows)
        return {field.name: float(getattr(found, field.name)[0])
                for field in dataclasses.fields(found)}  # fmt: skip

    return run


def test_without_surplus_all_that_is_generated_is_used(allocated):
    found = allocated()
    assert found["renewable_generated_mw"] == found["renewable_mw"] == 2 + 5 + 1
    assert found["carbon_free_mw"] == 3
    assert found["emitting_mw"] == 4
    assert found["emitting_kg_per_mwh"] == 400
    assert found["delivered_mw"] == 2 + 1 + 3 + 4  # all but the roof and the plant


@pytest.mark.parametrize(
    ("surplus", "expected"),
    [
        (1.0, (3, 3, 8, 9)),  # off what emits first
        (6.0, (0, 1, 8, 4)),  # then off what is carbon-free
        (9.0, (0, 0, 6, 1)),  # then off renewables that come through the connection
        (12.0, (0, 0, 3, 0)),  # and off those on the site last
        (20.0, (0, 0, 0, 0)),  # the rest is surplus of the plant at its minimum
    ],
)
def test_surplus_comes_off_class_by_class(allocated, surplus, expected):
    found = allocated(surplus)
    names = ("emitting_mw", "carbon_free_mw", "renewable_mw", "delivered_mw")
    assert tuple(found[name] for name in names) == expected


@pytest.mark.parametrize(
    ("cleanliness", "class_of_plant"), [(CARBON_FREE, "carbon_free"), (RENEWABLE, "renewable")]
)
def test_a_clean_plant_that_follows_the_load_counts_and_loses_surplus_last(
    allocated, monkeypatch, cleanliness, class_of_plant
):
    kinds = tuple(
        dataclasses.replace(kind, cleanliness=cleanliness) if kind.section == "chp" else kind
        for kind in KINDS
    )
    monkeypatch.setattr(allocation, "all_kinds", lambda: kinds)
    before = {"carbon_free": 3, "renewable": 8}[class_of_plant]
    assert allocated()[f"{class_of_plant}_mw"] == before + 6
    assert allocated()["delivered_mw"] == 10  # none of it through the connection
    assert allocated(15.0)[f"{class_of_plant}_mw"] == 6
    assert allocated(17.0)[f"{class_of_plant}_mw"] == 4


def test_generation_by_source_and_by_asset_have_to_agree(make_plan, build):
    calendar = build.calendar("2030-01-01", "2030-01-02")
    flows = build.flows(
        calendar, generation_mw={"solar": 2.0}, asset_generation_mw={"solar.roof": 1.0}
    )
    with pytest.raises(AssertionError, match="by source adds up to"):
        allocate(make_plan(solar=SOLAR).site, flows)


def test_a_share_of_nothing_is_zero():
    assert share(np.array([1.0, 0.0]), np.array([4.0, 0.0])).tolist() == [0.25, 0.0]
