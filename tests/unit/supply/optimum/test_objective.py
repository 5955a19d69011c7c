"""Weights of the optimal dispatch, from prices and emission factors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dcsim.errors import ScenarioError
from dcsim.scenario.plan import Plan
from dcsim.supply.optimum.objective import (
    BACKUP,
    TIE,
    UNSERVED,
    dispatchable_assets,
    import_weights,
    marginal_price_per_mwh,
    weights_of,
)

BANDS = {"weekday": "L" * 24, "saturday": "L" * 24, "sunday": "P" * 24}
TARIFF = {
    "seller": "grid",
    "price_year": 2030,
    "demand_charge": "8 USD/kW/month",
    "seasons": [
        {
            "name": "all",
            "months": list(range(1, 13)),
            "light": "80 USD/MWh",
            "middle": "80 USD/MWh",
            "peak": "80 USD/MWh",
            **BANDS,
        }
    ],
}
MONEY = {"price_year": 2030, "discount_rate": 0, "tariff": TARIFF}
CHP = {
    "name": "a",
    "capacity": "5 MW",
    "efficiency": "50 %",
    "price": {2030: "100 USD/MWh"},
    "carbon": "500 kg/MWh",
}


def plan_with(plan_of: Any, objective: str, **keys: Any) -> Plan:
    dispatch = {"policy": "optimal", "objective": objective, **keys.pop("dispatch", {})}
    return plan_of(end="2030-01-08", chp=[CHP], dispatch=dispatch, **keys)


def test_without_prices_import_weighs_one_and_plants_next_to_nothing():
    weights = import_weights(2, {"chp.a": None})
    assert weights.import_per_mwh.tolist() == [1.0, 1.0]
    assert weights.dispatchable_per_mwh["chp.a"].tolist() == [TIE, TIE]
    assert (weights.backup_per_mwh, weights.unserved_per_mwh) == (BACKUP, UNSERVED)


def test_costs_are_weighed_over_the_mean_price_of_import(plan_of):
    plan = plan_with(plan_of, "cost", money=MONEY)
    weights = weights_of(plan, plan.calendar)
    np.testing.assert_allclose(weights.import_per_mwh, 1.0)
    np.testing.assert_allclose(weights.dispatchable_per_mwh["chp.a"], 100 / 80)
    np.testing.assert_allclose(weights.demand_per_mw, 8000 / 80)
    # Above the demand charge, too: neither gensets nor load that is left shave a peak.
    assert weights.unserved_per_mwh == pytest.approx(UNSERVED * 100 / 80 + 8000 / 80)
    assert weights.backup_per_mwh == pytest.approx(BACKUP * 100 / 80 + 8000 / 80)


def test_unserved_load_has_the_price_that_a_scenario_gives(plan_of):
    plan = plan_with(plan_of, "cost", money=MONEY, dispatch={"lost_load": "4 USD/kWh"})
    assert weights_of(plan, plan.calendar).unserved_per_mwh == pytest.approx(4000 / 80)


def test_emissions_are_weighed_over_those_of_import(plan_of):
    plan = plan_with(plan_of, "carbon")
    weights = weights_of(plan, plan.calendar)
    np.testing.assert_allclose(weights.dispatchable_per_mwh["chp.a"], 500 / 417)
    assert weights.demand_per_mw.size == 0


def test_costs_need_a_tariff(plan_of):
    plan = plan_with(plan_of, "cost")
    with pytest.raises(ScenarioError, match=r"needed where dispatch\.objective is cost"):
        weights_of(plan, plan.calendar)


def test_emissions_that_are_paid_for_are_part_of_the_price(plan_of):
    money = {**MONEY, "carbon_price": {2030: "20 USD/t"}, "carbon_paid": "50 %"}
    plan = plan_with(plan_of, "cost", money=money)
    ((kind, asset),) = dispatchable_assets(plan.site).values()
    price = marginal_price_per_mwh(kind, asset, plan.site.money, plan.calendar)
    # 0.5 t/MWh at 20 USD/t, half of it paid.
    np.testing.assert_allclose(price, 100 + 0.5 * 20 * 0.5)
