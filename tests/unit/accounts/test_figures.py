"""Figures of a run from books that are made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from dcsim.accounts.close import close_accounts
from dcsim.accounts.figures import shares, throttled_gpus
from dcsim.types import Steps

N_HOURS = 48


@pytest.fixture
def figures(make_plan, build):
    """Key figures and figures by year of two days."""

    def run(load=None, flows=None, **changes):
        dates = {"start": "2030-01-01", "end": "2030-01-03"}
        calendar = build.calendar(*dates.values())
        timeline = build.timeline(calendar, **changes)
        drawn = build.load(calendar, **(load or {"facility_mw": 10.0}))
        accounts = close_accounts(
            make_plan(**dates), timeline, drawn, build.flows(calendar, **(flows or {}))
        )
        return accounts.key_figures, accounts.yearly

    return run


def test_energy_is_power_times_hours(figures):
    run, yearly = figures(flows={"grid_import_mw": 10.0, "curtailed_mw": 0.5})
    assert run["facility_mwh"] == 10.0 * N_HOURS
    assert run["it_mwh"] == pytest.approx(8.0 * N_HOURS)
    assert run["import_mwh"] == yearly["import_mwh"].tolist()[0] == 10.0 * N_HOURS
    assert run["curtailed_mwh"] == 0.5 * N_HOURS


def test_peaks_and_the_mean_over_steps_with_load(figures):
    facility = np.r_[np.zeros(24), np.full(23, 4.0), 28.0]
    run, yearly = figures({"facility_mw": facility}, {"grid_import_mw": facility})
    assert run["peak_facility_mw"] == yearly["peak_import_mw"].tolist()[0] == 28.0
    assert run["mean_facility_mw"] == 5.0


def test_stranded_power_counts_from_the_first_step_with_a_connection(figures):
    energized = {"energized": Steps.of([(24 * 60, 12.0)])}
    run, _ = figures(capacity=energized)
    assert run["stranded_power_mw_mean"] == 2.0
    assert figures()[0]["stranded_power_mw_mean"] is None


def test_swing_stands_by_year_only_where_there_is_some(figures):
    run, yearly = figures()
    assert run["swing_mw_max"] == 0.0
    assert "swing_mw_max" not in yearly
    swing = np.r_[np.zeros(47), 3.0]
    run, yearly = figures({"facility_mw": 10.0, "swing_mw": swing})
    assert run["swing_mw_max"] == yearly["swing_mw_max"].tolist()[0] == 3.0


def test_shares_are_of_sums_and_have_no_meaning_without_load():
    names = ("facility_mwh", "it_mwh", "renewable_mwh", "renewable_generation_mwh",
             "carbon_free_mwh", "gpu_hours_online", "gpu_hours_busy")  # fmt: skip
    sums = dict(zip(names, np.array([[12.0, 0], [10, 0], [3, 0], [24, 0], [6, 0], [8, 0], [2, 0]]),
                    strict=True))  # fmt: skip
    found = {name: values.tolist() for name, values in shares(sums).items()}
    assert found["pue"][0] == 1.2
    assert found["renewable_hourly_frac"][0] == 0.25
    assert found["renewable_annual_frac"][0] == 1.0
    assert found["carbon_free_hourly_frac"][0] == 0.5
    assert found["utilization_frac"][0] == 0.25
    assert all(np.isnan(values[1]) for values in found.values())


def test_work_falls_by_the_share_of_power_that_is_cut(build):
    calendar = build.calendar("2030-01-01", "2030-01-02")
    load = build.load(
        calendar,
        12.5,
        it_power_mw=np.full(24, 9.0),
        throttled_mw=np.full(24, 1.0),
        busy_gpus=np.full((1, 24), 50.0),
    )
    np.testing.assert_allclose(throttled_gpus(load), 5.0)


def test_nothing_is_throttled_where_nothing_is_drawn(build):
    calendar = build.calendar("2030-01-01", "2030-01-02")
    assert throttled_gpus(build.load(calendar)).tolist() == [0.0] * 24
