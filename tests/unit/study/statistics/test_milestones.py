from __future__ import annotations

import datetime

import numpy as np
import pytest

from dcsim.errors import ModelError
from dcsim.study.statistics.milestones import (
    Precision,
    confidence_dates,
    milestone_chances,
    milestone_names,
    precise_enough,
    read_precision,
    replications_for_precision,
    s_curves,
)
from dcsim.study.statistics.samples import wilson

TEN = [f"2030-{month:02d}-15" for month in range(1, 8)] + ["NaT"] * 3
"""Seven runs get there, a month apart; three never do."""


@pytest.fixture
def ten(rows_of, milestone_columns):
    return rows_of(milestone_columns(TEN, "2030-05-31"), series={"x": np.zeros((10, 12))})


def test_a_chance_is_a_share_with_its_wilson_interval(ten):
    (chance,) = milestone_chances(ten)
    assert (chance.name, chance.n, chance.met, chance.probability) == ("all", 10, 5, 0.5)
    # The worked example of every text: 5 of 10.
    assert (chance.low, chance.high) == pytest.approx((0.236593, 0.763407), abs=1e-6)
    assert chance.half_width == pytest.approx(0.263407, abs=1e-6)


def test_a_failed_run_is_a_miss_unless_it_is_named(rows_of, milestone_columns):
    rows = rows_of(milestone_columns(["2030-01-01"] * 3 + ["NaT"], "2030-05-31"), failed=[4])
    (chance,) = milestone_chances(rows)
    assert (chance.n, chance.met, chance.n_failed, chance.n_left_out) == (4, 3, 1, 0)
    (chance,) = milestone_chances(rows, without=["power"])
    assert (chance.n, chance.met, chance.n_failed, chance.n_left_out) == (3, 3, 0, 1)


def test_a_value_in_a_failed_row_is_not_believed(rows_of, milestone_columns):
    rows = rows_of(milestone_columns(["2030-01-01", "2030-01-02"], "2030-05-31"), failed=[2])
    assert milestone_chances(rows)[0].met == 1
    assert confidence_dates(rows)[0].reached == 1


def test_a_case_without_the_milestone_says_nothing_about_it(rows_of, milestone_columns):
    columns = milestone_columns(["2030-01-01", "2030-02-01", "NaT"], "2030-01-31")
    columns["milestone.all.met"][2] = np.nan
    assert milestone_chances(rows_of(columns))[0][1:3] == (2, 1)


def test_milestones_keep_their_order_and_may_have_dots(rows_of, milestone_columns):
    columns = milestone_columns(TEN, "2030-01-31", "b.2") | milestone_columns(
        TEN, "2030-01-31", "a"
    )
    rows = rows_of(columns)
    assert milestone_names(rows) == ["b.2", "a"]
    assert [chance.name for chance in milestone_chances(rows)] == ["b.2", "a"]


def test_a_confidence_date_holds_in_that_share_of_all_runs(ten):
    (found,) = confidence_dates(ten, (0.5, 0.7, 0.8))
    assert (found.n, found.reached) == (10, 7)
    assert [day.day for day in found.dates] == [
        datetime.date(2030, 5, 15),
        datetime.date(2030, 7, 15),
        None,
    ]
    # Ranks 2 and 9 of 10 bound the median, and the ninth never gets there.
    assert found.dates[0][2:] == (datetime.date(2030, 2, 15), None)


def test_failed_runs_count_as_never_in_confidence_dates(rows_of, milestone_columns):
    rows = rows_of(
        milestone_columns(["2030-01-01"] * 8 + ["NaT"] * 2, "2030-01-31"), failed=[9, 10]
    )
    assert confidence_dates(rows, (0.9,))[0].dates[0].day is None
    left = confidence_dates(rows, (0.9,), without=["power: too little"])[0]
    assert left.dates[0].day == datetime.date(2030, 1, 1)


def test_an_s_curve_counts_who_got_there_by_the_end_of_the_month(ten):
    (curve,) = s_curves(ten)
    np.testing.assert_allclose(curve.probability, [*np.arange(1, 8) / 10, *[0.7] * 5])
    assert (curve.low[1], curve.high[1]) == pytest.approx(wilson(2, 10))
    assert curve.months[0] == np.datetime64("2030-01", "M")


def test_the_last_day_of_a_month_belongs_to_it(rows_of, milestone_columns):
    columns = milestone_columns(["2030-01-31", "2030-02-01"], "2030-12-31")
    (curve,) = s_curves(rows_of(columns, series={"x": np.zeros((2, 3))}))
    assert curve.probability.tolist() == [0.5, 1.0, 1.0]


# Precision --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("pp=2", Precision(None, 0.02)),
        (" pp=.5 ", Precision(None, 0.005)),
        ("all-gpus:pp=2", Precision("all-gpus", 0.02)),
        ("a:b:pp=2.5", Precision("a:b", 0.025)),
    ],
)
def test_a_precision_is_read(text, meaning):
    assert read_precision(text) == pytest.approx(meaning)


@pytest.mark.parametrize("text", ["", "2", "pp=", "pp=0", "pp=51", "pp=-1", "pp=nan", ":pp=2"])
def test_what_is_no_precision_is_refused(text):
    with pytest.raises(ModelError, match="percentage points"):
        read_precision(text)


def chance_rows(rows_of, milestone_columns, n_met, n):
    reached = ["2030-01-01"] * n_met + ["NaT"] * (n - n_met)
    return rows_of(milestone_columns(reached, "2030-01-31"))


def test_what_is_needed_is_just_enough(rows_of, milestone_columns):
    seen = chance_rows(rows_of, milestone_columns, 50, 100)
    n = replications_for_precision(seen, 0.02)
    # 1.96² / 4 / 0.02² = 2401 for the plain interval; Wilson's is narrower by 1.96².
    assert n == pytest.approx(2401 - 1.96**2, abs=4)
    assert not precise_enough(seen, 0.02)
    assert precise_enough(chance_rows(rows_of, milestone_columns, n // 2, n), 0.02)
    assert not precise_enough(chance_rows(rows_of, milestone_columns, n // 2 - 5, n - 10), 0.02)


def test_a_sure_thing_needs_few(rows_of, milestone_columns):
    # Half of z² / (n + z²) is at most 0.02 from n = z² (1 / 0.04 - 1) on.
    assert replications_for_precision(chance_rows(rows_of, milestone_columns, 10, 10), 0.02) == 93


def test_without_a_run_the_worst_is_assumed(rows_of, milestone_columns):
    none = chance_rows(rows_of, milestone_columns, 1, 1).where(np.zeros(1, dtype=bool))
    half = chance_rows(rows_of, milestone_columns, 50, 100)
    assert replications_for_precision(none, 0.02) == replications_for_precision(half, 0.02)
    assert not precise_enough(none, 0.02)


def test_one_milestone_may_be_the_only_one_that_counts(rows_of, milestone_columns):
    sure, unsure = ["2030-01-01"] * 100, ["2030-01-01"] * 50 + ["NaT"] * 50
    rows = rows_of(
        milestone_columns(sure, "2030-01-31", "a") | milestone_columns(unsure, "2030-01-31", "b")
    )
    assert precise_enough(rows, 0.02, milestone="a")
    assert not precise_enough(rows, 0.02)
    assert (
        replications_for_precision(rows, 0.02)
        == replications_for_precision(rows, 0.02, milestone="b")
        > replications_for_precision(rows, 0.02, milestone="a")
    )


def test_an_unknown_milestone_is_never_precise(ten, rows_of):
    with pytest.raises(ModelError, match="no milestone b to be precise about; there is all"):
        precise_enough(ten, 0.02, milestone="b")
    with pytest.raises(ModelError, match="there is none"):
        precise_enough(rows_of({"x": [1.0]}), 0.02)
    with pytest.raises(ModelError, match="above 0"):
        replications_for_precision(ten, 0.0)
