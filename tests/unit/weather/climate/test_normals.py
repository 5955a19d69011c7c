from __future__ import annotations

import math

import numpy as np
import pytest

from dcsim.weather.climate.normals import (
    DayRange,
    autoregression,
    days_around,
    normals,
    with_year_before,
)


def days_of(first: str, n: int) -> DayRange:
    return DayRange(int(np.datetime64(first, "D").astype(np.int64)), n, 540)


def test_memory_keeps_the_variance_from_the_first_value_on():
    new = np.random.default_rng(3).standard_normal((2000, 40))
    series = np.array([autoregression(row, 0.8) for row in new])
    np.testing.assert_allclose(series.std(axis=0), 1, atol=0.08)
    assert np.corrcoef(series[:, 20], series[:, 21])[0, 1] == pytest.approx(0.8, abs=0.03)


def plain_memory(new, correlation):
    series = [float(new[0])]
    for value in new[1:]:
        series.append(correlation * series[-1] + math.sqrt(1 - correlation**2) * float(value))
    return series


@pytest.mark.parametrize("n", [1, 2, 365, 366, 367, 732, 20_000])
@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.9, 0.999])
def test_memory_in_pieces_is_that_of_one_value_after_another(n, correlation):
    new = np.random.default_rng(n).standard_normal(n)
    found = autoregression(new, correlation)
    np.testing.assert_allclose(found, plain_memory(new, correlation), rtol=0, atol=1e-12)


def test_a_longer_memory_begins_with_the_shorter_one_to_the_bit():
    new = np.random.default_rng(5).standard_normal(5000)
    for n in (1, 366, 400, 4999):
        np.testing.assert_array_equal(autoregression(new[:n], 0.9), autoregression(new, 0.9)[:n])


def test_a_day_draws_the_same_numbers_whenever_the_days_begin(with_climate):
    plan = with_climate(1)
    long = normals(plan, "test", days_of("2029-03-01", 800), 24)
    short = normals(plan, "test", days_of("2030-03-01", 100), 24)
    np.testing.assert_array_equal(long[365 * 24 : 465 * 24], short)


def test_purposes_and_replications_share_no_number(with_climate):
    days = days_of("2030-01-01", 365)
    drawn = [
        normals(with_climate(replication), purpose, days)
        for replication in (0, 1)
        for purpose in ("one", "other")
    ]
    assert np.unique(np.concatenate(drawn)).size == 4 * 365


def test_numbers_are_standard_normal(with_climate):
    drawn = normals(with_climate(1), "test", days_of("2030-01-01", 3650), 24)
    assert drawn.mean() == pytest.approx(0, abs=4 / math.sqrt(drawn.size))
    assert drawn.var() == pytest.approx(1, abs=4 * math.sqrt(2 / drawn.size))


def test_mirrored_odd_years_take_the_even_year_before_with_the_sign_turned(with_climate):
    drawn = normals(with_climate(1), "test", days_of("2030-01-01", 730), mirrored=True)
    np.testing.assert_array_equal(drawn[365:], -drawn[:365])


def test_first_of_march_has_the_same_numbers_in_a_leap_year(with_climate):
    # 2032 is a leap year and even, 2033 mirrors it.
    drawn = normals(with_climate(1), "test", days_of("2032-03-01", 366), mirrored=True)
    assert drawn[365] == -drawn[0]


def test_days_around_a_stretch_of_time_hold_it_and_a_day_on_either_side():
    start_min = int(np.datetime64("2030-01-01T15:00", "m").astype(np.int64))
    days = days_around(start_min, start_min + 24 * 60, 135.0)
    # 15:00 UTC is midnight of 2 January at 135 degrees east.
    assert days == days_of("2030-01-01", 3)
    np.testing.assert_array_equal(np.diff(days.all), 1)


def test_a_year_before_is_cut_off_by_the_slice_that_comes_with_it():
    days = days_of("2030-01-01", 30)
    longer, now = with_year_before(days)
    np.testing.assert_array_equal(longer.all[now], days.all)
    assert longer.n == days.n + 366
