"""The public grid."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from dcsim.scenario.schema.grid import Grid


def test_factors_may_change_by_year():
    grid = Grid.model_validate(
        {"carbon": {2027: "0.4 kg/kWh", 2030: "300 kg/MWh"}, "carbon_free": "39 %"}
    )
    assert grid.carbon_kg_per_mwh.values == (400.0, 300.0)
    assert grid.export_limit_mw == 0.0


def test_nothing_negative_is_fed_back():
    with pytest.raises(ValidationError, match="export_limit"):
        Grid.model_validate({"carbon": "400 kg/MWh", "carbon_free": 0.4, "export_limit": "-1 MW"})
