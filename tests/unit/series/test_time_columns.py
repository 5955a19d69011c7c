"""Which columns say when rows are."""

from __future__ import annotations

import pytest

from dcsim.errors import ScenarioError
from dcsim.series.data_file import Faults
from dcsim.series.time_columns import find_time_columns, plain_title

TITLES = (
    *("time", "Timestamp", "DATE", "Date/Time", "", "index", "utc_timestamp", "snapshots"),
    *("Datetime (UTC)", "valid_time", "whatever", "Unnamed: 0"),
)


def find(titles, *rows, **keys):
    faults = Faults("p.csv", "key")
    return find_time_columns(titles, rows, faults, others=(len(titles) - 1,), **keys)


@pytest.mark.parametrize("title", TITLES)
def test_a_column_of_dates_is_taken_whatever_its_title(title: str) -> None:
    found = find([title, "x"], ["2027-01-01 00:00", "1"], ["2027-01-01 01:00", "2"])
    assert found.places == (0,)


@pytest.mark.parametrize("title", ["", "index", "hour", "time", "hours"])
def test_a_count_of_rows_is_no_time(title: str) -> None:
    assert find([title, "x"], ["0", "1"], ["1", "2"], ["2", "2"]) is None


def test_a_known_title_over_other_cells_is_still_the_time() -> None:
    # What is wrong with its cells is told when they are read.
    assert find(["time", "x"], ["noon", "1"]).places == (0,)
    assert find(["time", "x"], ["3.0", "1"], ["4.5", "1"]).places == (0,)


def test_of_several_the_title_decides() -> None:
    row = ["2027-01-01T00:00", "2027-01-01T01:00", "1"]
    assert find(["interval_end", "interval_start", "x"], row).places == (1,)
    assert find(["cet_time", "utc_timestamp", "x"], row).places == (1,)
    assert find(["note", "time", "x"], row).places == (1,)
    assert find(["first", "second", "x"], row, named="second").places == (1,)
    assert find(["first", "Second", "x"], row, named="second").places == (1,)
    with pytest.raises(ScenarioError, match="has 2 columns of times"):
        find(["first", "second", "x"], row)
    with pytest.raises(ScenarioError, match="no column of times titled 'third'"):
        find(["first", "second", "x"], row, named="third")


@pytest.mark.parametrize(
    ("cells", "texts"),
    [
        (("1", "2", "24"), ["1", "2", "24"]),
        (("0", "1", "2"), ["0", "1", "2"]),
        (("0:00", "1:00", "2:00"), ["0:00", "1:00", "2:00"]),
        (("0.0", "1.0", "23.0"), ["0", "1", "23"]),
        (("100", "200", "2400"), ["01:00", "02:00", "24:00"]),
    ],
)
def test_dates_and_times_of_day_in_two_columns(cells, texts) -> None:
    found = find(["Date", "Hour", "x"], *(["2027-01-01", cell, "1"] for cell in cells))
    assert found.places == (0, 1)
    columns = {0: ["2027-01-01 "] * 3, 1: list(cells)}
    assert found.texts(columns) == [f"2027-01-01 {text}" for text in texts]


def test_parts_of_a_date() -> None:
    found = find(
        ["Year", "Month", "Day", "Hour", "Minute", "x"], ["2027", "1", "2", "3", "30", "9"]
    )
    assert found.is_parts
    columns = {place: [text] for place, text in enumerate(["2027", "1.0", "2", "3", "5"])}
    assert found.texts(columns) == ["2027-1-2 3:05"]
    found = find(["year", "month", "day", "hour", "x"], ["2027", "1", "2", "3", "9"])
    assert found.texts(columns) == ["2027-1-2 3:00"]


def test_titles_say_what_their_clock_is() -> None:
    row = ["2027-01-01T00:00", "1"]
    assert find(["Datetime (UTC)", "x"], row).says_utc
    assert find(["time_local", "x"], row).says_zone
    assert find(["Time [KST]", "x"], row).says_zone
    assert find(["Hour Ending", "x"], row).says_end
    plain = find(["Date/Time", "x"], row)
    assert not plain.says_utc
    assert not plain.says_zone
    assert not plain.says_end
    assert plain_title("Interval_Start-(UTC)") == "interval start utc"


def test_seconds_since_1970_are_times_under_a_known_title_only() -> None:
    row = ["1801400400", "1"]
    assert find(["timestamp", "x"], row).places == (0,)
    assert find(["index", "x"], row).places == (0,)
    assert find(["count", "x"], row) is None


@pytest.mark.parametrize(
    ("first", "step", "what"),
    [
        (46_204.0, 1 / 24, "days of a spreadsheet"),
        (46_204.0, 1.0, "days of a spreadsheet"),
        (1_801_400_400, 3600, "seconds since 1970"),
        (1_801_400_400_000, 900_000, "milliseconds since 1970"),
    ],
)
def test_times_as_numbers_under_an_unknown_title_are_refused(first, step, what) -> None:
    rows = [[f"{first + k * step:.6f}".rstrip("0").rstrip("."), "1"] for k in range(20)]
    with pytest.raises(ScenarioError, match=f"column 1 may be times as {what}"):
        find(["When", "x"], *rows)


def test_other_numbers_that_rise_are_no_times() -> None:
    assert find(["n", "x"], *([str(k), "1"] for k in range(20))) is None
    assert find(["n", "x"], *([str(30_000 + 7 * k), "1"] for k in range(20))) is None
    assert find(["n", "x"], *([str(30_000 + k * k), "1"] for k in range(20))) is None


@pytest.mark.parametrize("form", ["20270101T{:02}00", "20270101{:02}00", "20270101{:02}0000"])
def test_dates_without_marks_are_dates_under_any_title(form: str) -> None:
    assert find(["", "x"], *([form.format(hour), "1"] for hour in range(3))).places == (0,)
    assert find(["foo", "x"], *([form.format(hour), "1"] for hour in range(3))).places == (0,)


def test_an_empty_table_has_no_times() -> None:
    assert find(["a", "x"]) is None


@pytest.mark.parametrize(
    "cell",
    [
        *("01/02/27 00:00", "Mon 01 Feb 2027", "Feb-27 1", "2027-02-01 00:00 KST", "00:00"),
        *("00:00 01/02/2027", "2027-02-01T00:00+09:00[Asia/Seoul]"),
    ],
)
def test_a_date_that_cannot_be_read_is_still_a_time(cell: str) -> None:
    assert find(["foo", "x"], [cell, "1"]).places == (0,)
    row = [cell, "2027-01-01", "1"]
    assert find(["foo", "bar", "x"], row).places[0] == 1
