from __future__ import annotations

import numpy as np
import pytest

from dcsim.errors import ModelError
from dcsim.gpu_states import CAUSES
from dcsim.streams import exponentials, uniforms
from dcsim.study.statistics.bands import lost_gpu_days, nearest, scalar_bands, series_bands

EVEN = np.arange(101.0)
"""A uniform sample of which every percentile is known."""


def test_bands_of_a_uniform_sample_are_its_percentiles(rows_of):
    rows = rows_of(series={"x": np.column_stack([EVEN, 10 * EVEN[::-1], np.full(101, 7.0)])})
    found = series_bands(rows, "x")
    np.testing.assert_allclose(found.values, [[10, 100, 7], [50, 500, 7], [90, 900, 7]], rtol=1e-12)
    assert (found.n, found.n_failed, found.levels) == (101, 0, (0.1, 0.5, 0.9))
    np.testing.assert_array_equal(found.at(0.5), found.values[1])


def test_failed_runs_are_not_in_a_band_but_counted(rows_of):
    values = np.array([[1.0], [2.0], [3.0], [np.nan]])
    found = series_bands(rows_of(series={"x": values}, failed=[4]), "x")
    assert found.at(0.5).tolist() == [2.0]
    assert (found.n, found.n_failed, found.n_known.tolist()) == (3, 1, [3])


def test_a_month_without_values_has_no_band(rows_of):
    found = series_bands(rows_of(series={"x": [[np.nan, 1.0], [np.nan, np.nan]]}), "x")
    assert np.isnan(found.values[:, 0]).all()
    assert found.values[:, 1].tolist() == [1.0, 1.0, 1.0]
    assert found.n_known.tolist() == [0, 1]


def test_an_unknown_series_is_refused(rows_of):
    with pytest.raises(ModelError, match="no series 'y'"):
        series_bands(rows_of(series={"x": [[1.0]]}), "y")


def test_the_middle_band_is_the_median_and_not_the_mean(rows_of):
    late = np.array([[1.0], [1.0], [1.0], [1.0], [96.0]])
    assert series_bands(rows_of(series={"x": late}), "x").at(0.5).tolist() == [1.0]


def test_bands_of_two_works_in_a_row_are_those_of_the_hypoexponential_law(rows_of):
    n, slow, fast = 20_000, 1 / 12, 1 / 4  # a year and four months on the mean

    def drawn(thing: str) -> np.ndarray:
        return exponentials(uniforms(1, thing, "duration", 1, n))

    both = drawn("a") / slow + drawn("b") / fast
    (found,) = scalar_bands(rows_of({"months": both}), ["months"])

    def chance(month: float) -> float:
        return 1 - (fast * np.exp(-slow * month) - slow * np.exp(-fast * month)) / (fast - slow)

    for level, month in zip(found.levels, found.values, strict=True):
        # Three standard errors of a share.
        assert abs(chance(month) - level) < 3 * np.sqrt(level * (1 - level) / n)
    assert found.values[1] < both.mean() - 1, "the median lies well below the mean"


def test_scalar_bands_leave_out_what_has_no_value(rows_of):
    rows = rows_of({"npv": [1, 2, np.nan, 3, 99], "none": [np.nan] * 5}, failed=[5])
    npv, none = scalar_bands(rows, ["npv", "none"], (0.5,))
    assert npv == ("npv", 3, 1, (0.5,), (2.0,))
    assert none.n == 0
    assert np.isnan(none.values[0])


def test_causes_are_sorted_by_what_they_cost_in_the_median(rows_of):
    columns = {f"gpu_days.{state}": np.zeros(3) for state in CAUSES}
    columns["gpu_days.grid_works"] = np.array([5.0, 6.0, 7.0])
    columns["gpu_days.crew"] = np.array([0.0, 1.0, 900.0])
    columns["gpu_days.on_order"] = np.array([50.0, 50.0, 50.0])
    found = lost_gpu_days(rows_of(columns))
    assert [loss.cause for loss in found.causes[:3]] == [
        "delivery",
        "grid connection",
        "installation crews",
    ]
    assert len(found.causes) == len(CAUSES)
    assert found.causes[1].band.values[1] == 6.0
    # 5 + 0, 6 + 1, 7 + 900: delivery is before, not after.
    assert found.since_delivery.values[1] == 7.0


def test_rows_without_causes_have_no_losses(rows_of):
    found = lost_gpu_days(rows_of({"x": [1.0]}))
    assert found.causes == ()
    assert np.isnan(found.since_delivery.values).all()


# The replication nearest to a band --------------------------------------------------------------


def test_the_nearest_replication_to_a_level_is_the_one_at_it(rows_of):
    rows = rows_of(series={"x": EVEN[::-1, None] * np.ones(4)})
    assert [nearest(rows, "x", level) for level in (0.1, 0.5, 0.9)] == [91, 51, 11]


def test_of_equals_the_lowest_number_is_nearest(rows_of):
    rows = rows_of(series={"x": [[3.0], [1.0], [1.0], [3.0]]}, replications=[4, 3, 2, 1])
    assert nearest(rows, "x") == 1


def test_a_failed_run_is_never_nearest(rows_of):
    rows = rows_of(series={"x": [[1.0], [2.0], [3.0]]}, failed=[2])
    assert nearest(rows, "x") == 1


def test_the_run_at_the_medians_is_never_nearest(rows_of):
    rows = rows_of(series={"x": [[2.0], [1.0], [3.0], [9.0]]}, replications=[0, 1, 2, 3])
    assert nearest(rows, "x") == 2


def test_a_gap_in_a_series_is_passed_over(rows_of):
    rows = rows_of(series={"x": [[np.nan, 5.0], [1.0, 4.9], [3.0, 0.0], [np.nan, np.nan]]})
    assert nearest(rows, "x") in (1, 2)


def test_a_run_of_few_known_months_is_not_near_for_that(rows_of):
    gap = np.nan
    far, near = [gap, gap, gap, 1.5], [1.0] * 4
    series = np.array([far, [-x for x in far], near, [-1.0] * 4])
    assert nearest(rows_of(series={"x": series}), "x") == 3


def test_units_do_not_weigh_when_several_series_are_asked_for(rows_of):
    one = np.array([[0.0], [4.0], [5.0], [6.0], [10.0]])
    other = np.array([[9.0], [0.0], [8.0], [5.0], [1.0]])
    small = nearest(rows_of(series={"a": one, "b": other}), ["a", "b"])
    large = nearest(rows_of(series={"a": 1e6 * one, "b": other}), ["a", "b"])
    assert small == large == 4


def test_the_nearest_to_a_confidence_date_may_be_a_run_that_never_reaches_it(rows_of):
    days = ["2030-01-01", "2030-01-05", "2030-03-01", "NaT", "NaT"]
    rows = rows_of({"milestone.all.reached": np.array(days, dtype="datetime64[s]")})
    assert nearest(rows, "milestone.all.reached", 0.5) == 3
    assert nearest(rows, "milestone.all.reached", 1.0) == 4


def test_where_nothing_ever_comes_the_first_is_nearest(rows_of):
    never = np.array(["NaT", "NaT"], dtype="datetime64[s]")
    assert nearest(rows_of({"milestone.all.reached": never}), "milestone.all.reached") == 1


def test_nothing_to_choose_from_is_said(rows_of):
    with pytest.raises(ModelError, match="no finished run"):
        nearest(rows_of({"x": [1.0]}, failed=[1]), "x")
    with pytest.raises(ModelError, match="several cases"):
        nearest(rows_of({"x": [1.0, 2.0]}, replications=[1, 1]), "x")
