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
