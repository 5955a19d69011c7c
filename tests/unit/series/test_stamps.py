"""Texts of times, as programs write them."""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import pytest

from dcsim.series.stamps import NO_OFFSET, looks_like_stamp, read_stamps


def one(text: str, order=None):
    stamps = read_stamps([text], order)
    return stamps.clock_s[0], stamps.offset_min[0]


def seconds(text: str) -> float:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "clock", "offset_min"),
    [
        ("2027-01-31", "2027-01-31", NO_OFFSET),
        ("2027-01-31T13:00Z", "2027-01-31T13:00", 0),
        ("2027-01-31 13:00:00", "2027-01-31T13:00", NO_OFFSET),
        ("2027-01-31T13:00:00.500000000+09:00", "2027-01-31T13:00:00.500", 540),
        ("2027-01-31 13:00:00 UTC", "2027-01-31T13:00", 0),
        ("2027-01-31T13:00-0330", "2027-01-31T13:00", -210),
        ("2027/1/3 4:05", "2027-01-03T04:05", NO_OFFSET),
        ("31.01.2027 13:00", "2027-01-31T13:00", NO_OFFSET),
        ("31/01/2027, 13:00", "2027-01-31T13:00", NO_OFFSET),
        ("01/31/2027 01:00:00 PM", "2027-01-31T13:00", NO_OFFSET),
        ("01/31/2027 12:00 am", "2027-01-31T00:00", NO_OFFSET),
        ("31-Jan-2027 13:00", "2027-01-31T13:00", NO_OFFSET),
        ("20270131T1300Z", "2027-01-31T13:00", 0),
        ("202701311310", "2027-01-31T13:10", NO_OFFSET),
        ("2027013113", "2027-01-31T13:00", NO_OFFSET),
        ("20270131:1310", "2027-01-31T13:10", NO_OFFSET),
        ("2027-01-31 24:00", "2027-02-01T00:00", NO_OFFSET),
        (" 2027-01-31 13 ", "2027-01-31T13:00", NO_OFFSET),
        ("1801400400", "2027-01-31T13:00", 0),
        ("1801400400000", "2027-01-31T13:00", 0),
    ],
)
def test_customary_forms(text: str, clock: str, offset_min: int) -> None:
    assert one(text) == (seconds(clock), offset_min)


@pytest.mark.parametrize(
    "text",
    [
        *("", "noon", "2027-02-29", "2027-13-01", "2027-01-31T25:00", "2027-01-31T24:01"),
        *("2027-01-31T13:60", "31-Foo-2027", "1.5", "2027-01/31", "x" * 100, "0000-01-01"),
    ],
)
def test_what_is_no_time(text: str) -> None:
    assert np.isnan(one(text)[0])


def test_a_number_above_twelve_shows_the_order_of_day_and_month() -> None:
    days = read_stamps(["01/02/2027", "13/02/2027"])
    months = read_stamps(["01/02/2027", "01/13/2027"])
    assert days.clock_s[0] == seconds("2027-02-01")
    assert months.clock_s[0] == seconds("2027-01-02")
    assert not days.is_open
    assert not months.is_open


def test_an_order_that_nothing_shows_is_left_open() -> None:
    texts = ["01/02/2027", "02/02/2027"]
    assert read_stamps(texts).is_open
    assert read_stamps(texts, "day-first").clock_s[0] == seconds("2027-02-01")
    assert read_stamps(texts, "month-first").clock_s[0] == seconds("2027-01-02")
    assert not read_stamps(["01/01/2027 00:00", "01/01/2027 01:00"]).is_open


def test_rows_of_other_shapes_are_read_among_the_others() -> None:
    texts = ["1/9/2027 9:00", "1/10/2027 10:00", "later", "12/31/2027 23:00", "1/9/2027 9:00"]
    found = read_stamps(texts).clock_s
    expected = ["2027-01-09T09:00", "2027-01-10T10:00", None, "2027-12-31T23:00"]
    expected_s = [np.nan if text is None else seconds(text) for text in expected]
    np.testing.assert_array_equal(found, [*expected_s, expected_s[0]])


def test_dates_are_known_by_their_separators() -> None:
    assert looks_like_stamp("2027-01-31")
    assert looks_like_stamp("31.1.2027 5:00")
    assert not looks_like_stamp("20270131")
    assert not looks_like_stamp("0.5")
    assert not looks_like_stamp("2027-01-31" + " " * 100)


def test_each_chunk_is_read(monkeypatch) -> None:
    monkeypatch.setattr("dcsim.series.stamps.CHUNK_ROWS", 3)
    texts = [f"2027-01-{day:02}" for day in range(1, 11)]
    stamps = read_stamps(texts).backward()
    assert stamps.clock_s.tolist() == [seconds(text) for text in reversed(texts)]
    assert not read_stamps([]).clock_s.size


def test_the_hours_of_california(shared_data: Path) -> None:
    path = shared_data / "series" / "CISO_lifecycle_emissions_2020_2021.csv"
    texts = [line.split(",")[1] for line in path.read_text().splitlines()[1:]]
    found = read_stamps(texts)
    assert np.unique(np.diff(found.clock_s)).tolist() == [3600.0]
    assert found.clock_s[0] == seconds("2020-01-01")
