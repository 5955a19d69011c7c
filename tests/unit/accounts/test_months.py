"""Months and years of runs that begin and end anywhere, by hand."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from dcsim.accounts.months import Months, hourly_value
from dcsim.scenario.schema.money import Tariff


@pytest.fixture
def months(build):
    """From mid-November over New Year into February, in Seoul."""
    return Months.of(build.calendar("2030-11-16", "2031-02-15"))


@pytest.fixture
def adders():
    """A yearly series: 10 in 2030, 20 from 2031 on."""
    season = {"name": "all", "months": list(range(1, 13))}
    season |= dict.fromkeys(("light", "middle", "peak"), "1 USD/MWh")
    season |= dict.fromkeys(("weekday", "saturday", "sunday"), "L" * 24)
    values = {"seller": "x", "demand_charge": "1 USD/kW/month", "price_year": 2030}
    values |= {"seasons": [season], "adders": {"2030": "10 USD/MWh", "2031": "20 USD/MWh"}}
    return Tariff.model_validate(values).adders_per_mwh


def test_months_bear_the_day_that_they_begin_on_even_before_the_run(months):
    assert [str(day) for day in months.day] == [
        "2030-11-01", "2030-12-01", "2031-01-01", "2031-02-01"
    ]  # fmt: skip
    assert months.first_day == np.datetime64("2030-11-16")
    assert months.year.tolist() == [2030, 2030, 2031, 2031]
    assert months.number.tolist() == [10, 11, 0, 1]


def test_edges_lie_within_the_run(months):
    days = np.array([0, 15, 15 + 31, 15 + 62, 15 + 62 + 14])
    assert months.edges_min.tolist() == (days * 1440).tolist()
    assert months.year_edges_min.tolist() == [46 * 1440, 91 * 1440]
    assert months.years.tolist() == [2030, 2031]


def test_a_month_that_is_cut_has_its_part_of_a_twelfth(months):
    expected = np.array([15 / 30, 1, 1, 14 / 28]) / 12
    np.testing.assert_allclose(months.length_years, expected, rtol=1e-15)


@pytest.mark.parametrize("step_h", [0.25, 1.0, 6.0])
def test_a_megawatt_is_as_many_megawatt_hours_as_the_month_has_hours(build, step_h):
    months = Months.of(build.calendar("2030-01-01", "2030-04-01", step_h=step_h))
    flat = np.ones(months.calendar.n_hours)
    assert months.total(flat).tolist() == [744.0, 672.0, 744.0]
    assert months.mean(flat * 3).tolist() == [3.0, 3.0, 3.0]


def test_sums_keep_other_axes_and_years_add_their_months(months):
    two = np.stack([np.ones(months.calendar.n_hours), np.zeros(months.calendar.n_hours)])
    assert months.total(two).shape == (2, 4)
    assert months.by_year([1.0, 2.0, 4.0, 8.0]).tolist() == [3.0, 12.0]
    assert months.by_year(np.ones((2, 4))).tolist() == [[2.0, 2.0], [2.0, 2.0]]


def test_a_yearly_series_steps_at_new_year(months, adders):
    assert months.at(adders).tolist() == [10.0, 10.0, 20.0, 20.0]
    hourly = hourly_value(adders, months.calendar)
    new_year = months.calendar.minute_of(datetime.date(2031, 1, 1)) // 60
    assert hourly[new_year - 1 : new_year + 1].tolist() == [10.0, 20.0]


def test_times_belong_to_the_month_that_they_begin_and_earlier_ones_to_the_first(months):
    edge = int(months.edges_min[1])
    times = np.array([-99, 0, edge - 1, edge, months.calendar.n_minutes - 1])
    assert months.month_of(times).tolist() == [0, 0, 0, 1, 3]
