from __future__ import annotations

import numpy as np

from dcsim.weather.climate.seasons import MONTH_DAYS, YEAR_WEIGHTS, monthly_mean, smooth


def test_smooth_year_keeps_every_monthly_mean():
    monthly = [1.9, 3.7, 7.8, 13.3, 17.7, 20.9, 24.5, 26.0, 21.7, 15.9, 10.0, 4.4]
    np.testing.assert_allclose(monthly_mean(smooth(monthly)), monthly, atol=1e-10)


def test_smooth_year_joins_december_and_january():
    year = smooth([0, 5, 10, 15, 20, 25, 30, 25, 20, 15, 10, 5])
    assert abs(np.diff(year, append=year[0])).max() < 0.4


def test_monthly_mean_of_chosen_days_leaves_the_other_days_out():
    places = np.flatnonzero(np.arange(366) % 2 == 0)
    values = np.where(np.arange(366) % 2 == 0, 5.0, 1000.0)
    np.testing.assert_allclose(monthly_mean(values[places], places), 5.0)


def test_a_gregorian_year_has_365_days_and_a_quarter_of_nearly_one():
    assert YEAR_WEIGHTS.sum() == 365.2425
    assert MONTH_DAYS.sum() == 366
