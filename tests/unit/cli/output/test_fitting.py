"""Text that fits a terminal: wrapped where a reader pauses, never in a figure or its unit."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcsim.cli.output.fitting import (
    NARROWEST,
    breakable_parts,
    fitted_widths,
    least_width,
    terminal_width,
    text_width,
    wrapped,
)

FIGURES = [
    "1,217.4 / 0.000 / 5.82 GWh",
    "3.00 USD per GPU-hour online",
    "+2,602,176 (+1.7 %)",
    "+4.50 bn USD (+4.10 bn USD to +4.90 bn USD)",
    "2029-03-08, 97 days earlier",
    "works.substation-154kv.duration above 12.5 days",
    "103.5 MW / 96.5 MW",
]


@pytest.mark.parametrize("text", FIGURES)
@pytest.mark.parametrize("width", [20, 40, 60])
def test_no_figure_is_parted_from_its_digits_or_its_unit(text, width):
    lines = wrapped(text, width)
    assert " ".join(lines).replace(" ", "") == text.replace(" ", "")
    whole = re.findall(r"[+-]?[\d,.]*\d(?: (?:bn |mn )?(?:GWh|MW|USD|days|%))?", text)
    for figure in whole:
        assert any(figure in line for line in lines)


@given(st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=80))
def test_parts_join_to_the_text_whatever_it_is(text):
    assert "".join(breakable_parts(text)) == text


@given(
    st.lists(st.sampled_from(["crews", "12.5 MW", "of", "hall"]), max_size=12), st.integers(8, 60)
)
def test_lines_are_no_wider_than_asked_for(words, width):
    assert all(text_width(line) <= width for line in wrapped(" ".join(words), width))


def test_a_part_that_is_too_wide_makes_the_line_long_and_is_not_cut():
    assert wrapped("reached 123,456,789,012 GPU-days", 10)[-1] == "123,456,789,012 GPU-days"


def test_further_lines_are_indented():
    assert wrapped("gains do not add up", 12, indent="  ") == ["gains do not", "  add up"]


def test_wide_letters_take_two_columns():
    assert text_width("울산 1") == 6
    assert wrapped("울산 데이터 센터", 11) == ["울산 데이터", "센터"]


def test_long_paths_of_keys_are_wrapped_at_their_marks():
    path = "works.grid-connection.duration"
    assert wrapped(path, 16) == ["works.grid-", "connection.", "duration"]
    assert least_width(path) == len("connection.")
    assert least_width("GPU-hour") == len("GPU-hour")


def test_titles_are_wrapped_before_cells():
    columns = [["lifted alone", "hall space"], ["GPU-days gained", "+1,000"]]
    assert fitted_widths(columns, 40) == [12, 15]
    assert fitted_widths(columns, 22) == [12, 8]
    assert fitted_widths(columns, 12) is None


def test_the_terminal_says_how_wide_it_is(monkeypatch):
    monkeypatch.setenv("COLUMNS", "47")
    assert terminal_width() == 47
    assert terminal_width(40) == 40
    monkeypatch.setenv("COLUMNS", "5")
    assert terminal_width() == NARROWEST
