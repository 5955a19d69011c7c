from __future__ import annotations

import datetime
import zoneinfo

import numpy as np
import pytest

from dcsim.clock import Calendar
from dcsim.series.resampling import (
    Span,
    TypicalYear,
    as_year,
    place_in_year,
    resample,
    run_minutes,
    table_for_run,
    with_leap_day,
)

UTC = zoneinfo.ZoneInfo("UTC")


def calendar_of(start: str, end: str, step_h: float = 1.0) -> Calendar:
    first, last = (datetime.datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (start, end))
    return Calendar(first, last, UTC, step_h)


def minute(text: str) -> int:
    return int(np.datetime64(text, "m").astype(np.int64))


def hours_from(start: str, n: int) -> Span:
    return Span({"x": np.arange(float(n))}, 60, minute(start))


def test_place_in_year_is_that_of_the_month_and_day():
    days = np.array(["2030-02-28", "2030-03-01", "2032-02-29", "2032-12-31"], "datetime64[D]")
    np.testing.assert_array_equal(place_in_year(days.astype(np.int64)), [58, 60, 59, 365])


def test_a_leap_day_repeats_the_day_before_it():
    year = with_leap_day(np.arange(365.0), 1)
    assert year[57:62].tolist() == [57, 58, 58, 59, 60]
    assert year.size == 366


def test_minutes_of_a_run_are_its_first_and_the_one_after_its_last():
    found = run_minutes(calendar_of("2030-01-01", "2030-01-03", 24.0))
    assert found == (minute("2030-01-01"), minute("2030-01-03"))


def test_rows_over_the_whole_run_serve_it_as_they_are():
    run = calendar_of("2030-01-01", "2030-01-03")
    span = hours_from("2029-12-31", 72)
    assert table_for_run(span, run) is span
    assert table_for_run(hours_from("2030-01-01", 47), run) is None
    assert table_for_run(hours_from("2030-01-01T01:00", 48), run) is None


def test_a_whole_year_of_another_time_serves_as_a_typical_one():
    table = table_for_run(hours_from("2019-01-01", 8760), calendar_of("2030-03-01", "2030-03-02"))
    assert isinstance(table, TypicalYear)
    found = resample(table, calendar_of("2030-03-01", "2030-03-02"))["x"]
    np.testing.assert_array_equal(found, 59 * 24 + np.arange(24))


def test_a_year_that_begins_in_april_is_turned_to_january():
    year = as_year(hours_from("2019-04-01", 8784))
    assert year is not None
    assert year.columns["x"].size == 366 * 24
    assert year.columns["x"][0] == 275 * 24
    assert as_year(hours_from("2019-04-01", 8783)) is None
    assert as_year(hours_from("2019-04-01", 8785)) is None


def test_a_typical_year_keeps_its_own_clock():
    year = TypicalYear({"x": np.arange(366 * 24.0)}, 60, offset_min=540)
    found = resample(year, calendar_of("2030-01-01", "2030-01-02"))["x"]
    np.testing.assert_array_equal(found, 9 + np.arange(24))


@pytest.mark.parametrize(
    ("row_min", "step_h", "values", "wanted"),
    [
        (30, 1.0, [1, 3, 5, 7], [2, 6]),
        (120, 1.0, [1, 3], [1, 1, 3, 3]),
        (60, 1.5, [0, 3, 6], [1, 5]),
    ],
)
def test_rows_and_steps_of_any_length_keep_the_mean(row_min, step_h, values, wanted):
    start = datetime.datetime(2030, 1, 1, tzinfo=UTC)
    run = Calendar(start, start + datetime.timedelta(hours=len(wanted) * step_h), UTC, step_h)
    span = Span({"x": np.array(values, dtype=float)}, row_min, minute("2030-01-01"))
    np.testing.assert_allclose(resample(span, run)["x"], wanted)


def test_rows_a_quarter_hour_off_are_weighted_by_their_overlap():
    run = calendar_of("2030-01-01", "2030-01-02")
    span = Span({"x": np.arange(26.0)}, 60, minute("2029-12-31T23:15"))
    # The first step has 15 minutes of row 0 and 45 of row 1.
    assert resample(span, run)["x"][0] == pytest.approx(0.75)
