from __future__ import annotations

import numpy as np
import pytest

from dcsim.errors import ModelError
from dcsim.streams import exponentials, uniforms
from dcsim.study.statistics.paired import (
    change_interval,
    matched,
    median_interval,
    paired,
    paired_milestones,
)


def test_rows_are_matched_by_replication_whatever_their_order(rows_of):
    a = rows_of({"x": [0, 10, 20, 30]}, replications=[0, 1, 2, 3])
    b = rows_of({"x": [33, 99, 22]}, replications=[3, 4, 2])
    pairs = matched(a, b)
    assert pairs.a.columns["replication"].tolist() == [2, 3]
    assert pairs.b.columns["x"].tolist() == [22, 33]
    assert pairs.n_unmatched == 2
    (found,) = paired(a, b, ["x"])
    assert (found.n, found.median, found.mean) == (2, 2.5, 2.5)


def test_what_cannot_be_matched_is_refused(rows_of):
    with pytest.raises(ModelError, match="no replication in common"):
        matched(rows_of({"x": [1.0]}), rows_of({"x": [1.0]}, replications=[2]))
    with pytest.raises(ModelError, match="several cases"):
        matched(rows_of({"x": [1.0, 2.0]}, replications=[1, 1]), rows_of({"x": [1.0]}))


def test_intervals_of_mean_and_median_are_those_of_the_textbook(rows_of):
    change = np.array([3.0, -1.0, 4.0, 1.0, -5.0, 9.0, 2.0, 6.0, 5.0, 8.0])
    base = np.arange(10.0)
    (found,) = paired(rows_of({"x": base}), rows_of({"x": base + change}), ["x"])
    # Student's t at 9 degrees of freedom: 2.262; ranks 2 and 9 of 10 for the median.
    reach = 2.262157 * change.std(ddof=1) / np.sqrt(10)
    assert (found.mean_low, found.mean_high) == pytest.approx((3.2 - reach, 3.2 + reach), abs=1e-5)
    assert (found.median, found.median_low, found.median_high) == (3.5, -1.0, 8.0)
    assert (found.share_higher, found.share_lower) == (0.8, 0.2)


def test_a_failed_run_takes_its_pair_out(rows_of):
    a, b = rows_of({"x": [1, 2, 3]}, failed=[1]), rows_of({"x": [2, 2, np.nan]})
    (found,) = paired(a, b, ["x"])
    assert (found.n, found.median, found.share_higher) == (1, 0.0, 0.0)


def test_scenarios_without_a_pair_have_no_difference(rows_of):
    (found,) = paired(rows_of({"x": [1.0]}, failed=[1]), rows_of({"x": [1.0]}), ["x"])
    assert found.n == 0
    assert np.isnan(found[2:]).all()


def test_a_difference_that_is_always_the_same_is_known_exactly(rows_of):
    a, b = rows_of({"x": [1.0, 5.0, 9.0]}), rows_of({"x": [3.0, 7.0, 11.0]})
    (found,) = paired(a, b, ["x"])
    assert (found.mean, found.mean_low, found.mean_high) == (2.0, 2.0, 2.0)
    assert found.variance_ratio == np.inf


def test_few_pairs_do_not_bound_a_median():
    assert np.isnan(median_interval(np.arange(5.0))).all()
    assert not np.isnan(median_interval(np.arange(6.0))).any()
    assert np.isnan(median_interval(np.empty(0))).all()


def test_the_same_random_numbers_need_far_fewer_replications(rows_of):
    # Days to the end of twenty works in a row; scenario b makes the mean of one of them 11 for 10.
    u = [[uniforms(1, f"work-{w}", "duration", r, 1)[0] for w in range(20)] for r in range(200)]
    days = 10 * exponentials(np.array(u))
    a = rows_of({"days": days.sum(axis=1)})
    b = rows_of({"days": days.sum(axis=1) + 0.1 * days[:, 0]})
    (found,) = paired(a, b, ["days"])
    # Var(a) + Var(b) over Var(b - a): (20 + 20.21) × 100 over 0.01 × 100.
    assert found.variance_ratio == pytest.approx(4021, rel=0.3)
    assert found.mean_low < 1.0 < found.mean_high
    shuffled = rows_of({"days": b.columns["days"][::-1]})
    (apart,) = paired(a, shuffled, ["days"])
    assert apart.variance_ratio == pytest.approx(1.0, abs=0.3)
    assert apart.mean_high - apart.mean_low > 40 * (found.mean_high - found.mean_low)


# Milestones -------------------------------------------------------------------------------------


def test_a_milestone_is_compared_pair_by_pair(rows_of, milestone_columns):
    by = "2030-01-31"
    a = rows_of(
        milestone_columns(
            ["2030-01-01", "2030-02-10", "2030-01-15", "NaT", "2030-01-02", "NaT"], by
        )
    )
    b = rows_of(
        milestone_columns(
            ["2030-01-11", "2030-01-20", "NaT", "2030-03-01", "2030-01-02", "NaT"], by
        )
    )
    (found,) = paired_milestones(a, b)
    assert (found.both, found.only_a, found.only_b, found.neither) == (2, 1, 1, 2)
    assert (found.change, found.p_value) == (0.0, 1.0)
    assert (found.n_reached, found.reached_only_a, found.reached_only_b) == (3, 1, 1)
    # Ten days later, 21 earlier, the same.
    assert (found.n_later, found.n_earlier, found.days) == (1, 1, 0.0)


def test_a_failed_run_misses_in_its_pair_unless_it_is_named(rows_of, milestone_columns):
    columns = milestone_columns(["2030-01-01", "2030-01-01"], "2030-01-31")
    a, b = rows_of(columns), rows_of(columns, failed=[2])
    (found,) = paired_milestones(a, b)
    assert (found.n, found.only_a, found.reached_only_a, found.change) == (2, 1, 1, -0.5)
    (found,) = paired_milestones(a, b, without=["#2"])
    assert (found.n, found.both, found.change) == (1, 1, 0.0)


def test_a_failed_run_of_either_side_may_be_named(rows_of, milestone_columns):
    columns = milestone_columns(["2030-01-01", "2030-01-01"], "2030-01-31")
    (found,) = paired_milestones(
        rows_of(columns, failed=[2]), rows_of(columns), without=["power: too little"]
    )
    assert (found.n, found.both) == (1, 1)


def test_only_milestones_of_both_are_compared(rows_of, milestone_columns):
    one, other = (
        milestone_columns(["2030-01-01"], "2030-01-31", "x"),
        milestone_columns(["NaT"], "2030-01-31", "y"),
    )
    assert [m.name for m in paired_milestones(rows_of(one | other), rows_of(other))] == ["y"]


@pytest.mark.parametrize(
    ("table", "interval"),
    [
        # Fagerland, Lydersen and Laake, Statistics in Medicine 33 (2014) 2850-2875, table VIII:
        # airway hyper-responsiveness before and after stem cell transplantation.
        ((1, 1, 7, 12), (-0.507, -0.026)),
        # Altman et al., Statistics with Confidence (2000), table 6.2.
        ((14, 5, 0, 22), (0.011, 0.226)),
    ],
)
def test_the_interval_of_a_paired_change_is_the_published_one(table, interval):
    assert change_interval(*table) == pytest.approx(interval, abs=1e-3)


def test_the_interval_of_a_change_turns_with_the_sides():
    low, high = change_interval(20, 9, 3, 8)
    assert change_interval(20, 3, 9, 8) == pytest.approx((-high, -low))


def test_without_pairs_every_change_is_possible():
    assert change_interval(0, 0, 0, 0) == (-1.0, 1.0)


def test_mcnemar_tests_the_pairs_that_differ(rows_of, milestone_columns):
    yes, no = "2030-01-01", "NaT"
    a = rows_of(milestone_columns([yes] + [no] * 9 + [yes] * 5, "2030-01-31"))
    b = rows_of(milestone_columns([no] + [yes] * 9 + [yes] * 5, "2030-01-31"))
    (found,) = paired_milestones(a, b)
    # Nine of ten, both tails: 2 (1 + 10) / 2^10.
    assert found.p_value == pytest.approx(22 / 1024)
