"""The ramp as a whole: its timeline within the run, its constraints lifted, its capacity."""

from __future__ import annotations

import numpy as np
import pytest

from dcsim.gpu_states import GPU_STATES, LIFTABLE, STATE

SERVER = {
    "name": "server",
    "power": "1 kW",
    "server_size": "8 GPU",
    "rack_size": "16 GPU",
    "peak": 1.0,
    "life": "20 year",
}
SCARCE = {
    "works": [{"name": "shell", "duration": "20 days"}, {"name": "bay", "duration": "60 days"}],
    "halls": [
        {"name": "a", "works": "shell", "racks": 9, "it_power": "1 MW", "air_cooling": "64 kW"}
    ],
    "power": {
        "basis": "it",
        "design_pue": 1.0,
        "steps": [
            {"name": "first", "adds": "32 kW"},
            {"name": "next", "adds": "64 kW", "works": "bay"},
        ],
    },
    "deployment": {"crews": 1, "install": "20 h", "slots": 1, "commissioning": "48 h"},
    "fleet": {
        "failure_rate": "5 1/GPU/year",
        "hands": 0.5,
        "recovery": "2 h",
        "technicians": 1,
        "hands_on": "4 h",
        "repair": "24 h",
        "spares": 1,
        "spare_lead_time": "200 h",
    },
}
"""Ten racks, of which each state of the table but ``retired`` holds some for a while."""


def test_in_the_scarce_site_gpus_pass_through_every_state_but_retired(story_of, order):
    moves = story_of(orders=[order("first", 160, lead_time="5 days")], **SCARCE).timeline.moves
    assert {s.name for s in GPU_STATES} - {GPU_STATES[t].name for t in moves.target} == {"retired"}


@pytest.mark.parametrize("constraint", LIFTABLE)
def test_without_a_constraint_no_gpu_spends_time_in_its_states(story_of, order, constraint):
    orders = [order("first", 160, lead_time="5 days")]
    story = story_of(lift=frozenset({constraint}), orders=orders, **SCARCE)
    states = [state.name for state in GPU_STATES if state.lifted_by == constraint]
    assert story.timeline.hourly_gpus(*states).max() == 0


def test_works_that_never_begin_are_listed_without_dates(story_of):
    works = [
        {"name": "permit", "duration": "400 days"},
        {"name": "bay", "duration": "9 days", "after": ["permit"]},
    ]
    story = story_of(works=works)
    assert [task.name for task in story.timeline.tasks] == ["permit", "bay"]
    permit, bay = story.timeline.tasks
    assert (permit.start_min, permit.finish_min) == (0, None)  # not done within the run
    assert (bay.start_min, bay.finish_min) == (None, None)


def test_all_moves_lie_within_the_run_and_in_order(story_of, order):
    refresh = {"product": "server", "lead_time": "30 days"}
    products = [{**SERVER, "life": "0.5 year"}]
    story = story_of(products=products, orders=[order("first", 48, refresh=refresh)])
    time = story.timeline.moves.time_min
    assert time.min() >= 0
    assert time.max() < story.timeline.calendar.n_minutes
    assert (np.diff(time) >= 0).all()


def test_a_move_at_the_end_of_the_run_is_left_out(story_of, order):
    story = story_of(end="2030-01-11", orders=[order("first", 16, lead_time="10 days")])
    assert story.path() == [(0, "on_order")]
    assert story.timeline.moves.target.tolist() == [STATE["on_order"]]
