"""The clock of a zone, with its doubled and its missing hour."""

from __future__ import annotations

import datetime
import zoneinfo

import numpy as np
import pytest

from dcsim.series.zone_clock import ZoneClock

ZONES = ("Asia/Seoul", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata")


def minute(text: str) -> int:
    moment = datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC)
    return int(moment.timestamp()) // 60


@pytest.mark.parametrize("name", ZONES)
def test_wall_times_are_those_of_zoneinfo_and_lead_back(name: str) -> None:
    zone = zoneinfo.ZoneInfo(name)
    time_min = np.arange(minute("2027-01-01"), minute("2028-01-01"), 30)
    clock = ZoneClock.between(zone, int(time_min[0]), int(time_min[-1]))
    wall_min = clock.wall_min(time_min)
    epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    for at in range(0, time_min.size, 97):
        local = (epoch + datetime.timedelta(minutes=int(time_min[at]))).astimezone(zone)
        assert minute(local.replace(tzinfo=None).isoformat()) == wall_min[at]
    earlier, later, skipped = clock.moments(wall_min)
    assert not skipped.any()
    assert ((earlier == time_min) | (later == time_min)).all()
    assert (earlier <= later).all()


def test_the_doubled_hour_has_two_moments_and_the_missing_one_none() -> None:
    zone = zoneinfo.ZoneInfo("Europe/Berlin")
    clock = ZoneClock.between(zone, minute("2027-01-01"), minute("2027-12-31"))
    wall = np.array([minute("2027-03-28T02:30"), minute("2027-10-31T02:30"), minute("2027-07-01")])
    earlier, later, skipped = clock.moments(wall)
    assert skipped.tolist() == [True, False, False]
    assert earlier[1] == minute("2027-10-31T00:30")
    assert later[1] == minute("2027-10-31T01:30")
    assert earlier[2] == later[2] == minute("2027-06-30T22:00")
    assert earlier[0] == minute("2027-03-28T01:30")  # as if the clocks had not gone on
