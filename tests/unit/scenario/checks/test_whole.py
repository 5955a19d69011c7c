from __future__ import annotations

import pytest

from dcsim.errors import Problem, ScenarioError
from dcsim.scenario.checks.whole import checked_edges, checked_node, refuse, refuse_overruns
from dcsim.scenario.draws.distributions import TAIL
from dcsim.scenario.text.document import parse
from dcsim.scenario.text.file_format import content


def refused(text: str) -> str:
    with pytest.raises(ScenarioError) as caught:
        for _ in checked_edges(checked_node(content(parse(text, "plan.yaml"))).values):
            pass
    return str(caught.value)


def test_a_sound_scenario_stands_at_its_medians(minimal_text):
    text = minimal_text.replace("install: 8 h", "install: {uniform: [6 h, 8 h]}")
    values, site = checked_node(content(parse(text, "plan.yaml")))
    assert site.deployment.install_h == 7
    assert [value.key for value in values.drawn] == ["deployment.install"]


def test_problems_of_all_kinds_of_relations_come_together(minimal_text):
    text = minimal_text.replace("product: server", "product: box")
    text += "correlations: [{between: [orders.first.lead_time, x.y], rank: 0.5}]\n"
    assert [line.split(": ")[1] for line in refused(text).splitlines()] == [
        "orders.first.product",
        "correlations.0.between.0",
        "correlations.0.between.1",
    ]


def test_edges_are_as_many_as_the_value_with_most_of_them_has(minimal_text):
    text = minimal_text.replace("install: 8 h", "install: {discrete: [4 h, 5 h, 6 h]}")
    text = text.replace("26 weeks", "{uniform: [0 h, 1000 h]}")
    edges = list(checked_edges(checked_node(content(parse(text, "plan.yaml"))).values))
    assert [site.deployment.install_h for _, site in edges] == [4, 5, 6]
    leads = [site.orders[0].lead_time_h for _, site in edges]
    assert leads == pytest.approx([1000 * TAIL, 1000 * (1 - TAIL), 1000 * (1 - TAIL)])


def test_a_distribution_that_leaves_its_range_is_refused_at_its_end(minimal_text):
    text = minimal_text.replace("install: 8 h", "install: {normal: [8 h, 30 h]}")
    assert refused(text).startswith("plan.yaml:12: deployment.install = {normal: ")


def test_relations_hold_at_the_ends_too(minimal_text):
    draws = "idle: {uniform: [0.1, 0.9]}, training: {uniform: [0.8, 0.85]}, inference: 0.85"
    text = minimal_text.replace("rack_size: 16 GPU", f"rack_size: 16 GPU, {draws}")
    assert "idle is more than what a busy GPU draws" in refused(text)


def test_problems_are_raised_in_the_order_of_the_file():
    refuse([])
    with pytest.raises(ScenarioError) as caught:
        refuse([Problem("x:9", "b", ""), Problem("x:2", "a", "")])
    assert [problem.key for problem in caught.value.problems] == ["a", "b"]


def test_effort_is_refused_at_its_line(minimal_text):
    values, site = checked_node(
        content(parse(minimal_text.replace("4000 GPU", "40000000 GPU"), "x"))
    )
    with pytest.raises(ScenarioError, match=r"^x:11: orders: makes 2,500,000 racks"):
        refuse_overruns(site, values)
