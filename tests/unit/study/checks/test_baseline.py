from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest

from dcsim.errors import ModelError, ScenarioError
from dcsim.scenario.load import load
from dcsim.study.checks.baseline import (
    Tolerance,
    calendar_text,
    judge_pin,
    pin_of,
    read_baseline,
    read_tolerance,
    with_pin,
    write_baseline,
)


def test_a_pin_reads_back_and_passes_on_the_same_runs(plan, tmp_path, single) -> None:
    scenario = plan()
    rows = single(pue_mean=1.2)
    pin = pin_of(scenario, "plan.yaml", "pue_mean", rows, tolerance="1 %", reason="noise of years")
    write_baseline(tmp_path / "b.json", [pin])
    (read,) = read_baseline(tmp_path / "b.json")
    assert read == pin
    assert judge_pin(read, scenario, rows).outcome == "pass"


PLANTED = {
    "a value beyond the tolerance": {"pue_mean": 1.213},
    "a value below it": {"pue_mean": 1.187},
    "the other sign": {"pue_mean": -1.2},
    "NaN": {"pue_mean": math.nan},
    "infinity": {"pue_mean": math.inf},
    "nothing": {},
    "a metric of another name": {"pue_max": 1.2},
    "zero": {"pue_mean": 0.0},
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_difference_of_the_single_run_is_found(plan, name, single) -> None:
    scenario = plan()
    pin = pin_of(
        scenario, "plan.yaml", "pue_mean", single(pue_mean=1.2), tolerance="1 %", reason="why"
    )
    assert judge_pin(pin, scenario, single(**PLANTED[name])).outcome == "fail"


def test_differences_of_many_runs_are_found(plan, many) -> None:
    scenario = plan()
    days = np.datetime64("2027-06-01", "s") + np.arange(50).astype("timedelta64[D]")
    before = many(range(1, 51), milestone__half__reached=days)
    name = "milestone.half.reached"
    pin = pin_of(scenario, "plan.yaml", name, before, tolerance="5 days", reason="why")
    later = many(range(1, 51), milestone__half__reached=days + np.timedelta64(15, "D"))
    gone = many([], milestone__half__reached=np.array([], "datetime64[s]"))
    others = many(range(101, 151), milestone__half__reached=days)
    assert judge_pin(pin, scenario, before).outcome == "pass"
    assert judge_pin(pin, scenario, later).outcome == "fail"  # half a month
    assert judge_pin(pin, scenario, gone).outcome == "fail"
    assert judge_pin(pin, scenario, others).outcome == "fail"
    assert judge_pin(pin, scenario, None).outcome == "fail"


def test_order_of_runs_is_no_difference(plan, many) -> None:
    scenario = plan()
    values = np.random.default_rng(1).normal(100, 9, 40)
    before = many(range(1, 41), unserved_mwh=values)
    pin = pin_of(scenario, "p.yaml", "unserved_mwh", before, tolerance="1 MWh", reason="why")
    shuffled = before.where(np.arange(40)[::-1])
    assert judge_pin(pin, scenario, shuffled).outcome == "pass"


def test_another_calendar_never_passes(plan, single) -> None:
    rows = single(pue_mean=1.2)
    pin = pin_of(plan(), "plan.yaml", "pue_mean", rows, tolerance="1 %", reason="why")
    other = load(plan().path, overrides=["step=30 min"])
    verdict = judge_pin(pin, other, rows)
    assert verdict.outcome == "fail"
    assert "calendar" in verdict.found
    assert calendar_text(other) != pin.calendar


def test_never_is_never_and_nothing_else(plan, single) -> None:
    name, scenario = "milestone.half.reached", plan()
    never = single(milestone__half__reached=np.datetime64("NaT", "s"))
    some = single(milestone__half__reached=np.datetime64("2027-06-01", "s"))
    pin = pin_of(scenario, "p.yaml", name, never, tolerance="5 days", reason="why")
    assert judge_pin(pin, scenario, never).outcome == "pass"
    assert judge_pin(pin, scenario, some).outcome == "fail"
    back = pin_of(scenario, "p.yaml", name, some, tolerance="5 days", reason="why")
    assert judge_pin(back, scenario, never).outcome == "fail"


def test_a_raised_tolerance_is_told_and_remembered(plan, single) -> None:
    scenario, rows = plan(), single(pue_mean=1.2)

    def pin(tolerance: str):
        return pin_of(scenario, "p.yaml", "pue_mean", rows, tolerance=tolerance, reason="the fans")

    pins, told = with_pin([], pin("1 %"))
    assert told is None
    pins, told = with_pin(pins, pin("0.5 %"))
    assert told is None
    pins, told = with_pin(pins, pin("2 %"))
    assert "raised from 0.5 % of it to 2 % of it: the fans" in told
    assert pins[0].raised == (told,)


def test_a_pin_needs_a_reason_and_a_value(plan, single) -> None:
    with pytest.raises(ModelError, match="reason"):
        pin_of(plan(), "p", "pue_mean", single(pue_mean=1.2), tolerance="1 %", reason=" ")
    with pytest.raises(ModelError, match="no value"):
        pin_of(plan(), "p", "pue_mean", single(pue_mean=math.nan), tolerance="1 %", reason="why")


@pytest.mark.parametrize(
    ("metric", "text", "is_day", "expected"),
    [
        ("pue_mean", "1 %", False, Tolerance(relative=0.01)),
        ("carbon_free_hourly_frac", "1 %", False, Tolerance(absolute=0.01)),
        ("unserved_mwh", "2 GWh", False, Tolerance(absolute=2000.0)),
        ("milestone.half.reached", "2 weeks", True, Tolerance(absolute=14.0)),
        ("gpus_online_2030", "80 GPU", False, Tolerance(absolute=80.0)),
    ],
)
def test_tolerances_are_read_in_the_unit_of_the_metric(metric, text, is_day, expected) -> None:
    assert read_tolerance(metric, text, is_day=is_day) == expected


@pytest.mark.parametrize("text", ["", "{}", '{"version": 9, "pins": []}', "[[[", '{"version": 1}'])
def test_what_is_no_baseline_is_refused(tmp_path, text) -> None:
    path = tmp_path / "b.json"
    path.write_text(text)
    with pytest.raises(ScenarioError, match=r"b\.json"):
        read_baseline(path)


def test_a_negative_tolerance_in_the_file_is_refused(plan, tmp_path, single) -> None:
    pin = pin_of(plan(), "p", "pue_mean", single(pue_mean=1.2), tolerance="1 %", reason="why")
    write_baseline(tmp_path / "b.json", [dataclasses.replace(pin, tolerance=Tolerance(-1.0))])
    with pytest.raises(ScenarioError):
        read_baseline(tmp_path / "b.json")
    assert json.loads((tmp_path / "b.json").read_text())["version"] == 1
