"""The output that age has left of a plant."""

from __future__ import annotations

import datetime
import zoneinfo

import numpy as np

from dcsim.clock import Calendar
from dcsim.supply.assets.profiled import aged_mw, undegraded_frac

UTC = zoneinfo.ZoneInfo("UTC")
START = datetime.datetime(2030, 1, 1, tzinfo=UTC)
THREE_YEARS = Calendar(START, START + datetime.timedelta(hours=3 * 8766), UTC)


def test_loss_is_compound_by_the_year():
    left = undegraded_frac(THREE_YEARS, 0.0, 0.1)
    np.testing.assert_allclose(left[[0, 4383, 8766, 2 * 8766]], [1, 0.9**0.5, 0.9, 0.81])


def test_age_counts_from_the_day_a_plant_stands():
    left = undegraded_frac(THREE_YEARS, 8766 * 60.0, 0.1)
    np.testing.assert_allclose(left[[0, 8766, 2 * 8766]], [1, 1, 0.9])


def test_output_is_capacity_times_profile_times_age(conditions_of):
    conditions = conditions_of("solar.a", [0, 4, 2])
    profile_pu = np.full(conditions.capacity_mw.size, 0.5)
    np.testing.assert_allclose(aged_mw(profile_pu, conditions, 0.0)[:3], [0, 2, 1])
    aged = aged_mw(profile_pu, conditions, 0.2)
    # The plant stands from minute 60 on, so its second hour is an hour old in the third.
    np.testing.assert_allclose(aged[:3], [0, 2, 0.8 ** (1 / 8766)])
