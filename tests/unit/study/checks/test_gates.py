"""Gates: verdicts that know noise, and none that lets a missing value pass."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from dcsim.errors import ModelError, ScenarioError
from dcsim.study.checks.gates import judge, judge_difference, judge_share, replications_needed
from dcsim.study.records.metric import metric_of

N_TRIALS = 200


def test_a_share_is_settled_only_where_its_interval_is_on_one_side() -> None:
    assert judge_share(200, 200, 0.9) == "pass"
    assert judge_share(0, 10, 0.5) == "fail"
    assert judge_share(180, 200, 0.9) == "inconclusive"
    assert judge_share(0, 0, 0.5) == "fail"


@pytest.mark.parametrize(("n_yes", "n", "wanted"), [(85, 100, 0.8), (70, 100, 0.8), (19, 20, 0.9)])
def test_as_many_replications_as_are_suggested_settle_it(n_yes, n, wanted) -> None:
    needed = replications_needed(n_yes, n, wanted)
    share = n_yes / n
    assert judge_share(round(share * needed), needed, wanted) != "inconclusive"
    assert needed > n


def test_a_share_that_is_exactly_the_required_one_is_never_settled() -> None:
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


def test_other_random_numbers_raise_no_more_false_alarms_than_is_stated() -> None:
    """Dates of two samples of one plan, skewed and with ties as dates are."""
    rng = np.random.default_rng(2026)
    alarms = 0
    for _ in range(N_TRIALS):
        one, other = np.floor(rng.gamma(2.0, 20.0, (2, 100)))
        alarms += judge_difference(other - one, 0.0)[0] == "fail"
    # 5 % are stated; 200 trials at 5 % give at most 19 in 99.7 %.
    assert alarms <= 19, f"{alarms} false alarms in {N_TRIALS}"


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
def test_a_figure_is_held_to_its_level_in_any_unit(plan, gate, value, outcome, single) -> None:
    scenario = plan(gate)
    name = scenario.site.expect[0].metric
    (verdict,) = judge(scenario, "plan.yaml", single(**{name: value}), None)
    assert verdict.outcome == outcome


@pytest.mark.parametrize(
    ("day", "outcome"),
    [("2027-12-31", "pass"), ("2028-01-01", "fail"), ("NaT", "fail")],
)
def test_a_milestone_is_held_to_its_own_date(plan, day, outcome, single) -> None:
    scenario = plan("{name: g, metric: milestone.half}")
    rows = single(milestone__half__reached=np.datetime64(day, "s"))
    (verdict,) = judge(scenario, "plan.yaml", rows, None)
    assert verdict.outcome == outcome
    assert verdict.expected == "by 2027-12-31"
    assert verdict.where.startswith("plan.yaml") or ":" in verdict.where


def test_failed_runs_and_runs_that_never_arrive_count_as_misses(plan, single, many) -> None:
    scenario = plan("{name: g, metric: milestone.half, probability: 50 %}")
    day = np.datetime64("2027-06-01", "s")
    days = np.array([day] * 60 + [np.datetime64("NaT", "s")] * 30 + [day] * 10)
    rows = many(range(1, 101), milestone__half__reached=days)
    rows.columns["status"][90:] = "failed"
    (verdict,) = judge(scenario, "plan.yaml", single(), rows)
    assert "in 60.0% of 100 runs" in verdict.found
    assert verdict.outcome == "pass"


def test_an_unknown_metric_is_no_verdict_but_an_error(plan, single) -> None:
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


def test_a_series_is_looked_at_at_the_end_of_a_month_or_year(many) -> None:
    months = np.arange("2029-11", "2030-03", dtype="datetime64[M]")
    rows = dataclasses.replace(
        many([1]), series={"gpus_online": np.array([[1.0, 2, 3, 4]])}, months=months
    )
    assert metric_of(rows, "gpus_online_2029").values[0] == 2
    assert metric_of(rows, "gpus_online@2030-02").values[0] == 4
    for missing in ("gpus_online_2030", "gpus_online@2030-13", "gpus_online@1999-01"):
        with pytest.raises(ModelError, match="no metric"):
            metric_of(rows, missing)
