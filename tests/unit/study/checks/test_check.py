"""The check of scenario files, without the command line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dcsim.errors import ScenarioError
from dcsim.scenario.load import load
from dcsim.study.checks.baseline import pin_of
from dcsim.study.checks.check import (
    CheckResult,
    case_name,
    check_file,
    pins_of,
    pins_of_removed,
    run_and_judge,
    scenario_files,
    single_run,
)
from dcsim.study.checks.feasibility import Infeasible
from dcsim.study.checks.gates import Verdict

GATE = "{name: pue, metric: pue_mean, at_most: 1.25}"
CHANCE = "{name: in-time, metric: milestone.half, probability: 50 %}"


def test_a_folder_stands_for_its_scenarios_without_studies(plan, tmp_path) -> None:
    path = plan().path
    (tmp_path / "study.yaml").write_text("scenario: plan.yaml\n")
    (tmp_path / "notes.txt").write_text("no scenario\n")
    assert scenario_files([tmp_path, path]) == [path]


def test_a_folder_without_scenarios_is_refused(tmp_path) -> None:
    with pytest.raises(ScenarioError, match="holds no scenario file"):
        scenario_files([tmp_path])


def test_a_file_that_cannot_be_read_has_problems_and_no_scenario(tmp_path) -> None:
    (tmp_path / "bad.yaml").write_text("name: 3\n")
    found = check_file(tmp_path / "bad.yaml", "bad.yaml", None)
    assert found.scenario is None
    assert found.problems


@pytest.mark.parametrize(
    ("result", "fails"),
    [
        (CheckResult("a"), False),
        (CheckResult("a", infeasible=[Infeasible("half", "orders", "", "too few")]), True),
        (CheckResult("a", verdicts=[Verdict("g", "a", "inconclusive", "", "", "m")]), False),
        (CheckResult("a", verdicts=[Verdict("g", "a", "fail", "", "", "m")]), True),
    ],
    ids=["nothing", "infeasible", "inconclusive", "failed"],
)
def test_failed_gates_and_infeasible_milestones_fail(result, fails) -> None:
    assert result.fails is fails


def test_only_the_runs_that_gates_need_are_computed(plan, settings) -> None:
    path = plan(GATE).path
    found = check_file(path, "plan.yaml", None)
    run_and_judge(found, [], settings)
    assert [verdict.outcome for verdict in found.verdicts] == ["pass"]
    assert (found.single.n_rows, found.many) == (1, None)


def test_a_probability_is_judged_by_replications(plan, settings) -> None:
    path = plan(CHANCE).path
    path.write_text(
        path.read_text().replace("lead_time: 26 weeks", "lead_time: {uniform: [9 weeks, 60 weeks]}")
    )
    found = check_file(path, "plan.yaml", None)
    run_and_judge(found, [], settings)
    assert (found.single, found.many.n_rows) == (None, settings.replications)
    assert "of 20 runs" in found.verdicts[0].found


def test_a_gate_on_an_unknown_metric_is_a_problem(plan, settings) -> None:
    found = check_file(plan("{name: g, metric: pue_men, at_most: 1.3}").path, "plan.yaml", None)
    run_and_judge(found, [], settings)
    assert not found.verdicts
    assert "near are pue_mean" in str(found.problems[0])


def test_the_single_run_is_taken_from_the_store_the_second_time(plan, settings) -> None:
    scenario = plan()
    first = single_run(scenario, "plan.yaml", settings)
    files = stamps(settings)
    second = single_run(load(scenario.path), "plan.yaml", settings)
    assert first.columns["pue_mean"] == second.columns["pue_mean"]
    assert files
    assert stamps(settings) == files


def stamps(settings) -> dict[Path, int]:
    files = (settings.store.path / "cases").rglob("*")
    return {file: file.stat().st_mtime_ns for file in files if file.is_file()}


def test_pins_belong_to_the_scenario_they_name_beside_the_baseline(plan, single) -> None:
    scenario = plan()
    folder = scenario.path.parent
    rows = single(pue_mean=1.2)
    mine, gone = (
        pin_of(scenario, name, "pue_mean", rows, tolerance="1 %", reason="why")
        for name in ("plan.yaml", "gone.yaml")
    )
    baseline = folder / "base.json"
    assert pins_of([mine, gone], baseline, scenario.path) == [mine]
    assert pins_of_removed([mine, gone], baseline, [scenario.path]) == {"gone.yaml": [gone]}


def test_a_file_of_any_name_has_a_case_name() -> None:
    assert case_name("plan/..-.yaml") == "scenario"
    assert len(case_name("x" * 90 + ".yaml")) == 50


@pytest.mark.skipif(not Path("/proc/self/pagemap").exists(), reason="a file of Linux")
def test_what_leads_out_of_a_folder_is_named_and_not_opened(plan, tmp_path) -> None:
    folder = tmp_path / "strange"
    folder.mkdir()
    (folder / "a.yaml").symlink_to("/proc/self/pagemap")
    os.mkfifo(folder / "b.yaml")
    with (folder / "c.yaml").open("wb") as file:
        file.truncate(1 << 40)
    (folder / "d.yaml").symlink_to("nowhere.yaml")
    files = scenario_files([folder], folder)
    assert [file.name for file in files] == ["a.yaml", "b.yaml", "c.yaml", "d.yaml"]
    problems = [check_file(file, file.name, folder).problems[0].message for file in files]
    assert "lies outside" in problems[0]
    assert problems[1:] == [
        "is not a file",
        "is larger than 1 MiB, the most a scenario may be",
        "is not a file",
    ]
    # Inside a root that holds all of the machine it is read as what it says it is: empty.
    assert check_file(folder / "a.yaml", "a.yaml", Path("/")).problems[0].message == "is empty"
