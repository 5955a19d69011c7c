"""The record of a kind: properties of one asset or of all."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest

from dcsim.scenario.schema.assets.asset import Asset
from dcsim.scenario.schema.assets.kind import (
    CARBON_FREE,
    RENEWABLE,
    AssetKind,
    ClassByDate,
    Cleanliness,
)

KIND = AssetKind(
    section="tides",
    schema=Asset,
    about="Tidal plants.",
    sample_keys={"name": "a"},
    label="tides",
    color="#000000",
    dispatch_class="variable",
    rated_mw=lambda _: 3.0,
    figure="tidal",
)
DAY = datetime.date(2030, 7, 1)


def test_an_asset_is_keyed_by_section_and_name():
    assert KIND.key(KIND.sample()) == "tides.a"


def test_all_assets_stand_in_one_column_or_each_in_its_own():
    two = [Asset(name="a"), Asset(name="b")]
    assert KIND.columns(two) == ["tidal"]
    assert KIND.columns([]) == []
    assert replace(KIND, column_of_each=True).columns(two) == ["a", "b"]


def test_a_class_may_hang_on_the_date():
    by_date = ClassByDate(
        ("dispatchable", "backup"), lambda _, day: "backup" if day >= DAY else "dispatchable"
    )
    changing = replace(KIND, dispatch_class=by_date)
    asset = KIND.sample()
    assert KIND.class_on(asset, DAY) == "variable"
    assert [changing.class_on(asset, day) for day in (None, DAY)] == ["dispatchable", "backup"]
    assert (KIND.classes, changing.classes) == (("variable",), ("dispatchable", "backup"))


def test_cleanliness_may_hang_on_the_asset():
    by_name = replace(KIND, cleanliness=lambda asset: Cleanliness("emitting", len(asset.name)))
    assert KIND.cleanliness_of(KIND.sample()) is CARBON_FREE
    assert by_name.cleanliness_of(Asset(name="abc")).kg_per_mwh == 3


@pytest.mark.parametrize(
    ("keys", "renewable"),
    [
        ({}, False),
        ({"cleanliness": RENEWABLE}, True),
        ({"cleanliness": RENEWABLE, "dispatch_class": "storage"}, False),
        ({"cleanliness": lambda _: RENEWABLE}, False),
    ],
)
def test_capacity_is_renewable_where_all_its_assets_are(keys, renewable):
    assert replace(KIND, **keys).always_renewable is renewable
