"""Milestone confidence beside a single run: the dates of the replications that a study has."""

from __future__ import annotations

import numpy as np
import pytest

import dcsim
from dcsim.pipeline import simulate
from dcsim.scenario.load import load
from dcsim.study.run import confidence
from dcsim.study.run.confidence import (
    MOST_EVENTS,
    N_CONFIDENCE_RUNS,
    few_enough,
    has_open_dates,
    n_date_events,
    replicate_dates,
    with_confidence,
)
from dcsim.study.statistics.milestones import confidence_dates, milestone_chances

DRAW = {"name": "draw", "metric": "facility_power_mw", "power": "3 MW", "by": "2027-12-01"}


@pytest.fixture(scope="module")
def uncertain(scenarios):
    """The minimal site with milestones of GPUs and of facility power, and uncertain deliveries."""
    half = {"name": "half", "metric": "gpus_online", "gpus": "1600 GPU", "by": "2027-09-01"}
    return load(scenarios / "minimal.yaml").with_overrides(
        {
            "milestones": [half, DRAW],
            "deployment.commissioning": {"uniform": ["14 days", "60 days"]},
            "end": "2028-06-01",
        }
    )


def test_the_dates_are_those_of_the_same_replications_of_a_study(uncertain):
    rows, study = replicate_dates(uncertain, 6), dcsim.replicate(uncertain, 6).rows
    for name in ("half", "draw"):
        for part in ("met", "reached", "margin_days"):
            key = f"milestone.{name}.{part}"
            np.testing.assert_array_equal(rows.columns[key], study.columns[key])
    assert milestone_chances(rows) == milestone_chances(study)
    assert confidence_dates(rows) == confidence_dates(study)
    assert 0 < rows.columns["milestone.half.met"].mean() < 1


def test_a_run_gains_the_probability_of_its_milestones_and_keeps_the_rest(uncertain):
    single, rows = simulate(uncertain), replicate_dates(uncertain, 6)
    told = with_confidence(single, rows)
    for chance, one, before in zip(
        milestone_chances(rows), told.milestones, single.milestones, strict=True
    ):
        assert (one["probability"], one["probability_runs"]) == (chance.probability, 6)
        assert one["probability_low"] <= one["probability"] <= one["probability_high"]
        assert before.items() <= one.items()
    assert {**told.summary, "milestones": 0} == {**single.summary, "milestones": 0}


def test_a_replication_that_fails_counts_as_a_miss(uncertain, monkeypatch):
    replay = confidence.replay_dates

    def fail_second(scenario, number):
        if number == 2:
            raise dcsim.ScenarioError([])
        return replay(scenario, number)

    monkeypatch.setattr(confidence, "replay_dates", fail_second)
    (chance, _) = milestone_chances(replicate_dates(uncertain, 4))
    assert (chance.n, chance.n_failed) == (4, 1)


def test_events_are_moves_of_gpus_and_steps_where_a_milestone_reads_the_load(uncertain):
    with_draw = simulate(uncertain)
    n_moves = with_draw.timeline.moves.time_min.size
    assert n_date_events(with_draw) == n_moves + with_draw.calendar.n_hours
    alone = simulate(uncertain.with_overrides({"milestones": []}))
    assert n_date_events(alone) == alone.timeline.moves.time_min.size == n_moves


@pytest.mark.parametrize("name", ["minimal", "ulsan-103mw"])
def test_the_sites_that_ship_are_within_the_limit(scenarios, name):
    result = simulate(load(scenarios / f"{name}.yaml"))
    assert few_enough(result)
    assert n_date_events(result) * N_CONFIDENCE_RUNS < MOST_EVENTS / 2


def test_the_limit_is_a_count(uncertain, monkeypatch):
    result = simulate(uncertain)
    monkeypatch.setattr(confidence, "MOST_EVENTS", n_date_events(result) * N_CONFIDENCE_RUNS)
    assert few_enough(result)
    monkeypatch.setattr(confidence, "MOST_EVENTS", n_date_events(result) * N_CONFIDENCE_RUNS - 1)
    assert not few_enough(result)


def test_progress_counts_the_replications(uncertain):
    seen = []
    replicate_dates(uncertain, 2, watch=lambda *state: seen.append(state))
    assert seen == [(1, 2), (2, 2)]


def test_dates_are_open_where_anything_that_moves_them_is(uncertain, scenarios):
    minimal = load(scenarios / "minimal.yaml")
    sure = minimal.with_overrides({"fleet": None}) if minimal.site.fleet else minimal
    assert not has_open_dates(sure)
    assert not has_open_dates(
        sure.with_overrides({"grid.outages": {"rate": "3 1/year", "repair": "5 h"}})
    )
    assert has_open_dates(uncertain)
    assert has_open_dates(sure.with_overrides({"milestones": [DRAW]}))
    risk = {"name": "storm", "probability": "10 %", "delay": "3 weeks"}
    assert has_open_dates(sure.with_overrides({"risks": [risk]}))
    lead_time = {"uniform": ["2 weeks", "9 weeks"]}
    drawn = sure.with_overrides({"orders.first.lead_time": lead_time})
    assert has_open_dates(drawn)
    assert not has_open_dates(drawn.fixed({"orders.first.lead_time": 0.5}))
