"""What rows mean: the run, or a year that is repeated."""

from __future__ import annotations

import datetime
import zoneinfo
from pathlib import Path

import numpy as np
import pytest

from dcsim.clock import Calendar
from dcsim.errors import ScenarioError
from dcsim.scenario.schema.profile import LoadProfile
from dcsim.series.data_file import Faults
from dcsim.series.profile_rows import read_profile_rows
from dcsim.series.profile_years import table_of_rows
from dcsim.series.resampling import resample

SEOUL = zoneinfo.ZoneInfo("Asia/Seoul")


def laid(path: Path, start: str, end: str, *, step_h: float = 1.0, weekdays=False, **keys: object):
    profile = LoadProfile.model_validate({"file": path.name, "column": "x", **keys})
    first, last = (
        datetime.datetime.fromisoformat(day).replace(tzinfo=SEOUL) for day in (start, end)
    )
    calendar = Calendar(first, last, SEOUL, step_h)
    faults = Faults(path.name, "key")
    rows = read_profile_rows(path, profile, faults)
    table, notes = table_of_rows(rows, profile, calendar, faults, keeps_weekdays=weekdays)
    return resample(table, calendar)["value"], notes, calendar


def untimed(path: Path, *values: object) -> Path:
    path.write_text("\n".join(["x", *map(str, values)]) + "\n")
    return path


def timed(path: Path, values, start: str = "2025-01-01T00:00+09:00", step_min: int = 60) -> Path:
    first = datetime.datetime.fromisoformat(start)
    step = datetime.timedelta(minutes=step_min)
    rows = [f"{(first + i * step).isoformat()},{value}" for i, value in enumerate(values)]
    path.write_text("\n".join(["time,x", *rows]) + "\n")
    return path


def test_rows_that_may_be_a_year_or_the_run_ask_for_a_key(tmp_path: Path) -> None:
    path = untimed(tmp_path / "p.csv", *range(8760))
    with pytest.raises(ScenarioError, match="write covers: run or covers: year"):
        laid(path, "2026-07-01", "2027-07-01")
    run, _, _ = laid(path, "2026-07-01", "2027-07-01", covers="run")
    np.testing.assert_array_equal(run, np.arange(8760))
    year, _, _ = laid(path, "2026-07-01", "2027-07-01", covers="year")
    assert (year[0], year[184 * 24]) == (181 * 24, 0)
    longer, _, _ = laid(path, "2026-07-01", "2027-07-02")
    np.testing.assert_array_equal(longer[:8760], year)


def test_both_meanings_may_be_the_same(tmp_path: Path) -> None:
    path = untimed(tmp_path / "p.csv", *range(8760))
    np.testing.assert_array_equal(laid(path, "2027-01-01", "2028-01-01")[0], np.arange(8760))
    flat = untimed(tmp_path / "q.csv", *[1] * 8760)
    assert (laid(flat, "2026-07-01", "2027-07-01")[0] == 1).all()


def test_other_steps_of_the_run_only_by_the_key(tmp_path: Path) -> None:
    path = untimed(tmp_path / "p.csv", *range(96))
    assert laid(path, "2027-05-01", "2027-05-02", covers="run")[0][:2].tolist() == [1.5, 5.5]
    with pytest.raises(ScenarioError, match="96 rows; without times it needs a year"):
        laid(path, "2027-05-01", "2027-05-02")
    with pytest.raises(ScenarioError, match="as many as the run has steps"):
        laid(untimed(path, *range(7)), "2027-05-01", "2027-05-02", covers="run")
    with pytest.raises(ScenarioError, match="without times it needs a year of equal steps"):
        laid(untimed(path, *range(24)), "2027-05-01", "2027-05-02", covers="year")


@pytest.mark.parametrize(
    ("year", "mean"), [(2025, [5, 5, 5, 5, 5, 1, 1]), (2026, [5] * 5 + [1, 1])]
)
def test_a_load_of_another_year_keeps_its_weekdays(tmp_path: Path, year: int, mean) -> None:
    first = datetime.datetime(year, 1, 1)
    days = [(first + datetime.timedelta(hours=i)).weekday() for i in range(8760)]
    values = [1 if day > 4 else 5 for day in days]
    path = timed(tmp_path / "p.csv", values, f"{year}-01-01T00:00+09:00")
    found, notes, calendar = laid(path, "2027-01-01", "2028-01-01", weekdays=True)
    assert [found[calendar.weekday == day].mean() for day in range(7)] == mean
    assert "same weekday" in notes[0]
    _, notes, _ = laid(path, "2027-01-01", "2028-01-01")
    assert notes == (f"One year, from {year - 1}-12-31, is repeated by date.",)


def test_a_load_without_dates_has_unknown_weekdays(tmp_path: Path) -> None:
    path = untimed(tmp_path / "p.csv", *range(8760))
    assert "no times" in laid(path, "2027-03-01", "2027-03-02", weekdays=True)[1][0]


@pytest.mark.parametrize("step_min", [7, 25, 90, 300, 420])
def test_a_year_of_steps_that_do_not_part_a_day_is_repeated(tmp_path: Path, step_min: int) -> None:
    n_rows = -(-525_600 // step_min)
    path = timed(tmp_path / "p.csv", range(n_rows), step_min=step_min)
    for weekdays in (False, True):
        found, _, _ = laid(path, "2025-02-01", "2026-02-01", weekdays=weekdays, covers="year")
        minutes = np.arange(525_600)
        rows = (minutes // step_min).reshape(8760, 60).mean(axis=1)
        if not weekdays:
            np.testing.assert_allclose(found[: 8760 - 744], rows[744:])
            np.testing.assert_allclose(found[8760 - 744 :], rows[:744])
        else:
            np.testing.assert_allclose(found[: 8760 - 744], rows[744:])


def test_the_first_moment_of_the_next_year_is_left_out_and_told(tmp_path: Path) -> None:
    path = timed(tmp_path / "p.csv", range(8761))
    found, notes, _ = laid(path, "2027-01-01", "2028-01-01")
    np.testing.assert_array_equal(found, np.arange(8760))
    assert "Its last 1 rows, beyond a whole year, are left out." in notes


def test_what_covers_neither_says_what_it_covers(tmp_path: Path) -> None:
    path = timed(tmp_path / "p.csv", range(48))
    own = "it covers 2024-12-31T15:00Z to 2025-01-02T15:00Z"
    for covers, wanted in (
        (None, "must cover the run, 2027-01-01 to 2028-01-01, or be one whole year"),
        ("run", "must cover the run, 2027-01-01 to 2028-01-01"),
        ("year", "must be one whole year"),
    ):
        with pytest.raises(ScenarioError) as caught:
            laid(path, "2027-01-01", "2028-01-01", **({"covers": covers} if covers else {}))
        assert wanted in str(caught.value)
        assert own in str(caught.value)
