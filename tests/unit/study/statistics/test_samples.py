from __future__ import annotations

import datetime

import numpy as np
import pytest
from scipy.stats import binom, binomtest

from dcsim.errors import ModelError
from dcsim.study.records.rows import text_column
from dcsim.study.statistics.samples import (
    by_case,
    checked_levels,
    counted_rows,
    day_by_share,
    day_interval,
    drawn_rows,
    finished_rows,
    left_out,
    number_column,
    one_case,
    quantiles,
    share_of,
    wilson,
)

# Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3.
NEWCOMBE = [
    ((81, 263), (0.2553, 0.3662)),
    ((15, 148), (0.0624, 0.1605)),
    ((0, 20), (0.0000, 0.1611)),
    ((1, 29), (0.0061, 0.1718)),
]


@pytest.mark.parametrize(("counts", "interval"), NEWCOMBE)
def test_the_wilson_interval_is_the_published_one(counts, interval):
    assert wilson(*counts) == pytest.approx(interval, abs=5e-5)


@pytest.mark.parametrize("counts", [(0, 7), (3, 7), (7, 7), (333, 1000)])
def test_the_interval_does_not_depend_on_the_share_that_is_tested(counts):
    ends = binomtest(*counts).proportion_ci(method="wilson")
    assert wilson(*counts) == pytest.approx((ends.low, ends.high), rel=1e-12, abs=1e-15)


def test_of_no_run_everything_is_possible():
    share = share_of(0, 0)
    assert np.isnan(share.share)
    assert (share.low, share.high, share.half_width) == (0.0, 1.0, 0.5)


def test_the_run_at_the_medians_is_no_draw(rows_of):
    rows = rows_of({"x": [5, 1, 2]}, replications=[0, 1, 2])
    assert drawn_rows(rows).columns["replication"].tolist() == [1, 2]


def test_a_design_of_runs_at_the_medians_is_kept(rows_of):
    rows = rows_of({"x": [5, 1]}, replications=[0, 0])
    assert drawn_rows(rows).n_rows == 2


@pytest.mark.parametrize(
    ("without", "left"),
    [
        ((), []),
        (("b",), [2, 4]),
        (("b#2",), [2]),
        (("#4",), [4]),
        (("power",), [2, 4]),
        (("power: too little",), [2, 4]),
        (("pow", "a", "b#1", "ok"), []),
    ],
)
def test_only_failed_runs_that_are_named_are_left_out(rows_of, without, left):
    rows = rows_of({"case": ["b"] * 4}, failed=[2, 4])
    assert (np.flatnonzero(left_out(rows, without)) + 1).tolist() == left
    kept, n_left_out = counted_rows(rows, without)
    assert (kept.n_rows, n_left_out) == (4 - len(left), len(left))


def test_a_cause_is_named_up_to_any_of_its_colons(rows_of):
    rows = rows_of(n=1, failed=[1], cause="internal error: KeyError: 'x'")
    assert left_out(rows, ["internal error: KeyError"]).all()
    assert left_out(rows, ["internal error"]).all()
    assert not left_out(rows, ["KeyError"]).any()


def test_finished_rows_say_how_many_failed(rows_of):
    kept, n_failed = finished_rows(rows_of({"x": [1, 2, 3]}, failed=[3]))
    assert (kept.columns["x"].tolist(), n_failed) == ([1, 2], 1)


def test_rows_fall_into_cases_in_order(rows_of):
    rows = rows_of({"case": ["b", "a", "b"], "x": [1, 2, 3]}, replications=[1, 1, 2])
    parts = by_case(rows)
    assert list(parts) == ["b", "a"]
    assert parts["b"].columns["x"].tolist() == [1, 3]
    with pytest.raises(ModelError, match="several cases"):
        one_case(rows)


def test_a_column_that_is_not_there_or_no_number_is_refused(rows_of):
    rows = rows_of({"x": [1.0], "t": text_column(["a"])})
    with pytest.raises(ModelError, match="no column 'y'"):
        number_column(rows, "y")
    with pytest.raises(ModelError, match="no numbers"):
        number_column(rows, "t")


def test_levels_are_shares():
    with pytest.raises(ModelError, match=r"got 0\.1, 50"):
        checked_levels((0.1, 50))


def test_quantiles_are_interpolated_and_leave_gaps_out():
    values = np.array([[0.0, np.nan, np.nan], [10.0, 4.0, np.nan], [20.0, 8.0, np.nan]])
    found = quantiles(values, (0.1, 0.5))
    np.testing.assert_allclose(found[:, :2], [[2.0, 4.4], [10.0, 6.0]])
    assert np.isnan(found[:, 2]).all()


def test_quantiles_of_nothing_are_nothing():
    assert np.isnan(quantiles(np.empty((0, 2)), (0.5,))).all()


# Days -------------------------------------------------------------------------------------------

TEN = np.datetime64("2030-01-01") + np.arange(10)


@pytest.mark.parametrize(
    ("share", "day"), [(0.1, 1), (0.11, 2), (0.5, 5), (0.7, 7), (0.8, 8), (1.0, 10)]
)
def test_the_day_of_a_share_is_the_first_by_which_that_many_had_it(share, day):
    found = day_by_share(TEN[::-1], share)
    assert found == datetime.date(2030, 1, day)
    assert np.mean(np.datetime64(found) >= TEN) >= share


def test_a_share_that_is_whole_on_paper_is_whole():
    hundred = np.datetime64("2030-01-01") + np.arange(100)
    assert day_by_share(hundred, 0.07) == datetime.date(2030, 1, 7)


def test_never_is_later_than_every_day():
    reached = np.array(["2030-01-01", "NaT", "2030-01-02", "NaT"], dtype="datetime64[D]")
    assert day_by_share(reached, 0.5) == datetime.date(2030, 1, 2)
    assert day_by_share(reached, 0.51) is None
    assert day_by_share(reached[:0], 0.5) is None


def test_a_share_of_nothing_is_refused():
    with pytest.raises(ModelError, match="above 0"):
        day_by_share(TEN, 0.0)


def test_the_interval_of_a_median_day_is_the_one_in_the_tables():
    # Conover, Practical Nonparametric Statistics (1999), 3.2: of 10, ranks 2 and 9 hold 97.9 %.
    assert day_interval(TEN, 0.5) == (datetime.date(2030, 1, 2), datetime.date(2030, 1, 9))


def test_the_interval_of_a_late_day_lies_where_its_binomial_ranks_are():
    hundred = np.datetime64("2030-01-01") + np.arange(100)
    low, high = day_interval(hundred, 0.9)
    ranks = [(np.datetime64(day) - hundred[0]).astype(int) + 1 for day in (low, high)]
    # Chance that the 90th percentile lies between ranks i and j: P(i <= Binomial(100, 0.9) < j).
    chances = binom.cdf(ranks[1] - 1, 100, 0.9) - binom.cdf(ranks[0] - 1, 100, 0.9)
    assert 0.95 <= chances < 0.985
    assert ranks[0] < 90 < ranks[1]


def test_an_interval_that_few_runs_or_never_leave_open_has_no_end():
    assert day_interval(TEN[:3], 0.5) == (None, None)
    assert day_interval(TEN[:0], 0.5) == (None, None)
    late = TEN.copy()
    late[7:] = np.datetime64("NaT", "D")
    assert day_interval(late, 0.5) == (datetime.date(2030, 1, 2), None)
