"""Gaps are filled by a line or by the days beside them, up to a limit, and told."""

from __future__ import annotations

import numpy as np

from dcsim.series.gaps import fill_gaps, find_gaps, hours_text, repair_note


def test_nothing_bad_is_left_and_nothing_good_is_touched() -> None:
    rng = np.random.default_rng(3)
    values = rng.random(24 * 30)
    bad = rng.random(values.size) < 0.2
    for sunny in (False, True):
        filled, left = fill_gaps(np.where(bad, np.nan, values), bad, sunny, 72.0, 1.0)
        np.testing.assert_array_equal(filled[~bad], values[~bad])
        assert np.isfinite(filled[~left]).all()
        # Sunshine with no good day on either side stays a hole.
        assert left.sum() <= (0.1 * bad.sum() if sunny else 0)


def test_gaps_at_both_ends_are_found() -> None:
    gaps = find_gaps(np.array([True, True, False, True]))
    assert gaps.first.tolist() == [0, 3]
    assert gaps.length.tolist() == [2, 1]


def test_many_gaps_cost_one_pass() -> None:
    values = np.arange(2_000_000, dtype=float)
    bad = values % 2 == 1
    filled, left = fill_gaps(np.where(bad, np.nan, values), bad, False, 1.0, 1.0)
    assert not left.any()
    np.testing.assert_array_equal(filled[:-1], values[:-1])


def test_a_day_of_no_whole_number_of_rows_is_filled_by_a_line() -> None:
    values, bad = np.array([0.0, 9.0, 2.0]), np.array([False, True, False])
    assert fill_gaps(values, bad, True, 7.0, 7 / 60)[0].tolist() == [0.0, 1.0, 2.0]


def test_a_note_names_the_longest_gap() -> None:
    filled = np.array([True, False, True, True])
    expected = "Repaired: column x, 3 rows without a usable value, the longest gap 30 min."
    assert repair_note("x", filled, 0.25) == (expected,)
    assert repair_note("x", np.zeros(3, dtype=bool), 1.0) == ()
    assert hours_text(25.0) == "25 h"
