"""Typical years that are written with the years their months were taken from."""

from __future__ import annotations

import datetime
import zoneinfo

import numpy as np
import pytest

from dcsim.errors import ScenarioError
from dcsim.series.resampling import TypicalYear
from dcsim.weather import make_weather
from dcsim.weather.formats.mixed_years import MIXED_YEARS_NOTE
from dcsim.weather.formats.registry import read_weather_file
from dcsim.weather.formats.weather_file import ReadOptions

TITLES = "time,temp_dry_bulb_c,relative_humidity_frac,wind_speed_m_s,ghi_w_m2,dni_w_m2,dhi_w_m2"
YEARS = (2009, 2005, 2015, 2007, 2010, 2013, 2006, 2011, 2014, 2005, 2009, 2012)
RISING = tuple(range(2005, 2017))
RUN = {"start": "2030-01-01", "end": "2031-01-01"}


def rows(years=YEARS, suffix="", first=1):
    """Return the hours of a year of which each month is of a year of its own."""
    found = []
    months = [*range(first, 13), *range(1, first)]
    for month in months:
        hour = datetime.datetime(2001, month, 1)
        while hour.month == month:
            stamp = hour.replace(year=years[month - 1]).isoformat()
            value = month + hour.day / 100 + hour.hour / 10_000
            found.append(f"{stamp}{suffix},{value:.4f},0.5,3,100,0,100")
            hour += datetime.timedelta(hours=1)
    return found


def plain():
    return [row.replace(row[:4], "2001", 1) for row in rows()]


def digest(with_file, lines, name, zone="UTC", **keys):
    plan = with_file([TITLES, *lines], name, time_zone=zone, **RUN, **keys)
    return make_weather(plan).digest


@pytest.mark.parametrize("years", [YEARS, RISING])
@pytest.mark.parametrize("first", [1, 7])
def test_months_of_several_years_are_a_typical_year(with_file, years, first):
    wanted = digest(with_file, plain(), "a.csv")
    plan = with_file([TITLES, *rows(years, first=first)], "b.csv", time_zone="UTC", **RUN)
    weather = make_weather(plan)
    assert weather.digest == wanted
    assert MIXED_YEARS_NOTE in weather.notes


@pytest.mark.parametrize("years", [YEARS, RISING])
def test_its_clock_is_that_of_the_offset_it_states(with_file, years):
    wanted = digest(with_file, plain(), "a.csv")
    found = digest(with_file, rows(years, "+09:00"), "b.csv", "Asia/Seoul")
    assert found == wanted


def test_its_zone_may_be_declared(with_file):
    columns = [{"holds": "time", "title": "time", "zone": "Asia/Seoul"}]
    plan = with_file(
        [TITLES, *rows()], "b.csv", weather={"columns": columns}, time_zone="Asia/Seoul", **RUN
    )
    temp = make_weather(plan).temp_dry_bulb_c
    assert temp[0] == pytest.approx(1.01)
    assert temp[-1] == pytest.approx(12.31 + 0.0023)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Sydney"])
def test_summer_time_keeps_its_hours(with_file, zone):
    wall = zoneinfo.ZoneInfo(zone)
    winter = datetime.timedelta(hours=1 if zone.startswith("E") else 10)
    lines = []
    for month in range(1, 13):
        hour = datetime.datetime(YEARS[month - 1], month, 1)
        for at in range(
            24
            * (
                28
                if month == 2
                else (hour + datetime.timedelta(31)).month - month
                and (datetime.datetime(2001, month % 12 + 1, 1) - datetime.timedelta(days=1)).day
            )
        ):
            moment = (hour + datetime.timedelta(hours=at) - winter).replace(tzinfo=datetime.UTC)
            shown = moment.astimezone(wall)
            lines.append(f"{shown.isoformat()},{month + at / 1000:.4f},0.5,3,100,0,100")
    plan = with_file([TITLES, *lines], "b.csv", time_zone="UTC", **RUN)
    table = read_weather_file(plan.files["b.csv"], "b.csv", ReadOptions()).table
    assert isinstance(table, TypicalYear)
    assert table.offset_min == winter.total_seconds() / 60
    assert table.columns["temp_dry_bulb_c"][0] == 1.0
    assert table.columns["temp_dry_bulb_c"][-1] == pytest.approx(12.743)


@pytest.mark.parametrize("at", [100, 5000])
def test_a_date_that_stands_twice_is_refused_by_its_line(with_file, at):
    lines = rows()
    lines[at] = lines[at - 1]
    with pytest.raises(ScenarioError) as caught:
        digest(with_file, lines, "b.csv")
    assert caught.value.problems[0].where == f"b.csv:{at + 2}"


def test_rows_of_real_years_out_of_order_are_no_typical_year(with_file):
    start = datetime.datetime(2019, 12, 31)
    lines = [
        f"{(start + datetime.timedelta(hours=at)).isoformat()},1,0.5,3,100,0,100"
        for at in (*range(24), 25, 24, *range(26, 48))
    ]
    with pytest.raises(ScenarioError) as caught:
        digest(with_file, lines, "b.csv")
    assert "is earlier than the row before" in str(caught.value)
    assert np.all([problem.where == "b.csv:27" for problem in caught.value.problems])
