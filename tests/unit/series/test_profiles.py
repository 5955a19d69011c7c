"""Profiles from files: read, checked, resampled to the steps of a run, and used by runs."""

from __future__ import annotations

import datetime
import zoneinfo
from pathlib import Path

import numpy as np
import pytest

import dcsim
from dcsim.clock import Calendar
from dcsim.errors import ScenarioError
from dcsim.scenario.schema.profile import Profile
from dcsim.series.data_file import Faults
from dcsim.series.profiles import _check_range, _profile_on_steps

SEOUL = zoneinfo.ZoneInfo("Asia/Seoul")


def calendar_of(start: str, end: str, step_h: float = 1.0) -> Calendar:
    first, last = (
        datetime.datetime.combine(datetime.date.fromisoformat(day), datetime.time(), SEOUL)
        for day in (start, end)
    )
    return Calendar(first, last, SEOUL, step_h)


def on_steps(path: Path, calendar: Calendar, column: str = "x", *, scale: float = 1.0, most=np.inf):
    status = path.stat()
    profile = Profile.model_validate({"file": path.name, "column": column, "scale": scale})
    stamp = (path, status.st_size, status.st_mtime_ns)
    series = _profile_on_steps(stamp, profile, "solar.a.profile", calendar)
    _check_range(series.rows, profile, most, Faults(path.name, "solar.a.profile"))
    return series.on_steps


def csv_of(path: Path, *rows: object, titles: str = "x") -> Path:
    path.write_text("\n".join([titles, *map(str, rows)]) + "\n")
    return path


def test_a_typical_year_begins_in_local_winter_time_and_repeats(tmp_path: Path) -> None:
    path = csv_of(tmp_path / "p.csv", *range(8760))
    two_years = on_steps(path, calendar_of("2027-01-01", "2029-01-01"))
    np.testing.assert_array_equal(two_years[:8760], np.arange(8760))
    # 2028 is a leap year: 29 February repeats the 28th.
    feb28 = 58 * 24
    leap = two_years[8760:]
    np.testing.assert_array_equal(leap[feb28 + 24 : feb28 + 48], leap[feb28 : feb28 + 24])
    assert leap[-1] == 8759


@pytest.mark.parametrize(("n_rows", "step_h"), [(2920, 1.0), (35040, 1.0), (8760, 0.25), (8760, 3)])
def test_other_steps_keep_the_mean(tmp_path: Path, n_rows: int, step_h: float) -> None:
    values = np.random.default_rng(1).random(n_rows)
    path = csv_of(tmp_path / "p.csv", *values)
    found = on_steps(path, calendar_of("2027-01-01", "2028-01-01", step_h))
    assert found.mean() == pytest.approx(values.mean())
    assert found.size == 8760 / step_h


def test_as_many_rows_as_steps_are_taken_as_they_are(tmp_path: Path) -> None:
    path = csv_of(tmp_path / "p.csv", *range(48))
    np.testing.assert_array_equal(
        on_steps(path, calendar_of("2027-05-01", "2027-05-03")), range(48)
    )


def test_times_say_where_rows_belong(tmp_path: Path) -> None:
    rows = [f"2027-04-30T{hour:02}:00Z,{hour}" for hour in range(24)]
    path = csv_of(tmp_path / "p.csv", *rows, titles="time,x")
    # Midnight in Seoul is 15:00 UTC of the day before.
    found = on_steps(path, _nine_hours())
    np.testing.assert_array_equal(found, range(15, 24))


def _nine_hours() -> Calendar:
    first = datetime.datetime(2027, 5, 1, tzinfo=SEOUL)
    return Calendar(first, first + datetime.timedelta(hours=9), SEOUL)


def test_a_year_in_universal_time_is_turned_to_the_local_clock(tmp_path: Path) -> None:
    start = np.datetime64("2022-01-01T00:00")
    rows = [f"{start + np.timedelta64(i, 'h')},{i % 24}" for i in range(8760)]
    path = csv_of(tmp_path / "p.csv", *rows, titles="datetime_utc,x")
    found = on_steps(path, calendar_of("2031-03-01", "2031-03-02"))
    assert found[9] == 0.0  # 9 o'clock in Seoul is midnight in UTC
    assert found[0] == 15.0


def test_parquet_holds_the_same(tmp_path: Path) -> None:
    import duckdb

    values = np.random.default_rng(2).random(8760)
    path = tmp_path / "p.parquet"
    with duckdb.connect() as connection:
        connection.register("t", {"x": values, "y": np.arange(8760)})
        connection.execute(f"COPY (SELECT * FROM t) TO '{path}' (FORMAT parquet)")
    calendar = calendar_of("2027-01-01", "2028-01-01")
    np.testing.assert_array_equal(on_steps(path, calendar), values)
    with pytest.raises(ScenarioError, match=r"no column 'z' among its 2 columns"):
        on_steps(path, calendar, "z")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x\n1\n2\n", "2 rows; without times it needs a year of equal steps"),
        ("y\n1\n", "no column 'x' among its 1 column"),
        ("x,x\n1,2\n", "two columns titled 'x'"),
        ("x\n" + "1\n" * 8759 + "NaN\n", "p.csv:8761: solar.a.profile: has no number"),
        ("x\n" + "1\n" * 8759 + "\n", "rows"),
        ("x\n" + "1\n" * 8759 + "-1\n", "p.csv:8761: solar.a.profile: row 8760 must be at least 0"),
        (
            "time,x\n2027-01-01,1\nlater,2\n",
            "p.csv:3: solar.a.profile: column 'time' is",
        ),
        (
            "time,x\n2027-01-01,1\n2027-01-02,1\n2027-01-03,1\n2027-01-05,1\n",
            "leaves a gap of 24 h",
        ),
        ("time,x\n2027-01-01,1\n2027-01-02,1\n", "must cover the run"),
        ("time,x\n2027-01-01,1,3\n", "has 3 columns, not 2"),
        ("", "has no column"),
    ],
)
def test_a_fault_is_reported_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "p.csv"
    path.write_text(text)
    with pytest.raises(ScenarioError) as caught:
        on_steps(path, calendar_of("2027-01-01", "2028-01-01"))
    assert said in str(caught.value)


def test_a_share_above_one_is_refused_unless_the_scale_mends_it(tmp_path: Path) -> None:
    path = csv_of(tmp_path / "p.csv", *[50] * 8760)
    calendar = calendar_of("2027-01-01", "2028-01-01")
    with pytest.raises(ScenarioError, match="at most 1"):
        on_steps(path, calendar, most=1.0)
    assert on_steps(path, calendar, scale=0.01, most=1.0).max() == 0.5


@pytest.fixture
def place(tmp_path: Path, scenarios: Path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)  # files that are set by hand are named from here
    (tmp_path / "minimal.yaml").write_text((scenarios / "minimal.yaml").read_text())
    hour = np.arange(8760) % 24
    rows = [f"{0.5 if 8 <= h < 18 else 0.0},{6.0 + (h == 12)},{400 + 20 * h}" for h in hour]
    csv_of(tmp_path / "year.csv", *rows, titles="pv,mw,kg")
    return tmp_path


def run(place: Path, *overrides: str):
    return dcsim.simulate(dcsim.load(place / "minimal.yaml", overrides=overrides))


def test_a_plant_gives_what_its_file_says(place: Path) -> None:
    file = "{file: year.csv, column: pv}"
    keys = f"capacity: 4 MW, degradation: 0 %, delivery: onsite, profile: {file}"
    result = run(place, f"solar=[{{name: a, {keys}}}]")
    made = result.hourly["solar_generation_mw"]
    np.testing.assert_array_equal(made[:24], [0] * 8 + [2] * 10 + [0] * 6)


@pytest.mark.parametrize("of", ["it", "facility"])
def test_the_load_is_what_its_file_says(place: Path, of: str) -> None:
    result = run(place, f"power.load={{file: year.csv, column: mw, of: {of}}}")
    column = {"it": "it_power_mw", "facility": "facility_power_mw"}[of]
    np.testing.assert_allclose(result.hourly[column][:24], [6.0] * 12 + [7.0] + [6.0] * 11)
    parts = sum(result.hourly[k] for k in ("it_power_mw", "cooling_power_mw", "electrical_loss_mw"))
    np.testing.assert_allclose(parts, result.hourly["facility_power_mw"])
    if of == "facility":
        np.testing.assert_allclose(result.hourly["pue"], 1.2)


def test_the_connection_caps_a_load_from_a_file(place: Path) -> None:
    result = run(place, "power.load={file: year.csv, column: mw, of: facility, scale: 2}")
    assert result.hourly["facility_power_mw"].max() == 10.0


def test_hours_of_the_factor_follow_the_file_and_keep_the_mean(place: Path) -> None:
    load = "power.load={file: year.csv, column: mw, of: facility}"
    flat = run(place, load)
    shaped = run(place, load, "grid.carbon_profile={file: year.csv, column: kg}")
    # The load is flat but for noon, which the factor is a little above its mean in.
    mean, noon = 400 + 20 * 11.5, 400 + 20 * 12
    more = (24 * 6 * mean + noon) / (24 * 6 * mean + mean)
    found = shaped.summary["carbon_location_t"] / flat.summary["carbon_location_t"]
    assert found == pytest.approx(more, rel=1e-4)


def test_a_file_outside_the_root_is_refused(place: Path) -> None:
    (place.parent / "far.csv").write_text("x\n1\n")
    with pytest.raises(ScenarioError, match=r"power\.load\.file"):
        run(place, "power.load={file: ../far.csv, column: x}")


JULY = np.datetime64("2027-07"), np.datetime64("2027-01")


def july_file(place: Path, title: str = "Time") -> None:
    """A plant that runs in July alone, in a year that begins in July 2026."""
    start = np.datetime64("2026-07-01T00:00")
    hours = start + np.arange(8760).astype("timedelta64[h]")
    is_july = hours.astype("datetime64[M]") == np.datetime64("2026-07")
    rows = [f"{hour}Z,{int(on)}" for hour, on in zip(hours, is_july, strict=True)]
    csv_of(place / "july.csv", *rows, titles=f"{title},pv")


@pytest.mark.parametrize("title", ["time", "Time", "", "Date/Time", "Datetime (UTC)", "foo"])
def test_a_plant_runs_when_its_file_says_so(place: Path, title: str) -> None:
    july_file(place, title)
    keys = "capacity: 4 MW, degradation: 0 %, delivery: onsite"
    profile = "{file: july.csv, column: pv}"
    result = run(place, f"solar=[{{name: a, {keys}, profile: {profile}}}]", "end=2028-01-01")
    month = result.calendar.time_utc.astype("datetime64[M]")
    made = result.hourly["solar_generation_mw"]
    assert [made[month == each].sum() for each in JULY] == [4 * 744, 0]
    assert any("One year, from 2026-07-01" in note for note in result.summary["notes"])


def test_a_file_with_brackets_is_itself(place: Path) -> None:
    import duckdb

    with duckdb.connect() as connection:
        for name, value in (("pv[1]", 0.25), ("pv1", 0.5)):
            target = place / f"{name}.parquet"
            connection.execute(
                f"COPY (SELECT (TIMESTAMP '2026-12-31' + INTERVAL (i) HOUR)::TIMESTAMP_NS AS time, "
                f"{value}::DOUBLE AS pv FROM range(8808) t(i)) TO '{target}' (FORMAT parquet)"
            )
    keys = "capacity: 4 MW, degradation: 0 %, delivery: onsite"
    profile = '{file: "pv[1].parquet", column: pv}'
    result = run(place, f"solar=[{{name: a, {keys}, profile: {profile}}}]", "end=2028-01-01")
    assert result.hourly["solar_generation_mw"].mean() == pytest.approx(1.0)


@pytest.mark.parametrize("year", [2025, 2026, 2027])
def test_a_load_of_another_year_has_its_weekends_at_weekends(place: Path, year: int) -> None:
    first = datetime.datetime(year, 1, 1)
    hours = [first + datetime.timedelta(hours=i) for i in range(8760)]
    rows = [f"{hour.isoformat()}+09:00,{1 if hour.weekday() > 4 else 5}" for hour in hours]
    csv_of(place / "load.csv", *rows, titles="time,mw")
    load = "power.load={file: load.csv, column: mw, of: facility}"
    result = run(place, load, "end=2028-01-01")
    mean = [
        result.hourly["facility_power_mw"][result.calendar.weekday == day].mean()
        for day in range(7)
    ]
    np.testing.assert_allclose(mean, [5, 5, 5, 5, 5, 1, 1])
    told = [note for note in result.summary["notes"] if "same weekday" in note]
    assert len(told) == (year != 2027)


def test_a_unit_that_the_file_states_is_not_passed_over(place: Path) -> None:
    rows = ["kW", *["6000"] * 8760]
    csv_of(place / "load.csv", *rows, titles="mw")
    load = "{file: load.csv, column: mw, of: facility}"
    with pytest.raises(ScenarioError, match=r"states kW.*write scale: 0\.001"):
        run(place, f"power.load={load}")
    result = run(place, "power.load={file: load.csv, column: mw, of: facility, scale: 0.001}")
    assert result.hourly["facility_power_mw"].max() == 6.0


@pytest.mark.parametrize("name", ["p.csv", "p.parquet"])
def test_no_message_repeats_what_a_file_says(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon\n")
    with pytest.raises(ScenarioError) as caught:
        on_steps(tmp_path / name, calendar_of("2027-01-01", "2028-01-01"))
    assert "root" not in str(caught.value)
    assert "daemon" not in str(caught.value)


@pytest.mark.parametrize(
    ("key", "keeps"), [("grid.carbon_profile", True), ("solar.a.profile", False)]
)
def test_the_carbon_of_a_repeated_year_keeps_its_weekdays(tmp_path: Path, key, keeps) -> None:
    days = np.arange(np.datetime64("2026-12-31T15", "h"), np.datetime64("2027-12-31T15", "h"))
    local = (days + np.timedelta64(9, "h")).astype("datetime64[D]")
    rows = [
        f"{hour}:00Z,{int(free)}" for hour, free in zip(days, ~np.is_busday(local), strict=True)
    ]
    path = csv_of(tmp_path / "c.csv", *rows, titles="time,x")
    profile = Profile.model_validate({"file": path.name, "column": "x"})
    calendar = calendar_of("2029-01-01", "2030-01-01")
    series = _profile_on_steps((path, 0, 0), profile, key, calendar)
    wanted = ~np.is_busday(
        np.datetime64("2029-01-01") + (np.arange(8760) // 24).astype("timedelta64[D]")
    )
    assert bool((series.on_steps == wanted).all()) is keeps
    assert any("same weekday" in note for note in series.notes) is keeps
