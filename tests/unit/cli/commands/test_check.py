"""`dcsim check`: exit codes of gates, and what is computed."""

from __future__ import annotations

import re
from pathlib import Path


def test_sound_gates_end_with_0(gated, check) -> None:
    done = check("plan")
    assert done.exit_code == 0, done.output
    assert "PASS  in-time: milestone.half: 2027-" in done.stdout
    assert "2 passed, 0 failed, 0 inconclusive" in done.stdout


def test_a_failed_gate_ends_with_1(gated, check, change) -> None:
    change("at_most: 1.25", "at_most: 1.05")
    done = check("plan")
    assert done.exit_code == 1
    assert "FAIL  pue: pue_mean: 1.1" in done.stdout


def test_bad_input_ends_with_2_and_runs_nothing(gated, check, change) -> None:
    change("metric: pue_mean", "metric: pue_men")
    done = check("plan")
    assert done.exit_code == 2
    assert "near are pue_mean" in done.stdout
    change("start: 2027-01-01", "start: 2027-13-01")
    done = check("plan", "--junit", "j.xml")
    assert done.exit_code == 2
    assert "start" in done.stdout
    assert not Path("runs/store").exists() or "PASS" not in done.stdout


def test_an_infeasible_milestone_fails_before_any_gate_does(gated, check, change) -> None:
    change("gpus: 2000 GPU", "gpus: 9000 GPU")
    done = check("plan")
    assert done.exit_code == 1
    assert "half is infeasible: all orders are 4,000 GPUs" in done.stdout
    assert re.search(r"site\.yaml:\d+: orders", done.stdout)


def test_finished_runs_are_not_computed_again_even_when_gates_change(gated, check, change) -> None:
    assert check("plan").exit_code == 0
    files = {file: file.stat().st_mtime_ns for file in Path("runs/store").rglob("*.parquet")}
    files |= {file: file.stat().st_mtime_ns for file in Path("runs/store").rglob("*.rows")}
    change("at_most: 1.25", "at_most: 1.3")
    assert check("plan").exit_code == 0
    for file, stamp in files.items():
        assert file.stat().st_mtime_ns == stamp


def test_a_chance_is_judged_by_replications(gated, check, change) -> None:
    uncertain = "lead_time: {uniform: [10 weeks, 60 weeks]}"
    change("lead_time: 26 weeks", uncertain)
    change("metric: milestone.half}", "metric: milestone.half, probability: 50 %}")
    done = check("plan", "--replications", 40)
    assert re.search(r"in \d+\.\d% of 40 runs", done.stdout), done.output
    change("probability: 50 %", "probability: 99 %")
    assert check("plan", "--replications", 40).exit_code == 1


def test_strict_lets_what_is_open_fail(gated, check, change) -> None:
    change("lead_time: 26 weeks", "lead_time: {uniform: [10 weeks, 60 weeks]}")
    change("metric: milestone.half}", "metric: milestone.half, probability: 60 %}")
    open_ = check("plan", "--replications", 10)
    if "????" in open_.stdout:
        assert open_.exit_code == 0
        assert "replications would settle it" in open_.stdout
        assert check("plan", "--replications", 10, "--strict").exit_code == 1


def test_a_finding_in_a_file_below_names_the_scenario_on_top(gated, check) -> None:
    (gated / "plan" / "top.yaml").write_text("extends: site.yaml\ncooling: {overhead: 40 %}\n")
    done = check("plan/top.yaml", "--format", "github")
    assert done.exit_code == 1
    (line,) = [one for one in done.stdout.splitlines() if one.startswith("::error")]
    assert "file=plan/site.yaml" in line
    assert "::plan/top.yaml: pue_mean" in line
    own = check("plan/site.yaml", "--format", "github")
    assert "::plan" not in own.stdout
