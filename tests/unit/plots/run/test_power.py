"""Power by source adds up to the load."""

from __future__ import annotations

import datetime

import numpy as np
import pytest
from matplotlib.dates import num2date

from dcsim.plots.run.power import (
    chosen_week,
    power_by_source_week,
    power_by_source_years,
    sources,
    used_by_load,
)


def test_sources_less_what_is_stored_curtailed_and_fed_back_are_the_load(result):
    hourly = result.hourly
    supply = sum(hourly[source.column] for source in sources(result))
    other = hourly["battery_charge_mw"] + hourly["grid_export_mw"] + hourly["curtailed_mw"]
    np.testing.assert_allclose(supply, hourly["facility_power_mw"] + other, atol=1e-9)


def test_what_the_load_takes_of_each_source_adds_up_to_it(result):
    used = used_by_load(result)
    np.testing.assert_allclose(sum(used.values()), result.hourly["facility_power_mw"], atol=1e-9)
    solar = result.hourly["solar_generation_mw"]
    assert (used["solar_generation_mw"] <= solar).all()
    # 20 MW of sun on a load of some 5 MW: part of it is used, and part goes elsewhere.
    assert 0.2 < used["solar_generation_mw"].sum() / solar.sum() < 0.9


def test_the_years_end_at_the_load_and_show_below_zero_where_the_rest_goes(result):
    ax = power_by_source_years(result)
    load = result.calendar.monthly_sum(result.hourly["facility_power_mw"])
    days = np.diff(np.append(result.calendar.month_starts, result.calendar.n_hours))
    top = max(area.get_datalim(ax.transData).y1 for area in ax.collections)
    assert top == pytest.approx((load / days).max(), rel=1e-6)
    below = {area.get_label() for area in ax.collections if area.get_datalim(ax.transData).y1 <= 0}
    assert below == {"into battery", "curtailed"}


def test_a_week_in_summer_time_begins_at_midnight(summer_result):
    start, _ = chosen_week(summer_result)
    assert summer_result.calendar.moment(start).utcoffset() == datetime.timedelta(hours=2)
    first = num2date(power_by_source_week(summer_result).get_xlim()[0])
    assert (first.hour, first.minute) == (0, 0)


def test_the_week_is_the_first_of_august_at_full_build(result):
    start, why = chosen_week(result)
    assert result.calendar.moment(start).date() == datetime.date(2028, 8, 1)
    assert "full build" in why
    assert "Week of 1 Aug 2028" in power_by_source_week(result).get_title(loc="left")


def test_without_an_august_at_full_build_the_week_is_that_of_the_highest_power(plain_result):
    start, why = chosen_week(plain_result)
    peak = int(plain_result.hourly["facility_power_mw"].argmax()) * 60
    assert "highest" in why
    assert start <= peak < start + 7 * 1440
