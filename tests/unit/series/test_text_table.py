"""Text tables: cells of named columns, with the lines they stand on."""

from __future__ import annotations

import pytest

from dcsim.errors import ScenarioError
from dcsim.series.data_file import Faults
from dcsim.series.text_table import TextTable, is_hole


def table(*lines: str, wanted: tuple[str, ...] = ("x",)) -> TextTable:
    return TextTable(lines, Faults("p.csv", "key"), wanted)


def test_quoted_cells_and_empty_rows_keep_their_lines() -> None:
    lines = ('time,"a, b",x', "1,2,3", "", ",,", '4,"5, 6",7', ' , ,"" ')
    read = table(*lines).read([1, 2])
    assert read.columns == {1: ["2", "5, 6"], 2: ["3", "7"]}
    assert read.line.tolist() == [2, 5]
    assert [read.line_of(row) for row in (0, 1)] == [2, 5]


def test_a_quoted_cell_may_span_lines() -> None:
    read = table("x,remark", '1,"two', 'lines"', "2,none").read([0])
    assert read.columns[0] == ["1", "2"]
    assert read.line.tolist() == [3, 4]


def test_empty_cells_beyond_the_titles_and_comments_between_rows_are_left_out() -> None:
    read = table("time,x,", "1,2,,", "# changed, 3, 4, 5", "3,4").read([1])
    assert read.columns[1] == ["2", "4"]


def test_rows_of_other_lengths_are_faults() -> None:
    with pytest.raises(ScenarioError) as caught:
        table("time,x", "1,2,3", "4", "5,6").read([1])
    assert [str(problem) for problem in caught.value.problems] == [
        "p.csv:2: key: has 3 columns, not 2",
        "p.csv:3: key: has 1 columns, not 2",
    ]


def test_titles_are_told_near_the_one_that_is_missing_and_no_others() -> None:
    lines = ("root:x:0:0:root:/root:/bin/bash", "daemon:x:1:1", "bin:x:2:2")
    with pytest.raises(ScenarioError) as caught:
        table(*lines, wanted=("pv",)).place_of("pv")
    assert "root" not in str(caught.value)
    assert "has no column 'pv' among its 1 column" in str(caught.value)
    with pytest.raises(ScenarioError, match="did you mean 'Solar_PU'"):
        table("time,Solar_PU", "1,2", wanted=("solar_pu",)).place_of("solar_pu")
    with pytest.raises(ScenarioError, match="has two columns titled 'x'"):
        table("x,x", "1,2").place_of("x")


def test_a_cell_without_end_is_refused() -> None:
    lines = ("x,y", '1,"open', *("1,2" for _ in range(60_000)))
    with pytest.raises(ScenarioError, match="too long or never closed"):
        table(*lines).read([0])


def test_too_many_cells_are_refused_before_they_are_read(monkeypatch) -> None:
    monkeypatch.setattr("dcsim.series.text_table.MAX_CELLS", 100)
    with pytest.raises(ScenarioError, match="at most 100 are read"):
        table("time,x", "," * 200)


def test_the_decimal_mark_of_other_columns_counts() -> None:
    found = table("time;x;y", "1;1,234;0,5")
    assert found.numbers(["1,234"], "x").tolist() == [1.234]
    with pytest.raises(ScenarioError, match="decimal: comma or decimal: point"):
        table("time;x", "1;1,234").numbers(["1,234"], "x")
    assert table("time;x", "1;1,234").numbers(["1,234"], "x", "point").tolist() == [1234.0]


def test_units_and_samples() -> None:
    found = table("time,x", "UTC,kW", "1,2", "3,4,")
    assert (found.unit(1), found.title_line) == ("kW", 1)
    assert found.sample() == [["1", "2"], ["3", "4"]]
    assert table("x", "1").unit(0) == ""
    assert is_hole(" NaN ")
    assert not is_hole("0")


def test_a_line_of_no_end_is_refused_before_it_is_parted() -> None:
    with pytest.raises(ScenarioError, match=r"p\.csv:2: key: is a line of 1,048,577 letters"):
        table("x", "," * (2**20 + 1))
