"""Outages: planned ones by hand, forced ones as an alternating renewal process."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from dcsim.ramp.outages import draw_outages
from dcsim.scenario.schema.assets.registry import assets_of
from dcsim.units import HOURS_PER_YEAR

DAY_MIN = 1440


def chp(name="plant", **keys):
    return {
        "name": name,
        "capacity": "10 MW",
        "efficiency": "50 %",
        "carbon": "400 kg/MWh",
        **keys,
    }


def grid(rate="4 1/year", repair="10 h"):
    return {
        "carbon": "417 kg/MWh",
        "carbon_free": 0.39,
        "outages": {"rate": rate, "repair": repair},
    }


def drawn(plan):
    keys = ["grid", *(kind.key(asset) for kind, asset in assets_of(plan.site))]
    return draw_outages(plan, plan.calendar, dict.fromkeys(keys, 0))


def test_maintenance_begins_on_the_first_of_its_month_every_year(hand_plan):
    stop = {"month": 5, "duration": "10 days", "capacity": "40 %"}
    found = drawn(hand_plan(end="2032-01-01", chp=[chp(maintenance=stop)]))
    assert [(o.start_min // DAY_MIN, o.end_min // DAY_MIN) for o in found] == [
        (120, 130),
        (485, 495),
    ]
    assert {(o.asset, o.lost_frac, o.cause) for o in found} == {("chp.plant", 0.4, "maintenance")}


def test_maintenance_is_cut_where_the_run_ends(hand_plan):
    stop = {"month": 12, "duration": "40 days"}
    found = drawn(hand_plan(chp=[chp(maintenance=stop)]))
    assert (found[-1].start_min, found[-1].end_min) == (334 * DAY_MIN, 365 * DAY_MIN)


def test_maintenance_that_began_before_the_run_lasts_into_it(hand_plan):
    stop = {"month": 12, "duration": "40 days"}
    found = drawn(hand_plan(end="2030-06-01", chp=[chp(maintenance=stop)]))
    assert [(o.start_min, o.end_min) for o in found] == [(0, 9 * DAY_MIN)]


def test_maintenance_begins_at_local_midnight(hand_plan):
    stop = {"month": 5, "duration": "1 day"}
    (found,) = drawn(hand_plan(time_zone="Europe/Berlin", chp=[chp(maintenance=stop)]))
    assert found.start_min == 120 * DAY_MIN - 60


def test_forced_outages_come_as_often_and_last_as_long_as_stated(hand_plan):
    lost_h, starts = [], []
    for replication in range(1, 201):
        plan = hand_plan(replication, grid=grid("50 1/year", "40 h"), end="2032-01-01")
        found = drawn(plan)
        lost_h.append(sum(o.end_min - o.start_min for o in found) / 60)
        starts.append(len(found))
    hours, up_h, down_h = 730 * 24, HOURS_PER_YEAR / 50, 40
    cycles = hours / (up_h + down_h)
    # Up at the start: the run sees down/(up + down) of its time less one transient of the same
    # share (Ross, Stochastic Processes, 1996, section 3.4).
    share = down_h / (up_h + down_h)
    transient_h = share * 1 / (1 / up_h + 1 / down_h)
    for found, expected in (
        (lost_h, share * hours - transient_h),
        (starts, cycles + share**2),
    ):
        error = np.std(found, ddof=1) / math.sqrt(len(found))
        assert abs(np.mean(found) - expected) < 4 * error


def test_forced_outages_follow_one_another_within_the_run(hand_plan):
    plan = hand_plan(grid=grid("300 1/year", "0.2 h"))
    found = drawn(plan)
    assert all(0 <= o.start_min < o.end_min <= plan.calendar.n_minutes for o in found)
    assert all(a.start_min < b.start_min for a, b in itertools.pairwise(found))
    assert {o.asset for o in found} == {"grid"}


def test_a_rate_of_zero_means_no_outages(hand_plan):
    assert drawn(hand_plan(grid=grid("0 1/year"))) == ()


def test_another_plant_does_not_move_the_outages_of_the_first(hand_plan):
    rules = {"rate": "9 1/year", "repair": "20 h"}
    alone = drawn(hand_plan(chp=[chp(outages=rules)]))
    joined = drawn(hand_plan(chp=[chp("new", outages=rules), chp(outages=rules)], grid=grid()))
    assert alone == tuple(o for o in joined if o.asset == "chp.plant")
    assert {o.asset for o in joined} == {"chp.new", "chp.plant", "grid"}


def test_a_longer_run_keeps_the_outages_of_a_shorter_one(hand_plan):
    short, long = (drawn(hand_plan(grid=grid(), end=end)) for end in ("2032-01-01", "2040-01-01"))
    assert long[: len(short) - 1] == short[:-1]


def test_a_plant_has_no_outage_before_it_is_there(story_of):
    stop = {"month": 1, "duration": "20 days"}
    story = story_of(
        works=[{"name": "w", "duration": "15 days"}], chp=[chp(works="w", maintenance=stop)]
    )
    (found,) = story.timeline.outages
    assert (found.start_min, found.end_min) == (15 * DAY_MIN, 20 * DAY_MIN)


def test_what_is_available_is_the_capacity_less_the_share_lost(story_of):
    stop = {"month": 1, "duration": "36 h", "capacity": "25 %"}
    timeline = story_of(step="24 h", chp=[chp(maintenance=stop)], end="2030-01-05").timeline
    assert timeline.available_mw("chp.plant") == pytest.approx([7.5, 8.75, 10, 10])


def test_maintenance_by_service_counts_from_the_day_the_plant_came(hand_plan):
    stop = {"every": "30 days", "duration": "5 days"}
    plan = hand_plan(end="2030-06-01", chp=[chp(maintenance=stop)])
    came_min = 10 * DAY_MIN
    found = draw_outages(plan, plan.calendar, {"chp.plant": came_min})
    days = [((o.start_min - came_min) // DAY_MIN, (o.end_min - came_min) // DAY_MIN) for o in found]
    assert days == [(30, 35), (65, 70), (100, 105), (135, 140)]
    assert draw_outages(plan, plan.calendar, {"chp.plant": None}) == ()


def test_maintenance_by_service_follows_the_work_that_brings_the_plant(story_of):
    timeline = story_of(
        works=[{"name": "w", "duration": "20 days"}],
        chp=[chp(works="w", maintenance={"every": "40 days", "duration": "1 day"})],
        end="2030-04-01",
    ).timeline
    assert [o.start_min // DAY_MIN for o in timeline.outages] == [60]


@pytest.mark.parametrize("rule", [{}, {"month": 3, "every": "30 days"}])
def test_maintenance_has_one_rule(hand_plan, rule):
    with pytest.raises(ValueError, match="needs month or every, and not both"):
        hand_plan(chp=[chp(maintenance={"duration": "5 days", **rule})])
