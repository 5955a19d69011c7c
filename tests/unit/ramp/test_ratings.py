"""Rated power in place of a capacity of one."""

from __future__ import annotations

from dcsim.ramp import run_ramp
from dcsim.ramp.ratings import ASSET_IN_SERVICE, rated
from dcsim.ramp.simulate import run_events

SOLAR = {"name": "roof", "capacity": "3 MW", "tilt": "10 deg", "azimuth": "180 deg"}
BATTERY = {"name": "box", "power": "2 MW", "energy": "8 MWh"}


def test_plants_have_a_capacity_of_one_until_they_are_rated(hand_plan):
    plan = hand_plan(solar=[SOLAR], batteries=[BATTERY])
    keys = ("solar.roof", "batteries.box")
    events, whole = run_events(plan), run_ramp(plan)
    assert [events.capacity[key].at(0) for key in keys] == [1.0, 1.0]
    assert [whole.capacity[key].at(0) for key in keys] == [3.0, 2.0]
    assert (events.moves.time_min == whole.moves.time_min).all()


def test_the_log_says_the_power_that_comes_into_service(hand_plan):
    plan = hand_plan(solar=[SOLAR])
    texts = [
        entry.text
        for entry in rated(run_events(plan), plan.site).log
        if entry.kind == ASSET_IN_SERVICE
    ]
    assert texts == ["in service: 3 MW"]


def test_another_size_changes_capacity_and_nothing_else(hand_plan):
    events = run_events(hand_plan(solar=[SOLAR]))
    larger = rated(events, hand_plan(solar=[{**SOLAR, "capacity": "9 MW"}]).site)
    assert larger.capacity["solar.roof"].level.tolist() == [9.0]
    assert larger.capacity["energized"] is not events.capacity["energized"]
    assert larger.capacity["energized"].level.tolist() == [1.0]
    assert larger.moves is events.moves
