"""Inputs that cannot move a date, or anything: products in no order, prices, the sun."""

from __future__ import annotations

import numpy as np
import pytest

import dcsim
from dcsim.ramp import run_ramp
from dcsim.study.definition.reach import input_reach, may_move_dates, ordered_products


@pytest.fixture(scope="module")
def plan(scenarios):
    return dcsim.load(scenarios / "ulsan-103mw.yaml")


def test_products_in_no_order_are_unused(plan):
    ordered = ordered_products(plan.site)
    unused = input_reach(plan)["unused"]
    assert {key.split(".")[1] for key in unused}.isdisjoint(ordered)
    assert {order.product for order in plan.site.orders} <= ordered
    assert "products.rubin-box.idle" in unused or "rubin-box" in ordered
    assert any(key.startswith("products.gb300.") for key in unused)


def test_what_is_said_to_move_no_date_leaves_every_move_as_it_is(plan):
    reach = input_reach(plan)
    still = [*reach["unused"], *reach["no_date"]]
    before = run_ramp(plan.plan(0))
    after = run_ramp(plan.fixed(dict.fromkeys(still, 0.95)).plan(0))
    assert np.array_equal(before.moves.time_min, after.moves.time_min)
    assert np.array_equal(before.moves.target, after.moves.target)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("power.oversubscription", True),
        ("products.server.peak", True),
        ("products.server.idle", False),
        ("works.grid-103mw.slip", True),
        ("wind.floating.availability", False),
        ("money.costs.rental", False),
        ("cooling.water_rise", False),
        ("grid.outages.rate", True),
        ("grid.carbon.2030", False),
    ],
)
def test_what_the_ramp_reads_may_move_dates(key, expected):
    assert may_move_dates(key) is expected


def test_milestones_that_the_load_decides_are_no_dates_of_the_ramp(scenarios):
    drawn = [{"name": "draw", "metric": "facility_power_mw", "power": "1 MW", "by": "2028-01-01"}]
    site = dcsim.load(scenarios / "minimal.yaml", overrides={"milestones": drawn})
    assert input_reach(site)["dated_milestones"] == []
