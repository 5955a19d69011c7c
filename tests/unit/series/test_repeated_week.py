"""A year laid on others keeps its weekdays and its hours of the day."""

from __future__ import annotations

import datetime
import zoneinfo

import numpy as np
import pytest

from dcsim.clock import Calendar
from dcsim.series.repeated_week import RepeatedWeeks, weekday_note
from dcsim.series.resampling import Span, resample

UTC = zoneinfo.ZoneInfo("UTC")


def local_year(zone: zoneinfo.ZoneInfo, year: int, begin: zoneinfo.ZoneInfo, step_min: int) -> Span:
    """A load of 5 on working days and 1 at weekends, 2 more in office hours of the site."""
    start, end = (datetime.datetime(y, 1, 1, tzinfo=begin).timestamp() for y in (year, year + 1))
    step_s = step_min * 60
    local = [
        datetime.datetime.fromtimestamp(s, zone) for s in np.arange(int(start), int(end), step_s)
    ]
    values = np.array([(5 if t.weekday() < 5 else 1) + 2 * (9 <= t.hour < 17) for t in local])
    return Span({"value": values.astype(float)}, step_min, int(start) // 60)


def calendar(zone: zoneinfo.ZoneInfo, first: int, end: int, step_h: float = 1.0) -> Calendar:
    start, last = (datetime.datetime(year, 1, 1, tzinfo=zone) for year in (first, end))
    return Calendar(start, last, zone, step_h)


@pytest.mark.parametrize("name", ["Asia/Seoul", "Europe/Berlin", "America/New_York"])
@pytest.mark.parametrize("year", [2022, 2024, 2025, 2026])
def test_every_hour_of_every_year_has_its_weekday(name: str, year: int) -> None:
    zone = zoneinfo.ZoneInfo(name)
    for begin in (zone, UTC):
        table = RepeatedWeeks(local_year(zone, year, begin, 60), zone)
        run = calendar(zone, 2027, 2030)
        found = resample(table, run)["value"]
        office = (run.hour >= 9) & (run.hour < 17)
        expected = np.where(run.weekday < 5, 5, 1) + 2 * office
        np.testing.assert_array_equal(found, expected)


def test_no_day_but_those_at_the_ends_moves_by_more_than_three() -> None:
    zone = zoneinfo.ZoneInfo("Asia/Seoul")
    span = local_year(zone, 2025, zone, 1440)
    span = Span({"value": np.arange(365.0)}, span.step_min, span.start_min)
    run = calendar(zone, 2027, 2029, 24.0)
    day = resample(RepeatedWeeks(span, zone), run)["value"]
    date = run.local_time.astype("datetime64[D]")
    own = (date - date.astype("datetime64[Y]")).astype(int)
    own -= (run.year == 2028) & (own > 58)  # 29 February is another 28th
    moved = np.abs(day - own)
    inside = (own >= 3) & (own < 362)
    assert moved[inside].max() <= 3
    assert moved.max() <= 7


def test_the_own_year_and_one_of_the_same_weekdays_stay_as_they_are() -> None:
    zone = zoneinfo.ZoneInfo("Asia/Seoul")
    span = local_year(zone, 2026, zone, 60)
    span = Span({"value": np.arange(8760.0)}, 60, span.start_min)
    for year in (2026, 2037):
        found = resample(RepeatedWeeks(span, zone), calendar(zone, year, year + 1))["value"]
        np.testing.assert_array_equal(found, np.arange(8760.0))
    assert "2026, is repeated" in weekday_note(span, zone)
