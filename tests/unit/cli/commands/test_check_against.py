"""`dcsim check --against`: what a pull request changes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import dcsim


def test_nothing_changed_runs_nothing(repository, check) -> None:
    done = check("plan", "--against", "HEAD")
    assert done.exit_code == 0, done.output
    assert "plan/site.yaml: unchanged" in done.stdout
    assert "PASS" not in done.stdout


def test_the_assumption_that_broke_a_gate_is_named_first(repository, check, change) -> None:
    change("lead_time: 26 weeks", "lead_time: 50 weeks")
    change("overhead: 15 %", "overhead: 16 %")
    done = check("plan", "--against", "HEAD", "--summary", "s.md", "--replications", 5)
    assert done.exit_code == 1, done.output
    text = (repository / "s.md").read_text()
    first = text.index(
        "because of orders.first.lead\\_time (+168 days of +168 days)**: from 26 weeks"
    )
    assert first < text.index("### plan/site.yaml")
    assert "| cooling.overhead | 15 % | 16 % |" in text
    assert "**2028-" in text
    assert "dcsim check plan/site.yaml --against" in text


def test_the_program_of_then_is_run_where_it_was_another(repository, change, commit) -> None:
    package = Path(dcsim.__file__).parent
    shutil.copytree(package, repository / "dcsim", ignore=shutil.ignore_patterns("__pycache__"))
    uncertain = "lead_time: {triangular: [20 weeks, 26 weeks, 40 weeks]}"
    change("lead_time: 26 weeks", uncertain)
    commit("program and plan")
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
    assert "Changed assumptions" not in told
    assert "| PUE, energy-weighted | +0.010 (+0.010 to +0.010) |" in told
    assert "nan" not in told
    assert "GPUs online, most" not in told


def test_links_of_the_earlier_tree_lead_nowhere_outside(repository, check, commit) -> None:
    secret = repository.parent / f"{repository.name}-secret.yaml"
    secret.write_text("name: secret words\n")
    for name, target in (("out", "/etc"), ("up", f"../../{secret.name}"), ("round", "round")):
        (repository / "plan" / f"{name}.link").symlink_to(target)
    (repository / "plan" / "site.link").symlink_to("site.yaml")
    text = (repository / "plan" / "site.yaml").read_text()
    (repository / "plan" / "other.yaml").write_text("extends: up.link\n")
    commit("links")
    (repository / "plan" / "other.yaml").write_text(text)
    done = check("plan", "--against", "HEAD", "--summary", "s.md")
    assert done.exit_code == 0, done.output
    assert "It could not be read before" in (repository / "s.md").read_text()
    assert "secret words" not in done.output + (repository / "s.md").read_text()


def test_a_scenario_in_the_top_folder_is_compared(repository, check, commit) -> None:
    shutil.copy(repository / "plan" / "site.yaml", repository / "top.yaml")
    commit("top")
    assert "top.yaml: unchanged" in check("top.yaml", "--against", "HEAD").stdout


def test_a_new_scenario_is_judged_and_a_removed_one_told(repository, check) -> None:
    text = (repository / "plan" / "site.yaml").read_text()
    (repository / "plan" / "new.yaml").write_text(text)
    (repository / "plan" / "site.yaml").unlink()
    done = check("plan", "--against", "HEAD", "--summary", "s.md")
    assert done.exit_code == 0, done.output
    told = (repository / "s.md").read_text()
    assert "New." in told
    assert "### Gone" in told


def test_a_loosened_tolerance_is_told(repository, check, baseline, commit) -> None:
    keys = ("--reason", "the fans")
    baseline("pin", "b.json", "plan/site.yaml", "pue_mean", "--tolerance", "1 %", *keys)
    commit("pin")
    baseline("pin", "b.json", "plan/site.yaml", "pue_mean", "--tolerance", "9 %", *keys)
    done = check("plan", "--against", "HEAD", "--baseline", "b.json", "--summary", "s.md")
    assert done.exit_code == 0, done.output
    assert (
        "tolerance raised from 0.01 of it to 0.09 of it: the fans"
        in (repository / "s.md").read_text()
    )


@pytest.mark.parametrize(
    ("ref", "said"), [("nothing", "is no commit"), ("--output=x", "is no commit")]
)
def test_what_is_no_commit_is_told(repository, ref, said, check) -> None:
    done = check("plan", "--against", ref)
    assert done.exit_code == 2
    assert said in done.stderr
    assert not (repository / "x").exists()


def test_a_folder_without_a_repository_is_told(gated, check) -> None:
    done = check("plan", "--against", "HEAD")
    assert done.exit_code == 2
    assert "git repository" in done.stderr
