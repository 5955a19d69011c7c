"""Contracts of constant power: whose energy it is, and what it costs."""

from __future__ import annotations

import pytest

from dcsim.scenario.schema.assets.contracts import KIND, Contract


@pytest.mark.parametrize(
    ("renewable", "carbon", "cleanliness"),
    [
        (True, "0 kg/MWh", ("renewable", 0.0)),
        (True, "24 kg/MWh", ("renewable", 24.0)),
        (False, "0 kg/MWh", ("carbon-free", 0.0)),
        (False, "40 kg/MWh", ("emitting", 40.0)),
    ],
)
def test_energy_is_clean_where_it_says_so_or_emits_nothing(renewable, carbon, cleanliness):
    keys = {"name": "a", "capacity": "2 MW", "renewable": renewable, "carbon": carbon}
    assert tuple(KIND.cleanliness_of(Contract.model_validate(keys))) == cleanliness


def test_each_contract_is_a_column_of_its_own_through_the_connection():
    assets = [
        Contract.model_validate({"name": name, "capacity": "1 MW", "renewable": True})
        for name in ("hydro", "nuclear")
    ]
    assert KIND.columns(assets) == ["hydro", "nuclear"]
    assert all(KIND.wheeled(asset) for asset in assets)
    assert KIND.price(assets[0]) is None
