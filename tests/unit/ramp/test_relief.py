"""What lifting one constraint alone is worth, by hand."""

from __future__ import annotations

import pytest

from dcsim.gpu_states import LIFTABLE
from dcsim.ramp import run_ramp
from dcsim.ramp.relief import (
    LiftedRamp,
    entries_of,
    failed_gpu_days,
    lifted_ramps,
    online_gpu_days,
    ramp_gain,
)
from dcsim.scenario.plan import Plan


def lifted(plan: Plan) -> tuple[float, list[LiftedRamp]]:
    """The GPU-days of a plan, and its ramp without each constraint."""
    planned = run_ramp(plan)
    return online_gpu_days(planned), list(lifted_ramps(plan, planned))


def halls(**keys):
    return [{"name": "a", "racks": 50, "it_power": "1 MW", **keys}]


def deployment(**keys):
    return {"crews": 99, "install": "0 h", "slots": 99, "commissioning": "0 h", **keys}


CASES = {
    "hall": ({"halls": halls(racks=9)}, 16 * 365),
    "power": (
        {"power": {"basis": "it", "design_pue": 1, "steps": [{"name": "s", "adds": "96 kW"}]}},
        4 * 16 * 365,
    ),
    "cooling": ({"halls": halls(air_cooling="80 kW")}, 5 * 16 * 365),
    "crews": ({"deployment": deployment(crews=1, install="1 day")}, 16 * 45),
    "commissioning": ({"deployment": deployment(slots=1, commissioning="1 day")}, 16 * 45),
}
"""What is scarce, and the GPU-days lifting it adds; one at a time, ten racks wait 0 to 9 days."""


@pytest.mark.parametrize("name", CASES)
def test_only_lifting_what_is_scarce_adds_gpu_days(hand_plan, order, name):
    keys, gain = CASES[name]
    base, found = lifted(hand_plan(orders=[order("first", 160)], **keys))
    gains = {item.constraint: item.gain.total for item in found}
    assert set(gains) == set(LIFTABLE)
    assert gains.pop(name) == pytest.approx(gain)
    # Without walls there is neither space nor cooling to run out of.
    others = {k: v for k, v in gains.items() if not (k == "hall" and name == "cooling")}
    assert set(others.values()) == {0.0}
    assert base <= 160 * 365 - gain + 1e-9


def test_lifting_delivery_brings_all_lots_on_the_day_of_the_order(hand_plan, order):
    late = order("first", 32, lead_time="30 days", lot="16 GPU", interval="10 days")
    base, found = lifted(hand_plan(orders=[late]))
    gains = {item.constraint: item.gain.total for item in found}
    assert base == pytest.approx(16 * (335 + 325))
    assert gains["delivery"] == pytest.approx(16 * (30 + 40))
    assert {item.constraint: item.gpus_online_max for item in found}["delivery"] == 32


def test_lifting_failures_gives_back_all_the_time_they_took(hand_plan, order):
    fleet = {
        "failure_rate": "5 1/GPU/year",
        "hands": 0.5,
        "recovery": "30 h",
        "technicians": 1,
        "hands_on": "20 h",
        "repair": "48 h",
        "spares": 5,
        "spare_lead_time": "1 day",
    }
    base, found = lifted(hand_plan(fleet=fleet, orders=[order("first", 160)]))
    gains = {item.constraint: item.gain.total for item in found}
    assert gains["failures"] > 0
    assert base + gains["failures"] == pytest.approx(160 * 365)


def test_behind_a_lifted_constraint_stands_the_next(hand_plan, order):
    keys = {
        "halls": [{"name": "a", "racks": 4, "it_power": "1 MW"}],
        "power": {"basis": "it", "design_pue": 1, "steps": [{"name": "s", "adds": "80 kW"}]},
    }
    base, found = lifted(hand_plan(orders=[order("first", 160)], **keys))
    most = {item.constraint: item.gpus_online_max for item in found}
    assert base == pytest.approx(64 * 365)
    assert (most["hall"], most["power"]) == (80, 64)


def test_lifting_halls_opens_those_that_are_never_built(story_of):
    keys = {
        "works": [{"name": "shell", "duration": "9 days", "probability": "10 %"}],
        "halls": halls(works="shell"),
    }
    assert story_of(**keys).entered("online") == [float("inf")]
    assert story_of(lift=frozenset({"hall"}), **keys).entered("online") == [0]


def test_lifting_does_not_lift_the_limit_of_a_rack(story_of):
    keys = {"halls": halls(rack_limit="9 kW")}
    for name in LIFTABLE:
        assert story_of(lift=frozenset({name}), **keys).gpus(1, "hall_space") == 16


def test_gpu_days_are_the_area_under_the_curve_of_gpus_online(story_of, order):
    timeline = story_of(orders=[order("first", 32, lot="16 GPU", interval="10 days")]).timeline
    assert online_gpu_days(timeline) == pytest.approx(16 * (365 + 355))
    assert online_gpu_days(timeline) == pytest.approx(timeline.hourly_gpus("online").sum() / 24)


def life(years: str) -> dict[str, object]:
    keys = {"name": "server", "power": "1 kW", "server_size": "8 GPU", "rack_size": "16 GPU"}
    return {"products": [{**keys, "peak": 1, "life": years}]}


def slow() -> dict[str, object]:
    return deployment(slots=1, commissioning="6 days")


def test_gpus_that_retire_within_the_run_show_what_their_delay_costs(hand_plan, order):
    # Ten racks come online on days 6, 12, ... 60; with slots enough all of them on day 6.
    delays = 16 * sum(6 * i for i in range(10))
    keys = {"orders": [order("first", 160)], "deployment": slow()}
    _, long = lifted(hand_plan(**keys))
    _, short = lifted(hand_plan(**keys, **life("100 day")))
    for found, online in ((long, delays), (short, 0)):
        gain = {item.constraint: item.gain for item in found}["commissioning"]
        assert gain.total == pytest.approx(delays)
        assert gain.online == pytest.approx(online)
        assert gain.n_earlier == 16 * 9


def test_a_rack_counts_no_longer_than_its_life(hand_plan, order):
    # Nothing comes online without the hall that is never large enough.
    keys = {"orders": [order("first", 160)], "halls": halls(racks=9)}
    _, found = lifted(hand_plan(**keys, **life("50 day")))
    assert {item.constraint: item.gain.total for item in found}["hall"] == pytest.approx(16 * 50)


def test_what_follows_at_the_end_of_life_is_no_gain(hand_plan, order):
    again = {"refresh": {"product": "server", "lead_time": "10 days"}}
    keys = {"orders": [order("first", 160, **again)], "deployment": slow()}
    plan = hand_plan(**keys, **life("100 day"))
    planned = run_ramp(plan)
    assert any("+" in rack.order for rack in planned.racks)
    assert len(entries_of(plan, planned)) == 10
    gain = {item.constraint: item.gain for item in lifted_ramps(plan, planned)}["commissioning"]
    assert gain.total == pytest.approx(16 * sum(6 * i for i in range(10)))


def test_before_any_retirement_the_gain_is_the_difference_of_gpu_days_online(hand_plan, order):
    fleet = {"failure_rate": "3 1/GPU/year", "hands": 0.5, "recovery": "30 h", "repair": "48 h"}
    fleet |= {"technicians": 1, "hands_on": "20 h", "spares": 5, "spare_lead_time": "1 day"}
    keys = {"orders": [order("first", 160)], "deployment": slow(), "fleet": fleet}
    _, found = lifted(hand_plan(**keys))
    assert all(item.gain.total == pytest.approx(item.gain.online) for item in found)
    assert all(item.gain.repaired for item in found if item.constraint == "commissioning")


def test_the_horizon_cuts_what_is_counted(hand_plan, order):
    plan = hand_plan(orders=[order("first", 160)], deployment=slow())
    planned = run_ramp(plan)
    end_min = 30 * 1440
    gain = {item.constraint: item.gain for item in lifted_ramps(plan, planned, end_min)}
    by_hand = 16 * sum(min(6 * i, 24) for i in range(10))
    assert gain["commissioning"].total == gain["commissioning"].online == by_hand
    assert online_gpu_days(planned, end_min) == 16 * (24 + 18 + 12 + 6)


def test_a_ramp_gains_nothing_against_itself(hand_plan, order):
    plan = hand_plan(orders=[order("first", 160)], deployment=slow())
    planned = run_ramp(plan)
    assert ramp_gain(plan, planned, planned, planned.calendar.n_minutes) == (0, 0, 0, 0, 0)
    assert failed_gpu_days(planned, {}) == 0
