from __future__ import annotations

import numpy as np
import pytest

from dcsim.accounts.energy.allocation import allocate
from dcsim.accounts.energy.carbon import emissions

SITE = {
    "grid": {"carbon": {"2030": "400 kg/MWh", "2032": "200 kg/MWh"}, "carbon_free": 0.4},
    "chp": [{"name": "c", "capacity": "9 MW", "efficiency": 0.5, "carbon": "370 kg/MWh"}],
    "gensets": [{"name": "g", "units": 2, "unit_power": "2 MW", "carbon": "700 kg/MWh"}],
    "solar": [
        {"name": "far", "capacity": "9 MW"},
        {"name": "roof", "capacity": "9 MW", "delivery": "onsite"},
    ],
    "contracts": [
        {"name": "gas", "capacity": "9 MW", "renewable": False, "carbon": "450 kg/MWh"},
        {"name": "bio", "capacity": "9 MW", "renewable": True, "carbon": "30 kg/MWh"},
    ],
}


@pytest.fixture
def tonnes(make_plan, build):
    def run(start="2030-01-01", end="2030-01-03", step_h=1.0, **flows):
        calendar = build.calendar(start, end, step_h=step_h)
        site = make_plan(**SITE).site
        made = flows.pop("made", {})
        flows["generation_mw"] = {key.replace(".", "-"): value for key, value in made.items()}
        for section, source in (("chp.c", "chp"), ("gensets.g", "genset")):
            if section in made:
                flows["generation_mw"][source] = flows["generation_mw"].pop(
                    section.replace(".", "-")
                )
        all_flows = build.flows(calendar, asset_generation_mw=made, **flows)
        return emissions(site, calendar, all_flows, allocate(site, all_flows))

    return run


def test_import_counts_at_the_factor_of_its_calendar_year(tonnes):
    carbon = tonnes("2030-12-31", "2031-01-02", grid_import_mw=10.0)
    assert carbon.location_t[:24] == pytest.approx(4.0)
    assert carbon.location_t[24:] == pytest.approx(3.0)
    np.testing.assert_array_equal(carbon.location_t, carbon.market_t)


def test_a_step_of_four_hours_emits_four_times_as_much(tonnes):
    assert tonnes(step_h=4.0, grid_import_mw=10.0).location_t == pytest.approx(16.0)


def test_contracted_renewables_are_grid_energy_to_the_location_and_nothing_to_the_market(tonnes):
    carbon = tonnes(made={"solar.far": 10.0})
    assert carbon.location_t == pytest.approx(4.0)
    assert carbon.market_t == pytest.approx(0.0)


def test_a_renewable_contract_keeps_the_factor_it_states_on_the_market(tonnes):
    carbon = tonnes(made={"contracts.bio": 10.0})
    assert carbon.location_t == pytest.approx(4.0)
    assert carbon.market_t == pytest.approx(10.0 * 30 / 1000)


def test_factors_of_one_class_mix_by_what_each_source_made(tonnes):
    # 10 MW at 30 kg and 20 MW of solar at none, of which 15 MW are curtailed: half of both.
    carbon = tonnes(made={"contracts.bio": 10.0, "solar.far": 20.0}, curtailed_mw=15.0)
    assert carbon.market_t == pytest.approx(15.0 * (10 * 30 / 30) / 1000)


def test_solar_behind_the_connection_emits_nothing_in_either_account(tonnes):
    carbon = tonnes(made={"solar.roof": 10.0})
    assert carbon.location_t == pytest.approx(0.0)
    assert carbon.market_t == pytest.approx(0.0)


def test_curtailed_energy_is_that_of_plants_beyond_the_connection_first(tonnes):
    carbon = tonnes(made={"solar.far": 10.0, "solar.roof": 30.0}, curtailed_mw=4.0)
    assert carbon.location_t == pytest.approx(6.0 * 0.4)
    carbon = tonnes(made={"solar.far": 10.0, "solar.roof": 30.0}, curtailed_mw=24.0)
    assert carbon.location_t == pytest.approx(0.0)


def test_a_contract_with_emissions_keeps_its_factor_on_the_market(tonnes):
    carbon = tonnes(made={"contracts.gas": 10.0})
    assert carbon.location_t == pytest.approx(4.0)
    assert carbon.market_t == pytest.approx(4.5)


def test_plants_on_the_site_emit_the_same_in_both_accounts(tonnes):
    carbon = tonnes(made={"chp.c": 10.0, "gensets.g": 1.0})
    assert carbon.location_t == pytest.approx(3.7 + 0.7)
    assert carbon.market_t == pytest.approx(3.7 + 0.7)
    assert carbon.onsite_t["gensets.g"] == pytest.approx(0.7)


def test_generation_that_differs_by_asset_and_by_source_stops_the_run(build, calendar, make_plan):
    flows = build.flows(calendar, generation_mw={"solar": 5.0}, asset_generation_mw={})
    with pytest.raises(AssertionError, match="by source"):
        allocate(make_plan().site, flows)
