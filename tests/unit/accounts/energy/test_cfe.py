from __future__ import annotations

import numpy as np
import pytest

from dcsim.accounts.energy.allocation import allocate
from dcsim.accounts.energy.cfe import annual_frac, match, stored_share


@pytest.fixture
def six_hours(build):
    return build.calendar("2030-01-01", "2030-01-02", step_h=4.0)


def _padded(values, n=6):
    return np.array(list(values) + [0.0] * (n - len(values)))


def _stored(*levels):
    return np.array(list(levels) + [levels[-1]] * (7 - len(levels)))


@pytest.fixture
def matched(make_plan, build, six_hours):
    def run(load_mw, *, grid_frac=0.0, **flows):
        plan = make_plan(
            grid={"carbon": "400 kg/MWh", "carbon_free": grid_frac},
            solar=[{"name": "s", "capacity": "100 MW"}],
            contracts=[
                {"name": "hydro", "capacity": "9 MW", "renewable": True},
                {"name": "atom", "capacity": "9 MW", "renewable": False},
                {"name": "gas", "capacity": "9 MW", "renewable": False, "carbon": "400 kg/MWh"},
            ],
        )
        made = flows.pop("made", {})
        sources = {key.split(".")[key.startswith("contracts")]: made[key] for key in made}
        all_flows = build.flows(six_hours, generation_mw=sources, asset_generation_mw=made, **flows)
        load = build.load(six_hours, load_mw)
        taken = allocate(plan.site, all_flows)
        result = match(six_hours, plan.site.grid, load, all_flows, taken)
        return result.renewable_mw, result.carbon_free_mw

    return run


def test_surplus_beyond_the_load_does_not_count(matched):
    renewable, free = matched(10.0, made={"solar.s": 25.0}, curtailed_mw=15.0)
    assert renewable.tolist() == free.tolist() == [10.0] * 6


def test_the_grid_counts_with_its_carbon_free_share_only(matched):
    renewable, free = matched(10.0, grid_frac=0.4, made={"solar.s": 4.0}, grid_import_mw=6.0)
    assert renewable.tolist() == [4.0] * 6
    assert free == pytest.approx(np.full(6, 4.0 + 0.4 * 6.0))


def test_contracts_count_as_what_they_are(matched):
    made = {"contracts.hydro": 2.0, "contracts.atom": 3.0, "contracts.gas": 5.0}
    renewable, free = matched(10.0, made=made)
    assert renewable.tolist() == [2.0] * 6
    assert free.tolist() == [5.0] * 6


def test_surplus_of_a_gas_contract_is_taken_off_before_renewables(matched):
    made = {"solar.s": 8.0, "contracts.gas": 5.0}
    renewable, _ = matched(10.0, made=made, curtailed_mw=3.0)
    assert renewable.tolist() == [8.0] * 6


def test_a_plant_at_its_minimum_leaves_that_much_less_to_renewables(matched):
    made = {"solar.s": 12.0, "chp.c": 3.0}
    renewable, _ = matched(10.0, made=made, curtailed_mw=5.0)
    assert renewable.tolist() == [7.0] * 6


def test_wind_that_the_connection_cannot_carry_does_not_stand_for_a_plant(matched):
    # 30 MW are made, 10 fit through the connection, CHP makes the last 2 of the load.
    renewable, _ = matched(12.0, made={"solar.s": 30.0, "chp.c": 2.0}, curtailed_mw=20.0)
    assert renewable.tolist() == [10.0] * 6


def test_stored_renewables_count_when_they_come_out(matched):
    # 10 MW of surplus charge a battery of 50 % efficiency for 4 h: 20 MWh, given back at 5 MW.
    renewable, _ = matched(
        _padded([5, 5, 5]),
        made={"solar.s": _padded([15, 0, 0])},
        battery_charge_mw=_padded([10]),
        battery_discharge_mw=_padded([0, 5]),
        battery_stored_mwh=_stored(0, 20, 0),
        grid_import_mw=_padded([0, 0, 5]),
    )
    assert renewable.tolist() == [5.0, 5.0, 0.0, 0.0, 0.0, 0.0]


def test_charge_from_the_grid_comes_out_as_the_grid_was(matched):
    renewable, free = matched(
        _padded([0, 2]),
        grid_frac=0.5,
        grid_import_mw=_padded([4]),
        grid_charge_mw=_padded([4]),
        battery_charge_mw=_padded([4]),
        battery_discharge_mw=_padded([0, 2]),
        battery_stored_mwh=_stored(0, 8, 0),
    )
    assert renewable.tolist() == [0.0] * 6
    assert free.tolist() == [0.0, 1.0, 0.0, 0.0, 0.0, 0.0]


def test_what_went_in_first_comes_out_first(build, six_hours):
    # In: 8 MWh of unknown origin, 8 tagged, 8 untagged; out: 4 MWh a step for six steps.
    flows = build.flows(
        six_hours,
        battery_charge_mw=_padded([2, 2]),
        battery_discharge_mw=np.ones(6),
        battery_stored_mwh=_stored(8, 12, 16, 12, 8, 4, 0),
    )
    given = stored_share(4.0, flows, _padded([2, 0]))
    assert given.tolist() == [0.0, 0.0, 1.0, 1.0, 0.0, 0.0]


def test_no_more_comes_out_tagged_than_went_in(build, six_hours):
    # Filled by wind and emptied, then filled by the grid and emptied.
    flows = build.flows(
        six_hours,
        battery_charge_mw=_padded([2, 0, 2, 0]),
        battery_discharge_mw=_padded([0, 2, 0, 2]),
        battery_stored_mwh=_stored(0, 8, 0, 8, 0),
    )
    given = stored_share(4.0, flows, _padded([2, 0, 0, 0]))
    assert given.tolist() == [0.0, 2.0, 0.0, 0.0, 0.0, 0.0]


def test_charge_a_battery_brings_into_service_has_no_origin(build, six_hours):
    flows = build.flows(
        six_hours,
        battery_charge_mw=_padded([0, 1]),
        battery_discharge_mw=_padded([0, 0, 2]),
        battery_stored_mwh=_stored(0, 4, 8, 0),
    )
    assert stored_share(4.0, flows, _padded([0, 1])).tolist() == [0.0, 0.0, 1.0, 0.0, 0.0, 0.0]


def test_annual_matching_lets_a_surplus_stand_for_a_want():
    frac = annual_frac(np.array([80.0, 130.0, 5.0]), np.array([100.0, 100.0, 0.0]))
    np.testing.assert_array_equal(frac, [0.8, 1.0, np.nan])
