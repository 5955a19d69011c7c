"""Columns in a database: missing values, odd names, texts without any text, times with a zone."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest

from dcsim.results.database import arrow_stream, connect, register


def _text(*values):
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def _read(columns, sql, **options):
    with contextlib.closing(connect()) as connection:
        register(connection, "data", columns, **options)
        return connection.execute(sql).fetchall()


def test_missing_values_are_null():
    columns = {
        "number": np.array([1.0, np.nan]),
        "day": np.array(["2027-01-01", "NaT"], dtype="datetime64[D]"),
        "text": _text("a", None),
    }
    (missing,) = _read(columns, "SELECT number, day, text FROM data WHERE number IS NULL")
    assert missing == (None, None, None)


def test_a_text_column_without_any_text_stays_text():
    assert _read({"cause": _text(None, None)}, "SELECT typeof(cause), cause FROM data LIMIT 1") == [
        ("VARCHAR", None)
    ]


@pytest.mark.parametrize("name", ['a"b', "works.grid-103mw.slip", "select", "Ä ö"])
def test_any_name_of_a_column_is_kept(name):
    assert _read({name: np.arange(2)}, "SELECT * FROM data") == [(0,), (1,)]
    with contextlib.closing(connect()) as connection:
        register(connection, "data", {name: np.arange(2)})
        assert connection.execute("SELECT * FROM data").description[0][0] == name


def test_truth_values_and_whole_numbers_stay_so():
    columns = {"met": np.array([True, False]), "n": np.array([1, 2])}
    assert _read(columns, "SELECT typeof(met), typeof(n) FROM data LIMIT 1") == [
        ("BOOLEAN", "BIGINT")
    ]


def test_moments_have_a_zone_and_dates_have_none():
    time = {"time": np.array(["2027-01-01T05:00"], dtype="datetime64[m]")}
    asked = "SELECT typeof(time), strftime(time, '%H:%M') FROM data"
    assert _read(time, asked, utc=True) == [("TIMESTAMP WITH TIME ZONE", "05:00")]
    assert _read(time, asked) == [("TIMESTAMP", "05:00")]


def test_an_arrow_stream_is_a_capsule_of_that_name():
    assert 'object "arrow_array_stream"' in repr(arrow_stream({"x": np.arange(3.0)}))
