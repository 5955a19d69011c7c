from __future__ import annotations

import numpy as np
import pytest

from dcsim.accounts.gpu.milestones import METRICS, check_milestones, first_reached
from dcsim.scenario.schema.site import MilestoneMetricName
from dcsim.types import Steps

DAY = 1440


@pytest.fixture
def check(make_plan, build, calendar):
    def run(metric, target, by, *, moves=None, capacity=None, facility_mw=0.0):
        key = "gpus" if metric.startswith("gpus") else "power"
        unit = "GPU" if key == "gpus" else "MW"
        milestone = {"name": "it", "metric": metric, key: f"{target} {unit}", "by": by}
        site = make_plan(milestones=[milestone]).site
        timeline = build.timeline(calendar, moves, capacity=capacity or {})
        return check_milestones(site, timeline, build.load(calendar, facility_mw))[0]

    return run


def test_every_metric_of_the_schema_is_known():
    assert set(METRICS) == set(MilestoneMetricName.__args__)


def test_a_target_met_at_midnight_is_met_on_the_day_that_begins(check):
    steps = {"energized": Steps.of([(0, 41.0), (30 * DAY, 62.0)])}
    result = check("energized_mw", 103, "2030-01-31", capacity=steps)
    assert (result.reached, result.met, result.margin_days) == ("2030-01-31", True, 0.0)


def test_a_minute_before_midnight_is_the_day_before(check):
    steps = {"energized": Steps.of([(30 * DAY - 1, 103.0)])}
    assert check("energized_mw", 103, "2030-02-02", capacity=steps).margin_days == 3.0


def test_a_late_target_has_a_negative_margin(check):
    steps = {"halls": Steps.of([(40 * DAY, 20.0)])}
    result = check("it_capacity_mw", 20, "2030-02-01", capacity=steps)
    assert (result.reached, result.met, result.margin_days) == ("2030-02-10", False, -9.0)


def test_a_target_that_is_never_met_has_no_day(check):
    result = check("it_capacity_mw", 20, "2030-02-01")
    assert (result.reached, result.met, result.margin_days) == (None, False, None)


def test_what_happens_after_the_run_does_not_count(check):
    steps = {"halls": Steps.of([(365 * DAY, 20.0)])}
    assert check("it_capacity_mw", 20, "2030-12-31", capacity=steps).reached is None


def test_rounding_of_summed_steps_does_not_miss_a_target(check):
    steps = {"energized": Steps.of([(0, 0.1), (DAY, 0.2)])}
    assert check("energized_mw", 0.3, "2030-01-02", capacity=steps).met


def test_retired_gpus_still_count_as_delivered(check, build):
    moves = build.moves(
        (0, 8, None, "on_order"),
        (DAY, 8, "on_order", "online"),
        (2 * DAY, 8, "online", "retired"),
        (3 * DAY, 8, None, "on_order"),
        (4 * DAY, 8, "on_order", "online"),
    )
    assert check("gpus_delivered", 16, "2030-12-31", moves=moves).reached == "2030-01-05"
    assert check("gpus_online", 16, "2030-12-31", moves=moves).reached is None


def test_failed_gpus_are_in_service_and_not_online(check, build):
    moves = build.moves(
        (0, 8, None, "on_order"),
        (DAY, 4, "on_order", "online"),
        (2 * DAY, 2, "online", "failed"),
        (3 * DAY, 4, "on_order", "online"),
    )
    assert check("gpus_in_service", 8, "2030-12-31", moves=moves).reached == "2030-01-04"
    assert check("gpus_online", 8, "2030-12-31", moves=moves).reached is None


def test_solar_and_wind_add_up_to_renewable_capacity(check):
    steps = {
        "solar.a": Steps.of([(5 * DAY, 100.0)]),
        "wind.b": Steps.of([(9 * DAY, 50.0)]),
        "chp.c": Steps.of([(0, 500.0)]),
    }
    result = check("renewable_capacity_mw", 150, "2030-12-31", capacity=steps)
    assert result.reached == "2030-01-10"


def test_facility_power_is_that_of_the_first_hour_which_reaches_it(check, calendar):
    facility_mw = np.zeros(calendar.n_hours)
    facility_mw[24 * 3 + 5 :] = 9.0
    result = check("facility_power_mw", 9, "2030-01-04", facility_mw=facility_mw)
    assert (result.reached, result.met) == ("2030-01-04", True)


def test_a_level_that_lasts_no_minute_does_not_count():
    assert first_reached(Steps.of([(5, 10.0), (5, -4.0), (9, 4.0)]), 10.0) == 9
