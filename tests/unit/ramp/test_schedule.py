from __future__ import annotations

import math

from simpy import Environment

from dcsim.ramp.schedule import Agenda


def test_racks_that_do_the_same_in_the_same_minute_share_an_event():
    env, told = Environment(), []
    agenda = Agenda(env)

    def install(rack, now):
        told.append((rack, now))

    for rack in range(500):
        agenda.at(60, install, rack)
    env.step()
    assert env.peek() == math.inf
    assert told == [(rack, 60) for rack in range(500)]


def test_what_comes_in_between_keeps_its_place():
    env, told = Environment(), []
    agenda = Agenda(env)

    def first(rack, _):
        told.append(f"first {rack}")

    def second(rack, _):
        told.append(f"second {rack}")

    agenda.at(5, first, 1)
    agenda.at(5, second, 1)
    agenda.at(5, first, 2)
    env.run()
    assert told == ["first 1", "second 1", "first 2"]


def test_nothing_is_kept_of_a_minute_that_is_over():
    env = Environment()
    agenda = Agenda(env)
    for minute in range(100):
        agenda.at(minute, lambda rack, now: None, minute)
    env.run()
    assert agenda.last == {}
