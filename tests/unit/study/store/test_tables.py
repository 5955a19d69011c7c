from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from dcsim.errors import ModelError, OutputError
from dcsim.study.store.tables import (
    CHECKSUMS,
    RUNS,
    SERIES,
    damaged_tables,
    query,
    run_columns,
    series_columns,
    write_tables,
)

sys.path.insert(0, str(Path(__file__).parent / "programs"))
from stored_units import rows


@pytest.fixture
def tables():
    some = rows(1, 3, failed=[2])
    return {"runs": run_columns(some), "series": series_columns(some)}


def test_missing_values_are_null(tables):
    names, answer = query(
        tables,
        """SELECT replication, cause, "input.slip", "milestone.all.reached" FROM runs
        WHERE "input.slip" IS NULL""",
    )
    assert names == ["replication", "cause", "input.slip", "milestone.all.reached"]
    assert answer == [(2, "power: too little", None, None)]


def test_series_have_one_row_a_replication_and_month(tables):
    _, answer = query(
        tables, "SELECT replication, max(gpus_online), count(*) FROM series GROUP BY 1 ORDER BY 1"
    )
    assert answer == [(1, 5.0, 6), (2, None, 6), (3, 15.0, 6)]


def test_a_text_column_without_text_is_still_text(tables):
    tables["runs"]["cause"] = np.full(3, None, dtype=object)
    _, answer = query(tables, "SELECT typeof(cause), count(cause) FROM runs GROUP BY 1")
    assert answer == [("VARCHAR", 0)]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "COPY runs TO 'out.csv'",
        "DROP TABLE runs",
        "SELECT 1; SELECT 2",
        "SELECT nothing FROM runs",
        "INSTALL httpfs",
    ],
)
def test_a_query_reads_the_tables_and_nothing_else(tables, sql):
    with pytest.raises(ModelError) as caught:
        query(tables, sql)
    assert "root:" not in str(caught.value)


def test_tables_are_written_whole_and_hold_what_the_rows_hold(tmp_path):
    import duckdb

    paths = write_tables(tmp_path, rows(1, 3))
    assert [path.name for path in paths] == [RUNS, SERIES]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([RUNS, SERIES])
    with duckdb.connect() as connection:
        slips = connection.execute(f"""SELECT "input.slip" FROM '{paths[0]}'""").fetchall()
        assert slips == [(value,) for value in np.sqrt([1.0, 2.0, 3.0])]


@pytest.mark.parametrize("name", ["runs[1]", "runs*", "it's"])
def test_a_folder_may_have_any_name(tmp_path, name):
    (tmp_path / name).mkdir()
    (tmp_path / "runs1").mkdir()
    assert [path.exists() for path in write_tables(tmp_path / name, rows(1, 3))] == [True, True]
    assert not list((tmp_path / "runs1").iterdir())


def test_a_folder_that_is_not_there_is_one_error(tmp_path):
    with pytest.raises(OutputError, match="none"):
        write_tables(tmp_path / "none", rows(1, 3))


def test_the_case_has_a_name_that_sql_takes_without_quotes():
    some = rows(1, 3)
    some.columns["case"] = np.full(3, "x", dtype=object)
    tables = {"runs": run_columns(some), "series": series_columns(some)}
    for table in tables:
        for name in ("case_id", '"case"'):
            _, answer = query(tables, f"SELECT DISTINCT {name} FROM {table} WHERE {name} = 'x'")
            assert answer == [("x",)]
    with pytest.raises(ModelError, match="the case is case_id"):
        query(tables, "SELECT * FROM runs WHERE case = 'x'")


def test_tables_that_are_not_as_they_were_written_are_told(tmp_path):
    assert damaged_tables(tmp_path) == []
    paths = write_tables(tmp_path, rows(1, 3), "writer")
    assert damaged_tables(tmp_path) == []
    content = bytearray(paths[0].read_bytes())
    content[len(content) // 2] ^= 1
    paths[0].write_bytes(content)
    paths[1].write_bytes(paths[1].read_bytes()[:-9])
    assert damaged_tables(tmp_path) == [(path, "is not as it was written") for path in paths]
    paths[1].unlink()
    assert damaged_tables(tmp_path)[1] == (paths[1], "does not exist")
    write_tables(tmp_path, rows(1, 3), "writer")
    assert damaged_tables(tmp_path) == []
    (tmp_path / CHECKSUMS).write_text("garbage")
    assert damaged_tables(tmp_path) == [(tmp_path / CHECKSUMS, "is no list of checksums")]
    (tmp_path / CHECKSUMS).unlink()
    assert "has no checksum" in damaged_tables(tmp_path)[0][1]
