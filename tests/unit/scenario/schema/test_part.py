"""The base of schema classes: keys, names, days and lines."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from dcsim.scenario.schema.part import Day, Line, Named, Part, checked_name, key_of


class Sample(Part):
    """A part with a field of each kind."""

    n_crews: int = 1
    install_h: float = 0.0
    text: Line = "x"
    day: Day = date(2030, 1, 1)


@pytest.mark.parametrize(
    ("field", "key"),
    [
        ("rack_power_kw", "rack_power"),
        ("n_crews", "crews"),
        ("carbon_kg_per_mwh", "carbon"),
        ("wear_after_years", "wear_after"),
        ("shape", "shape"),
        ("height_m", "height"),
        ("mean_m_s", "mean"),
    ],
)
def test_a_key_is_the_field_without_count_and_unit(field, key):
    assert key_of(field) == key


def test_fields_are_read_by_their_keys():
    assert Sample.model_validate({"crews": 4, "install": 8}).n_crews == 4
    with pytest.raises(ValidationError, match="n_crews"):
        Sample.model_validate({"n_crews": 4})


def test_a_part_is_frozen_and_finite():
    with pytest.raises(ValidationError, match="frozen"):
        Sample().n_crews = 2  # type: ignore[misc]
    with pytest.raises(ValidationError, match="finite"):
        Sample.model_validate({"install": float("inf")})


@pytest.mark.parametrize("name", ["a", "Hall-1", "x" * 64, "2030_step"])
def test_a_name_can_be_that_of_a_file(name):
    assert checked_name(name) == name


@pytest.mark.parametrize("name", ["", "-a", "a b", "x" * 65, "ä", "con", "LPT9", "a/b"])
def test_other_names_are_refused(name):
    with pytest.raises(ValueError, match="is not a name"):
        checked_name(name)


@pytest.mark.parametrize("value", ["2030-02-30", "30.1.2030", 2030])
def test_a_day_is_written_as_iso(value):
    with pytest.raises(ValidationError, match="is not a date; write it as"):
        Sample.model_validate({"day": value})


@pytest.mark.parametrize("text", ["a\nb", "a\tb", "", "x" * 121])
def test_a_line_is_one_line(text):
    with pytest.raises(ValidationError, match="text"):
        Sample.model_validate({"text": text})


def test_figures_show_the_label_before_the_name():
    assert Named(name="a").title == "a"
    assert Named(name="a", label="Hall A").title == "Hall A"
