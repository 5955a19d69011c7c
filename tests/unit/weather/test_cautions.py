"""Cautions about the sun and the place of a file."""

from __future__ import annotations

import numpy as np
import pytest

from dcsim.series.resampling import Span, TypicalYear
from dcsim.weather.cautions import distance_note, sunshine_note

DAY = np.maximum(np.cos((np.arange(24) + 0.5 - 12) / 12 * np.pi), 0.0)


def test_shifted_sunshine_of_a_typical_year_is_noted_with_its_hours() -> None:
    year = TypicalYear({"ghi_w_m2": np.tile(DAY, 366)}, 60, 540)
    assert sunshine_note(year, 135.0) == ()
    (note,) = sunshine_note(year, 105.0)
    assert "-2.0 h from solar noon" in note


@pytest.mark.parametrize("n_days", [1, 90, 365])
@pytest.mark.parametrize("step_min", [15, 30, 60])
def test_shifted_sunshine_of_real_rows_is_noted_as_well(n_days: int, step_min: int) -> None:
    ghi = np.repeat(np.tile(DAY, n_days), 60 // step_min)
    # Noon of UTC+9 is at 03:00 of UTC; the rows begin at midnight there.
    span = Span({"ghi_w_m2": ghi}, step_min, -540)
    assert sunshine_note(span, 135.0) == ()
    assert "+9.0 h from solar noon" in sunshine_note(Span({"ghi_w_m2": ghi}, step_min, 0), 135.0)[0]


def test_no_sunshine_at_all_is_noted_and_less_than_a_day_is_not_judged() -> None:
    dark = Span({"ghi_w_m2": np.zeros(48)}, 60, 0)
    assert sunshine_note(dark, 0.0)[0].endswith("no sunshine at all.")
    flat = Span({"ghi_w_m2": np.ones(48)}, 60, 0)
    assert sunshine_note(flat, 0.0)[0].endswith("evenly over day and night.")
    assert sunshine_note(Span({"ghi_w_m2": np.ones(5)}, 60, 0), 0.0) == ()
    assert sunshine_note(Span({"ghi_w_m2": np.ones(5)}, 1440, 0), 0.0) == ()


def test_distance_is_the_great_circle() -> None:
    # A degree of latitude is 111.2 km on a sphere of 6371 km.
    assert distance_note((35.0, 129.0), (36.0, 129.0)) == (
        "The weather station lies 111 km from the site.",
    )
    assert distance_note((35.0, 129.0), (35.8, 129.0)) == ()
