"""Columns on equal steps: gaps filled and told, or faults by their lines."""

from __future__ import annotations

import numpy as np
import pytest

from dcsim.errors import ScenarioError
from dcsim.series.data_file import Faults
from dcsim.series.regular import RepairRules, leap_day_gaps, regular_column, rows_as_steps
from dcsim.series.text_table import ForeignTable
from dcsim.series.time_axis import TimeAxis

DAY = 24


def axis_without(n_steps: int, *missing: int, start: str = "2027-01-01") -> TimeAxis:
    steps = np.setdiff1d(np.arange(n_steps), missing)
    start_min = int(np.datetime64(start, "m").astype(np.int64))
    return TimeAxis(start_min, 60, n_steps, steps, ())


def filled(values, axis, *, limit_h: float = 0.0, line_h: float = np.inf):
    values = np.asarray(values, dtype=float)
    table = ForeignTable({}, np.arange(values.size) + 2)
    faults = Faults("p.csv", "key")
    found = regular_column(values, axis, table, RepairRules("x", limit_h, line_h), faults)
    faults.stop_if_any()
    return found


def test_missing_rows_are_filled_like_empty_cells_and_told() -> None:
    values, notes = filled([0, 1, np.nan, 4, 6], axis_without(7, 3, 5), limit_h=2)
    assert values.tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert notes == ("Repaired: column x, 3 rows without a usable value, the longest gap 2 h.",)


def test_gaps_that_are_too_long_are_faults_on_their_line() -> None:
    with pytest.raises(ScenarioError) as caught:
        filled([0, 1, 4, np.nan, 6], axis_without(7, 2, 3), limit_h=1)
    assert [str(problem) for problem in caught.value.problems] == [
        "p.csv:4: key: the time leaves a gap of 2 h before this row; repair: 2 h would fill it",
    ]
    with pytest.raises(ScenarioError, match=r"p\.csv:3: key: has no number in column x"):
        filled([0, np.nan, 2], axis_without(3))


def test_long_gaps_take_the_days_beside_them() -> None:
    day = np.arange(3.0 * DAY) % DAY
    holes = day.copy()
    holes[DAY + 5 : DAY + 12] = np.nan
    values, _ = filled(holes, axis_without(holes.size), limit_h=10, line_h=3)
    np.testing.assert_array_equal(values, day)


def test_a_leap_year_without_its_day_repeats_the_one_before() -> None:
    n_steps = 366 * DAY
    day = slice(59 * DAY, 60 * DAY)
    axis = axis_without(n_steps, *range(n_steps)[day], start="2028-01-01")
    rows = np.arange(365.0 * DAY)
    values, notes = filled(rows, axis)
    np.testing.assert_array_equal(values[day], rows[58 * DAY : 59 * DAY])
    assert values[60 * DAY] == rows[59 * DAY]
    assert notes == ("29 February repeats 28 February.",)


def test_the_leap_day_of_another_clock_is_known_too_and_no_other_day() -> None:
    """A file on the clock of Seoul, its times in UTC, lacks 24 hours from 15:00 of the 28th."""
    shift = range(59 * DAY - 9, 60 * DAY - 9)
    values, _ = filled(np.arange(365.0 * DAY), axis_without(366 * DAY, *shift, start="2028-01-01"))
    assert np.isfinite(values).all()
    march = axis_without(366 * DAY, *range(62 * DAY, 63 * DAY), start="2028-01-01")
    with pytest.raises(ScenarioError, match="gap of 24 h"):
        filled(np.arange(365.0 * DAY), march)
    of_2027 = axis_without(365 * DAY, *range(59 * DAY, 60 * DAY))
    with pytest.raises(ScenarioError, match="gap of 24 h"):
        filled(np.arange(364.0 * DAY), of_2027)


def test_rows_without_times_are_steps() -> None:
    values, notes = filled([1, np.nan, 3], rows_as_steps(3, 60), limit_h=1)
    assert values.tolist() == [1, 2, 3]
    assert notes


def test_a_day_missing_at_the_end_of_february_is_a_leap_day_in_leap_years_only():
    def gaps(year):
        first = int(np.datetime64(f"{year}-02-27", "m").astype(np.int64))
        step_of_row = np.array([0, 1, 3])  # days: 27 and 28 February, and the one after the next
        return leap_day_gaps(TimeAxis(first, 1440, 4, step_of_row, ()))

    assert gaps(2028) == [(2, 3)]
    assert gaps(2027) == []
