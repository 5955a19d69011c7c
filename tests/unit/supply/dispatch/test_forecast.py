"""Forecasts from the past alone."""

from __future__ import annotations

import numpy as np
import pytest

from dcsim.errors import ModelError
from dcsim.supply.dispatch.forecast import expected_ahead, highest_of_days, steps_of_day


@pytest.mark.parametrize(("step_h", "n_steps"), [(0.25, 96), (1.0, 24), (6.0, 4), (24.0, 1)])
def test_a_day_is_a_whole_number_of_steps(step_h, n_steps):
    assert steps_of_day(step_h) == n_steps


@pytest.mark.parametrize("step_h", [5.0, 48.0])
def test_other_steps_are_refused(step_h):
    with pytest.raises(ModelError, match="a step that divides a day"):
        steps_of_day(step_h)


def test_the_highest_of_so_many_days_before_is_expected_again():
    power = np.array([9.0, 1.0, 2.0, 5.0, 3.0, 0.0])
    # Days of one step: the day before; and the higher of the two days before.
    assert highest_of_days(power, 1, 1).tolist() == [0, 9, 1, 2, 5, 3]
    assert highest_of_days(power, 2, 1).tolist() == [0, 9, 9, 2, 5, 5]


def test_no_day_lies_before_the_first():
    assert highest_of_days(np.array([4.0, 4.0]), 7, 2).tolist() == [0, 0]


def test_the_coming_day_ends_a_step_before_the_same_hour():
    # Days of three steps with 1, 2 and 4 MW: what follows the first step of the second day.
    power = np.tile([1.0, 2.0, 4.0], 2)
    assert expected_ahead(power, 1, 3)[3:].tolist() == [2 + 4, 4 + 1, 1 + 2]


def test_a_later_value_changes_no_earlier_forecast():
    power = np.tile([1.0, 2.0, 4.0], 3)
    changed = power.copy()
    changed[6] = 50.0
    np.testing.assert_array_equal(
        expected_ahead(power, 2, 3)[:6], expected_ahead(changed, 2, 3)[:6]
    )
