from __future__ import annotations

import numpy as np
import pytest

from dcsim.errors import ScenarioError
from dcsim.series.data_file import Faults
from dcsim.series.text_table import ForeignTable
from dcsim.weather.formats.cells import (
    cell_numbers,
    cells_of,
    clock_minutes,
    delimiter_of,
    rows_below,
    seconds_of,
    whole_numbers,
)


def faults() -> Faults:
    return Faults("w.csv", "weather.file")


def test_quoted_commas_belong_to_their_cell_and_stray_marks_do_no_harm():
    assert cells_of('a,"b, c (d, 2009)", "e"') == ["a", "b, c (d, 2009)", "e"]
    assert cells_of('a,",c') == ["a", '"', "c"]
    assert cells_of("a;1,5;b", ";") == ["a", "1,5", "b"]


def test_the_delimiter_is_what_stands_most_often():
    assert [delimiter_of(line) for line in ("a,b;c,d", "a;b,c;d", "a\tb")] == [",", ";", "\t"]


def test_rows_without_content_are_left_out_and_lines_are_kept():
    rows, table = rows_below(["1,2", ",", "", "3,4"], 5, ",", 2, faults())
    assert rows == [["1", "2"], ["3", "4"]]
    assert table.line.tolist() == [5, 8]


def test_a_short_row_is_named_by_its_line():
    found = faults()
    rows_below(["1,2", "3"], 5, ",", 2, found)
    with pytest.raises(ScenarioError, match=r"w\.csv:6: .*row 2 has 1 columns; at least 2"):
        found.stop_if_any()


def test_decimal_commas_are_numbers_unless_they_may_part_thousands():
    np.testing.assert_array_equal(
        cell_numbers([["1,5"], ["2,25"], ["x"]], 0, "T", faults()), [1.5, 2.25, np.nan]
    )
    found = faults()
    cell_numbers([["1,234"], ["2,345"]], 0, "T", found)
    with pytest.raises(ScenarioError, match=r"may be 1\.234 or 1234"):
        found.stop_if_any()


TABLE = ForeignTable({}, np.array([4, 5, 6]))


def test_a_part_of_a_date_is_whole():
    found = faults()
    numbers = whole_numbers(np.array([1.0, 2.5, np.nan]), "Hour", TABLE, found)
    assert numbers[0] == 1
    with pytest.raises(ScenarioError) as caught:
        found.stop_if_any()
    assert [problem.where for problem in caught.value.problems] == ["w.csv:5", "w.csv:6"]


def minutes(dates, *, is_typical_form=False):
    found = faults()
    year, month, day = np.array(dates).T
    zeros = np.zeros(len(dates), dtype=np.int64)
    clock = clock_minutes((year, month, day), zeros, TABLE, found, is_typical_form=is_typical_form)
    found.stop_if_any()
    return clock


def test_dates_are_minutes_since_1970():
    assert minutes([(1970, 1, 2), (2000, 3, 1)]).tolist() == [1440, 11_017 * 1440]
    assert seconds_of(np.array([2])).tolist() == [120.0]


def test_29_february_of_a_plain_year_stands_in_typical_years_only():
    with pytest.raises(ScenarioError, match=r"w\.csv:4: .*is not a date"):
        minutes([(2027, 2, 29)])
    assert minutes([(2027, 2, 29)], is_typical_form=True).tolist() == [11_016 * 1440]


@pytest.mark.parametrize("date", [(2027, 13, 1), (2027, 0, 1), (2027, 4, 31), (2027, 1, 0)])
def test_what_is_no_date_is_refused(date):
    with pytest.raises(ScenarioError, match="is not a date"):
        minutes([date])
