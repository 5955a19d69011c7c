"""Maps of month by hour are weighted by energy."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from dcsim.plots.run.maps import month_by_hour, pue_map


def test_a_map_weighs_by_energy(result):
    pue, hours, period = month_by_hour(result, "facility_power_mw", "it_power_mw")
    calendar, hourly = result.calendar, result.hourly
    chosen = (calendar.month == 8) & (calendar.hour == 14) & (hourly["facility_power_mw"] > 0)
    assert period == "the run"
    assert hours.tolist() == list(range(24))
    assert pue[7, 14] == pytest.approx(
        hourly["facility_power_mw"][chosen].sum() / hourly["it_power_mw"][chosen].sum()
    )


def test_a_map_is_of_the_last_year_with_load_in_all_months(result):
    hourly = {**result.hourly, "facility_power_mw": np.ones(result.calendar.n_hours)}
    always_on = dataclasses.replace(result, hourly=hourly)
    assert month_by_hour(always_on, "carbon_free_mw", "facility_power_mw")[2] == "2027"


def test_a_flat_map_says_its_one_number_once(result):
    hourly = {**result.hourly, "facility_power_mw": 1.25 * result.hourly["it_power_mw"]}
    ax = pue_map(dataclasses.replace(result, hourly=hourly))
    assert ax.texts[0].get_text() == "1.25 in every month and hour"
    assert len(ax.texts) == 2  # the other one is the line beneath the title
    assert "PUE of the run is 1.250" in ax.get_title(loc="left")
