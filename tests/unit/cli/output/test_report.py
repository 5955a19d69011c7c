"""The report of a run."""

from __future__ import annotations

import re

import pytest

import dcsim
from dcsim.cli.output.report import report_lines


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    from pathlib import Path

    site = Path(__file__).parents[3] / "faults" / "data" / "kill-site.yaml"
    return dcsim.simulate(dcsim.load(site))


def test_no_line_is_wider_than_the_terminal(result):
    for width in (70, 80, 100):
        assert max(len(line) for line in report_lines(result, width)) <= width


def test_the_first_lines_name_the_run_and_its_milestones(result):
    lines = list(report_lines(result, 100))
    assert lines[0] == "One hall  2027-01-01 to 2027-09-01"
    at = next(index for index, line in enumerate(lines) if line.startswith("Milestone"))
    (milestone,) = result.summary["milestones"]
    assert lines[at + 1].split()[0] == "gpus-1200"
    assert milestone["reached"] in lines[at + 1]
    assert f"{milestone['margin_days']:+.0f} d" in lines[at + 1]


def test_figures_are_those_of_the_summary(result):
    text = "\n".join(report_lines(result, 100))
    assert f"{result.summary['gpus_online_max']:,.0f} / " in text
    assert f"{result.summary['pue_mean']:.3f}" in text
    assert "Net present value" not in text  # the plan counts no money


def test_a_replication_is_named_in_the_title(result):
    import dataclasses

    drawn = dataclasses.replace(result, summary={**result.summary, "replication": 7})
    assert next(iter(report_lines(drawn, 100))).endswith("2027-09-01, replication 7")


@pytest.mark.parametrize("width", [24, 40, 60])
def test_no_figure_is_cut_on_a_narrow_terminal(result, width):
    narrow = "\n".join(report_lines(result, width))
    for line in report_lines(result, 200):
        for figure in re.findall(r"[+-]?[\d,.]*\d(?: (?:MW|kt|GWh|GPU-days|%))?", line):
            assert figure in narrow


def test_long_names_are_wrapped_and_not_cut(result):
    import dataclasses

    (milestone,) = result.summary["milestones"]
    named = {**milestone, "name": "all-gpus-of-the-second-building-and-its-annex"}
    summary = {**result.summary, "milestones": [named]}
    text = "\n".join(report_lines(dataclasses.replace(result, summary=summary), 60))
    assert all(part in text for part in named["name"].split("-"))


FLEET = {
    "failure_rate": "2 1/GPU/year", "hands": "50 %", "recovery": "2 h", "technicians": 4,
    "hands_on": "4 h", "repair": "48 h", "spares": 100, "spare_lead_time": "2 weeks",
}  # fmt: skip


def shortfall(gpus, by, **more):
    milestone = {"name": "all", "metric": "gpus_online", "gpus": f"{gpus} GPU", "by": by}
    changes = {"milestones": [milestone], "end": "2028-06-01", **more}
    plan = dcsim.load(dcsim.Scenario.shipped_folder() / "minimal.yaml", overrides=changes)
    lines = report_lines(dcsim.simulate(plan), 140)
    return next(line for line in lines if line.startswith("all: "))


def test_where_all_that_are_ordered_came_it_is_repair_that_keeps_them_apart():
    line = shortfall(4000, "2028-05-01", fleet=FLEET)
    assert "short at best" in line
    assert "of 4,000 GPUs in service" in line
    assert "are in repair; gpus_in_service counts them" in line


def test_the_constraint_is_that_of_the_date_and_not_of_its_quarter():
    assert shortfall(3000, "2027-06-30").endswith("binding constraint at its date: delivery")
    assert "commissioning" in shortfall(4000, "2027-11-20")
