"""The dialect of a table is told from its first lines."""

from __future__ import annotations

import pytest

from dcsim.series.dialect import dialect_of, split_cells


@pytest.mark.parametrize(
    ("lines", "delimiter", "titles", "units", "first_at"),
    [
        (["time,x", "2027-01-01,1", "2027-01-02,2"], ",", ("time", "x"), (), 1),
        (["time;x", "2027-01-01;0,5", "2027-01-02;1"], ";", ("time", "x"), (), 1),
        (["time\tx", "2027-01-01\t0,5"], "\t", ("time", "x"), (), 1),
        (["x", "0,5", "1,5"], ";", ("x",), (), 1),
        (["x", "0.5", "1.5"], ",", ("x",), (), 1),
        (["", "time,x", "UTC,MW", "2027-01-01,1"], ",", ("time", "x"), ("UTC", "MW"), 3),
        (["time,x", ",MW", "", "2027-01-01,1"], ",", ("time", "x"), ("", "MW"), 2),
        (["Source: a, b", "", "time,x", "2027-01-01,1"], ",", ("time", "x"), (), 3),
        (["# a, b, c", "time,x", "2027-01-01,1"], ",", ("time", "x"), (), 2),
        (["# time,x", "2027-01-01,1", "2027-01-02,2"], ",", ("time", "x"), (), 1),
        (['time,"a;b",x', '2027-01-01,"1;2",3'], ",", ("time", "a;b", "x"), (), 1),
        (["time,x", "nan,nan", "2027-01-02,2"], ",", ("time", "x"), (), 1),
    ],
)
def test_titles_delimiter_and_units(lines, delimiter, titles, units, first_at) -> None:
    found = dialect_of(lines, ("x",))
    assert found is not None
    assert found.delimiter == delimiter
    assert found.titles == titles
    assert found.units == units
    assert found.first_at == first_at


def test_without_a_title_to_look_for_the_widest_even_rows_decide() -> None:
    found = dialect_of(["about this file", "a;b;c", "1,5;2,5;3,5", "1;2;3"])
    assert found is not None
    assert (found.delimiter, found.titles) == (";", ("a", "b", "c"))
    assert dialect_of(["", "  "]) is None


def test_cells_lose_blanks_and_empty_ones_at_the_end() -> None:
    assert split_cells(' a ,"b,c",,', ",") == ["a", "b,c"]
    assert split_cells('"' + "x" * 200_000, ",") == []
