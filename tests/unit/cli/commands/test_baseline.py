"""`dcsim baseline`: pins that hold until something moves."""

from __future__ import annotations

import re
from pathlib import Path

import pytest


def test_pins_pass_until_something_moves(gated, check, change, baseline) -> None:
    site = "plan/site.yaml"
    keys = ("--tolerance", "0.1 %", "--reason", "the climate")
    done = baseline("pin", "base.json", site, "pue_mean", *keys)
    assert done.exit_code == 0, done.output
    done = baseline("pin", "base.json", site, "milestone.half.reached", "--tolerance", "3 days",
                    "--reason", "none")  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "the climate" in baseline("show", "base.json").stdout
    assert check("plan", "--baseline", "base.json").exit_code == 0
    change("lead_time: 26 weeks", "lead_time: 28 weeks")
    done = check("plan", "--baseline", "base.json")
    assert done.exit_code == 1
    assert "baseline milestone.half.reached" in done.stdout
    assert "+14 days" in done.stdout


def test_half_a_month_is_caught_in_replications(gated, check, change, baseline) -> None:
    change("lead_time: 26 weeks", "lead_time: {uniform: [10 weeks, 40 weeks]}")
    done = baseline("pin", "b.json", "plan/site.yaml", "milestone.half.reached", "--replications",
                    30, "--tolerance", "5 days", "--reason", "noise")  # fmt: skip
    assert done.exit_code == 0, done.output
    assert check("plan", "--baseline", "b.json").exit_code == 0
    change("[10 weeks, 40 weeks]", "[87 days, 297 days]")  # 17 days later each
    done = check("plan", "--baseline", "b.json")
    assert done.exit_code == 1
    assert re.search(r"mean change \+1\d(\.\d)? days", done.stdout), done.stdout


def test_a_pinned_scenario_that_is_gone_fails(gated, check, baseline) -> None:
    keys = ("--tolerance", "1 %", "--reason", "x")
    baseline("pin", "b.json", "plan/site.yaml", "pue_mean", *keys)
    other = gated / "plan" / "other.yaml"
    other.write_text((gated / "plan" / "site.yaml").read_text())
    (gated / "plan" / "site.yaml").unlink()
    done = check("plan", "--baseline", "b.json")
    assert done.exit_code == 1
    assert "the scenario is gone" in done.stdout


def test_a_metric_or_tolerance_that_cannot_be_read_is_bad_input(gated, baseline) -> None:
    keys = ("--reason", "x")
    done = baseline("pin", "b.json", "plan/site.yaml", "pue_men", "--tolerance", "1 %", *keys)
    assert done.exit_code == 2
    assert "pue_men" in done.stderr
    done = baseline("pin", "b.json", "plan/site.yaml", "pue_mean", "--tolerance", "much", *keys)
    assert done.exit_code == 2
    assert "much" in done.stderr
    assert not (gated / "b.json").exists()
    assert baseline("show", "b.json").exit_code == 2


def test_the_name_of_a_gate_is_that_of_a_pin(gated, baseline, check) -> None:
    words = ("--tolerance", "20 days", "--reason", "board of June", "--replications", "3")
    done = baseline("pin", "new/base.json", "plan/site.yaml", "milestone.half", *words)
    assert done.exit_code == 0, done.output
    assert "pinned milestone.half.reached of ../plan/site.yaml within 20 days" in done.stdout
    shown = baseline("show", "new/base.json").stdout
    assert "milestone.half.reached: 2027-" in shown
    assert "within 20 days: board of June" in shown
    assert check("plan", "--baseline", "new/base.json").exit_code == 0


@pytest.mark.parametrize(
    ("metric", "tolerance", "said"),
    [
        ("milestone.hal", "20 days", "there is no metric"),
        ("pue_men", "1 %", "near are pue_mean"),
        ("pue_mean", "20 days", "tolerance 20 days"),
        ("milestone.half", "1 %", "is a day: give a tolerance such as '5 days'"),
        ("facility_mwh", "5", "unit"),
    ],
)
def test_names_and_tolerances_are_judged_before_many_runs(
    gated, baseline, metric, tolerance, said
) -> None:
    words = ("--tolerance", tolerance, "--reason", "x", "--replications", "100000")
    done = baseline("pin", "b.json", "plan/site.yaml", metric, *words)
    assert done.exit_code == 2
    assert said in done.stderr
    assert not Path("b.json").exists()
