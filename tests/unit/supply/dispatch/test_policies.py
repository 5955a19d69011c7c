"""Policies found by the name that a scenario gives."""

from __future__ import annotations

import typing

import numpy as np
import pytest

from dcsim.errors import PluginError
from dcsim.pipeline import simulate
from dcsim.scenario.load import load
from dcsim.scenario.schema.dispatch import Dispatch
from dcsim.supply.availability import AvailableSupply
from dcsim.supply.dispatch.battery import BatteryUnit
from dcsim.supply.dispatch.greedy import cfe_first, self_consumption
from dcsim.supply.dispatch.plants import DispatchableUnit
from dcsim.supply.dispatch.policies import PLANNED, POLICIES, make_flows, policy_of

NAMES = typing.get_args(Dispatch.model_fields["policy"].annotation)


def test_every_policy_of_a_scenario_is_there():
    assert set(NAMES) == {*POLICIES, *PLANNED}


@pytest.mark.parametrize(
    ("name", "policy"), [("self-consumption", self_consumption), ("cfe-first", cfe_first)]
)
def test_a_policy_that_needs_no_plan_is_the_function_itself(plan_of, name, policy):
    plan = plan_of(dispatch={"policy": name})
    assert policy_of(plan, plan.calendar) is policy


def test_a_planned_policy_reads_the_keys_of_the_scenario(plan_of):
    plan = plan_of(dispatch={"policy": "peak-shaving", "import_target": "6 MW"})
    store = BatteryUnit(np.full(2, 9.0), 20.0, 1.0, start_mwh=10.0)
    available = AvailableSupply(np.full(2, 50.0), np.zeros(2), stores={"batteries.a": store})
    flows = policy_of(plan, plan.calendar)(np.array([10.0, 4.0]), available, 1.0)
    # 4 MW above the target come out of the battery, 2 MW below it go in.
    assert flows.grid_import_mw.tolist() == pytest.approx([6, 6])
    assert flows.battery_discharge_mw.tolist() == pytest.approx([4, 0])


def test_flows_of_a_case_serve_its_load(case_of):
    flows = make_flows(*case_of(load_mw=7.0))
    assert (flows.grid_import_mw == 7.0).all()
    assert not flows.unserved_mw.any()


POLICY = """
from dcsim.plugins import DispatchPolicy, self_consumption

def flows(load_mw, available, step_h):
    return {flows}

HOLD = DispatchPolicy(flows=flows)
"""


@pytest.mark.parametrize(
    ("flows", "fault"),
    [
        ("self_consumption(load_mw, available, step_h)", ""),
        ("self_consumption(load_mw + 1, available, step_h)", "AssertionError: step 0: sources and"),
        ("None", "TypeError: returned NoneType, must be Flows"),
        ("load_mw.tide", "AttributeError: 'numpy.ndarray' object has no attribute 'tide'"),
    ],
)
def test_the_policy_of_a_plugin_is_held_to_the_checks_of_all(
    install_plugin, scenarios, flows, fault
):
    files = {"surf.py": POLICY.format(flows=flows)}
    install_plugin("dcsim-surf", files, {"dcsim.policies": {"hold-on": "surf:HOLD"}})
    overrides = ["plugins=[dcsim-surf]", "dispatch.policy=hold-on", "end=2027-09-01"]
    scenario = load(scenarios / "minimal.yaml", overrides=overrides)
    if not fault:
        plain = load(scenarios / "minimal.yaml", overrides=["end=2027-09-01"])
        assert simulate(scenario).digest() == simulate(plain).digest()
        return
    with pytest.raises(PluginError) as caught:
        simulate(scenario)
    home = "dcsim-surf 0.1.0, entry point hold-on = surf:HOLD of dcsim.policies: "
    assert str(caught.value).startswith(home + fault)


SLOW_PLANT = (
    "chp=[{name: c, capacity: 5 MW, minimum: 50 %, ramp: 0.1 1/h, efficiency: 55 %, "
    "carbon: 370 kg/MWh, outages: {rate: 20 1/year, repair: 10 h}}]"
)
TWO_BATTERIES = (
    "batteries=[{name: a, power: 3 MW, energy: 12 MWh, reserve: 50 %, self_discharge: 5 %/month, "
    "initial: 60 %}, {name: b, power: 3 MW, energy: 12 MWh}]"
)
TARIFF = (
    "money={currency: USD, price_year: 2027, discount_rate: 8 %, tariff: {seller: u, "
    "price_year: 2027, demand_charge: 10 USD/kW/month, seasons: [{name: y, "
    "months: [1,2,3,4,5,6,7,8,9,10,11,12], light: 50 USD/MWh, middle: 100 USD/MWh, "
    "peak: 200 USD/MWh, weekday: LLLLLLLLLMMMPPPPPMMMMMLL, saturday: LLLLLLLLLLLLLLLLLLLLLLLL, "
    "sunday: LLLLLLLLLLLLLLLLLLLLLLLL}]}}"
)
SOLAR = "solar=[{name: a, capacity: 12 MW, delivery: onsite}]"


def run_of(*overrides):
    return simulate(load("scenarios/minimal.yaml", overrides=list(overrides)))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("step", ["15 min", "1 h", "3 h"])
def test_a_slow_plant_leaves_nothing_unserved_where_the_grid_has_room(name, step):
    policy = f"dispatch={{policy: {name}, horizon: 14 days, overlap: 2 days}}"
    found = run_of("end=2027-10-01", SLOW_PLANT, TARIFF, policy, f"step={step}")
    assert found.summary["chp_mwh"] > 5000
    assert found.summary["unserved_mwh"] == 0
    room_mw = 10.0 - found.hourly["grid_import_mw"]
    assert room_mw.min() > 1


def test_what_a_slow_plant_lacks_is_made_by_the_plant_before_it():
    # Alone with two plants: the first covers what the second cannot reach on its way back.
    here = np.array([9.0, 0.0, 9.0, 9.0])
    plants = {
        "chp.a": DispatchableUnit(np.full(4, 5.0)),
        "chp.b": DispatchableUnit(here, 0.5, ramp_mw_per_h=1.0),
    }
    available = AvailableSupply(np.zeros(4), np.zeros(4), dispatchable=plants)
    for policy in (self_consumption, cfe_first):
        flows = policy(np.full(4, 6.0), available, 1.0)
        made = flows.asset_generation_mw
        assert made["chp.b"].tolist() == [4.5, 0.0, 1.0, 2.0]
        assert made["chp.a"].tolist() == [1.5, 5.0, 5.0, 4.0]
        assert flows.unserved_mw.tolist() == [0.0, 1.0, 0.0, 0.0]


@pytest.mark.parametrize("name", NAMES)
def test_no_battery_charges_while_another_discharges(name):
    policy = f"dispatch={{policy: {name}}}"
    hourly = run_of("end=2028-01-01", TWO_BATTERIES, SOLAR, TARIFF, policy).hourly
    charge_mw, discharge_mw = hourly["battery_charge_mw"], hourly["battery_discharge_mw"]
    assert charge_mw.sum() > 100
    assert discharge_mw.sum() > 100
    assert not ((charge_mw > 0) & (discharge_mw > 0)).any()


@pytest.mark.parametrize("step", ["15 min", "1 h", "3 h"])
def test_a_battery_fades_by_the_year_whatever_the_step(step):
    # 20 % a year: less than 95 % are left after a quarter of one, four times in 400 days.
    store = (
        "batteries=[{name: a, power: 1 MW, energy: 4 MWh, fade_per_year: 20 %, "
        "replace_below: 95 %, "
        "cost: {capital_power: 0 USD/MW, capital_energy: 100 USD/MWh, life: 10 years}}]"
    )
    ledger = run_of("end=2028-02-05", store, TARIFF, f"step={step}").ledger
    dates = [
        date
        for date, kind, unit in zip(ledger["date"], ledger["kind"], ledger["unit"], strict=True)
        if (kind, unit) == ("battery_renewal", "MWh")
    ]
    assert dates == ["2027-04-01", "2027-07-01", "2027-10-01", "2028-01-01"]


@pytest.mark.parametrize("step_h", [0.25, 1.0, 3.0])
def test_a_plant_of_a_file_comes_back_by_its_ramp(step_h):
    made_mw = run_of(
        "end=2028-01-01", SLOW_PLANT, f"step={step_h} h", "dispatch={policy: self-consumption}"
    ).hourly["chp_generation_mw"]
    rise_mw = np.diff(made_mw)
    assert rise_mw.max() == pytest.approx(0.1 * 5.0 * step_h)
    assert rise_mw.min() < -1.0 * step_h  # an outage takes it at once


@pytest.mark.parametrize(
    ("lost_load", "served"), [("10000 KRW/MWh", False), ("9 mn KRW/MWh", True)]
)
def test_the_price_of_lost_load_decides_what_the_optimum_serves(lost_load, served):
    # 10 USD a MWh, less than any band costs, and 9,000 USD.
    policy = f"dispatch={{policy: optimal, objective: cost, lost_load: {lost_load}}}"
    rates = TARIFF.replace("currency: USD,", "currency: USD, rates: {KRW: 1000},")
    summary = run_of("end=2027-10-01", rates, policy).summary
    assert summary["facility_mwh"] > 1000
    assert summary["unserved_mwh"] == (0.0 if served else pytest.approx(summary["facility_mwh"]))
