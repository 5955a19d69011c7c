"""Flows by asset added up by source."""

from __future__ import annotations

import numpy as np

from dcsim.supply.dispatch.by_source import by_asset, by_source


def test_the_parts_of_an_asset_are_added():
    made = by_asset({"a.x": np.array([1.0, 0.0])}, {"a.x": np.array([0.0, 2.0]), "a.y": np.ones(2)})
    assert {key: mw.tolist() for key, mw in made.items()} == {"a.x": [1, 2], "a.y": [1, 1]}


def test_assets_of_a_kind_are_one_source_and_contracts_one_each():
    sources = by_source(
        {
            "solar.roof": np.array([1.0, 2.0]),
            "solar.far": np.array([3.0, 0.0]),
            "contracts.hydro": np.array([5.0, 5.0]),
        },
        2,
    )
    assert sources["solar"].tolist() == [4.0, 2.0]
    assert sources["hydro"].tolist() == [5.0, 5.0]
    assert "contracts" not in sources


def test_kinds_whose_column_is_kept_have_it_without_assets():
    sources = by_source({}, 3)
    assert {name: mw.tolist() for name, mw in sources.items()} == {
        name: [0.0] * 3 for name in ("solar", "wind", "chp", "genset")
    }


def test_a_source_of_one_asset_is_its_array():
    made_mw = np.array([1.0, 2.0])
    assert by_source({"wind.a": made_mw}, 2)["wind"] is made_mw
