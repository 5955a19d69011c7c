from __future__ import annotations

import math

from simpy import Environment

from dcsim.ramp.schedule import EventSchedule


def test_racks_that_do_the_same_in_the_same_minute_share_an_event():
    env, told = Environment(), []
    schedule = EventSchedule(env)

    def install(rack, now):
        told.append((rack, now))

    for rack in range(500):
        schedule.at(60, install, rack)
    env.step()
    assert env.peek() == math.inf
    assert told == [(rack, 60) for rack in range(500)]


def test_what_comes_in_between_keeps_its_place():
    env, told = Environment(), []
    schedule = EventSchedule(env)

    def first(rack, _):
        told.append(f"first {rack}")

    def second(rack, _):
        told.append(f"second {rack}")

    schedule.at(5, first, 1)
    schedule.at(5, second, 1)
    schedule.at(5, first, 2)
    env.run()
    assert told == ["first 1", "second 1", "first 2"]


def test_nothing_is_kept_of_a_minute_that_is_over():
    env = Environment()
    schedule = EventSchedule(env)
    for minute in range(100):
        schedule.at(minute, lambda rack, now: None, minute)
    env.run()
    assert schedule.open_batches == {}
