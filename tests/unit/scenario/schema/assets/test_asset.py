"""What sources and stores have in common."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from dcsim.scenario.schema.assets.asset import Asset, PlantCost

COST = {"capital": "900 USD/kW", "life": "25 years"}


def test_an_asset_is_there_from_the_start_and_paid_to_nobody_unless_stated():
    asset = Asset.model_validate({"name": "a"})
    assert (asset.works, asset.owner, asset.title) == (None, None, "a")


def test_an_outlay_a_kilowatt_is_a_thousand_times_that_a_megawatt():
    cost = PlantCost.model_validate(COST)
    assert (cost.capital_per_mw.amount, cost.capital_per_mw.currency) == (900_000.0, "USD")
    assert (cost.life_years, cost.fixed_per_mw_year) == (25.0, None)


@pytest.mark.parametrize("life", ["0 years", "101 years"])
def test_a_life_is_above_zero_and_at_most_a_century(life):
    with pytest.raises(ValidationError, match="life"):
        PlantCost.model_validate({**COST, "life": life})
