"""The calendar on leap years, on days that change length, and against brute force."""

from __future__ import annotations

import datetime
import itertools
import zoneinfo

import numpy as np
import pytest

from dcsim.clock import Calendar, calendar_of, hour_of, minutes, weekday_of

UTC, SEOUL, NEW_YORK, LORD_HOWE, KATHMANDU = (
    zoneinfo.ZoneInfo(name)
    for name in (
        "UTC",
        "Asia/Seoul",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
    )
)
ZONES = [UTC, SEOUL, NEW_YORK, LORD_HOWE, KATHMANDU]


def calendar(start, end, zone=UTC, step_h=1.0):
    first, last = (
        datetime.datetime.combine(datetime.date.fromisoformat(day), datetime.time(), zone)
        for day in (start, end)
    )
    return Calendar(first, last, zone, step_h)


def test_runs_over_the_same_time_share_their_calendar():
    day = datetime.datetime(2030, 1, 1, tzinfo=SEOUL)
    one, other = (calendar_of(day, day + datetime.timedelta(days=9), SEOUL, 1.0) for _ in range(2))
    assert one is other
    assert one == Calendar(day, day + datetime.timedelta(days=9), SEOUL, 1.0)
    assert calendar_of(day, day + datetime.timedelta(days=9), SEOUL, 0.5) != one


def test_nobody_can_write_to_the_arrays_that_runs_share():
    shared = calendar("2030-01-01", "2030-03-01", SEOUL)
    names = ("edges_min", "time_utc", "local_time", "hour", "weekday", "month", "year")
    for name in (*names, "month_index", "month_starts"):
        assert not getattr(shared, name).flags.writeable, name


def test_minutes_are_whole_and_refuse_nan():
    assert minutes(1 / 3) == 20
    assert minutes(1 / 7) == 9
    with pytest.raises(ValueError, match="NaN"):
        minutes(float("nan"))


@pytest.mark.parametrize(("year", "hours"), [(2027, 8760), (2028, 8784), (2100, 8760)])
def test_a_year_has_8760_hours_and_a_leap_year_8784(year, hours):
    found = calendar(f"{year}-01-01", f"{year + 1}-01-01", SEOUL)
    assert found.n_hours == hours
    assert found.edges_min.size == hours + 1
    assert (found.year == year).all()


def test_29_february_is_there_in_leap_years_and_31_december_is_never_lost():
    found = calendar("2027-01-01", "2029-01-01", SEOUL)
    days = found.local_time.astype("datetime64[D]").astype(str)
    _, count = np.unique(days, return_counts=True)
    assert (count == 24).all()
    assert {"2028-02-29", "2027-12-31", "2028-12-31"} <= set(days)
    assert "2027-02-29" not in days


@pytest.mark.parametrize("zone", ZONES, ids=str)
@pytest.mark.parametrize("step_h", [0.25, 0.5, 1.0])
def test_wall_clock_agrees_with_the_standard_library_at_every_step(zone, step_h):
    found = calendar("2030-02-01", "2030-12-01", zone, step_h)
    first = found.start.astimezone(datetime.UTC)
    moments = [
        (first + datetime.timedelta(hours=k * step_h)).astimezone(zone)
        for k in range(found.n_hours)
    ]
    wanted = np.array([moment.replace(tzinfo=None) for moment in moments], "datetime64[s]")
    np.testing.assert_array_equal(found.local_time, wanted)
    assert found.hour.tolist() == [moment.hour for moment in moments]
    assert found.weekday.tolist() == [moment.weekday() for moment in moments]
    assert found.month.tolist() == [moment.month for moment in moments]


def test_days_of_new_york_have_23_24_or_25_hours():
    found = calendar("2030-01-01", "2031-01-01", NEW_YORK)
    days, count = np.unique(found.local_time.astype("datetime64[D]"), return_counts=True)
    odd = {str(day): int(n) for day, n in zip(days, count, strict=True) if n != 24}
    assert odd == {"2030-03-10": 23, "2030-11-03": 25}
    assert found.n_hours == 8760


def test_the_clocks_of_lord_howe_change_by_half_an_hour():
    half_hours = calendar("2030-01-01", "2031-01-01", LORD_HOWE, 0.5)
    days, count = np.unique(half_hours.local_time.astype("datetime64[D]"), return_counts=True)
    odd = {str(day): int(n) for day, n in zip(days, count, strict=True) if n != 48}
    assert odd == {"2030-04-07": 49, "2030-10-06": 47}


def test_local_time_in_another_zone_is_that_of_its_people():
    found = calendar("2030-07-01", "2030-07-02", SEOUL)
    assert str(found.local(NEW_YORK)[0]) == "2030-06-30T11:00:00"
    assert str(found.local()[0]) == "2030-07-01T00:00:00"


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_minute_of_a_day_is_its_local_midnight_and_moment_turns_it_back(zone):
    found = calendar("2030-01-01", "2031-01-01", zone)
    for day in itertools.islice(_days(datetime.date(2030, 1, 1)), 365):
        minute = found.minute_of(day)
        assert found.moment(minute) == datetime.datetime.combine(day, datetime.time(), zone)
        assert found.minute_of(day, at_end=True) == found.minute_of(
            day + datetime.timedelta(days=1)
        )
    assert found.minute_of(datetime.date(2031, 1, 1)) == found.n_minutes
    assert found.minute_of(datetime.date(2029, 12, 31)) == -1440


def _days(first):
    return (first + datetime.timedelta(days=k) for k in itertools.count())


def test_a_run_that_loses_an_hour_is_an_hour_shorter_and_the_last_step_may_reach_past_it():
    spring = calendar("2030-03-01", "2030-04-01", NEW_YORK)
    assert spring.n_hours == 31 * 24 - 1
    days = calendar("2030-03-01", "2030-04-01", NEW_YORK, 24.0)
    assert days.n_hours == 31
    assert days.edges_min[-1] == days.n_minutes + 60


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_steps_are_equal_and_without_gaps_in_utc(zone):
    found = calendar("2030-01-01", "2031-01-01", zone)
    assert (np.diff(found.time_utc) == np.timedelta64(3600, "s")).all()
    assert found.time_utc[0].item() == found.start.astimezone(datetime.UTC).replace(tzinfo=None)


@pytest.mark.parametrize("zone", [SEOUL, NEW_YORK], ids=str)
def test_months_partition_the_run(zone):
    found = calendar("2027-11-10", "2030-03-05", zone)
    assert found.month_starts.size == found.month_index[-1] + 1 == 29
    ones = found.monthly_sum(np.ones(found.n_hours))
    assert ones.sum() == found.n_hours
    february = [i for i in range(29) if found.month[found.month_starts[i]] == 2]
    assert ones[february].tolist() == [29 * 24, 28 * 24, 28 * 24]


def test_monthly_sums_run_along_the_last_axis():
    found = calendar("2030-01-01", "2030-03-01")
    rows = np.vstack([np.ones(found.n_hours), 2 * np.ones(found.n_hours)])
    assert found.monthly_sum(rows).tolist() == [[744, 672], [1488, 1344]]


def test_hour_and_weekday_of_days_long_past_are_right():
    old = np.array(["1969-12-31T23:59:59", "1970-01-01T00:00:00"], "datetime64[s]")
    assert hour_of(old).tolist() == [23, 0]
    assert weekday_of(old).tolist() == [2, 3]


# ------------------------------------------------------------------------------------- hourly means


def brute(found, time, change):
    """Mean of the running sum over each step, minute by minute."""
    level = np.zeros(found.n_hours * found.step_min)
    for at, amount in zip(time, change, strict=True):
        level[max(at, 0) :] += amount
    return level.reshape(found.n_hours, found.step_min).mean(axis=1)


@pytest.mark.parametrize("step_h", [0.25, 0.5, 1.0, 2.0, 24.0])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_hourly_means_agree_with_counting_every_minute(step_h, seed):
    found = calendar("2030-01-01", "2030-01-08", UTC, step_h)
    rng = np.random.default_rng(seed)
    time = rng.integers(-500, found.n_minutes + 500, 300)
    change = rng.integers(-50, 50, 300)
    np.testing.assert_allclose(
        found.hourly_mean(time, change), brute(found, time, change), rtol=1e-12, atol=1e-9
    )


def test_the_means_of_finer_steps_average_to_those_of_coarser_ones():
    rng = np.random.default_rng(4)
    time, change = rng.integers(0, 7 * 1440, 200), rng.normal(size=200)
    fine, coarse = (
        calendar("2030-01-01", "2030-01-08", UTC, step_h).hourly_mean(time, change)
        for step_h in (0.25, 24.0)
    )
    np.testing.assert_allclose(fine.reshape(7, 96).mean(axis=1), coarse, atol=1e-12)


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (0, [6, 6, 6]),
        (-99, [6, 6, 6]),
        (1, [5.9, 6, 6]),
        (59, [0.1, 6, 6]),
        (60, [0, 6, 6]),
        (90, [0, 3, 6]),
        (179, [0, 0, 0.1]),
        (180, [0, 0, 0]),
        (9999, [0, 0, 0]),
    ],
)
def test_an_event_counts_for_the_rest_of_its_step(time, expected):
    first = datetime.datetime(2030, 1, 1, tzinfo=UTC)
    found = Calendar(first, first + datetime.timedelta(hours=3), UTC)
    np.testing.assert_allclose(found.hourly_mean([time], [6]), expected, atol=1e-12)


def test_without_events_the_level_is_zero():
    assert not calendar("2030-01-01", "2030-01-02").hourly_mean([], []).any()


def test_counts_of_gpus_come_out_whole_where_nothing_moves():
    found = calendar("2030-01-01", "2031-01-01")
    rng = np.random.default_rng(5)
    time = rng.integers(0, 100 * 60, 5000)
    change = np.concatenate([np.full(4999, 72), [-72 * 4999 + 60_000]])
    assert (found.hourly_mean(time, change)[101:] == 60_000).all()
