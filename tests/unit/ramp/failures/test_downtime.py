"""Downtime of servers by hand: recoveries, repairs, queues, retirement."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dcsim.gpu_states import IN_SERVICE, STATES
from dcsim.ramp import run_ramp
from dcsim.ramp.failures.hazard import Failures
from dcsim.scenario.plan import Plan
from dcsim.units import HOURS_PER_YEAR

DAY = 24.0
HANDS = math.inf
"""Stands for the recovery of a failure that needs hands."""


def fleet(**keys):
    return {
        "failure_rate": "1 1/GPU/year",
        "hands": 1.0,
        "recovery": "1 h",
        "technicians": 9,
        "hands_on": "4 h",
        "repair": "24 h",
        "spares": 9,
        "spare_lead_time": "1 h",
        **keys,
    }


@pytest.fixture
def failing(story_of, monkeypatch):
    """The hand-made site with failures at given ages: (server, hour, hours to recover or HANDS).

    Every order has the same ones, as far as its servers go.
    """

    def run(*failures, lift=frozenset(), plan=None, **keys):
        rows = sorted(failures)

        def draw_failures(_fleet, n_servers, *_, **__):
            mine = [row for row in rows if row[0] < n_servers]
            return Failures(
                np.array([row[0] for row in mine], dtype=np.int64),
                np.array([round(row[1] * 60) for row in mine], dtype=np.int64),
                np.array([row[2] == HANDS for row in mine], dtype=bool),
                np.array([1 if row[2] == HANDS else round(row[2] * 60) for row in mine], np.int64),
                np.ones(len(mine)),
            )

        monkeypatch.setattr("dcsim.ramp.failures.repair_shop.draw_failures", draw_failures)
        keys.setdefault("fleet", fleet())
        return story_of(lift=lift, **keys)

    return run


def after_online(story):
    """Moves of the GPUs in service: hour, GPUs, from, to."""
    moves = story.timeline.moves
    rows = zip(moves.time_min, moves.n_gpus, moves.origin, moves.target, strict=True)
    return [
        (time / 60, int(n), STATES[origin], STATES[target])
        for time, n, origin, target in rows
        if STATES[origin] in IN_SERVICE
    ]


def repairs_begin(story):
    return [time for time, _, _, to in after_online(story) if to == "in_repair"]


def states_never_negative(story):
    for state in STATES:
        level = story.timeline.stock(state).level
        assert level.min(initial=0) >= 0, state


def product(life="20 year", rack=16):
    return [
        {
            "name": "server",
            "power": "1 kW",
            "server_size": "8 GPU",
            "rack_size": f"{rack} GPU",
            "peak": 1.0,
            "life": life,
        }
    ]


# ------------------------------------------------------------------------------------------ by hand


def test_a_failure_that_needs_hands_is_repaired_at_once_when_all_is_there(failing):
    assert after_online(failing((0, 10, HANDS))) == [
        (10, 8, "online", "failed"),
        (10, 8, "failed", "in_repair"),
        (34, 8, "in_repair", "online"),
    ]


def test_a_failure_without_hands_recovers_in_its_time(failing):
    assert after_online(failing((1, 10, 2.5))) == [
        (10, 8, "online", "recovering"),
        (12.5, 8, "recovering", "online"),
    ]


def test_age_counts_from_the_minute_a_rack_enters_service(failing, order):
    story = failing(
        (0, 10, HANDS),
        deployment={"crews": 1, "install": "8 h", "slots": 1, "commissioning": "24 h"},
        orders=[order("first", 16, lead_time="3 days")],
    )
    assert repairs_begin(story) == [3 * DAY + 32 + 10]


def test_a_technician_starts_the_next_repair_when_his_hands_are_free(failing):
    story = failing((0, 10, HANDS), (1, 11, HANDS), fleet=fleet(technicians=1))
    assert after_online(story) == [
        (10, 8, "online", "failed"),
        (10, 8, "failed", "in_repair"),
        (11, 8, "online", "failed"),
        (14, 8, "failed", "in_repair"),
        (34, 8, "in_repair", "online"),
        (38, 8, "in_repair", "online"),
    ]


def test_a_repair_waits_for_a_spare(failing):
    story = failing((0, 10, HANDS), (1, 11, HANDS), fleet=fleet(spares=1, spare_lead_time="100 h"))
    assert repairs_begin(story) == [10, 110]


def test_a_repair_waits_for_technician_and_spare_whichever_is_later(failing, order):
    failures = [(server, 10 + server, HANDS) for server in range(4)]
    rules = fleet(technicians=1, hands_on="30 h", repair="30 h", spares=2, spare_lead_time="100 h")
    story = failing(*failures, fleet=rules, orders=[order("first", 32)])
    # Spares are there at 0, 0, 110 and 140; the technician is free at 0, 40, 70 and 140.
    assert repairs_begin(story) == [10, 40, 110, 140]


def test_first_failed_is_first_repaired(failing, order):
    failures = [(3, 10, HANDS), (0, 11, HANDS), (2, 12, HANDS), (1, 13, HANDS)]
    story = failing(*failures, fleet=fleet(technicians=1), orders=[order("first", 32)])
    moves = story.timeline.moves
    begun = moves.target == STATES.index("in_repair")
    assert (moves.time_min[begun] / 60).tolist() == [10, 14, 18, 22]
    assert moves.subject[begun].tolist() == [1, 0, 1, 0]


def test_without_spares_what_fails_stays_failed(failing):
    story = failing((0, 10, HANDS), (1, 20, HANDS), fleet=fleet(spares=0))
    assert story.gpus(1000, "failed") == 16
    assert repairs_begin(story) == []


def test_without_technicians_what_fails_stays_failed(failing, hand_plan):
    failing((0, 10, HANDS))  # for its failures; a scenario has one technician at least
    plan = hand_plan(fleet=fleet())
    nobody = plan.site.fleet.model_copy(update={"n_technicians": 0})
    timeline = run_ramp(Plan(plan.site.model_copy(update={"fleet": nobody})))
    assert timeline.stock("failed").at(1e6) == 8
    assert timeline.stock("in_repair").level.size == 0


def test_spares_and_people_who_join_take_up_the_queue_at_once(failing):
    joined = {
        "name": "block",
        "release": {"not_before": "2030-02-01"},
        "technicians": 1,
        "spares": 1,
    }
    story = failing(
        (0, 10, HANDS), (1, 20, HANDS), fleet=fleet(spares=0, spare_lead_time="3 days"),
        expansion=[joined],
    )  # fmt: skip
    assert repairs_begin(story) == [31 * DAY, 34 * DAY]


def test_a_server_that_is_down_does_not_fail_again(failing):
    story = failing((0, 10, HANDS), (0, 20, HANDS), (0, 33, 2.0))
    assert [to for _, _, _, to in after_online(story)] == ["failed", "in_repair", "online"]


def test_a_server_that_waits_for_hands_does_not_fail_again(failing):
    story = failing((0, 10, HANDS), (0, 20, HANDS), (0, 33, 2.0), fleet=fleet(spares=0))
    assert after_online(story) == [(10, 8, "online", "failed")]


def test_a_server_may_fail_in_the_minute_it_comes_back(failing):
    story = failing((0, 10, HANDS), (0, 34, HANDS))
    assert [(time, to) for time, _, _, to in after_online(story)] == [
        (10, "failed"),
        (10, "in_repair"),
        (34, "online"),
        (34, "failed"),
        (34, "in_repair"),
        (58, "online"),
    ]


def test_servers_of_one_rack_fail_and_return_apart(failing):
    story = failing((0, 10, HANDS), (1, 20, 30.0))
    assert [story.gpus(hour, "online") for hour in (9, 15, 25, 40, 60)] == [16, 8, 0, 8, 16]
    states_never_negative(story)


def test_a_repair_that_ends_after_the_run_stays_in_repair(failing):
    story = failing((0, 10, HANDS), (1, 11, 99.0), end="2030-01-02")
    assert story.gpus(24, "in_repair") == 8
    assert story.gpus(24, "recovering") == 8
    assert story.timeline.moves.time_min.max() < 1440


def test_the_last_rack_of_an_order_has_only_the_servers_it_holds(failing, order):
    story = failing(*((server, 10, HANDS) for server in range(6)), orders=[order("first", 40)])
    moves = story.timeline.moves
    failed = moves.target == STATES.index("failed")
    assert sorted(moves.subject[failed].tolist()) == [0, 0, 1, 1, 2]
    states_never_negative(story)


def test_lifting_failures_lifts_all_of_them(failing):
    assert after_online(failing((0, 10, HANDS), lift=frozenset({"failures"}))) == []


# --------------------------------------------------------------------------------------- retirement

LIFE_H = 1000.0
SHORT = f"{LIFE_H / HOURS_PER_YEAR!r} year"


@pytest.mark.parametrize("age_h", [976, 976.5, 990, LIFE_H - 1 / 60])
def test_a_server_in_repair_is_retired_with_its_rack(failing, age_h):
    story = failing((0, age_h, HANDS), products=product(SHORT))
    assert after_online(story) == [
        (age_h, 8, "online", "failed"),
        (age_h, 8, "failed", "in_repair"),
        (LIFE_H, 8, "in_repair", "retired"),
        (LIFE_H, 8, "online", "retired"),
    ]


def test_a_server_back_a_minute_before_its_rack_retires_is_retired_from_online(failing):
    story = failing((0, 976 - 1 / 60, HANDS), products=product(SHORT))
    assert after_online(story)[-1] == (LIFE_H, 16, "online", "retired")


def test_a_server_that_waits_is_retired_with_its_rack_and_leaves_the_queue(failing, order):
    story = failing(
        (0, 950, HANDS),
        (1, 960, HANDS),
        products=product(SHORT),
        fleet=fleet(technicians=1, hands_on="60 h", repair="60 h"),
        orders=[order("first", 16), order("second", 16, lead_time="40 h")],
    )
    # The technician is busy with server 0 until 1010; 1 has gone by then, and his next is server 0
    # of the second order, which failed at 990 and is ahead of its neighbor of 1000.
    assert (LIFE_H, 8, "failed", "retired") in after_online(story)
    assert (LIFE_H, 8, "in_repair", "retired") in after_online(story)
    assert repairs_begin(story) == [950, 1010]
    assert story.gpus(2000, "retired") == 32
    states_never_negative(story)


def test_what_recovers_is_retired_with_its_rack(failing):
    story = failing((0, 990, 50.0), products=product(SHORT))
    assert after_online(story) == [
        (990, 8, "online", "recovering"),
        (LIFE_H, 8, "recovering", "online"),
        (LIFE_H, 16, "online", "retired"),
    ]


def test_a_server_that_waited_until_its_rack_retired_did_not_recover_meanwhile(failing):
    # Server 0 takes the only spare; server 1 waits for it from 905 until it is retired at 1000.
    story = failing(
        (0, 900, HANDS),
        (0, 958, 10.0),
        (1, 905, HANDS),
        (1, 960, 10.0),
        products=product(SHORT),
        fleet=fleet(spares=1, spare_lead_time="200 h"),
    )
    assert story.gpus(961, "recovering") == 8
    states_never_negative(story)


def test_a_server_that_waits_to_the_end_of_the_run_does_not_recover_meanwhile(failing):
    story = failing((0, 900, HANDS), (0, 950, 10.0), fleet=fleet(spares=0))
    assert story.timeline.stock("recovering").level.size == 0


def test_every_gpu_ends_retired_however_its_servers_stand(failing, order):
    failures = [(0, 990, HANDS), (1, 991, HANDS), (2, 992, HANDS), (3, 993, 50.0), (4, 998, 1.0)]
    story = failing(
        *failures,
        products=product(SHORT, rack=48),
        fleet=fleet(technicians=1, hands_on="20 h", spares=2),
        orders=[order("first", 96)],
    )
    states_never_negative(story)
    assert story.gpus(LIFE_H, "retired") == story.gpus(LIFE_H, *STATES) == 96


def test_failures_of_a_refreshed_rack_are_its_own(failing, order):
    refresh = {"product": "server", "lead_time": "0 h"}
    story = failing(
        (0, 10, 1.0),
        products=product(SHORT),
        end="2030-04-01",
        orders=[order("first", 16, interval="1 day", refresh=refresh)],
    )
    failed = [time for time, _, _, to in after_online(story) if to == "recovering"]
    assert failed == [10, LIFE_H + DAY + 10, 2 * (LIFE_H + DAY) + 10]
