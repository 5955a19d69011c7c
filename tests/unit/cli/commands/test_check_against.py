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
        "tolerance raised from 1 % of it to 9 % of it: the fans"
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


@pytest.mark.parametrize("ref", ["", " "])
def test_an_empty_reference_is_no_comparison(repository, ref, check, change) -> None:
    change("at_most: 1.25", "at_most: 1.05")
    done = check("plan", "--against", ref)
    assert done.exit_code == 2
    assert "names no commit" in done.stderr
    assert "unchanged" not in done.output


def test_what_is_unchanged_was_not_judged(repository, check) -> None:
    done = check("plan", "--against", "HEAD", "--junit", "j.xml", "--summary", "s.md")
    assert done.stdout.splitlines()[-1] == "nothing was judged, 1 scenario unchanged"
    assert "nothing was judged, 1 scenario unchanged" in Path("s.md").read_text()
    assert 'skipped="1"' in Path("j.xml").read_text()


def test_what_failed_before_is_told_apart_from_what_fails_now(
    repository, check, change, commit
) -> None:
    change("at_most: 1.25", "at_most: 1.05")
    commit("broken")
    change("overhead: 15 %", "overhead: 16 %")
    words = ("plan", "--against", "HEAD", "--junit", "j.xml", "--summary", "s.md")
    done = check(*words)
    assert done.exit_code == 0, done.output
    assert "KNOWN pue: pue_mean: 1.20" in done.stdout
    assert "it failed before as well: 1.19" in done.stdout
    assert "1 passed, 0 failed, 0 inconclusive, 1 failed before as well" in done.stdout
    assert "⚠️ failed before as well | pue | at most 1.05" in Path("s.md").read_text()
    assert 'failures="0" errors="0" skipped="1"' in Path("j.xml").read_text()
    assert check(*words, "--strict").exit_code == 1
    change("lead_time: 26 weeks", "lead_time: 60 weeks")
    done = check(*words)
    assert done.exit_code == 1
    assert "FAIL  in-time: milestone.half: 2028-" in done.stdout
    assert "1 failed, 0 inconclusive, 1 failed before as well" in done.stdout


def test_a_gate_that_is_new_fails_anew(repository, check, change) -> None:
    change("at_most: 1.25}", "at_most: 1.25}, {name: tight, metric: pue_mean, at_most: 1.05}")
    done = check("plan", "--against", "HEAD")
    assert done.exit_code == 1
    assert "FAIL  tight: pue_mean: 1.19" in done.stdout


def test_a_milestone_that_was_infeasible_before_is_known(repository, check, change, commit) -> None:
    change("gpus: 2000 GPU", "gpus: 9000 GPU")
    commit("too many")
    change("overhead: 15 %", "overhead: 16 %")
    done = check("plan", "--against", "HEAD")
    assert done.exit_code == 0, done.output
    assert "KNOWN half is infeasible: all orders are 4,000 GPUs" in done.stdout
    assert "it was infeasible before as well" in done.stdout


def test_a_pin_that_failed_before_is_known(repository, check, baseline, commit, change) -> None:
    keys = ("--tolerance", "0.1 %", "--reason", "the fans")
    assert baseline("pin", "b.json", "plan/site.yaml", "pue_mean", *keys).exit_code == 0
    change("overhead: 15 %", "overhead: 17 %")
    commit("pinned, then broken")
    change("overhead: 17 %", "overhead: 18 %")
    done = check("plan", "--against", "HEAD", "--baseline", "b.json")
    assert done.exit_code == 0, done.output
    assert "KNOWN baseline pue_mean" in done.stdout


def test_attributes_of_the_repository_change_no_comparison(repository, check, commit) -> None:
    site = repository / "plan" / "site.yaml"
    site.write_text(
        site.read_text()
        + "solar: [{name: pv, capacity: 4 MW, delivery: onsite, "
        + "profile: {file: pv.csv, column: pv}}]\n"
    )
    rows = ["pv", *(["0.5"] * 8760)]
    (repository / "plan" / "pv.csv").write_bytes("\n".join([*rows, ""]).encode())
    commit("profile")
    (repository / ".gitattributes").write_text("*.csv text eol=crlf export-ignore\n")
    # As git checks it out with these attributes.
    (repository / "plan" / "pv.csv").write_bytes("\r\n".join([*rows, ""]).encode())
    assert "plan/site.yaml: unchanged" in check("plan", "--against", "HEAD").stdout
    (repository / "plan" / "pv.csv").write_bytes("\r\n".join([*rows[:-1], "0.6", ""]).encode())
    done = check("plan", "--against", "HEAD", "--summary", "s.md")
    assert "unchanged" not in done.stdout
    assert "data file pv.csv has another content" in Path("s.md").read_text()
