"""`dcsim check` and `dcsim baseline`: exit codes, forms, what a pull request is told."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

import dcsim
from dcsim.cli.main import main
from dcsim.cli.output.markdown import inert
from dcsim.cli.output.verdicts import github_lines, junit, sarif
from dcsim.errors import Problem
from dcsim.study.checks.check import CheckResult
from dcsim.study.checks.gates import Verdict

PROMISE = "milestones: [{name: half, metric: gpus_online, gpus: 2000 GPU, by: %s}]\n"


@pytest.fixture
def place(tmp_path: Path, scenarios: Path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    (tmp_path / "plan").mkdir()
    text = (scenarios / "minimal.yaml").read_text()
    (tmp_path / "plan" / "site.yaml").write_text(
        text
        + PROMISE % "2027-12-31"
        + "expect: [{name: in-time, metric: milestone.half}, {name: pue, metric: pue_mean, "
        "at_most: 1.25}]\n"
    )
    return tmp_path


def run(*args: object):
    return CliRunner().invoke(main, ["check", *map(str, args)])


def change(place: Path, old: str, new: str) -> None:
    path = place / "plan" / "site.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_sound_gates_end_with_0(place) -> None:
    done = run("plan")
    assert done.exit_code == 0, done.output
    assert "PASS  in-time: milestone.half: 2027-" in done.stdout
    assert "2 passed, 0 failed, 0 inconclusive" in done.stdout


def test_a_failed_gate_ends_with_1(place) -> None:
    change(place, "at_most: 1.25", "at_most: 1.05")
    done = run("plan")
    assert done.exit_code == 1
    assert "FAIL  pue: pue_mean: 1.1" in done.stdout


def test_bad_input_ends_with_2_and_runs_nothing(place) -> None:
    change(place, "metric: pue_mean", "metric: pue_men")
    done = run("plan")
    assert done.exit_code == 2
    assert "near are pue_mean" in done.stdout
    change(place, "start: 2027-01-01", "start: 2027-13-01")
    done = run("plan", "--junit", "j.xml")
    assert done.exit_code == 2
    assert "start" in done.stdout
    assert not Path("runs/store").exists() or "PASS" not in done.stdout


def test_a_promise_that_cannot_be_kept_fails_before_any_gate_does(place) -> None:
    change(place, "gpus: 2000 GPU", "gpus: 9000 GPU")
    done = run("plan")
    assert done.exit_code == 1
    assert "half cannot be kept: all orders are 4,000 GPUs" in done.stdout
    assert re.search(r"site\.yaml:\d+: orders", done.stdout)


def test_finished_runs_are_not_computed_again_even_when_gates_change(place) -> None:
    assert run("plan").exit_code == 0
    files = {file: file.stat().st_mtime_ns for file in Path("runs/store").rglob("*.parquet")}
    files |= {file: file.stat().st_mtime_ns for file in Path("runs/store").rglob("*.rows")}
    change(place, "at_most: 1.25", "at_most: 1.3")
    assert run("plan").exit_code == 0
    for file, stamp in files.items():
        assert file.stat().st_mtime_ns == stamp


def test_a_chance_is_judged_by_replications(place) -> None:
    uncertain = "lead_time: {uniform: [10 weeks, 60 weeks]}"
    change(place, "lead_time: 26 weeks", uncertain)
    change(place, "metric: milestone.half}", "metric: milestone.half, probability: 50 %}")
    done = run("plan", "--replications", 40)
    assert re.search(r"in \d+\.\d% of 40 runs", done.stdout), done.output
    change(place, "probability: 50 %", "probability: 99 %")
    assert run("plan", "--replications", 40).exit_code == 1


def test_strict_lets_what_is_open_fail(place) -> None:
    change(place, "lead_time: 26 weeks", "lead_time: {uniform: [10 weeks, 60 weeks]}")
    change(place, "metric: milestone.half}", "metric: milestone.half, probability: 60 %}")
    open_ = run("plan", "--replications", 10)
    if "????" in open_.stdout:
        assert open_.exit_code == 0
        assert "replications would settle it" in open_.stdout
        assert run("plan", "--replications", 10, "--strict").exit_code == 1


def test_junit_is_read_by_its_readers(place) -> None:
    junitparser = pytest.importorskip("junitparser")
    change(place, "at_most: 1.25", "at_most: 1.05")
    assert run("plan", "--junit", "check.xml").exit_code == 1
    read = junitparser.JUnitXml.fromfile("check.xml")
    assert (read.tests, read.failures, read.errors) == (3, 1, 0)
    (suite,) = read
    results = {case.name: [type(r).__name__ for r in case.result] for case in suite}
    assert results == {"input": [], "in-time": [], "pue": ["Failure"]}


def verdict(name: str, outcome: str, where: str = "plan/site.yaml:3") -> Verdict:
    return Verdict(name, "plan/site.yaml", outcome, "at most 1", "2", "pue_mean", where)


def test_annotations_keep_to_what_the_host_shows_and_are_inert() -> None:
    one = CheckResult("plan/site.yaml")
    one.verdicts = [verdict(f"gate {n}: a, b\n::warning::x", "fail") for n in range(14)]
    lines = list(github_lines([one]))
    assert len(lines) == 10
    assert lines[-1] == "::error::5 more; see the summary"
    assert all(line.startswith("::error ") for line in lines[:-1])
    assert all("\n" not in line and "::warning" not in line[1:] for line in lines)
    assert "title=gate 0%3A a%2C b" in lines[0]
    assert "file=plan/site.yaml,line=3" in lines[0]


def test_sarif_says_where_and_how_bad() -> None:
    one = CheckResult("plan/site.yaml")
    one.verdicts = [verdict("a", "fail"), verdict("b", "inconclusive"), verdict("c", "pass")]
    one.problems = [Problem("plan/site.yaml:7", "start", "is no day")]
    said = json.loads(sarif([one], "1.0"))
    (run_,) = said["runs"]
    levels = [result["level"] for result in run_["results"]]
    assert levels == ["error", "error", "warning"]
    place = run_["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "plan/site.yaml"
    assert place["region"]["startLine"] == 7
    rules = {rule["id"] for rule in run_["tool"]["driver"]["rules"]}
    assert {result["ruleId"] for result in run_["results"]} <= rules


@pytest.mark.parametrize(
    "name", ["a|b", "<script>", "![x](http://y)", "`x`", "@team", "a\n# b", "\x1b[2J", "$x$", "]]>"]
)
def test_names_are_inert_in_summaries_and_xml(name: str) -> None:
    shown = inert(name)
    assert "\n" not in shown
    assert "<" not in shown
    assert not re.search(r"(?<!\\)[|`@$\[]", shown)
    one = CheckResult(name)
    one.verdicts = [verdict(name, "fail")]
    root = ElementTree.fromstring(junit([one]))
    assert root.get("failures") == "1"


def test_the_summary_goes_where_the_host_wants_it(place, monkeypatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(place / "step.md"))
    (place / "step.md").write_text("before\n")
    assert run("plan", "--summary", "s.md").exit_code == 0
    text = (place / "step.md").read_text()
    assert text.startswith("before\n")
    assert text.endswith((place / "s.md").read_text())


def test_a_summary_that_is_too_long_is_cut(monkeypatch) -> None:
    from dcsim.cli.commands import check_verdicts

    monkeypatch.setattr(check_verdicts, "MAX_SUMMARY_BYTES", 1000)
    text = check_verdicts._fit_summary("line\n" * 1000)
    assert len(text.encode()) <= 1000
    assert text.endswith("does not fit into a summary.\n")


# Baselines --------------------------------------------------------------------------------------


def baseline(*args: object):
    return CliRunner().invoke(main, ["baseline", *map(str, args)])


def test_pins_pass_until_something_moves(place) -> None:
    site = "plan/site.yaml"
    keys = ("--tolerance", "0.1 %", "--reason", "the climate")
    done = baseline("pin", "base.json", site, "pue_mean", *keys)
    assert done.exit_code == 0, done.output
    done = baseline("pin", "base.json", site, "milestone.half.reached", "--tolerance", "3 days",
                    "--reason", "none")  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "the climate" in baseline("show", "base.json").stdout
    assert run("plan", "--baseline", "base.json").exit_code == 0
    change(place, "lead_time: 26 weeks", "lead_time: 28 weeks")
    done = run("plan", "--baseline", "base.json")
    assert done.exit_code == 1
    assert "baseline milestone.half.reached" in done.stdout
    assert "+14 days" in done.stdout


def test_half_a_month_is_caught_in_replications(place) -> None:
    change(place, "lead_time: 26 weeks", "lead_time: {uniform: [10 weeks, 40 weeks]}")
    done = baseline("pin", "b.json", "plan/site.yaml", "milestone.half.reached", "--replications",
                    30, "--tolerance", "5 days", "--reason", "noise")  # fmt: skip
    assert done.exit_code == 0, done.output
    assert run("plan", "--baseline", "b.json").exit_code == 0
    change(place, "[10 weeks, 40 weeks]", "[87 days, 297 days]")  # 17 days later each
    done = run("plan", "--baseline", "b.json")
    assert done.exit_code == 1
    assert re.search(r"mean change \+1\d(\.\d)? days", done.stdout), done.stdout


def test_a_pinned_scenario_that_is_gone_fails(place) -> None:
    keys = ("--tolerance", "1 %", "--reason", "x")
    baseline("pin", "b.json", "plan/site.yaml", "pue_mean", *keys)
    other = place / "plan" / "other.yaml"
    other.write_text((place / "plan" / "site.yaml").read_text())
    (place / "plan" / "site.yaml").unlink()
    done = run("plan", "--baseline", "b.json")
    assert done.exit_code == 1
    assert "the scenario is gone" in done.stdout


# Against a commit -------------------------------------------------------------------------------


def git(*words: str) -> str:
    who = ["-c", "user.name=p", "-c", "user.email=p@example.org"]
    env = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    done = subprocess.run(["git", *who, *words], check=True, capture_output=True, env=env)
    return done.stdout.decode()


@pytest.fixture
def repository(place) -> Path:
    git("init", "--quiet", ".")
    (place / ".gitignore").write_text("runs/\n")
    git("add", "--all")
    git("commit", "--quiet", "-m", "plan")
    return place


def test_nothing_changed_runs_nothing(repository) -> None:
    done = run("plan", "--against", "HEAD")
    assert done.exit_code == 0, done.output
    assert "plan/site.yaml: unchanged" in done.stdout
    assert "PASS" not in done.stdout


def test_the_assumption_that_broke_a_gate_is_named_first(repository) -> None:
    change(repository, "lead_time: 26 weeks", "lead_time: 50 weeks")
    change(repository, "overhead: 15 %", "overhead: 16 %")
    done = run("plan", "--against", "HEAD", "--summary", "s.md", "--replications", 5)
    assert done.exit_code == 1, done.output
    text = (repository / "s.md").read_text()
    first = text.index(
        "because of orders.first.lead\\_time (+168 days of +168 days)**: from 26 weeks"
    )
    assert first < text.index("### plan/site.yaml")
    assert "| cooling.overhead | 15 % | 16 % |" in text
    assert "**2028-" in text
    assert "dcsim check plan/site.yaml --against" in text


def test_the_program_of_then_is_run_where_it_was_another(repository) -> None:
    package = Path(dcsim.__file__).parent
    shutil.copytree(package, repository / "dcsim", ignore=shutil.ignore_patterns("__pycache__"))
    uncertain = "lead_time: {triangular: [20 weeks, 26 weeks, 40 weeks]}"
    change(repository, "lead_time: 26 weeks", uncertain)
    git("add", "--all")
    git("commit", "--quiet", "-m", "program and plan")
    cooling = repository / "dcsim" / "power" / "cooling" / "fixed.py"
    old = "heat.heat_mw * overhead_frac, "
    text = cooling.read_text()
    assert old in text
    cooling.write_text(text.replace(old, "heat.heat_mw * (overhead_frac + 0.01), "))
    words = ["check", "plan", "--against", "HEAD", "--replications", "6", "--summary", "s.md"]
    done = subprocess.run(
        [sys.executable, "-m", "dcsim", *words],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(repository)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = (repository / "s.md").read_text()
    assert "The program changed." in told
    assert "What is assumed otherwise" not in told
    assert "| PUE, energy-weighted | +0.010 (+0.010 to +0.010) |" in told
    assert "nan" not in told
    assert "GPUs online, most" not in told


def test_links_of_the_earlier_tree_lead_nowhere_outside(repository) -> None:
    secret = repository.parent / f"{repository.name}-secret.yaml"
    secret.write_text("name: secret words\n")
    for name, target in (("out", "/etc"), ("up", f"../../{secret.name}"), ("round", "round")):
        (repository / "plan" / f"{name}.link").symlink_to(target)
    (repository / "plan" / "site.link").symlink_to("site.yaml")
    text = (repository / "plan" / "site.yaml").read_text()
    (repository / "plan" / "other.yaml").write_text("extends: up.link\n")
    git("add", "--all")
    git("commit", "--quiet", "-m", "links")
    (repository / "plan" / "other.yaml").write_text(text)
    done = run("plan", "--against", "HEAD", "--summary", "s.md")
    assert done.exit_code == 0, done.output
    assert "It could not be read before" in (repository / "s.md").read_text()
    assert "secret words" not in done.output + (repository / "s.md").read_text()


def test_a_scenario_in_the_top_folder_is_compared(repository) -> None:
    shutil.copy(repository / "plan" / "site.yaml", repository / "top.yaml")
    git("add", "--all")
    git("commit", "--quiet", "-m", "top")
    assert "top.yaml: unchanged" in run("top.yaml", "--against", "HEAD").stdout


def test_a_new_scenario_is_judged_and_a_removed_one_told(repository) -> None:
    text = (repository / "plan" / "site.yaml").read_text()
    (repository / "plan" / "new.yaml").write_text(text)
    (repository / "plan" / "site.yaml").unlink()
    done = run("plan", "--against", "HEAD", "--summary", "s.md")
    assert done.exit_code == 0, done.output
    told = (repository / "s.md").read_text()
    assert "New." in told
    assert "### Gone" in told


def test_a_loosened_tolerance_is_told(repository) -> None:
    keys = ("--reason", "the fans")
    baseline("pin", "b.json", "plan/site.yaml", "pue_mean", "--tolerance", "1 %", *keys)
    git("add", "--all")
    git("commit", "--quiet", "-m", "pin")
    baseline("pin", "b.json", "plan/site.yaml", "pue_mean", "--tolerance", "9 %", *keys)
    done = run("plan", "--against", "HEAD", "--baseline", "b.json", "--summary", "s.md")
    assert done.exit_code == 0, done.output
    assert (
        "tolerance raised from 0.01 of it to 0.09 of it: the fans"
        in (repository / "s.md").read_text()
    )


@pytest.mark.parametrize(
    ("ref", "said"), [("nothing", "is no commit"), ("--output=x", "is no commit")]
)
def test_what_is_no_commit_is_told(repository, ref, said) -> None:
    done = run("plan", "--against", ref)
    assert done.exit_code == 2
    assert said in done.stderr
    assert not (repository / "x").exists()


def test_a_folder_without_a_repository_is_told(place) -> None:
    done = run("plan", "--against", "HEAD")
    assert done.exit_code == 2
    assert "git repository" in done.stderr


def test_a_finding_in_a_file_below_names_the_scenario_on_top(place) -> None:
    (place / "plan" / "top.yaml").write_text("extends: site.yaml\ncooling: {overhead: 40 %}\n")
    done = run("plan/top.yaml", "--format", "github")
    assert done.exit_code == 1
    (line,) = [one for one in done.stdout.splitlines() if one.startswith("::error")]
    assert "file=plan/site.yaml" in line
    assert "::plan/top.yaml: pue_mean" in line
    own = run("plan/site.yaml", "--format", "github")
    assert "::plan" not in own.stdout
