"""Which promises of a scenario are judged."""

from __future__ import annotations

import datetime

from dcsim.study.checks.milestone_gates import gates_of, unjudged_milestones

OF_MILESTONE = "{name: in-time, metric: milestone.half, by: 2028-03-31}"


def test_a_milestone_without_a_gate_is_told_with_its_date(plan) -> None:
    scenario = plan("{name: pue, metric: pue_mean, at_most: 1.25}")
    (one,) = unjudged_milestones(scenario, gates_of(scenario))
    assert (one.name, one.by) == ("half", datetime.date(2027, 12, 31))
    assert one.where.startswith(str(scenario.path)) or "plan.yaml:" in one.where
    assert one.text == "half: promised by 2027-12-31, not judged (no gate: milestone.half)"


def test_a_milestone_with_a_gate_is_judged_by_it_alone(plan) -> None:
    scenario = plan(OF_MILESTONE)
    assert unjudged_milestones(scenario, gates_of(scenario)) == []
    names = [gate.expectation.name for gate in gates_of(scenario, milestones=True)]
    assert names == ["in-time"]


def test_a_milestone_may_be_its_own_gate(plan) -> None:
    scenario = plan()
    (gate,) = gates_of(scenario, milestones=True)
    assert (gate.expectation.metric, gate.expectation.title) == ("milestone.half", "half")
    assert "plan.yaml:" in gate.where
    assert unjudged_milestones(scenario, [gate]) == []
