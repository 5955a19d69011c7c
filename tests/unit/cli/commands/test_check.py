"""`dcsim check`: exit codes of gates, and what is computed."""

from __future__ import annotations

import json
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


def without_gates(path: Path) -> None:
    text = path.read_text()
    path.write_text(text[: text.index("expect:")])


def test_a_plan_without_a_gate_is_not_called_sound(gated, check) -> None:
    without_gates(gated / "plan" / "site.yaml")
    done = check("plan", "--junit", "j.xml", "--summary", "s.md")
    assert done.exit_code == 0
    assert "half: promised by 2027-12-31, not judged (no gate: milestone.half)" in done.stdout
    assert "it has no gate: nothing was run, nothing was judged" in done.stdout
    assert done.stdout.splitlines()[-1] == "nothing was judged, 1 milestone not judged"
    assert "sound" not in done.stdout + Path("s.md").read_text()
    assert 'skipped="2"' in Path("j.xml").read_text()
    assert check("plan", "--strict").exit_code == 1
    data = json.loads(check("plan", "--format", "json").stdout)["scenarios"][0]
    assert (data["judged"], data["not_judged"][0]["by"]) == (False, "2027-12-31")
    assert "::notice file=plan/site.yaml" in check("plan", "--format", "github").stdout


def test_milestones_are_gates_on_request(gated, check, change) -> None:
    without_gates(gated / "plan" / "site.yaml")
    done = check("plan", "--milestones")
    assert done.exit_code == 0
    assert "PASS  half: milestone.half: 2027-" in done.stdout
    change("by: 2027-12-31", "by: 2027-08-10")
    done = check("plan", "--milestones", "--junit", "j.xml")
    assert done.exit_code == 1
    assert "FAIL  half: milestone.half: 2027-10-" in done.stdout
    assert 'failures="1"' in Path("j.xml").read_text()


PROFILED = """
solar:
  - name: pv
    capacity: 4 MW
    delivery: onsite
    profile: {file: pv.csv, column: pv}
"""


def test_files_are_read_before_a_plan_is_called_anything(gated, check) -> None:
    site = gated / "plan" / "site.yaml"
    without_gates(site)
    (gated / "plan" / "w.csv").write_text("garbage\n")
    (gated / "plan" / "weather.yaml").write_text("extends: site.yaml\nweather: {file: w.csv}\n")
    done = check("plan")
    assert done.exit_code == 2
    assert "weather.file: column time is missing" in done.stdout
    assert "w.csv:1" in done.stdout


def test_the_first_cause_is_told_and_not_what_follows_from_it(gated, check) -> None:
    site = gated / "plan" / "site.yaml"
    site.write_text(site.read_text() + PROFILED)
    (gated / "plan" / "pv.csv").write_text("wrong\nabc\n")
    done = check("plan")
    assert done.exit_code == 2
    assert "pv.csv:1: solar.pv.profile: has no column 'pv'" in done.stdout
    assert "no metric" not in done.stdout


def test_a_run_that_comes_to_no_result_tells_why(gated, check, change) -> None:
    # The sunshine of a climate shows only when the weather is drawn.
    change("ghi_kwh_m2_day: [2.2,", "ghi_kwh_m2_day: [9.5,")
    done = check("plan")
    assert done.exit_code == 2
    assert "the single run came to no result: " in done.stdout
    assert "what the sun can give" in done.stdout
    assert "no metric" not in done.stdout


def test_a_failed_gate_stays_1_where_reports_go_into_a_new_folder(gated, check, change) -> None:
    change("at_most: 1.25", "at_most: 1.05")
    done = check("plan", "--junit", "reports/ci/x.xml", "--summary", "reports/s.md")
    assert done.exit_code == 1
    assert 'failures="1"' in Path("reports/ci/x.xml").read_text()
    assert Path("reports/s.md").is_file()


def test_that_no_gpu_is_spare_is_told_before_anything_is_run(gated, check, change) -> None:
    change("gpus: 2000 GPU", "gpus: 4000 GPU")
    site = gated / "plan" / "site.yaml"
    without_gates(site)
    site.write_text(site.read_text() + FLEET)
    done = check("plan")
    assert "NOTE  half: 4,000 GPUs online of 4,000 that are ordered" in done.stdout
    assert "ordered = promised: no spare" in done.stdout


FLEET = """
fleet: {failure_rate: 2 1/GPU/year, hands: 50 %, recovery: 2 h, technicians: 4, hands_on: 4 h,
  repair: 48 h, spares: 100, spare_lead_time: 2 weeks}
"""
