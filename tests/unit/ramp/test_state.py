from __future__ import annotations

import pytest
from simpy import Environment

from dcsim.ramp.state import RampState


@pytest.fixture
def ramp(hand_plan):
    """A ramp in which the work ``shell`` is known."""
    env, plan = Environment(), hand_plan()
    ramp = RampState(
        env,
        plan,
        plan.calendar,
        record=None,
        rack_flow=None,
        repair_shop=None,
        lift=frozenset(),
        will_retire=None,
    )
    ramp.done["shell"] = env.event()
    return ramp


@pytest.fixture
def calls():
    return []


def when(ramp, calls, work):
    ramp.when(work, "hall a", lambda: calls.append("open"), lambda: calls.append("abandon"))


def test_without_a_work_it_is_done_at_once(ramp, calls):
    when(ramp, calls, None)
    assert calls == ["open"]
    assert ramp.unlocks == {}


def test_after_a_work_that_is_done_it_is_done_at_once(ramp, calls):
    ramp.done["shell"].succeed()
    when(ramp, calls, "shell")
    assert calls == ["open"]


def test_before_a_work_is_done_it_waits_among_what_the_work_unlocks(ramp, calls):
    when(ramp, calls, "shell")
    assert calls == []
    (unlock,) = ramp.unlocks["shell"]
    assert unlock.text == "hall a"
    unlock.action()
    assert calls == ["open"]


def test_a_work_that_is_not_known_yet_may_still_come(ramp, calls):
    when(ramp, calls, "block-1.shell")
    assert calls == []
    assert len(ramp.unlocks["block-1.shell"]) == 1


def test_after_a_work_that_never_comes_it_is_abandoned(ramp, calls):
    ramp.never.add("bay")
    when(ramp, calls, "bay")
    assert calls == ["abandon"]
    ramp.when("bay", "nothing to abandon", lambda: calls.append("open"))
    assert calls == ["abandon"]
