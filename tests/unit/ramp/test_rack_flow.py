"""The way of racks by hand: states in their order, life, and what its end sets free."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from simpy import Environment

from dcsim.gpu_states import OUTSIDE
from dcsim.ramp.rack_flow import deliver
from dcsim.ramp.schedule import EventSchedule

DAY = 24.0


def product(name="server", life="20 year", **keys):
    return {
        "name": name,
        "power": "1 kW",
        "server_size": "8 GPU",
        "rack_size": "16 GPU",
        "peak": 1.0,
        "life": life,
        **keys,
    }


def power(racks):
    return {
        "basis": "it",
        "design_pue": 1.0,
        "steps": [{"name": "s", "adds": f"{racks * 0.016} MW"}],
    }


def test_a_rack_goes_from_outside_through_neighboring_states_only(story_of, order):
    story = story_of(power=power(1), orders=[order("first", 32)])
    moves = story.timeline.moves
    for rack in range(2):
        mine = moves.subject == rack
        assert moves.origin[mine][0] == OUTSIDE
        np.testing.assert_array_equal(moves.origin[mine][1:], moves.target[mine][:-1])


def test_a_rack_retires_at_the_age_of_its_life(story_of, order):
    story = story_of(
        products=[product(life="0.5 year")], orders=[order("first", 16, lead_time="1 day")]
    )
    assert story.path()[-2:] == [(DAY, "online"), (DAY + 4383, "retired")]


def test_a_life_that_ends_with_the_run_or_later_ends_in_no_retirement(story_of):
    hours = 182 * DAY
    for life_h, last in ((hours - 1, "retired"), (hours, "online"), (hours + 1, "online")):
        story = story_of(products=[product(life=f"{life_h / 8766!r} year")], end="2030-07-02")
        assert story.path()[-1][1] == last


@pytest.mark.parametrize("freed", ["hall", "power", "cooling"])
def test_what_a_retired_rack_frees_goes_to_the_next_in_the_queue(story_of, order, freed):
    keys = {
        "hall": {"halls": [{"name": "a", "racks": 1, "it_power": "1 MW"}]},
        "power": {"power": power(1)},
        "cooling": {
            "halls": [{"name": "a", "racks": 9, "it_power": "1 MW", "air_cooling": "16 kW"}]
        },
    }[freed]
    story = story_of(products=[product(life="0.25 year")], orders=[order("first", 16 * 3)], **keys)
    quarter = 8766 / 4
    assert story.entered("online") == [0, quarter, 2 * quarter]
    assert story.entered("retired") == [quarter, 2 * quarter, 3 * quarter]


def test_lots_are_delivered_one_interval_apart_and_the_last_may_be_smaller():
    env = Environment()
    arrivals = []
    flow = SimpleNamespace(
        schedule=EventSchedule(env), arrive=lambda racks: arrivals.append((env.now, list(racks)))
    )
    env.process(deliver(flow, ["a", "b", "c", "d", "e"], lot_racks=2, interval_min=60, due_min=0))
    env.run()
    assert arrivals == [(0, ["a", "b"]), (60, ["c", "d"]), (120, ["e"])]
