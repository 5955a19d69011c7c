"""Least-cost sizes of two hours, worked out by hand.

10 MW in each of two hours; import at 100 USD/MWh, none of it carbon-free; a plant that gives its
rating in the first hour and nothing in the second. One MW of it saves 100 USD of import.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dcsim.errors import ModelError
from dcsim.supply.optimum.sizing import find_sizes
from dcsim.supply.optimum.sizing_year import LeastCostSizes, SizedPlant, SizedStore, Year

SUN = np.array([1.0, 0.0])
ZERO = np.zeros(2)


def year(**keys: Any) -> Year:
    usual: dict[str, Any] = {
        "load_mw": np.full(2, 10.0),
        "connection_mw": np.full(2, 50.0),
        "clean_wheeled_mw": ZERO,
        "clean_onsite_mw": ZERO,
        "other_mw": ZERO,
        "dispatchable_mw": {},
        "clean_dispatchable": frozenset(),
        "backup_mw": ZERO,
        "import_clean_frac": ZERO,
        "import_per_mwh": np.full(2, 100.0),
        "dispatchable_per_mwh": {},
        "backup_per_mwh": 1e3,
        "unserved_per_mwh": 1e4,
        "demand_per_mw": np.zeros(0),
        "month": np.zeros(2, dtype=np.int64),
        "step_of_hour": 1,
        "step_h": 1.0,
    }
    return Year(**usual | keys)


def sizes(
    cost_per_mw: float, store: SizedStore | None = None, one_year: Year | None = None, **goal: float
) -> LeastCostSizes:
    plants = {"solar.roof": SizedPlant(SUN, cost_per_mw, wheeled=False)}
    stores = {} if store is None else {"batteries.box": store}
    return find_sizes(one_year or year(), plants, stores, **goal)


def test_a_plant_cheaper_than_import_is_built_up_to_the_load():
    least = sizes(60.0)
    assert least.plants_mw["solar.roof"] == pytest.approx(10.0)
    assert least.cfe_frac == pytest.approx(0.5)
    assert least.cost == pytest.approx(10 * 60 + 10 * 100)


def test_a_plant_dearer_than_import_is_not_built():
    least = sizes(140.0)
    assert least.plants_mw["solar.roof"] == pytest.approx(0.0)
    assert least.cost == pytest.approx(20 * 100)


def test_a_share_is_reached_and_not_exceeded():
    least = sizes(140.0, cfe_frac=0.25)
    assert least.plants_mw["solar.roof"] == pytest.approx(5.0)
    assert least.cfe_frac == pytest.approx(0.25)
    assert least.cost == pytest.approx(5 * 140 + 15 * 100)


def test_a_cost_buys_the_share_that_costs_it():
    most = sizes(140.0, cost_limit=5 * 140 + 15 * 100)
    assert most.cfe_frac == pytest.approx(0.25)


def test_sun_at_night_comes_out_of_a_battery():
    store = SizedStore(
        availability_frac=np.ones(2),
        charge_frac=0.8,
        discharge_frac=1.0,
        retention_frac=1.0,
        min_stored_frac=0.2,
        cost_per_mw=3.0,
        cost_per_mwh=2.0,
    )
    least = sizes(60.0, store, cfe_frac=1.0)
    # 10 MWh at night are 12.5 MWh of sun, and 80 % of what the battery can hold.
    assert least.plants_mw["solar.roof"] == pytest.approx(22.5)
    assert least.stores["batteries.box"] == pytest.approx((12.5, 12.5))
    assert least.cost == pytest.approx(22.5 * 60 + 12.5 * 3 + 12.5 * 2)
    assert least.cfe_frac == pytest.approx(1.0)


def test_the_highest_import_of_the_month_is_paid_for():
    least = sizes(140.0, one_year=year(demand_per_mw=np.array([30.0])))
    assert least.cost == pytest.approx(20 * 100 + 10 * 30)


def test_plants_through_the_connection_share_it_with_import():
    narrow = year(connection_mw=np.full(2, 8.0))
    plants = {"wind.far": SizedPlant(SUN, 10.0, wheeled=True)}
    least = find_sizes(narrow, plants, {})
    assert least.plants_mw["wind.far"] == pytest.approx(8.0)
    assert least.unserved_mwh == pytest.approx(2 + 2)


@pytest.mark.parametrize(
    ("goal", "message"),
    [
        ({"cfe_frac": 0.6}, "no sizes reach a share of 60.00%; the most is 50.00%"),
        ({"cfe_frac": 0.1, "cost_limit": 1e6}, "a share or a cost to keep to, not both"),
    ],
)
def test_goals_out_of_reach_say_how_far_they_are(goal, message):
    with pytest.raises(ModelError, match=message):
        sizes(60.0, **goal)


def test_a_cost_below_that_of_plants_that_must_run_is_out_of_reach():
    forced = year(
        dispatchable_mw={"chp.a": (np.full(2, 5.0), np.full(2, 5.0))},
        dispatchable_per_mwh={"chp.a": np.full(2, 100.0)},
    )
    # 10 MWh of the plant, 5 MW of sun at 60 USD, 5 MWh of import.
    with pytest.raises(ModelError, match=r"the least is 1,800: chp\.a 1,000, "):
        sizes(60.0, one_year=forced, cost_limit=500.0)


def test_a_share_out_of_reach_names_what_binds():
    narrow = year(connection_mw=np.full(2, 12.0), other_mw=np.full(2, 4.0))
    plants = {"wind.far": SizedPlant(np.ones(2), 10.0, wheeled=True)}
    with pytest.raises(ModelError) as error:
        find_sizes(narrow, plants, {}, cfe_frac=0.9)
    assert "100% of what is missing is other contracts" in str(error.value)
    assert "no battery is among what may be sized" in str(error.value)
    full = year(connection_mw=np.full(2, 8.0))
    with pytest.raises(ModelError, match="the connection is full in 100% of the time"):
        find_sizes(full, plants, {}, cfe_frac=0.9)


def test_a_clean_plant_counts_and_its_surplus_does_not():
    clean = year(
        dispatchable_mw={"reactors.a": (np.full(2, 4.0), np.full(2, 6.0))},
        dispatchable_per_mwh={"reactors.a": np.full(2, 50.0)},
        clean_dispatchable=frozenset({"reactors.a"}),
    )
    least = sizes(500.0, one_year=clean)
    assert least.cfe_frac == pytest.approx(0.6)
    assert least.energy_mwh == pytest.approx({"import": 8.0, "reactors.a": 12.0})
    surplus = clean._replace(load_mw=np.array([2.0, 10.0]))
    assert sizes(500.0, one_year=surplus).cfe_frac == pytest.approx((2 + 6) / 12)


def test_a_battery_keeps_to_its_maximum_and_to_the_limits_of_each_way():
    box = SizedStore(np.ones(2), 1.0, 1.0, 1.0, 0.0, 3.0, 2.0, max_stored_frac=0.5)
    least = sizes(60.0, box, cfe_frac=1.0)
    # 10 MWh for the night are half of what it could hold.
    assert least.stores["batteries.box"] == pytest.approx((10.0, 20.0))
    for side in ("charge_limit_mw", "discharge_limit_mw"):
        least = sizes(60.0, box._replace(**{side: 4.0}), cfe_frac=0.7)
        assert least.stores["batteries.box"] == pytest.approx((4.0, 8.0))
        with pytest.raises(ModelError, match=r"the most is 70\.00%"):
            sizes(60.0, box._replace(**{side: 4.0}), cfe_frac=1.0)


@pytest.mark.parametrize(("change_mw", "cost"), [({}, 110.0), ({"chp.unit": 4.0}, 704.0)])
def test_a_plant_with_a_ramp_changes_by_no_more_than_that(change_mw, cost):
    # Its power costs 1 in the first hour and 200 in the second, import 100 and 10.
    one_year = year(
        dispatchable_mw={"chp.unit": (ZERO, np.full(2, 10.0))},
        dispatchable_per_mwh={"chp.unit": np.array([1.0, 200.0])},
        import_per_mwh=np.array([100.0, 10.0]),
        change_mw=change_mw,
    )
    least = sizes(1e4, one_year=one_year)
    # Without: 10 x 1 + 10 x 10. With: 4 x 1 + 6 x 100 + 10 x 10 or 10 x 1 + 6 x 200 + 4 x 10.
    assert least.cost == pytest.approx(cost)


def test_a_plant_with_a_ramp_comes_back_from_an_outage_below_its_minimum():
    most_mw = np.array([0.0, 8.0, 8.0])
    one_year = year(
        load_mw=np.full(3, 10.0),
        connection_mw=np.full(3, 50.0),
        **dict.fromkeys(
            ("clean_wheeled_mw", "clean_onsite_mw", "other_mw", "backup_mw"), np.zeros(3)
        ),
        import_clean_frac=np.zeros(3),
        import_per_mwh=np.full(3, 100.0),
        month=np.zeros(3, dtype=np.int64),
        dispatchable_mw={"chp.unit": (most_mw, most_mw)},
        dispatchable_per_mwh={"chp.unit": np.full(3, 500.0)},
        change_mw={"chp.unit": 3.0},
    )
    least = find_sizes(one_year, {}, {})
    assert least.energy_mwh["chp.unit"] == pytest.approx(0 + 3 + 6)
