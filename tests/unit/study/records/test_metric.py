from __future__ import annotations

import numpy as np
import pytest

from dcsim.errors import ModelError
from dcsim.study.records.metric import first_cause, known_metrics, mean_of, metric_of, shown_unit


@pytest.fixture
def rows(rows_of):
    return rows_of(
        {
            "npv_usd": [2.5e9, -1e6, 3e9],
            "milestone.all.reached": ["2030-01-11", "NaT", "2030-01-01"],
        },
        series={"gpus_online": [[8, 16], [0, 0], [24, 32]]},
        failed=[3],
    )


def test_a_failed_run_has_no_value(rows):
    np.testing.assert_array_equal(metric_of(rows, "npv_usd").values, [2.5e9, -1e6, np.nan])


def test_a_day_counts_from_1970_and_never_is_infinite(rows):
    metric = metric_of(rows, "milestone.all.reached")
    np.testing.assert_array_equal(metric.values, [21925, np.inf, np.nan])
    assert metric.is_day
    assert [metric.shown(value) for value in metric.values] == ["2030-01-11", "never", "none"]
    assert metric.change(30.0) == "+30 days"


def test_a_series_is_looked_up_at_a_month_or_at_the_end_of_a_year(rows, rows_of):
    np.testing.assert_array_equal(metric_of(rows, "gpus_online@2030-02").values, [16, 0, np.nan])
    year = rows_of(series={"gpus_online": [list(range(12))]})
    assert metric_of(year, "gpus_online_2030").values.tolist() == [11]


@pytest.mark.parametrize("name", ["gpus_online@2031-01", "gpus_online@2030-13", "npv_eur"])
def test_a_name_that_is_none_is_refused_with_those_that_are_near(rows, name):
    with pytest.raises(ModelError, match=r"there is no metric .*; near are "):
        metric_of(rows, name)


def test_money_is_shown_in_millions_and_billions(rows):
    metric = metric_of(rows, "npv_usd")
    assert [metric.shown(value) for value in (2.5e9, -1.2e6, 999.0)] == [
        "2.5 bn USD", "-1.2 mn USD", "999 USD",
    ]  # fmt: skip
    assert metric.change(-2e9) == "-2 bn USD"


def test_units_are_those_of_the_names(rows):
    assert shown_unit("carbon_free_hourly_frac") == ""
    assert shown_unit("energy_cost_usd") == "USD"
    assert known_metrics(rows) == ["npv_usd", "milestone.all.reached", "gpus_online_2030"]


def test_never_is_averaged_as_the_day_after_the_end(rows):
    metric = metric_of(rows, "milestone.all.reached")
    np.testing.assert_array_equal(mean_of(metric, latest=30000.0), [21925, 30000, np.nan])


def test_where_no_run_came_to_a_result_the_cause_of_the_first_is_told(rows_of):
    rows = rows_of({"npv_usd": [1.0]}, failed=[1])
    rows.columns.pop("npv_usd")
    rows.columns["cause"][0] = "pv.csv:1: has no column"
    with pytest.raises(ModelError, match=r"for this reason: pv\.csv:1: has no column"):
        metric_of(rows, "npv_usd")
    assert first_cause(rows) == "pv.csv:1: has no column"
