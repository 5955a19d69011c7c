from __future__ import annotations

import json
import pickle

import pytest

from dcsim.errors import (
    DcsimError,
    ModelError,
    Problem,
    ScenarioError,
    cut,
    printable,
    printable_json,
)

PROBLEMS = [Problem("a.yaml:3", "site.start", "is no date"), Problem("", "", "is empty")]


def test_an_error_lists_every_problem_with_its_place():
    assert str(ScenarioError(PROBLEMS)) == "a.yaml:3: site.start: is no date\nis empty"


def test_an_error_survives_the_way_to_another_process():
    found = pickle.loads(pickle.dumps(ScenarioError(PROBLEMS)))
    assert found.problems == PROBLEMS


def test_a_model_error_is_a_value_error_and_one_of_dcsim():
    assert issubclass(ModelError, ValueError)
    assert issubclass(ModelError, DcsimError)


@pytest.mark.parametrize(("text", "most", "wanted"), [("abc", 3, "abc"), ("abcd", 3, "ab…")])
def test_a_long_text_is_cut_to_the_length(text, most, wanted):
    assert cut(text, most) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a\nb", "a\\nb"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\u202eabc", "\\u202eabc"),
        ("::error::x", "\\::error::x"),
        ("x ##[group]", "x \\##[group]"),
        ("울산 60 °C", "울산 60 °C"),
    ],
)
def test_neither_terminal_nor_log_obeys_a_printed_text(text, wanted):
    assert printable(text) == wanted


@pytest.mark.parametrize("value", ["##[group]", "\u202eabc", "plain"])
def test_printable_json_reads_back_the_same(value):
    text = printable_json(json.dumps(value, ensure_ascii=False))
    assert json.loads(text) == value
    assert "##[" not in text
    assert "\u202e" not in text
