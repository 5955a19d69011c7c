from __future__ import annotations

import numpy as np
import pytest

from dcsim.study.records.joined import joined, logical_digest, no_rows
from dcsim.study.records.rows import text_column


def test_rows_come_in_order_and_each_replication_once(rows_of):
    late = rows_of({"a": [3.0, 4.0]}, replications=[3, 4])
    early = rows_of({"a": [1.0, 2.0, 30.0]}, replications=[1, 2, 3])
    rows = joined([late, early], 1, 10)
    assert rows.columns["replication"].tolist() == [1, 2, 3, 4]
    assert rows.columns["a"].tolist() == [1, 2, 3, 4]  # the first part counts
    assert joined([late, early], 2, 3).columns["a"].tolist() == [2, 3]


def test_a_finished_run_counts_before_a_failed_one_of_an_earlier_part(rows_of):
    failed = rows_of({"a": [np.nan, 1.0]}, failed=[1])
    finished = rows_of({"a": [7.0]}, replications=[1])
    assert joined([failed, finished], 1, 2).columns["a"].tolist() == [7, 1]


def test_without_parts_there_are_no_rows():
    assert joined([], 1, 10).n_rows == no_rows().n_rows == 0
    assert list(no_rows().columns) == ["replication", "status", "cause"]


def test_columns_without_any_value_and_their_order_leave_the_digest(rows_of):
    plain = rows_of({"a": [1.0], "b": [2.0]})
    turned = rows_of({"b": [2.0], "a": [1.0], "none": [np.nan]})
    turned.columns["empty"] = text_column([None])
    assert logical_digest([("d", plain)]) == logical_digest([("d", turned)])


@pytest.mark.parametrize(
    "columns", [{"a": [np.nextafter(1.0, 2)]}, {"a": [1.0], "c": ["x"]}, {"b": [1.0]}]
)
def test_every_value_and_name_enters_the_digest(rows_of, columns):
    plain = rows_of({"a": [1.0]})
    assert logical_digest([("d", rows_of(columns))]) != logical_digest([("d", plain)])
    assert logical_digest([("e", plain)]) != logical_digest([("d", plain)])
