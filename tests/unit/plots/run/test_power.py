"""Power by source adds up to the load."""

from __future__ import annotations

import datetime

import numpy as np

from dcsim.plots.run.power import chosen_week, power_by_source_week, sources


def test_sources_less_what_is_stored_curtailed_and_fed_back_are_the_load(result):
    hourly = result.hourly
    supply = sum(hourly[source.column] for source in sources(result))
    other = hourly["battery_charge_mw"] + hourly["grid_export_mw"] + hourly["curtailed_mw"]
    np.testing.assert_allclose(supply, hourly["facility_power_mw"] + other, atol=1e-9)


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
