from __future__ import annotations

import numpy as np
import pytest

from dcsim.study.records.rows import Rows, concat, from_bytes, missing_like, text_column, to_bytes


def same(a, b):
    assert list(a.columns) == list(b.columns)
    for name, column in a.columns.items():
        assert column.dtype == b.columns[name].dtype, name
        np.testing.assert_array_equal(column, b.columns[name], err_msg=name)
    assert list(a.series) == list(b.series)
    for name, lines in a.series.items():
        np.testing.assert_array_equal(lines, b.series[name], err_msg=name)
    np.testing.assert_array_equal(a.months, b.months)


@pytest.fixture
def some(rows_of):
    return rows_of(
        {"npv_usd": [1.5, np.nan], "work.grid.finish": ["2030-06-01", "NaT"]},
        series={"gpus_online": [[0, 8], [16, 24]]},
        failed=[2],
    )


def test_bytes_give_back_equal_rows_and_equal_rows_give_equal_bytes(some):
    data = to_bytes(some)
    same(from_bytes(data), some)
    assert to_bytes(from_bytes(data)) == data


@pytest.mark.parametrize("cut", [0, 10, -1])
def test_other_bytes_are_refused(some, cut):
    with pytest.raises(Exception, match=r"\w+") as caught:
        from_bytes(to_bytes(some)[:cut])
    assert not isinstance(caught.value, MemoryError)


def test_objects_are_not_unpickled(tmp_path):
    np.savez(tmp_path / "a.npz", head=np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="allow_pickle"):
        from_bytes((tmp_path / "a.npz").read_bytes())


def test_joined_rows_miss_what_one_part_lacks(rows_of):
    one = rows_of({"a": [1.0], "t": ["x"]}, series={"s": [[1, 2]]})
    two = rows_of({"a": [2.0], "b": [3.0]}, series={"s": [[5, 6, 7]]}, replications=[2])
    both = concat([one, two])
    assert both.columns["replication"].tolist() == [1, 2]
    assert both.columns["a"].tolist() == [1, 2]
    assert both.columns["t"].tolist() == ["x", None]
    np.testing.assert_array_equal(both.columns["b"], [np.nan, 3])
    np.testing.assert_array_equal(both.series["s"], [[1, 2, np.nan], [5, 6, 7]])
    assert both.months.astype(str).tolist() == ["2030-01", "2030-02", "2030-03"]


def test_a_key_that_is_text_in_one_part_is_text_in_all(rows_of):
    both = concat([rows_of({"k": [1.5]}), rows_of({"k": ["high"]})])
    assert both.columns["k"].tolist() == ["1.5", "high"]


def test_rows_are_selected_with_their_series(some):
    assert some.ok.tolist() == [True, False]
    ok = some.where(some.ok)
    assert ok.n_rows == 1
    assert ok.series["gpus_online"].tolist() == [[0, 8]]
    assert some.where(np.array([1, 0])).columns["replication"].tolist() == [2, 1]
    assert list(some.named("work.")) == ["grid.finish"]


def test_a_missing_column_is_of_the_same_kind():
    assert missing_like(text_column(["a"]), 2).tolist() == [None, None]
    assert np.isnat(missing_like(np.array(["2030-01-01"], "datetime64[s]"), 1)).all()
    assert np.isnan(missing_like(np.zeros(3), 2)).tolist() == [True, True]


def test_rows_without_series_have_no_months():
    assert Rows({"replication": np.array([1.0])}).months.size == 0


def test_alike_rows_are_stacked_as_rows_that_are_not_would_be(some):
    with_more = Rows({**some.columns, "more": np.zeros(some.n_rows)}, some.series, some.months)
    plain = concat([some, some])
    joined = concat([some, some, with_more]).where(np.arange(2 * some.n_rows))
    del joined.columns["more"]
    same(plain, joined)
