"""Tables: what pandas, Arrow, xarray and a notebook read from them."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from dcsim.errors import MissingExtraError, ModelError
from dcsim.results.table import Table, as_column, day_of, shown_value, table_of_records, titled_html


@pytest.fixture
def table():
    return Table(
        {
            "time": np.array(["2027-01-01T00:00", "2027-01-01T01:00"], dtype="datetime64[s]"),
            "it_mw": np.array([1.5, np.nan]),
            "cause": as_column(["a <b>", None]),
        },
        units={"it_mw": "MW"},
        terms={"it_mw": "IT power"},
        index=("time",),
        utc=True,
        attributes={"step_h": 1.0},
    )


def test_it_is_a_mapping_of_columns_of_one_length(table):
    assert len(table) == table.n_rows == 2
    assert list(table) == ["time", "it_mw", "cause"]
    assert "it_mw" in table
    assert table["it_mw"][0] == 1.5
    assert repr(table) == "Table of 2 rows: time, it_mw, cause"
    assert len(Table({})) == 0


def test_a_data_frame_has_the_index_the_zone_and_the_units(table):
    frame = table.to_pandas()
    assert str(frame.index[0]) == "2027-01-01 00:00:00+00:00"
    assert list(frame.columns) == ["it_mw", "cause"]
    assert frame.attrs == {"units": {"it_mw": "MW"}, "step_h": 1.0}
    assert table["time"].dtype == "datetime64[s]"  # the table itself is as it was


def test_months_become_times_that_pandas_has():
    month = np.array(["2027-01", "2027-02"], dtype="datetime64[M]")
    assert Table({"month": month}).to_pandas()["month"].dt.month.tolist() == [1, 2]


def test_a_dataset_has_dimensions_units_and_names(table):
    pytest.importorskip("xarray")
    dataset = table.to_xarray()
    assert dict(dataset.sizes) == {"time": 2}
    assert dataset["it_mw"].attrs == {"units": "MW", "long_name": "IT power"}
    assert dataset.attrs == {"step_h": 1.0}


def test_two_index_columns_are_two_dimensions():
    pytest.importorskip("xarray")
    columns = {"case": as_column(["a", "a", "b", "b"]), "n": np.array([1, 2, 1, 2])}
    dataset = Table({**columns, "x": np.arange(4.0)}, index=("case", "n")).to_xarray()
    assert dict(dataset.sizes) == {"case": 2, "n": 2}
    assert dataset["x"].sel(case="b", n=1) == 2.0


def test_without_xarray_the_extra_is_named(table, monkeypatch):
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'dcsim\[export\]'"):
        table.to_xarray()


def test_any_reader_of_arrow_streams_takes_it(table):
    duckdb = pytest.importorskip("duckdb")
    reader = duckdb.connect()
    assert 'object "arrow_array_stream"' in repr(table.__arrow_c_stream__())
    polars = pytest.importorskip("polars")
    read = polars.DataFrame(table)
    assert read["it_mw"].to_list() == [1.5, None]
    assert str(read.schema["time"]) == "Datetime(time_unit='us', time_zone='UTC')"
    reader.close()


def test_a_notebook_shows_units_and_escapes_text(table):
    shown = table._repr_html_()
    assert "it_mw [MW]" in shown
    assert "a &lt;b&gt;" in shown
    assert "<td>–</td>" in shown
    assert "2027-01-01T01:00" in shown
    assert titled_html("1 < 2", table).startswith("<p><strong>1 &lt; 2</strong></p>")


def test_a_notebook_shows_the_ends_of_a_long_table():
    assert Table({"n": np.arange(60)})._repr_html_().count("<tr>") == 60
    shown = Table({"n": np.arange(1000)})._repr_html_()
    assert shown.count("<tr>") == 13  # twelve rows and the dots between them
    assert "<td>999</td>" in shown


def test_records_become_columns_of_one_kind():
    table = table_of_records(
        [{"work": "bay", "days": 1, "met": True}, {"work": "hall", "days": None, "met": False}],
        units={"days": "day", "absent": "MW"},
        index=("work",),
    )
    assert table["days"].dtype == np.float64
    assert table["met"].dtype == np.bool_
    assert table.units == {"days": "day"}
    assert table_of_records([], index=("work",)).to_pandas().empty


def test_days_become_dates_and_missing_ones_stay_missing():
    column = as_column([day_of("2027-02-28"), day_of(None)])
    frame = Table({"by": column}).to_pandas()
    assert frame["by"].dt.day.iloc[0] == 28
    assert frame["by"].isna().tolist() == [False, True]
    assert "<td>2027-02-28</td>" in Table({"by": column})._repr_html_()


def test_truth_values_with_gaps_stay_truth_values():
    polars = pytest.importorskip("polars")
    column = as_column([True, None])
    assert column.tolist() == [True, None]
    assert polars.DataFrame(Table({"met": column}))["met"].to_list() == [True, None]
    assert "<td>yes</td>" in Table({"met": column})._repr_html_()


def test_scalars_of_numpy_are_what_they_hold():
    assert as_column([np.int64(3), 4]).dtype == np.int64
    assert as_column([np.bool_(True), np.bool_(False)]).dtype == np.bool_
    assert as_column([np.float32(0.5), None]).dtype == np.float64


def test_columns_have_their_types_whether_there_are_values_or_not():
    records = [{"work": "bay", "days": None, "done": None}]
    for rows in (records, []):
        table = table_of_records(
            rows, names=("work", "days", "done"), units={"days": "day"}, dates=("done",)
        )
        assert list(table) == ["work", "days", "done"]
        assert [table[name].dtype.kind for name in table] == ["O", "f", "M"]


def test_a_table_without_columns_says_so_to_a_reader_of_arrow_streams():
    with pytest.raises(ModelError, match="the table has no columns"):
        Table({}).__arrow_c_stream__()


@pytest.mark.parametrize(
    ("value", "text"),
    [(float("nan"), "–"), (12, "12"), (12000, "12,000"), (0.5, "0.5"), (-1234.5, "-1,234")],
)
def test_values_are_written_for_readers(value, text):
    assert shown_value(value) == text
