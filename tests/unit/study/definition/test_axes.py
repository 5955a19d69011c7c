from __future__ import annotations

import pytest

HEAD = "scenario: ../plan.yaml\n"


def test_axes_in_step_are_one_dimension(study_of):
    study = study_of(HEAD + "zip: {deployment.crews: [2, 3], deployment.slots: [20, 40]}\n")
    assert [case.parameters for case in study.cases()] == [
        {"deployment.crews": 2.0, "deployment.slots": 20.0},
        {"deployment.crews": 3.0, "deployment.slots": 40.0},
    ]
    assert study.about()["in_step"] == [["deployment.crews", "deployment.slots"]]


def test_a_list_is_taken_as_it_stands(study_of):
    study = study_of(
        HEAD
        + "list:\n  - {id: today}\n  - {id: fast, deployment.crews: 4}\n"
        + "  - {deployment.slots: 60, orders.first.lead_time: 20 weeks}\n"
    )
    cases = list(study.cases())
    last = "deployment.slots=60,first.lead_time=20-weeks"
    assert [case.id for case in cases] == ["today", "fast", last]
    assert [case.parameters for case in cases] == [
        {"list": "today"},
        {"list": "fast", "deployment.crews": 4.0},
        {"list": last, "deployment.slots": 60.0, "orders.first.lead_time": "20 weeks"},
    ]
    assert study.axes[0].values == ("today", "fast", last)


def test_a_bundle_sets_several_keys_under_one_label(study_of):
    study = study_of(
        HEAD + "grid:\n  team:\n    few: {deployment.crews: 2, deployment.slots: 20}\n    as-is:\n"
    )
    few, same = study.cases()
    assert (few.id, few.parameters) == ("team=few", {"team": "few"})
    assert (few.resolved["deployment"]["crews"], few.resolved["deployment"]["slots"]) == (2, 20)
    assert same.resolved == study.scenario.resolved


def test_the_parameter_of_an_axis_is_one_of_its_values(study_of):
    study = study_of(
        HEAD
        + "grid: {deployment.crews: [2, 3], team: {a: {}, b: {}}}\n"
        + "list: [{id: x}, {deployment.slots: 3}]\n"
    )
    for case in study.cases():
        for axis in study.axes:
            assert case.parameters[axis.key] in axis.values


WRONG = {
    "two axes, one key": (
        HEAD + "grid:\n  deployment.crews: [2, 3]\n  team: {few: {deployment.crews: 2}}\n",
        "studies/s.yaml:4: grid.team: deployment.crews is set by grid.deployment.crews at "
        "studies/s.yaml:3, too",
    ),
    "an axis inside another": (
        HEAD + "grid: {deployment.crews: [2, 3]}\nlist:\n  - deployment: {crews: 4}\n",
        "studies/s.yaml:2: grid.deployment.crews: deployment is set by list at "
        "studies/s.yaml:4, too",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_key_that_two_axes_set_is_refused_with_its_line(case, refusal):
    text, message = WRONG[case]
    assert refusal(text) == message
