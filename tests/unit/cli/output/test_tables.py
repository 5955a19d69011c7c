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


def test_what_is_no_finite_number_is_null():
    line = json_line({"a": [math.nan, math.inf, 1.5], "b": ("x", {"c": -math.inf})})
    assert json.loads(line) == {"a": [None, None, 1.5], "b": ["x", {"c": None}]}


def test_control_characters_stay_escaped_and_letters_readable():
    assert json_line({"n": "울산\x1b"}) == '{"n": "울산\\u001b"}'
