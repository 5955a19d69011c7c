"""Gates, baselines and proofs: verdicts that know noise, and none that lets a hole pass."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path

import numpy as np
import pytest

from dcsim.errors import ModelError, ScenarioError
from dcsim.scenario.scenario import load
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
from dcsim.study.checks.feasibility import infeasible_milestones
from dcsim.study.checks.gates import judge, judge_difference, judge_share, replications_needed
from dcsim.study.records.metric import metric_of
from dcsim.study.records.rows import OK, Rows, text_column

N_TRIALS = 200


def rows_of(replications, **columns) -> Rows:
    n = len(replications)
    made = {"replication": np.array(replications, dtype=float), "status": text_column([OK] * n)}
    made["cause"] = text_column([None] * n)
    for name, values in columns.items():
        made[name.replace("__", ".")] = np.asarray(values)
    return Rows(made)


@pytest.fixture
def plan(tmp_path: Path, scenarios: Path):
    text = (scenarios / "minimal.yaml").read_text()
    promise = "milestones: [{name: half, metric: gpus_online, gpus: 2000 GPU, by: 2027-12-31}]\n"

    def write(*gates: str, extra: str = ""):
        path = tmp_path / "plan.yaml"
        expect = f"expect: [{', '.join(gates)}]\n" if gates else ""
        path.write_text(text + promise + expect + extra)
        return load(path)

    return write


# Shares and differences -------------------------------------------------------------------------


def test_a_share_is_settled_only_where_its_interval_is_on_one_side() -> None:
    assert judge_share(200, 200, 0.9) == "pass"
    assert judge_share(0, 10, 0.5) == "fail"
    assert judge_share(180, 200, 0.9) == "inconclusive"
    assert judge_share(0, 0, 0.5) == "fail"


@pytest.mark.parametrize(("n_yes", "n", "wanted"), [(85, 100, 0.8), (70, 100, 0.8), (19, 20, 0.9)])
def test_as_many_replications_as_are_asked_for_settle_it(n_yes, n, wanted) -> None:
    needed = replications_needed(n_yes, n, wanted)
    share = n_yes / n
    assert judge_share(round(share * needed), needed, wanted) != "inconclusive"
    assert needed > n


def test_a_share_that_is_the_one_asked_for_is_never_settled() -> None:
    assert replications_needed(80, 100, 0.8) is None


def test_a_difference_is_settled_by_its_interval() -> None:
    rng = np.random.default_rng(1)
    small = rng.normal(0.0, 1.0, 400)
    assert judge_difference(small, 0.5)[0] == "pass"
    assert judge_difference(small + 5.0, 0.5)[0] == "fail"
    few = 0.05 + np.tile([-1.0, 1.0], 10)
    outcome, mean, _, _, needed = judge_difference(few, 0.3)
    assert outcome == "inconclusive"
    assert mean == pytest.approx(0.05)
    assert needed > 20
    assert judge_difference(0.05 + np.tile([-1.0, 1.0], needed // 2 + 1), 0.3)[0] == "pass"


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_difference_that_is_no_number_fails(bad) -> None:
    assert judge_difference(np.array([0.0, bad]), 10.0)[0] == "fail"
    assert judge_difference(np.array([]), 10.0)[0] == "fail"


def test_equal_runs_pass_with_no_tolerance_at_all() -> None:
    assert judge_difference(np.zeros(5), 0.0)[0] == "pass"


def test_other_luck_raises_no_more_false_alarms_than_is_stated() -> None:
    """Dates of two samples of one plan, skewed and with ties as dates are."""
    rng = np.random.default_rng(2026)
    alarms = 0
    for _ in range(N_TRIALS):
        one, other = np.floor(rng.gamma(2.0, 20.0, (2, 100)))
        alarms += judge_difference(other - one, 0.0)[0] == "fail"
    # 5 % are stated; 200 trials at 5 % give at most 19 in 99.7 %.
    assert alarms <= 19, f"{alarms} false alarms in {N_TRIALS}"


# Gates ------------------------------------------------------------------------------------------


def single(**columns) -> Rows:
    return rows_of([0], **{name: [value] for name, value in columns.items()})


@pytest.mark.parametrize(
    ("gate", "value", "outcome"),
    [
        ("{name: g, metric: pue_mean, at_most: 1.25}", 1.25, "pass"),
        ("{name: g, metric: pue_mean, at_most: 1.25}", 1.2501, "fail"),
        ("{name: g, metric: pue_mean, at_most: 1.25}", math.nan, "fail"),
        ("{name: g, metric: pue_mean, at_least: 1.1}", math.nan, "fail"),
        ("{name: g, metric: unserved_mwh, at_most: 2 GWh}", 1999.0, "pass"),
        ("{name: g, metric: unserved_mwh, at_most: 2 GWh}", 2001.0, "fail"),
        ("{name: g, metric: carbon_free_hourly_frac, at_least: 60 %}", 0.61, "pass"),
    ],
)
def test_a_figure_is_held_to_its_level_in_any_unit(plan, gate, value, outcome) -> None:
    scenario = plan(gate)
    name = scenario.site.expect[0].metric
    (verdict,) = judge(scenario, "plan.yaml", single(**{name: value}), None)
    assert verdict.outcome == outcome


@pytest.mark.parametrize(
    ("day", "outcome"),
    [("2027-12-31", "pass"), ("2028-01-01", "fail"), ("NaT", "fail")],
)
def test_a_promise_is_held_to_its_own_day(plan, day, outcome) -> None:
    scenario = plan("{name: g, metric: milestone.half}")
    rows = single(milestone__half__reached=np.datetime64(day, "s"))
    (verdict,) = judge(scenario, "plan.yaml", rows, None)
    assert verdict.outcome == outcome
    assert verdict.expected == "by 2027-12-31"
    assert verdict.where.startswith("plan.yaml") or ":" in verdict.where


def test_failed_runs_and_runs_that_never_arrive_count_as_misses(plan) -> None:
    scenario = plan("{name: g, metric: milestone.half, probability: 50 %}")
    day = np.datetime64("2027-06-01", "s")
    days = np.array([day] * 60 + [np.datetime64("NaT", "s")] * 30 + [day] * 10)
    rows = rows_of(range(1, 101), milestone__half__reached=days)
    rows.columns["status"][90:] = "failed"
    (verdict,) = judge(scenario, "plan.yaml", single(), rows)
    assert "in 60.0% of 100 runs" in verdict.found
    assert verdict.outcome == "pass"


def test_an_unknown_metric_is_no_verdict_but_an_error(plan) -> None:
    scenario = plan("{name: g, metric: pue_men, at_most: 1.3}")
    with pytest.raises(ModelError, match="near are pue_mean"):
        judge(scenario, "plan.yaml", single(pue_mean=1.2), None)


@pytest.mark.parametrize(
    ("gate", "said"),
    [
        ("{name: g, metric: milestone.none}", "there is no milestone none; known are half"),
        ("{name: g, metric: milestone.half, at_most: 3}", "is a day: give by"),
        ("{name: g, metric: work.none, by: 2027-01-01}", "there is no work none"),
        ("{name: g, metric: pue_mean}", "needs one of at_least and at_most"),
        ("{name: g, metric: pue_mean, at_most: 1.2, at_least: 1}", "needs one of"),
        ("{name: g, metric: unserved_mwh, at_most: 12}", "needs a unit, for example '12 MWh'"),
        ("{name: g, metric: unserved_mwh, at_most: 12 kg}", "measures another thing"),
        ("{name: g, metric: pue_mean, at_most: 1.2 MW}", "plain number"),
        ("{name: g, metric: pue_mean, at_most: 1.2, probability: 120 %}", "above 0 and below 1"),
    ],
)
def test_a_gate_that_cannot_be_judged_is_refused_with_its_line(plan, gate, said) -> None:
    with pytest.raises(ScenarioError) as caught:
        plan(gate)
    assert said in str(caught.value)
    assert "expect.g" in str(caught.value)


# Baselines --------------------------------------------------------------------------------------


def test_a_pin_reads_back_and_passes_on_the_same_runs(plan, tmp_path) -> None:
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
def test_a_planted_difference_of_the_single_run_is_found(plan, name) -> None:
    scenario = plan()
    pin = pin_of(
        scenario, "plan.yaml", "pue_mean", single(pue_mean=1.2), tolerance="1 %", reason="why"
    )
    assert judge_pin(pin, scenario, single(**PLANTED[name])).outcome == "fail"


def test_differences_of_many_runs_are_found(plan) -> None:
    scenario = plan()
    days = np.datetime64("2027-06-01", "s") + np.arange(50).astype("timedelta64[D]")
    before = rows_of(range(1, 51), milestone__half__reached=days)
    name = "milestone.half.reached"
    pin = pin_of(scenario, "plan.yaml", name, before, tolerance="5 days", reason="why")
    later = rows_of(range(1, 51), milestone__half__reached=days + np.timedelta64(15, "D"))
    gone = rows_of([], milestone__half__reached=np.array([], "datetime64[s]"))
    others = rows_of(range(101, 151), milestone__half__reached=days)
    assert judge_pin(pin, scenario, before).outcome == "pass"
    assert judge_pin(pin, scenario, later).outcome == "fail"  # half a month
    assert judge_pin(pin, scenario, gone).outcome == "fail"
    assert judge_pin(pin, scenario, others).outcome == "fail"
    assert judge_pin(pin, scenario, None).outcome == "fail"


def test_order_of_runs_is_no_difference(plan) -> None:
    scenario = plan()
    values = np.random.default_rng(1).normal(100, 9, 40)
    before = rows_of(range(1, 41), unserved_mwh=values)
    pin = pin_of(scenario, "p.yaml", "unserved_mwh", before, tolerance="1 MWh", reason="why")
    shuffled = before.where(np.arange(40)[::-1])
    assert judge_pin(pin, scenario, shuffled).outcome == "pass"


def test_another_calendar_never_passes(plan) -> None:
    rows = single(pue_mean=1.2)
    pin = pin_of(plan(), "plan.yaml", "pue_mean", rows, tolerance="1 %", reason="why")
    other = load(plan().path, overrides=["step=30 min"])
    verdict = judge_pin(pin, other, rows)
    assert verdict.outcome == "fail"
    assert "calendar" in verdict.found
    assert calendar_text(other) != pin.calendar


def test_never_is_never_and_nothing_else(plan) -> None:
    name, scenario = "milestone.half.reached", plan()
    never = single(milestone__half__reached=np.datetime64("NaT", "s"))
    some = single(milestone__half__reached=np.datetime64("2027-06-01", "s"))
    pin = pin_of(scenario, "p.yaml", name, never, tolerance="5 days", reason="why")
    assert judge_pin(pin, scenario, never).outcome == "pass"
    assert judge_pin(pin, scenario, some).outcome == "fail"
    back = pin_of(scenario, "p.yaml", name, some, tolerance="5 days", reason="why")
    assert judge_pin(back, scenario, never).outcome == "fail"


def test_a_raised_tolerance_is_told_and_remembered(plan) -> None:
    scenario, rows = plan(), single(pue_mean=1.2)

    def pin(tolerance: str):
        return pin_of(scenario, "p.yaml", "pue_mean", rows, tolerance=tolerance, reason="the fans")

    pins, told = with_pin([], pin("1 %"))
    assert told is None
    pins, told = with_pin(pins, pin("0.5 %"))
    assert told is None
    pins, told = with_pin(pins, pin("2 %"))
    assert "raised from 0.005 of it to 0.02 of it: the fans" in told
    assert pins[0].raised == (told,)


def test_a_pin_needs_a_reason_and_a_value(plan) -> None:
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


def test_a_negative_tolerance_in_the_file_is_refused(plan, tmp_path) -> None:
    pin = pin_of(plan(), "p", "pue_mean", single(pue_mean=1.2), tolerance="1 %", reason="why")
    write_baseline(tmp_path / "b.json", [dataclasses.replace(pin, tolerance=Tolerance(-1.0))])
    with pytest.raises(ScenarioError):
        read_baseline(tmp_path / "b.json")
    assert json.loads((tmp_path / "b.json").read_text())["version"] == 1


# Metrics and proofs -----------------------------------------------------------------------------


def test_a_series_is_looked_at_at_the_end_of_a_month_or_year() -> None:
    months = np.arange("2029-11", "2030-03", dtype="datetime64[M]")
    rows = dataclasses.replace(
        rows_of([1]), series={"gpus_online": np.array([[1.0, 2, 3, 4]])}, months=months
    )
    assert metric_of(rows, "gpus_online_2029").values[0] == 2
    assert metric_of(rows, "gpus_online@2030-02").values[0] == 4
    for missing in ("gpus_online_2030", "gpus_online@2030-13", "gpus_online@1999-01"):
        with pytest.raises(ModelError, match="no metric"):
            metric_of(rows, missing)


def test_too_few_orders_are_told_with_their_line(plan) -> None:
    scenario = load(plan().path, overrides=["milestones.half.gpus=9000 GPU"])
    (lost,) = infeasible_milestones(scenario)
    assert lost.key == "orders"
    assert lost.where.endswith("plan.yaml:11")
    assert "all orders are 4,000 GPUs" in lost.reason


def test_too_little_power_is_told(plan) -> None:
    scenario = load(plan().path, overrides=["power.steps.connection.adds=2 MW"])
    (lost,) = infeasible_milestones(scenario)
    assert lost.key == "power.steps"
    assert "carry at most" in lost.reason


def test_the_work_that_is_too_long_is_named(plan) -> None:
    works = """works:
  - {name: survey, start: 2027-01-01, duration: 3 weeks}
  - {name: transformer, after: [survey], duration: {triangular: [60 weeks, 70 weeks, 90 weeks]}}
  - {name: line, after: [transformer], duration: 2 weeks}
"""
    path = plan(extra=works).path
    steps = "power.steps=[{name: connection, adds: 10 MW, works: line}]"
    (lost,) = infeasible_milestones(load(path, overrides=[steps]))
    assert lost.key == "works.transformer"
    assert "survey > transformer > line" in lost.reason
    # Sixty weeks are the least it can take; its tail begins a little above.
    assert "the earliest is 2028-04" in lost.reason
    assert (
        infeasible_milestones(load(path, overrides=[steps, "milestones.half.by=2028-12-31"])) == []
    )


def test_what_may_still_happen_is_not_claimed(plan) -> None:
    assert infeasible_milestones(plan()) == []
    late = load(plan().path, overrides=["orders.first.lead_time=52 weeks"])
    (lost,) = infeasible_milestones(late)
    assert lost.key == "orders"
    chance = "orders.first.lead_time={uniform: [20 weeks, 60 weeks]}"
    assert infeasible_milestones(load(plan().path, overrides=[chance])) == []
