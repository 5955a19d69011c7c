"""Times of rows become equal steps of UTC."""

from __future__ import annotations

import datetime
import zoneinfo

import numpy as np
import pytest

from dcsim.errors import ScenarioError
from dcsim.series.data_file import Faults
from dcsim.series.text_table import ForeignTable
from dcsim.series.time_axis import TimeRules, axis_of_moments, read_time_axis
from dcsim.series.time_columns import TimeColumns

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")


def minute(text: str) -> int:
    moment = datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC)
    return int(moment.timestamp()) // 60


def axis(texts, title: str = "time", **rules):
    rows = ForeignTable({0: list(texts)}, np.arange(2, len(texts) + 2))
    columns = TimeColumns((0,), (title,))
    return read_time_axis(rows, columns, TimeRules(**rules), Faults("p.csv", "key"))


def stamps(start: str, n_rows: int, step_min: int = 60, form: str = "%Y-%m-%d %H:%M"):
    first = datetime.datetime.fromisoformat(start)
    return [f"{first + datetime.timedelta(minutes=step_min * i):{form}}" for i in range(n_rows)]


@pytest.mark.parametrize("step_min", [1, 5, 7, 15, 25, 60, 90, 180, 300, 1440])
def test_any_step_of_whole_minutes(step_min: int) -> None:
    found = axis(stamps("2027-01-01", 50, step_min), title="utc_time")
    assert (found.step_min, found.start_min, found.n_steps) == (step_min, minute("2027-01-01"), 50)
    assert found.step_of_row.tolist() == list(range(50))
    assert found.notes == ()


def test_times_without_a_zone_are_utc_and_told() -> None:
    assert "read as UTC" in axis(stamps("2027-01-01", 3)).notes[0]
    assert axis(["2027-01-01T00:00+09:00", "2027-01-01T01:00+09:00"]).notes == ()


def test_a_title_that_names_another_clock_asks_for_its_zone() -> None:
    for title in ("time_local", "Time (KST)", "cet time"):
        with pytest.raises(ScenarioError, match="write time_zone"):
            axis(stamps("2027-01-01", 3), title=title)
    found = axis(stamps("2027-01-01", 3), title="Time (KST)", zone="Asia/Seoul")
    assert found.start_min == minute("2026-12-31T15:00")


@pytest.mark.parametrize("step_min", [15, 60])
def test_local_time_has_its_doubled_and_its_missing_hour(step_min: int) -> None:
    first = datetime.datetime(2027, 1, 1, tzinfo=BERLIN).astimezone(datetime.UTC)
    step = datetime.timedelta(minutes=step_min)
    n_rows = 8760 * 60 // step_min
    texts = [f"{(first + i * step).astimezone(BERLIN):%Y-%m-%d %H:%M}" for i in range(n_rows)]
    found = axis(texts, zone="Europe/Berlin")
    assert found.start_min == minute("2026-12-31T23:00")
    assert (found.n_steps, found.step_of_row[-1]) == (n_rows, n_rows - 1)
    # Newest first, the doubled hour comes the other way round.
    turned = axis(texts[::-1], zone="Europe/Berlin")
    assert turned.start_min == found.start_min
    assert turned.step_of_row.tolist() == list(range(n_rows))[::-1]


def test_a_skipped_time_shows_that_the_clock_is_another() -> None:
    with pytest.raises(ScenarioError, match=r"p\.csv:3: key: the clocks of Europe/Berlin skip"):
        axis(stamps("2027-03-28T01:00", 4), zone="Europe/Berlin")
    found = axis(stamps("2027-03-28T01:00", 4), zone="Etc/GMT-1")
    assert found.start_min == minute("2027-03-28T00:00")


def test_the_doubled_hour_may_be_left_out() -> None:
    texts = stamps("2027-10-31T00:00", 5)
    found = axis(texts, zone="Europe/Berlin")
    assert found.step_of_row.tolist() == [0, 1, 2, 4, 5]


@pytest.mark.parametrize("of_start", [True, False])
def test_ends_are_labelled_by_the_hour_of_the_start_or_by_the_clock(of_start: bool) -> None:
    """Both ways differ where clocks change; the rows themselves show which one it is."""
    first = datetime.datetime(2027, 3, 20, tzinfo=BERLIN).astimezone(datetime.UTC)
    hour = datetime.timedelta(hours=1)
    texts = []
    for i in range(24 * 300):
        moment = first + i * hour
        wall = moment.astimezone(BERLIN).replace(tzinfo=None) + hour
        shown = wall if of_start else (moment + hour).astimezone(BERLIN)
        texts.append(f"{shown:%Y-%m-%d %H:%M}")
    found = axis(texts, zone="Europe/Berlin", labels="end")
    assert found.start_min == int(first.timestamp()) // 60
    assert found.n_steps == len(texts) == found.step_of_row.size


def test_hours_1_to_24_end_their_steps() -> None:
    texts = [f"2027-01-{day:02} {hour}:00" for day in (1, 2) for hour in range(1, 25)]
    found = axis(texts, title="utc time")
    assert found.start_min == minute("2027-01-01")
    assert "1 to 24" in found.notes[0]
    begins = axis(texts, title="utc time", labels="start")
    assert begins.start_min == minute("2027-01-01T01:00")


def test_the_hour_24_beside_the_hour_0_is_the_next_midnight() -> None:
    texts = ["2027-01-01 00:00", "2027-01-01 12:00", "2027-01-01 24:00"]
    assert axis(texts, title="utc").start_min == minute("2027-01-01")


def test_a_title_or_a_key_may_say_that_times_are_ends() -> None:
    texts = stamps("2027-01-01T01:00", 3)
    found = axis(texts, title="interval_end_utc")
    assert found.start_min == minute("2027-01-01")
    assert "ends of their steps" in found.notes[0]
    assert axis(texts, title="utc", labels="end").start_min == minute("2027-01-01")
    assert axis(texts, title="interval_end_utc", labels="start").start_min == minute(
        "2027-01-01T01:00"
    )


def test_rounded_times_are_even_steps_and_told() -> None:
    texts = ["2027-01-01 00:00:00", "2027-01-01 00:59:59.997", "2027-01-01 02:00:00.003"]
    found = axis(texts, title="utc")
    assert (found.step_min, found.notes) == (60, ())
    texts = ["2027-01-01 00:00", "2027-01-01 01:00", "2027-01-01 01:59", "2027-01-01 03:00"]
    found = axis(texts, title="utc")
    assert found.step_of_row.tolist() == [0, 1, 2, 3]
    assert found.notes == ("1 times in 'utc' are rounded: up to 60 s off even steps.",)


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["2027-01-01"], "needs at least two rows"),
        (["2027-01-01", "later", "2027-01-03"], "p.csv:3: key: column 'time' is not a time"),
        (["2027-01-01T00:00", "2027-01-01T01:00Z"], "p.csv:3: key: some times state their offset"),
        (["01/02/2027", "02/02/2027"], "write dates: day-first or dates: month-first"),
        (["2027-01-01", "2027-01-02", "2027-01-02", "2027-01-03"], "p.csv:4: key: row 3 repeats"),
        (
            ["2027-01-01", "2027-01-02", "2027-01-01", "2027-01-03"],
            "p.csv:4: key: row 3 is earlier",
        ),
        (
            ["2027-01-01T00:00", "2027-01-01T01:00", "2027-01-01T02:20", "2027-01-01T03:00"],
            "p.csv:4: key: row 3 does not follow the row before by whole steps of 60 min",
        ),
        (["2027-01-01T00:00:00", "2027-01-01T00:00:20"], "a whole minute or more"),
    ],
)
def test_faults_name_their_line(texts, said) -> None:
    with pytest.raises(ScenarioError) as caught:
        axis(texts)
    assert said in str(caught.value)


def test_missing_rows_leave_their_steps_empty() -> None:
    texts = stamps("2027-01-01", 6)
    found = axis([*texts[:2], *texts[4:]])
    np.testing.assert_array_equal(
        found.on_steps(np.array([1.0, 2, 5, 6])), [1, 2, np.nan, np.nan, 5, 6]
    )
    assert found.row_of_step().tolist() == [0, 1, -1, -1, 2, 3]
    assert found.step_h == 1.0


def test_a_row_of_another_century_does_not_take_all_memory() -> None:
    moments = np.array([0.0, 60.0, 120.0, 6e9])
    rows = ForeignTable({}, np.zeros(0, dtype=np.int64))
    with pytest.raises(ScenarioError, match="at most 8,000,000 are read"):
        axis_of_moments(moments, rows, Faults("p.csv", "key"))
