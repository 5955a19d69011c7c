from __future__ import annotations

import datetime
import zoneinfo
from pathlib import Path

import numpy as np
import pytest

import dcsim
from dcsim.clock import Calendar
from dcsim.plots.run.series import (
    full_years,
    level_at,
    mean_between,
    mean_of_each_month,
    month_edges,
    sample_minutes,
    told_year,
)
from dcsim.types import Steps

SEOUL = zoneinfo.ZoneInfo("Asia/Seoul")
STEPS = Steps(np.array([60, 60, 120]), np.array([5.0, 4.0, 1.0]))


@pytest.fixture
def quarter():
    day = datetime.datetime(2030, 1, 1, tzinfo=SEOUL)
    return Calendar(day, day.replace(month=4), SEOUL)


def test_a_level_is_zero_before_its_first_change_and_holds_after_its_last():
    assert level_at(STEPS, np.array([0, 59, 60, 119, 120, 999])).tolist() == [0, 0, 4, 4, 1, 1]


def test_a_mean_weighs_each_level_by_how_long_it_lasts():
    edges = np.array([0, 60, 180, 240])
    assert mean_between(STEPS, edges).tolist() == [0.0, 2.5, 1.0]


def test_a_mean_of_nothing_is_zero():
    nothing = Steps(np.zeros(0, dtype=np.int64), np.zeros(0))
    assert mean_between(nothing, np.array([0, 10, 20])).tolist() == [0.0, 0.0]


def test_a_level_from_before_the_run_counts_from_its_start():
    early = Steps(np.array([-500]), np.array([7.0]))
    assert mean_between(early, np.array([0, 10, 30])).tolist() == [7.0, 7.0]


def test_samples_reach_from_the_start_to_the_end_of_the_run(quarter):
    minutes = sample_minutes(quarter, most=40)
    assert minutes[0] == 0
    assert minutes[-1] == quarter.n_minutes
    assert minutes.size <= 41
    assert (np.diff(minutes) > 0).all()


def test_monthly_means_weigh_each_month_by_its_own_length(quarter):
    assert mean_of_each_month(quarter, quarter.month.astype(float)).tolist() == [1.0, 2.0, 3.0]
    assert np.diff(month_edges(quarter)).tolist() == [days * 1440 for days in (31, 28, 31)]


def test_a_year_counts_as_full_with_load_in_all_its_months(result):
    assert full_years(result) == []  # idle to mid 2027, and 2028 lacks its last day


@pytest.mark.parametrize(
    ("keys", "year"),
    [
        ({"products.server.life": "18 months"}, 2028),  # all retire within 2029
        ({}, 2028),
        ({"orders.first.lot": "40 GPU", "orders.first.interval": "6 days"}, 2029),  # never all
    ],
)
def test_headlines_tell_of_the_year_of_the_fleet(keys, year):
    minimal = Path(__file__).parents[4] / "scenarios" / "minimal.yaml"
    result = dcsim.simulate(dcsim.load(minimal, overrides={**keys, "electrical.house": "1 %"}))
    assert 2029 in full_years(result)
    assert told_year(result) == year


def test_a_run_without_a_whole_year_has_none_to_tell_of(result):
    assert told_year(result) is None
