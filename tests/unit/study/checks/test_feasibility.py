"""Feasibility: milestones that no run can meet, and none that some run meets."""

from __future__ import annotations

from dcsim.scenario.load import load
from dcsim.study.checks.feasibility import infeasible_milestones


def test_too_few_orders_are_told_with_their_line(plan) -> None:
    scenario = load(plan().path, overrides=["milestones.half.gpus=9000 GPU"])
    (lost,) = infeasible_milestones(scenario)
    assert lost.key == "orders"
    assert lost.where.endswith("plan.yaml:11")
    assert "all orders are 4,000 GPUs" in lost.reason


def test_too_little_power_is_told(plan) -> None:
    scenario = load(plan().path, overrides=["power.steps.connection.adds=2 MW"])
    (lost,) = infeasible_milestones(scenario)
    assert lost.key == "power.steps"
    assert "carry at most" in lost.reason


def test_the_work_that_is_too_long_is_named(plan) -> None:
    works = """works:
  - {name: survey, start: 2027-01-01, duration: 3 weeks}
  - {name: transformer, after: [survey], duration: {triangular: [60 weeks, 70 weeks, 90 weeks]}}
  - {name: line, after: [transformer], duration: 2 weeks}
"""
    path = plan(extra=works).path
    steps = "power.steps=[{name: connection, adds: 10 MW, works: line}]"
    (lost,) = infeasible_milestones(load(path, overrides=[steps]))
    assert lost.key == "works.transformer"
    assert "survey > transformer > line" in lost.reason
    # Sixty weeks are the least it can take; its tail begins a little above.
    assert "the earliest is 2028-04" in lost.reason
    assert (
        infeasible_milestones(load(path, overrides=[steps, "milestones.half.by=2028-12-31"])) == []
    )


def test_what_may_still_happen_is_not_claimed(plan) -> None:
    assert infeasible_milestones(plan()) == []
    late = load(plan().path, overrides=["orders.first.lead_time=52 weeks"])
    (lost,) = infeasible_milestones(late)
    assert lost.key == "orders"
    chance = "orders.first.lead_time={uniform: [20 weeks, 60 weeks]}"
    assert infeasible_milestones(load(plan().path, overrides=[chance])) == []


def test_an_uncertain_option_without_a_favorable_end_claims_nothing(plan) -> None:
    path = plan().path
    tight = "power.steps.connection.adds=2.4 MW"
    power = "products.server.power={discrete: {1.85 kW: 0.5, 0.9 kW: 0.5}}"
    assert infeasible_milestones(load(path, overrides=[tight])) != []
    # The smaller option comes second: the first one is not the favorable one.
    assert infeasible_milestones(load(path, overrides=[tight, power])) == []
