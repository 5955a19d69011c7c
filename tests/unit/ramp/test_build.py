"""Start of the ramp: what opens, when its work is done, and what is abandoned."""

from __future__ import annotations

from typing import Any

DAY = 24.0


def task(name: str, **keys: Any) -> dict[str, Any]:
    return {"name": name, **keys}


def test_a_work_opens_halls_steps_plants_and_orders_on_its_day(story_of, order):
    story = story_of(
        works=[task("all", duration="5 days")],
        power={
            "basis": "it",
            "design_pue": 1.0,
            "steps": [{"name": "s", "adds": "2 MW", "works": "all", "granted": "50 %"}],
        },
        halls=[{"name": "a", "racks": 50, "it_power": "3 MW", "works": "all"}],
        gensets=[
            {
                "name": "g",
                "works": "all",
                "units": 2,
                "unit_power": "2.5 MW",
                "carbon": "700 kg/MWh",
            }
        ],
        orders=[order("first", 16, after="all", lead_time="2 days")],
    )
    for key, level in (("energized", 1.0), ("halls", 3.0), ("gensets.g", 5.0)):
        steps = story.timeline.capacity[key]
        assert steps.time_min.tolist() == [5 * DAY * 60]
        assert steps.level.tolist() == [level]
    assert story.path() == [
        (5 * DAY, "on_order"),
        (7 * DAY, "installing"),
        (7 * DAY, "commissioning"),
        (7 * DAY, "online"),
    ]
    assert story.task("all").unlocks == (
        "hall a",
        "cooling of hall a",
        "1 MW of connection",
        "gensets.g",
        "order first",
    )


def test_an_order_after_a_work_that_never_comes_is_never_placed(story_of, order):
    story = story_of(
        works=[task("lost", duration="1 day", probability="10 %")],
        orders=[order("first", 16), order("second", 16, after="lost")],
    )
    assert {rack.order for rack in story.timeline.racks} == {"first"}


def test_what_hangs_on_no_work_is_there_from_the_first_minute(story_of):
    story = story_of(halls=[{"name": "a", "racks": 50, "it_power": "3 MW"}])
    for key, level in (("energized", 1.0), ("halls", 3.0)):
        steps = story.timeline.capacity[key]
        assert (steps.time_min.tolist(), steps.level.tolist()) == ([0], [level])
    assert story.entered("online") == [0.0]


def test_a_hall_takes_no_rack_before_its_cooling(story_of):
    story = story_of(
        works=[task("shell", duration="1 day"), task("chillers", duration="3 days")],
        halls=[
            {
                "name": "a",
                "racks": 50,
                "it_power": "1 MW",
                "works": "shell",
                "cooling_works": "chillers",
            }
        ],
    )
    assert story.timeline.capacity["halls"].time_min.tolist() == [1 * DAY * 60]
    assert story.entered("online") == [3 * DAY]
    assert story.task("shell").unlocks == ("hall a",)
    assert story.task("chillers").unlocks == ("cooling of hall a",)


def test_a_hall_that_is_lifted_is_open_whatever_its_work_does(story_of):
    keys = {
        "works": [task("shell", duration="9 days")],
        "halls": [{"name": "a", "racks": 50, "it_power": "1 MW", "works": "shell"}],
    }
    assert story_of(**keys).entered("online") == [9 * DAY]
    assert story_of(lift=frozenset({"hall"}), **keys).entered("online") == [0.0]


def test_the_share_of_a_step_that_is_not_granted_brings_no_power(story_of):
    power = {"basis": "it", "design_pue": 1.0}
    steps = [{"name": "s", "adds": "2 MW", "granted": "25 %"}, {"name": "t", "adds": "1 MW"}]
    story = story_of(power={**power, "steps": steps})
    assert story.timeline.capacity["energized"].at(0) == 0.5 + 1.0
