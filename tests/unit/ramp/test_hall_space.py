"""Waits for halls by hand, first come, first served."""

from __future__ import annotations

from types import SimpleNamespace

from simpy import Environment

from dcsim.gpu_states import OUTSIDE
from dcsim.ramp.hall_space import HallSpace
from dcsim.ramp.record import Record
from dcsim.ramp.schedule import EventSchedule

DAY = 24.0
RACK_MW = 0.016


def halls(*sizes, **keys):
    names = "abcdefgh"
    return [
        {"name": names[i], "racks": racks, "it_power": "1 MW", **keys}
        for i, racks in enumerate(sizes)
    ]


def steps(*sizes):
    """Steps of the connection: (racks it carries, work)."""
    return {
        "basis": "it",
        "design_pue": 1.0,
        "steps": [
            {"name": f"s{i}", "adds": f"{racks * RACK_MW} MW"} | ({"works": work} if work else {})
            for i, (racks, work) in enumerate(sizes)
        ],
    }


def server(name, size, power="1 kW", **keys):
    """A product whose racks are one server of that many GPUs."""
    return {
        "name": name,
        "power": power,
        "server_size": f"{size} GPU",
        "rack_size": f"{size} GPU",
        "peak": 1.0,
        **keys,
    }


def task(name, days, **keys):
    return {"name": name, "duration": f"{days} days", **keys}


def test_a_rack_waits_for_a_hall_that_is_being_built(story_of):
    story = story_of(
        works=[task("shell", 6)],
        halls=[{"name": "a", "racks": 9, "it_power": "1 MW", "works": "shell"}],
    )
    assert story.path()[:3] == [(0, "on_order"), (0, "hall_works"), (6 * DAY, "installing")]


def test_halls_fill_in_their_order_and_what_is_left_waits_for_space(story_of, order):
    story = story_of(halls=halls(2, 1), orders=[order("first", 16 * 5)])
    assert story.gpus(1, "online") == 48
    assert story.gpus(1, "hall_space") == 32
    assert story.gpus(1, "hall_works") == 0


def test_a_full_hall_is_hall_works_until_the_last_planned_hall_has_opened(story_of, order):
    story = story_of(
        works=[task("b", 5), task("c", 9)],
        halls=[
            {"name": "a", "racks": 1, "it_power": "1 MW"},
            {"name": "b", "racks": 1, "it_power": "1 MW", "works": "b"},
            {"name": "c", "racks": 1, "it_power": "1 MW", "works": "c"},
        ],
        orders=[order("first", 16 * 4)],
    )
    assert story.entered("online") == [0, 5 * DAY, 9 * DAY, float("inf")]
    assert story.path(3)[1:] == [(0, "hall_works"), (9 * DAY, "hall_space")]


def test_the_it_power_of_a_hall_binds_before_its_positions(story_of, order):
    story = story_of(
        halls=[{"name": "a", "racks": 50, "it_power": "47.999 kW"}],
        orders=[order("first", 16 * 3)],
    )
    assert story.gpus(1, "online") == 32
    assert story.gpus(1, "hall_space") == 16


def test_a_hall_takes_no_rack_above_its_limit(story_of, order):
    story = story_of(
        halls=[
            {"name": "air", "racks": 9, "it_power": "1 MW", "rack_limit": "15.9 kW"},
            {"name": "wet", "racks": 1, "it_power": "1 MW", "rack_limit": "16 kW"},
        ],
        orders=[order("first", 32)],
    )
    assert story.gpus(1, "online") == 16
    assert story.gpus(1, "hall_space") == 16


def test_a_hall_still_to_come_that_would_not_admit_the_rack_is_no_hall_works(story_of):
    story = story_of(
        works=[task("shell", 6)],
        halls=[
            {"name": "a", "racks": 9, "it_power": "1 MW", "works": "shell", "rack_limit": "9 kW"}
        ],
    )
    assert story.path()[1:] == [(0, "hall_space")]


def test_an_order_goes_only_to_its_halls(story_of, order):
    story = story_of(
        works=[task("shell", 6)],
        halls=[
            {"name": "a", "racks": 9, "it_power": "1 MW"},
            {"name": "b", "racks": 9, "it_power": "1 MW", "works": "shell"},
        ],
        orders=[order("first", 16, halls=["b"]), order("second", 16)],
    )
    assert story.entered("online") == [6 * DAY, 0]


def test_a_rack_that_fits_nowhere_does_not_stop_racks_of_another_kind(story_of, order):
    story = story_of(
        works=[task("shell", 6)],
        halls=halls(9, works="shell"),
        products=[server("heavy", 8, power="99 kW"), server("light", 8)],
        power=steps((99, None)),
        orders=[
            order("first", 16, product="heavy"),
            order("second", 16, product="light"),
        ],
    )
    # The hall takes one heavy rack of 792 kW; the second one waits, the light ones pass it.
    assert story.entered("online") == [6 * DAY, float("inf"), 6 * DAY, 6 * DAY]


def test_a_hall_whose_work_never_comes_is_space_that_is_not_there(story_of, order):
    story = story_of(
        works=[task("shell", 6, probability="10 %")],
        halls=[{"name": "a", "racks": 9, "it_power": "1 MW", "works": "shell"}],
        orders=[order("first", 16)],
    )
    assert story.path()[1:] == [(0, "hall_space")]
    assert story.timeline.capacity["halls"].level.size == 0


def test_racks_that_wait_are_looked_at_again_only_when_their_cause_changes(monkeypatch):
    looked_at = []
    monkeypatch.setattr(
        Record, "update_states", lambda _self, _now, racks, _cause: looked_at.append(len([*racks]))
    )
    space = HallSpace(EventSchedule(Environment()), Record())
    halls = [
        space.add(
            SimpleNamespace(
                name=f"hall-{number}",
                it_power_mw=0.001,
                racks=1,
                air_cooling_mw=None,
                liquid_cooling_mw=None,
                rack_limit_kw=1000.0,
            )
        )
        for number in range(50)
    ]
    for index in range(200):
        waiting = SimpleNamespace(
            index=index,
            product=0,
            halls=(),
            hall=-1,
            n_gpus=8,
            need_w=1000,
            nameplate_w=1000,
            state=OUTSIDE,
        )
        assert not space.request(waiting, 0, lambda *_: None)
    for hall in halls:
        space.open_hall(hall)
    # Fifty halls open, one rack enters each; only with the last one the cause is another.
    assert looked_at == [150]
