"""Metrics that the stages of dates give: with the values of the whole run, and no others."""

from __future__ import annotations

import numpy as np
import pytest

from dcsim.errors import ModelError
from dcsim.pipeline import replay, replay_dates
from dcsim.scenario.load import load
from dcsim.study.records.dated_metrics import decided_by_dates
from dcsim.study.records.measure import measure, measure_dates, rows_of
from dcsim.study.records.metric import known_metrics, metric_of


@pytest.fixture(scope="module", params=["minimal", "ulsan-103mw"])
def tables(request, scenarios):
    """The same replication whole, and by the stages of its dates alone."""
    scenario = load(scenarios / f"{request.param}.yaml")
    whole = rows_of([measure(replay(scenario, 2))])
    return whole, rows_of([measure_dates(replay_dates(scenario, 2))])


def test_metrics_that_dates_decide_have_the_values_of_the_whole_run(tables):
    whole, dated = tables
    names = [name for name in known_metrics(whole) if decided_by_dates([name])]
    assert len(names) > 20
    for name in names:
        expected, found = metric_of(whole, name), metric_of(dated, name)
        np.testing.assert_array_equal(found.values, expected.values)
        assert (found.unit, found.is_day) == (expected.unit, expected.is_day)


def test_what_the_stages_of_dates_give_is_named_as_such(tables):
    whole, dated = tables
    assert all(decided_by_dates([name]) for name in known_metrics(dated))
    others = [name for name in known_metrics(whole) if not decided_by_dates([name])]
    assert "pue_mean" in others
    assert "facility_power_mw_2028" in others
    for name in others:
        with pytest.raises(ModelError, match="no metric"):
            metric_of(dated, name)


def test_one_metric_that_needs_more_makes_all_need_more():
    assert decided_by_dates([])
    assert decided_by_dates(["milestone.a.met", "gpus_online.server@2030-06"])
    assert not decided_by_dates(["milestone.a.met", "facility_power_mw@2030-06"])
    assert not decided_by_dates(["gpus_online"])
    assert not decided_by_dates(["spent_usd_2030"])
