"""Parquet of other programs: every type of numbers and times, and no end of a run by any file."""

from __future__ import annotations

import contextlib
from pathlib import Path

import duckdb
import numpy as np
import pytest

from dcsim.database_paths import quoted_target
from dcsim.errors import ScenarioError
from dcsim.series.data_file import Faults
from dcsim.series.parquet_table import ParquetTable
from dcsim.series.stamps import NO_OFFSET
from dcsim.series.time_columns import TimeColumns

START = "(TIMESTAMP '2027-01-01' + INTERVAL (i) HOUR)"


def write(path: Path, time: str, value: str = "i::DOUBLE", n_rows: int = 3) -> Path:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(
            f"COPY (SELECT {time} AS time, {value} AS x FROM range({n_rows}) t(i)) "
            f"TO {quoted_target(path)} (FORMAT parquet)"
        )
    return path


def open_table(path: Path) -> ParquetTable:
    return ParquetTable(path, Faults(path.name, "key"))


@pytest.mark.parametrize(
    ("time", "offset_min"),
    [
        (START, NO_OFFSET),
        (f"{START}::TIMESTAMP_NS", NO_OFFSET),
        (f"{START}::TIMESTAMP_MS", NO_OFFSET),
        (f"{START}::TIMESTAMP_S", NO_OFFSET),
        (f"{START}::TIMESTAMPTZ", 0),
        (f"strftime({START}, '%Y-%m-%dT%H:%MZ')", 0),
        (f"strftime({START}, '%d/%m/%Y %H:%M') || ''", NO_OFFSET),
        (f"epoch({START})::BIGINT", 0),
    ],
)
def test_every_type_of_times(tmp_path: Path, time: str, offset_min: int) -> None:
    table = open_table(write(tmp_path / "p.parquet", time))
    stamps = table.stamps(TimeColumns((0,), ("time",)), "day-first")
    first_s = np.datetime64("2027-01-01", "s").astype(float)
    np.testing.assert_array_equal(stamps.clock_s, first_s + np.arange(3) * 3600)
    assert (stamps.offset_min == offset_min).all()
    assert len(table.sample()) == 3


def test_dates_are_times(tmp_path: Path) -> None:
    table = open_table(write(tmp_path / "p.parquet", "DATE '2027-01-01' + i::INT"))
    clock_s = table.stamps(TimeColumns((0,), ("time",)), None).clock_s
    assert np.diff(clock_s).tolist() == [86400.0, 86400.0]


@pytest.mark.parametrize(
    "kind",
    [
        *("DOUBLE", "FLOAT", "DECIMAL(9, 3)", "BIGINT", "INTEGER", "SMALLINT", "TINYINT"),
        *("UBIGINT", "UINTEGER", "USMALLINT", "UTINYINT", "HUGEINT", "VARCHAR"),
    ],
)
def test_every_type_of_numbers(tmp_path: Path, kind: str) -> None:
    table = open_table(write(tmp_path / "p.parquet", START, f"CAST(i AS {kind})"))
    assert table.numbers(1).tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    "value", ["[1.5]", "i > 1", "{'a': 1}", "'abc'::BLOB", "DATE '2027-01-01'"]
)
def test_what_is_no_number_is_refused(tmp_path: Path, value: str) -> None:
    table = open_table(write(tmp_path / "p.parquet", START, value))
    assert len(table.sample()) == 3
    with pytest.raises(ScenarioError, match="column 'x' holds no numbers"):
        table.numbers(1)


def test_nothing_and_what_is_not_finite_are_holes(tmp_path: Path) -> None:
    value = "CASE WHEN i = 0 THEN NULL WHEN i = 1 THEN 'inf'::DOUBLE ELSE 2.0 END"
    found = open_table(write(tmp_path / "p.parquet", START, value)).numbers(1)
    np.testing.assert_array_equal(found, [np.nan, np.nan, 2.0])


def test_times_without_end_and_absent_ones_are_none(tmp_path: Path) -> None:
    time = f"CASE WHEN i = 0 THEN {START} END"
    table = open_table(write(tmp_path / "p.parquet", time))
    clock_s = table.stamps(TimeColumns((0,), ("time",)), None).clock_s
    assert np.isnan(clock_s).tolist() == [False, True, True]
    time = f"CASE WHEN i = 0 THEN {START} ELSE 'infinity'::TIMESTAMP END"
    table = open_table(write(tmp_path / "q.parquet", time))
    clock_s = table.stamps(TimeColumns((0,), ("time",)), None).clock_s
    assert np.isnan(clock_s).tolist() == [False, True, True]


def test_odd_titles_and_folders_change_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "year=2027"
    folder.mkdir()
    path = folder / "p[1].parquet"
    with duckdb.connect() as connection:
        connection.execute(
            f'COPY (SELECT 1.5 AS "a ""b""; DROP", 2 AS b) TO {quoted_target(path)} '
            "(FORMAT parquet)"
        )
    table = open_table(path)
    assert table.titles[0] == 'a "b"; DROP'
    assert len(table.titles) == 2
    assert table.numbers(table.place_of('a "b"; DROP')).tolist() == [1.5]


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + b"\0" * 100 + b"PAR1", b"a,b\n1,2\n"])
def test_what_is_no_parquet_is_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "p.parquet"
    path.write_bytes(content)
    with pytest.raises(ScenarioError, match="is no whole Parquet file"):
        open_table(path)


def test_a_title_may_be_empty(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    path = tmp_path / "p.parquet"
    pandas.DataFrame(
        {"": pandas.date_range("2027-01-01", periods=3, freq="h"), "x": 1.0}
    ).to_parquet(path)
    table = open_table(path)
    assert table.stamps(TimeColumns((0,), ("",)), None).clock_s.size == 3


def test_damage_anywhere_is_one_line(tmp_path: Path) -> None:
    whole = write(tmp_path / "p.parquet", START, n_rows=500).read_bytes()
    rng = np.random.default_rng(1)
    path = tmp_path / "q.parquet"
    for at in rng.integers(0, len(whole), 60).tolist():
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        # Either it is read or one line says why not; anything else fails the test.
        with contextlib.suppress(ScenarioError):
            table = open_table(path)
            table.sample()
            table.numbers(table.place_of("x"))
            table.stamps(TimeColumns((table.place_of("time"),), ("time",)), None)


def test_rows_are_counted_before_they_are_read(tmp_path: Path, monkeypatch) -> None:
    path = write(tmp_path / "p.parquet", "'2027-01-01'")
    monkeypatch.setattr("dcsim.series.parquet_table.MAX_TEXT_ROWS", 2)
    with pytest.raises(ScenarioError, match="3 rows of texts"):
        open_table(path).stamps(TimeColumns((0,), ("time",)), None)
    monkeypatch.setattr("dcsim.series.parquet_table.MAX_PARQUET_ROWS", 2)
    with pytest.raises(ScenarioError, match="has 3 rows; at most 2 are read"):
        open_table(path)
    with pytest.raises(ScenarioError, match="does not exist"):
        open_table(tmp_path / "none.parquet")
