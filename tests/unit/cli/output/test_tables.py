"""Tables and JSON for terminals."""

from __future__ import annotations

import json
import math

from dcsim.cli.output.tables import json_line, right_table, text_table


def test_columns_of_numbers_stand_to_the_right_and_missing_ones_are_dashes():
    assert text_table(["name", "usd"], [["a", 1234567.0], ["b", None], ["cc", 0.5]]) == [
        "name        usd",
        "----  ---------",
        "a     1,234,567",
        "b             –",
        "cc          0.5",
    ]


def test_a_table_of_texts_stands_to_the_left_without_trailing_blanks():
    lines = text_table(["a", "b"], [["x", "y"], ["long", ""]])
    assert lines == ["a     b", "----  -", "x     y", "long"]


def test_a_right_table_keeps_its_first_column_to_the_left():
    assert right_table(["a", "bb"], [["long", "1"]]) == ["a     bb", "long   1"]


GAINS = [["hall space and works", "+2,602,176 (+1.7 %)", "61,096"], ["crews", "+2", "61,104"]]
NAMES = ["lifted alone", "GPU-days gained", "most GPUs"]


def test_a_table_that_is_too_wide_wraps_its_cells_and_cuts_nothing():
    assert right_table(NAMES, GAINS, width=36) == [
        "lifted alone        GPU-days    most",
        "                      gained    GPUs",
        "hall space        +2,602,176  61,096",
        "and works           (+1.7 %)",
        "crews                     +2  61,104",
    ]
    for width in (20, 30, 40, 60):
        text = "\n".join(right_table(NAMES, GAINS, width=width))
        for figure in ("+2,602,176", "(+1.7 %)", "61,096", "+2", "61,104"):
            assert figure in text
        assert max(map(len, text.splitlines())) <= width


def test_columns_that_do_not_fit_beside_one_another_follow_below_with_the_first_again():
    names = ["case", "first figure", "second figure", "third figure"]
    rows = [["a", "1,000,000", "2,000,000", "3,000,000"]]
    assert text_table(names, rows, width=26) == [
        "case  first      second",
        "      figure     figure",
        "----  ---------  ---------",
        "a     1,000,000  2,000,000",
        "",
        "case  third figure",
        "----  ------------",
        "a     3,000,000",
    ]


def test_names_that_repeat_the_row_above_are_left_blank():
    rows = [["first", "day", "power"], ["first", "day", "crews"], ["second", "day", "crews"]]
    assert text_table(["milestone", "by", "lifted"], rows, ditto=2)[2:] == [
        "first      day  power",
        "                crews",
        "second     day  crews",
    ]


def test_rows_with_several_names_are_put_below_one_another_if_they_do_not_fit():
    rows = [["first", "2028-02-01", "power", "2028-01-14"], ["first", "2028-02-01", "crews", ""]]
    names = ["milestone", "planned", "lifted", "reached"]
    assert text_table(names, rows, width=22, ditto=2) == [
        "first",
        "  planned: 2028-02-01",
        "  lifted: power",
        "  reached: 2028-01-14",
        "  lifted: crews",
    ]


def test_a_cell_that_fits_no_line_makes_it_long():
    lines = text_table(["name", "figure"], [["hall", "123,456,789,012 GPU-days"]], width=20)
    assert lines == ["hall", "  figure:", "    123,456,789,012 GPU-days"]


def test_what_is_no_finite_number_is_null():
    line = json_line({"a": [math.nan, math.inf, 1.5], "b": ("x", {"c": -math.inf})})
    assert json.loads(line) == {"a": [None, None, 1.5], "b": ["x", {"c": None}]}


def test_control_characters_stay_escaped_and_letters_readable():
    assert json_line({"n": "울산\x1b"}) == '{"n": "울산\\u001b"}'
