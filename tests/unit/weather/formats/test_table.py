from __future__ import annotations

import datetime

import numpy as np
import pytest

from dcsim.errors import ScenarioError
from dcsim.scenario.schema.weather import Column
from dcsim.series.data_file import Faults
from dcsim.series.resampling import Span
from dcsim.weather import make_weather
from dcsim.weather.formats.table import read_table
from dcsim.weather.formats.weather_file import ReadOptions

TITLES = "time,temp_dry_bulb_c,relative_humidity_frac,wind_speed_m_s,ghi_w_m2,dni_w_m2,dhi_w_m2"
DAY = {"start": "2030-05-01", "end": "2030-05-02", "time_zone": "UTC"}


def table(start, n_rows, step_min=60, suffix=""):
    first = datetime.datetime.fromisoformat(start)
    rows = [TITLES]
    for i in range(n_rows):
        moment = first + datetime.timedelta(minutes=step_min * i)
        rows.append(f"{moment.isoformat()}{suffix},{i % 40},0.5,3,{i % 100},0,{i % 100}")
    return rows


def problems(plan):
    with pytest.raises(ScenarioError) as caught:
        make_weather(plan)
    return caught.value.problems


def test_table_that_covers_the_run_is_taken_as_it_is(with_file):
    weather = make_weather(with_file(table("2030-04-30T22:00", 48), "w.csv", **DAY))
    np.testing.assert_array_equal(weather.temp_dry_bulb_c, np.arange(2, 26))


def test_times_without_offset_are_utc_and_offsets_count(with_file):
    plain = make_weather(with_file(table("2030-05-01T00:00", 24), "a.csv", **DAY))
    zoned = make_weather(with_file(table("2030-05-01T09:00", 24, 60, "+09:00"), "b.csv", **DAY))
    assert plain.digest == zoned.digest


def test_half_hours_are_averaged_into_hours(with_file):
    weather = make_weather(with_file(table("2030-05-01T00:00", 48, 30), "w.csv", **DAY))
    assert weather.temp_dry_bulb_c[1] == 2.5


def test_one_year_is_repeated(with_file):
    weather = make_weather(with_file(table("2019-04-01T00:00", 8784), "w.csv", **DAY))
    assert weather.temp_dry_bulb_c[0] == 30 * 24 % 40
    assert any("repeated" in note for note in weather.notes)


def test_one_plain_year_repeats_its_28th_of_february(with_file):
    keys = {"start": "2032-02-28", "end": "2032-03-01", "time_zone": "UTC"}
    weather = make_weather(with_file(table("2019-01-01T00:00", 8760), "w.csv", **keys))
    np.testing.assert_array_equal(weather.temp_dry_bulb_c[:24], weather.temp_dry_bulb_c[24:])


def test_pressure_is_the_standard_one_where_a_table_has_none(with_file):
    weather = make_weather(with_file(table("2030-05-01T00:00", 24), "w.csv", **DAY))
    np.testing.assert_allclose(weather.pressure_pa, 101_325)


def test_table_that_ends_early_is_refused(with_file):
    (problem,) = problems(with_file(table("2030-05-01T00:00", 23), "w.csv", **DAY))
    assert "2030-05-01T00:00Z to 2030-05-02T00:00Z" in problem.message


@pytest.mark.parametrize("n_rows", [8759, 8761])
def test_nearly_a_year_is_no_year(with_file, n_rows):
    lines = table("2019-01-01T00:00", n_rows)
    assert "one whole year" in problems(with_file(lines, "w.csv", **DAY))[0].message


@pytest.mark.parametrize(
    ("line", "column", "text", "message"),
    [
        (5, 1, "", "column temp_dry_bulb_c has no value"),
        (5, 1, "NaN", "column temp_dry_bulb_c has no value"),
        (5, 2, "50", "column relative_humidity_frac is not within 0 to 1"),
        (5, 4, "-9999", "column ghi_w_m2 is not within 0 to 1500 W/m2"),
        (5, 4, "1e308", "column ghi_w_m2 is not within"),
        (5, 4, "1,5", "has 8 columns, not 7"),
        (5, 0, "yesterday", "column 'time' is not a time"),
        (5, 0, "2030-05-01T03:20", "row 4 does not follow the row before"),
        (1, 3, "wind", "column 4 has an unknown title"),
        (1, 3, "ghi_w_m2", "column ghi_w_m2 stands twice"),
    ],
)
def test_fault_is_named_by_line_and_column(with_file, line, column, text, message):
    lines = table("2030-05-01T00:00", 24)
    fields = lines[line - 1].split(",")
    fields[column] = text
    lines[line - 1] = ",".join(fields)
    found = problems(with_file(lines, "w.csv", **DAY))
    assert any(
        problem.where == f"w.csv:{line}" and problem.message.startswith(message)
        for problem in found
    )


def test_gap_and_repetition_have_messages_of_their_own(with_file):
    lines = table("2030-05-01T00:00", 30)
    gap = problems(with_file([*lines[:10], *lines[11:]], "a.csv", **DAY))
    twice = problems(with_file([*lines[:10], lines[9], *lines[10:]], "b.csv", **DAY))
    assert (gap[0].where, twice[0].where) == ("a.csv:11", "b.csv:11")
    assert "gap" in gap[0].message
    assert "repeats" in twice[0].message


@pytest.mark.parametrize("step_min", [7, 90, 300, 2880])
def test_steps_that_divide_no_hour_keep_the_mean(with_file, step_min):
    lines = table("2030-05-01T00:00", 1440 // step_min + 2, step_min)
    weather = make_weather(with_file(lines, "w.csv", **DAY))
    minutes = np.arange(1440) // step_min % 40
    np.testing.assert_allclose(weather.temp_dry_bulb_c, minutes.reshape(24, 60).mean(axis=1))


def test_semicolons_and_decimal_commas_are_read(with_file):
    plain = table("2030-05-01T00:00", 24)
    lines = [line.replace(",", ";").replace("0.5", "0,5") for line in plain]
    found = make_weather(with_file(lines, "a.csv", **DAY))
    assert found.digest == make_weather(with_file(plain, "b.csv", **DAY)).digest


def test_empty_files_are_refused(with_file):
    assert problems(with_file(b"", "b.csv", **DAY))
    assert "two rows" in problems(with_file([TITLES], "c.csv", **DAY))[0].message


def read(lines: list[str], columns: tuple[Column, ...] = ()) -> Span:
    file = read_table(lines, Faults("w.csv", "weather.file"), ReadOptions(columns=columns))
    assert isinstance(file.table, Span)
    return file.table


def declared(*said: tuple[str, ...]) -> tuple[Column, ...]:
    keys = ("holds", "title", "unit")
    return tuple(Column.model_validate(dict(zip(keys, one, strict=False))) for one in said)


def test_titles_and_units_of_another_program_are_read() -> None:
    lines = table("2030-05-01T00:00", 48)
    plain = read(lines)
    head = lines[0].replace("temp_dry_bulb_c", "T2M").replace("wind_speed_m_s", "WS")
    head = head.replace("relative_humidity_frac", "RH") + ",cloud"
    rows = []
    for line in lines[1:]:
        cells = line.split(",")
        cells[1] = f"{float(cells[1]) + 273.15:.4f}"
        cells[2], cells[3] = "50", f"{float(cells[3]) * 3.6}"
        rows.append(",".join([*cells, "overcast"]))
    columns = declared(
        ("temp_dry_bulb_c", "T2M", "K"),
        ("wind_speed_m_s", "WS", "km/h"),
        ("relative_humidity_frac", "RH", "percent"),
    )
    span = read([head, *rows], columns)
    for name, values in plain.columns.items():
        np.testing.assert_allclose(span.columns[name], values, atol=1e-4)


@pytest.mark.parametrize("place", ["brackets", "beneath"])
def test_a_unit_that_the_file_states_counts_without_a_declaration(place) -> None:
    lines = table("2030-05-01T00:00", 48)
    plain = read(lines)
    head = lines[0].replace("wind_speed_m_s", "WS [km/h]" if place == "brackets" else "WS")
    fast = []
    for line in lines[1:]:
        cells = line.split(",")
        cells[3] = f"{float(cells[3]) * 3.6}"
        fast.append(",".join(cells))
    units = [] if place == "brackets" else [",degC,,km/h,W/m2,W/m2,W/m2"]
    title = "WS [km/h]" if place == "brackets" else "WS"
    span = read([head, *units, *fast], declared(("wind_speed_m_s", title)))
    np.testing.assert_allclose(span.columns["wind_speed_m_s"], plain.columns["wind_speed_m_s"])


def test_a_unit_of_another_thing_is_refused() -> None:
    lines = table("2030-05-01T00:00", 48)
    head = lines[0].replace("ghi_w_m2", "GHI (kg)")
    faults = Faults("w.csv", "weather.file")
    with pytest.raises(ScenarioError, match=r"ghi_w_m2: unit 'kg' is none that turns into"):
        read_table(
            [head, *lines[1:]], faults, ReadOptions(columns=declared(("ghi_w_m2", "GHI (kg)")))
        )


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ((("temp_dry_bulb_c", "T2M", "kg"),), "unit 'kg' is none that turns into degC"),
        ((("temp_dry_bulb_c", "T2M", "__import__('os')"),), "is none that turns into degC"),
        ((("temp_dry_bulb_c", "gone"),), "column temp_dry_bulb_c is missing"),
    ],
)
def test_a_wrong_declaration_is_refused(columns, said: str) -> None:
    lines = table("2030-05-01T00:00", 48)
    lines[0] = lines[0].replace("temp_dry_bulb_c", "T2M")
    with pytest.raises(ScenarioError) as caught:
        read(lines, declared(*columns))
    assert said in str(caught.value)


@pytest.mark.parametrize("title", ["valid_time", "Time", "time_utc", "Date/Time", "snapshot"])
def test_times_under_other_titles_are_known_by_what_they_hold(with_file, title: str) -> None:
    lines = table("2030-05-01T00:00", 48)
    plain = make_weather(with_file(lines, "a.csv", **DAY))
    lines[0] = lines[0].replace("time,", f"{title},", 1)
    assert make_weather(with_file(lines, "b.csv", **DAY)).digest == plain.digest


def test_a_column_of_times_is_named_with_its_zone(with_file) -> None:
    lines = table("2030-05-01T00:00", 48)
    lines[0] = lines[0].replace("time,", "when,issued,", 1)
    lines[1:] = [line.replace(",", ",2030-04-30T00:00,", 1) for line in lines[1:]]
    columns = [
        {"holds": "time", "title": "when", "zone": "Asia/Seoul"},
        {"holds": "temp_dry_bulb_c", "title": "temp_dry_bulb_c"},
    ]
    weather = make_weather(with_file(lines, "w.csv", weather={"columns": columns}, **DAY))
    # Midnight of UTC is nine in the morning there.
    np.testing.assert_array_equal(weather.temp_dry_bulb_c, np.arange(9, 33))


def test_times_that_label_the_end_of_a_step_are_declared(with_file) -> None:
    lines = table("2030-05-01T01:00", 48)
    columns = [{"holds": "time", "title": "time", "labels": "end"}]
    weather = make_weather(with_file(lines, "w.csv", weather={"columns": columns}, **DAY))
    np.testing.assert_array_equal(weather.temp_dry_bulb_c, np.arange(24))


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"holds": "time", "title": "t", "unit": "h"}, "has no unit"),
        ({"holds": "pressure_pa", "title": "t", "zone": "UTC"}, "only a column of times"),
        ({"holds": "time", "title": "t", "zone": "Mars/One"}, "is not a time zone"),
    ],
)
def test_keys_of_a_column_belong_to_what_it_holds(keys, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Column.model_validate(keys)


def parquet_of(lines, path, kinds="TIMESTAMP"):
    import duckdb

    source = path.with_suffix(".csv")
    source.write_text("\n".join(lines) + "\n")
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT * REPLACE (CAST(time AS {kinds}) AS time) FROM "
            f"read_csv('{source}', header = true, all_varchar = false)) "
            f"TO '{path}' (FORMAT parquet)"
        )
    return path.read_bytes()


@pytest.mark.parametrize("kind", ["TIMESTAMP", "VARCHAR", "TIMESTAMP WITH TIME ZONE"])
def test_the_same_weather_comes_out_of_parquet(with_file, tmp_path, kind: str) -> None:
    lines = table("2030-05-01T00:00", 48)
    raw = parquet_of(lines, tmp_path / "made.parquet", kind)
    found = make_weather(with_file(raw, "w.parquet", **DAY))
    assert found.digest == make_weather(with_file(lines, "a.csv", **DAY)).digest


def test_titles_units_and_zone_are_declared_for_parquet_as_for_csv(with_file, tmp_path) -> None:
    lines = table("2030-05-01T00:00", 48)
    lines[0] = lines[0].replace("temp_dry_bulb_c", "T2M") + ",cloud"
    lines[1:] = [f"{line},overcast" for line in lines[1:]]
    columns = [
        {"holds": "time", "title": "time", "zone": "Asia/Seoul"},
        {"holds": "temp_dry_bulb_c", "title": "T2M", "unit": "degF"},
    ]
    keys = {"weather": {"columns": columns}, **DAY}
    raw = parquet_of(lines, tmp_path / "made.parquet")
    found = make_weather(with_file(raw, "w.parquet", **keys))
    assert found.digest == make_weather(with_file(lines, "a.csv", **keys)).digest
    # Midnight of UTC is nine in the morning there.
    np.testing.assert_allclose(found.temp_dry_bulb_c, (np.arange(9, 33) - 32) / 1.8, atol=1e-9)


def test_faults_of_parquet_are_told_by_column(with_file, tmp_path) -> None:
    lines = table("2030-05-01T00:00", 48)
    lines[0] = lines[0].replace("ghi_w_m2", "sun")
    raw = parquet_of(lines, tmp_path / "made.parquet")
    messages = [problem.message for problem in problems(with_file(raw, "w.parquet", **DAY))]
    assert messages[0].startswith("column ghi_w_m2 is missing")
    assert problems(with_file(b"PAR1 and no more", "x.parquet", **DAY))
