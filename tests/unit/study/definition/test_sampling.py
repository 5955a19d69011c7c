from __future__ import annotations

import pytest

from dcsim.scenario.load import from_plain
from dcsim.study.definition.expand import read_study

HEAD = "scenario: ../plan.yaml\n"


def test_parameters_of_a_sample_get_their_distribution_at_their_key(study_of):
    study = study_of(
        HEAD
        + "sample:\n  method: latin-hypercube\n  n: 3\n"
        + "  parameters: {power.design_pue: {uniform: [1.1, 1.3]}}\n"
    )
    assert study.design.names == ("power.design_pue",)
    for case in study.cases():
        plan = from_plain(case.resolved).fixed(case.quantiles).plan(0)
        u = 0.001 + 0.998 * case.quantiles["power.design_pue"]
        assert plan.site.power.design_pue == pytest.approx(1.1 + 0.2 * u)


def test_parameters_and_all_that_is_uncertain_can_be_sampled_together(study_of):
    study = study_of(
        HEAD
        + "sample: {method: sobol, n: 4, uncertain: all, correlate: false,\n"
        + "  parameters: {power.design_pue: {uniform: [1.1, 1.3]}}}\n"
    )
    assert study.design.names == (
        "power.design_pue", "orders.first.lead_time", "deployment.commissioning",
        "demand.training.gpus",
    )  # fmt: skip
    assert study.n_cases == 4 * (4 + 2)


def test_all_that_is_uncertain_leaves_out_what_axes_set(study_of):
    study = study_of(
        HEAD + "grid: {orders.first: [null]}\nsample: {method: latin-hypercube, n: 4}\n",
        check=False,
    )
    assert study.design.names == ("deployment.commissioning", "demand.training.gpus")


def test_only_what_is_uncertain_in_all_scenarios_is_sampled(study_of):
    study_of.scenario("sure.yaml", "extends: plan.yaml\ndemand: [{name: training, gpus: 9 GPU}]\n")
    study = study_of(
        HEAD
        + "grid: {plan: {a: {}, b: {extends: ../sure.yaml}}}\n"
        + "sample: {method: latin-hypercube, n: 4}\n"
    )
    assert study.design.names == ("orders.first.lead_time", "deployment.commissioning")


def test_groups_hold_each_value_once_in_their_order(study_of):
    study = study_of(
        HEAD
        + "sample:\n  method: sobol\n  n: 4\n"
        + "  groups: {rest: true, build: [orders, 'deploy*'], none: [power]}\n"
    )
    assert study.design.groups == {
        "rest": ("demand.training.gpus",),
        "build": ("orders.first.lead_time", "deployment.commissioning"),
    }
    assert study.design.problem["groups"] == ["rest", "build", "build"]
    assert study.n_cases == 4 * (2 + 2)


def test_every_group_of_the_shipped_sobol_study_holds_something(scenarios):
    study = read_study(scenarios / "studies" / "everything-uncertain.yaml")
    assert list(study.design.groups) == [
        "grid", "transformers", "buildings", "deliveries", "gpu-power", "cooling", "failures",
        "demand", "prices", "supply",
    ]  # fmt: skip
    assert sorted(study.design.names) == sorted(study.scenario.uncertain)


WRONG = {
    "sample: nothing of that name": (
        HEAD + "sample: {method: sobol, n: 8, uncertain: [order, deployment.crews, 'fle*']}\n",
        "studies/s.yaml:2: sample.uncertain: there is no uncertain value order; "
        "did you mean orders?\n"
        "studies/s.yaml:2: sample.uncertain: deployment.crews is not uncertain; give it a "
        "distribution under parameters\n"
        "studies/s.yaml:2: sample.uncertain: there is no uncertain value fle*",
    ),
    "sample: set by an axis": (
        HEAD + "grid: {deployment.commissioning: [1 day]}\n"
        "sample: {method: sobol, n: 8, uncertain: [deployment]}\n",
        "studies/s.yaml:3: sample.uncertain: deployment is set by an axis",
    ),
    "sample: no distribution": (
        HEAD + "sample: {method: sobol, n: 8, parameters: {deployment.crews: [2, 4]}}\n",
        "studies/s.yaml:2: sample.parameters.deployment.crews: must be a distribution such as "
        "{uniform: [2 h, 6 h]}",
    ),
    "sample: a distribution outside the range": (
        HEAD + "sample:\n  method: sobol\n  n: 8\n  parameters:\n"
        "    deployment.crews: {uniform: [-8, 4]}\n    power.design_pu: {uniform: [1.1, 1.3]}\n",
        "studies/s.yaml:6: sample.parameters.deployment.crews = {uniform: [-8, 4]}: must be at "
        "least 1 and at most 10,000 (crews that install racks, one rack at a time each)\n"
        "studies/s.yaml:7: sample.parameters.power.design_pu: not a key of power; did you mean "
        "design_pue?",
    ),
    "sample: left over and twice": (
        HEAD + "sample:\n  method: sobol\n  n: 8\n  groups:\n    a: [orders, fleet]\n"
        "    b: ['*.first.*']\n",
        "studies/s.yaml:5: sample.groups: orders.first.lead_time is in a and in b\n"
        "studies/s.yaml:5: sample.groups: hold not all that is sampled: "
        "deployment.commissioning, demand.training.gpus; name them, or let 'rest: true' take "
        "them\n"
        "studies/s.yaml:6: sample.groups.a: nothing is called fleet",
    ),
    "sample: correlated across groups": (
        HEAD + "sample:\n  method: sobol\n  n: 8\n  groups: {a: [orders], rest: true}\n",
        "studies/s.yaml:5: sample.groups: orders.first.lead_time and deployment.commissioning are "
        "correlated: put them in one group, or say correlate: false",
    ),
    "sample: correlated, one by one": (
        HEAD + "sample: {method: morris, n: 8}\n",
        "studies/s.yaml:2: sample.method: morris cannot move orders.first.lead_time and "
        "deployment.commissioning together; say correlate: false",
    ),
    "sample: too few to correlate": (
        HEAD + "sample: {method: latin-hypercube, n: 3}\n",
        "studies/s.yaml:2: sample.n: must be at least 4 to correlate 2 values",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_sample_that_cannot_be_drawn_is_refused_with_its_line(case, refusal):
    text, message = WRONG[case]
    assert refusal(text) == message
