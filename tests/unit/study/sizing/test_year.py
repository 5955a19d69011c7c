"""The year of a run as the program takes it: what is fixed, what is sized, what it costs."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import numpy as np
import pytest

from dcsim.clock import calendar_of
from dcsim.errors import ScenarioError
from dcsim.pipeline import run_stages
from dcsim.study.sizing.year import LOST_LOAD, annuity, first_full_year, sizing_year


@pytest.mark.parametrize(
    ("rate_frac", "life_years", "payment"), [(0.0, 20, 0.05), (0.10, 1, 1.1), (0.10, 2, 1.21 / 2.1)]
)
def test_an_annuity_pays_an_outlay_back_with_interest(rate_frac, life_years, payment):
    assert annuity(rate_frac, life_years) == pytest.approx(payment)


def test_the_first_year_in_full_use_has_all_months_and_nearly_the_highest_load(priced_run):
    run = priced_run()
    calendar = run.timeline.calendar
    assert first_full_year(calendar, run.load.facility_power_mw) == 2030
    first, end = (dt.datetime(year, 1, 1, tzinfo=dt.UTC) for year in (2028, 2034))
    long = calendar_of(first, end, zoneinfo.ZoneInfo("UTC"), 24.0)
    load = np.select([long.year == y for y in range(2028, 2034)], [1.0, 5.0, 9.8, 10.0, 6.0, 0.0])
    assert first_full_year(long, load) == 2030
    with pytest.raises(ScenarioError, match="the site draws nothing in any whole year"):
        first_full_year(long, 0 * load)


def test_a_year_holds_all_steps_from_its_first_to_its_last(priced_run):
    sizing = sizing_year(priced_run(), 2030)
    assert sizing.steps == slice(0, 365 * 4)
    np.testing.assert_array_equal(
        sizing.year.load_mw, priced_run().load.facility_power_mw[: 365 * 4]
    )
    assert np.unique(sizing.year.month).tolist() == list(range(12))
    assert (sizing.year.step_h, sizing.year.step_of_hour) == (6.0, 1)


def test_a_plant_is_handed_over_for_one_megawatt_and_a_year(priced_run):
    plant = sizing_year(priced_run(), 2030).plants["solar.roof"]
    made_mw = priced_run().flows.asset_generation_mw["solar.roof"][: 365 * 4]
    np.testing.assert_allclose(2.0 * plant.output_pu, made_mw, atol=1e-12)
    assert plant.cost_per_mw == pytest.approx(900e3 * annuity(0.07, 25) + 10e3)
    assert not plant.wheeled


def test_a_store_is_handed_over_with_its_efficiencies_and_its_reserve(priced_run):
    store = sizing_year(priced_run(), 2030).stores["batteries.box"]
    assert (store.charge_frac, store.discharge_frac) == pytest.approx((0.81, 1.0))
    assert (store.retention_frac, store.min_stored_frac) == (1.0, 0.25)
    assert store.cost_per_mw == pytest.approx(200e3 * annuity(0.07, 15))
    assert store.cost_per_mwh == pytest.approx(150e3 * annuity(0.07, 15))
    np.testing.assert_array_equal(store.availability_frac, 1.0)


def test_what_is_not_sized_stays_in_the_supply(priced_run):
    sizing = sizing_year(priced_run(), 2030)
    old_mw = priced_run().flows.asset_generation_mw["solar.old"][: 365 * 4]
    assert list(sizing.plants) == ["solar.roof"]
    np.testing.assert_allclose(sizing.year.clean_onsite_mw, old_mw)
    named = sizing_year(priced_run(), 2030, ["batteries.box"])
    assert list(named.plants) == []
    np.testing.assert_allclose(named.year.clean_onsite_mw, 3.0 * old_mw)


def test_load_without_a_price_costs_a_hundred_times_the_dearest_energy(priced_run):
    year = sizing_year(priced_run(), 2030).year
    np.testing.assert_allclose(year.import_per_mwh, 100.0)
    np.testing.assert_allclose(year.demand_per_mw, np.full(12, 5000.0))
    assert year.unserved_per_mwh == pytest.approx(LOST_LOAD * 100.0)
    assert year.backup_per_mwh == pytest.approx(10 * 100.0)


@pytest.mark.parametrize(
    ("without", "year", "names", "message"),
    [
        ((), 2031, (), "year 2031: is not a whole year of the run; those are 2030 to 2030"),
        ((), 2030, ("solar.none",), "is none of solar.roof, solar.old, batteries.box"),
        ((), 2030, ("solar.old",), "solar.old.cost: has no cost to weigh its size by"),
        (("money",), 2030, (), "money.tariff: is needed to find sizes"),
        (("solar", "batteries"), 2030, (), "has no cost to weigh its size by"),
    ],
)
def test_what_cannot_be_sized_is_refused(priced_run, without, year, names, message):
    with pytest.raises(ScenarioError) as caught:
        sizing_year(priced_run(*without), year, names)
    assert message in str(caught.value)


def test_limits_of_a_battery_and_ramps_of_plants_are_handed_over(plan_of, priced):
    box = priced["batteries"][0] | {
        "maximum": "90 %",
        "charge_power": "0.5 MW",
        "discharge_power": "0.8 MW",
    }
    chp = {
        "name": "unit",
        "capacity": "2 MW",
        "ramp": "10 %/h",
        "efficiency": 0.5,
        "carbon": "400 kg/MWh",
    }
    run = run_stages(plan_of(**priced | {"batteries": [box], "chp": [chp]}))
    sizing = sizing_year(run, 2030)
    store = sizing.stores["batteries.box"]
    limits = store.max_stored_frac, store.charge_limit_mw, store.discharge_limit_mw
    assert limits == pytest.approx((0.9, 0.5, 0.8))
    assert sizing.year.change_mw == {"chp.unit": pytest.approx(0.1 * 2 * 6)}
