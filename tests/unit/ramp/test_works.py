"""Works by hand: predecessors, announced days, slips, risks, crews, and what they open."""

from __future__ import annotations

from pathlib import Path

import pytest

from dcsim.ramp import run_ramp
from dcsim.ramp.works import delay_h, never_coming
from dcsim.scenario.load import load
from dcsim.scenario.schema.works import Task

SCENARIOS = Path(__file__).parents[3] / "scenarios"
DAY = 24.0


def task(name, **keys):
    return {"name": name, **keys}


def test_works_follow_one_another_without_a_pause(story_of):
    story = story_of(
        works=[task("roof", duration="10 days", after=["walls"]), task("walls", duration="5 days")]
    )
    assert story.task("roof").start_min == 5 * DAY * 60
    assert story.done("roof") == 15 * DAY


def test_a_work_waits_for_the_last_of_its_predecessors_and_names_it_as_driver(story_of):
    story = story_of(
        works=[
            task("a", duration="9 days"),
            task("b", duration="3 days"),
            task("c", duration="1 day", after=["a", "b"]),
            task("d", duration="1 day", after=["b", "a"]),
        ]
    )
    assert [story.task(name).driver for name in "abcd"] == [None, None, "a", "a"]
    assert story.done("c") == story.done("d") == 10 * DAY


def test_a_start_day_after_the_predecessors_sets_the_start_and_leaves_no_driver(story_of):
    story = story_of(
        works=[
            task("a", duration="3 days"),
            task("b", duration="2 days", after=["a"], start="2030-01-11"),
        ]
    )
    assert story.task("b").start_min == 10 * DAY * 60
    assert story.task("b").driver is None
    assert story.done("b") == 12 * DAY


def test_an_announced_finish_is_kept_however_early_the_predecessor_is(story_of):
    story = story_of(
        works=[task("a", duration="3 days"), task("b", after=["a"], finish="2030-02-01")]
    )
    assert story.done("b") == 31 * DAY
    assert story.task("b").driver is None


def test_a_predecessor_that_is_later_than_the_announced_finish_moves_it(story_of):
    story = story_of(
        works=[
            task("a", duration="40 days"),
            task("b", after=["a"], finish="2030-02-01"),
            task("c", after=["a"], finish="2030-02-01", duration="7 days"),
        ]
    )
    assert story.done("b") == 40 * DAY
    assert story.done("c") == 47 * DAY
    assert story.task("b").driver == story.task("c").driver == "a"
    assert story.task("b").planned_finish_min == 31 * DAY * 60


@pytest.mark.parametrize(("slip", "days"), [("10 days", 41), ("-10 days", 21)])
def test_slip_counts_from_the_announced_finish(story_of, slip, days):
    story = story_of(works=[task("grid", finish="2030-02-01", slip=slip)])
    assert story.done("grid") == days * DAY
    assert story.task("grid").planned_finish_min == 31 * DAY * 60


def test_slip_adds_to_a_duration_and_an_early_one_never_ends_before_the_start(story_of):
    story = story_of(
        works=[
            task("late", duration="5 days", slip="2 days"),
            task("early", duration="5 days", slip="-2 days"),
            task("instant", duration="1 day", slip="-2 days"),
        ]
    )
    assert [story.done(name) for name in ("late", "early", "instant")] == [7 * DAY, 3 * DAY, 0]


def test_a_shared_risk_delays_every_work_that_names_it_and_adds_to_the_slip(story_of):
    story = story_of(
        risks=[
            {"name": "review", "probability": "50 %", "delay": "30 days"},
            {"name": "typhoon", "probability": "49 %", "delay": "99 days"},
        ],
        works=[
            task("a", duration="1 day", risks=["review", "typhoon"]),
            task("b", finish="2030-01-11", slip="5 days", risks=["review"]),
            task("c", duration="1 day"),
        ],
    )
    assert [story.done(name) for name in "abc"] == [31 * DAY, 45 * DAY, 1 * DAY]


def test_a_shared_risk_hits_all_its_works_or_none_in_every_replication(hand_plan):
    works = [task(name, duration="1 day", risks=["review"]) for name in "abc"]
    risks = [{"name": "review", "probability": "30 %", "delay": "30 days"}]
    hit = []
    for replication in range(1, 401):
        plan = hand_plan(replication, works=works, risks=risks)
        delays = {delay_h(work, plan) for work in plan.site.works}
        assert len(delays) == 1
        hit.append(delays.pop() > 0)
    assert abs(sum(hit) - 120) < 4 * (400 * 0.3 * 0.7) ** 0.5


def test_a_shared_risk_stretches_the_duration_of_every_work_that_names_it(story_of):
    story = story_of(
        risks=[
            {"name": "market", "probability": "100 %", "stretch": 1.5},
            {"name": "boom", "probability": "60 %", "stretch": 2, "delay": "1 day"},
            {"name": "calm", "probability": "40 %", "stretch": 0.1},
        ],
        works=[
            task("a", duration="10 days", risks=["market"]),
            task("b", duration="10 days", slip="2 days", risks=["market", "boom", "calm"]),
            task("c", duration="10 days"),
        ],
    )
    assert [story.done(name) for name in "abc"] == [15 * DAY, 33 * DAY, 10 * DAY]


def test_a_stretch_counts_against_an_announced_finish_only_through_the_duration(story_of):
    story = story_of(
        risks=[{"name": "market", "probability": "100 %", "stretch": 3}],
        works=[
            task("a", duration="1 day"),
            task("kept", after=["a"], finish="2030-01-31", duration="9 days", risks=["market"]),
            task("late", after=["a"], finish="2030-01-31", duration="10 days", risks=["market"]),
            task("bare", after=["a"], finish="2030-01-31", risks=["market"]),
        ],
    )
    assert [story.done(n) for n in ("kept", "late", "bare")] == [30 * DAY, 31 * DAY, 30 * DAY]


def test_a_shared_risk_stretches_and_delays_the_orders_that_name_it(story_of, order):
    story = story_of(
        risks=[{"name": "market", "probability": "100 %", "stretch": 1.5, "delay": "2 days"}],
        orders=[
            order("first", 16, lead_time="10 days", risks=["market"]),
            order("second", 16, lead_time="10 days"),
        ],
    )
    assert story.entered("online") == [17 * DAY, 10 * DAY]


def test_what_replaces_old_racks_is_ordered_in_another_market(story_of, order):
    story = story_of(
        end="2034-01-01",
        risks=[{"name": "market", "probability": "100 %", "delay": "30 days"}],
        products=[
            {
                "name": "server",
                "power": "1 kW",
                "server_size": "8 GPU",
                "rack_size": "16 GPU",
                "peak": 1.0,
                "life": "1 year",
            }
        ],
        orders=[
            order(
                "first",
                16,
                interval="0 h",
                risks=["market"],
                refresh={"product": "server", "lead_time": "10 days"},
            )
        ],
    )
    year = 8766.0
    assert story.entered("online")[:3] == [30 * DAY + year * n for n in range(3)]


def test_a_work_below_even_odds_never_comes_in_the_single_run_nor_does_what_follows(story_of):
    story = story_of(
        works=[
            task("a", duration="1 day", probability="49 %"),
            task("b", duration="1 day", after=["a"]),
            task("c", duration="1 day", after=["b", "d"]),
            task("d", duration="1 day", probability="50 %"),
        ]
    )
    assert [story.done(name) for name in "abcd"] == [None, None, None, DAY]
    assert [story.task(name).start_min for name in "abc"] == [None, None, None]
    gone = [(entry.subject, entry.text) for entry in story.timeline.log if entry.kind == "works"]
    assert sorted(gone) == [
        ("a", "never comes"),
        ("b", "never comes"),
        ("c", "never comes"),
        ("d", "done"),
    ]


def test_works_known_to_be_lost_take_new_ones_with_them(hand_plan):
    new = (Task(name="x", duration="1 h", after=("old",)), Task(name="y", duration="1 h"))
    assert never_coming(new, hand_plan(), {"old"}) == {"x"}


def test_in_a_replication_a_work_comes_as_often_as_its_probability(hand_plan):
    works = (Task(name="gamble", duration="1 h", probability="70 %"),)
    lost = sum(bool(never_coming(works, hand_plan(r), set())) for r in range(1, 401))
    assert abs(lost - 120) < 4 * (400 * 0.3 * 0.7) ** 0.5


def test_a_crew_does_one_work_at_a_time_in_the_order_they_become_ready(story_of):
    story = story_of(
        crews=[{"name": "team", "crews": 1}],
        works=[
            task("a", duration="4 days", crew="team"),
            task("b", duration="2 days", crew="team"),
            task("c", duration="1 day", crew="team", start="2030-01-02"),
        ],
    )
    starts = [story.task(name).start_min / 60 for name in "abc"]
    assert starts == [0, 4 * DAY, 6 * DAY]


def test_two_crews_do_two_works_at_a_time(story_of):
    story = story_of(
        crews=[{"name": "team", "crews": 2}],
        works=[task(name, duration="4 days", crew="team") for name in "abc"],
    )
    assert [story.done(name) for name in "abc"] == [4 * DAY, 4 * DAY, 8 * DAY]


def test_a_work_not_done_within_the_run_has_a_start_and_no_finish(story_of):
    story = story_of(end="2030-01-11", works=[task("long", duration="11 days")])
    record = story.task("long")
    assert (record.start_min, record.finish_min) == (0, None)


def test_a_day_is_local_midnight_of_the_site(hand_plan):
    # 2030-03-31 is the night the clocks of Berlin go forward: the month is an hour short.
    plan = hand_plan(
        time_zone="Europe/Berlin",
        start="2030-03-01",
        works=[task("a", finish="2030-04-01"), task("b", finish="2030-03-31")],
    )
    finish = {record.name: record.finish_min for record in run_ramp(plan).tasks}
    assert finish == {"a": 31 * 1440 - 60, "b": 30 * 1440}


PAST = [
    task("permit", start="2028-06-01", finish="2028-12-01", slip="31 days"),
    task("roof", duration="100 days", after=["permit"]),
    task("fit-out", duration="400 days", after=["roof"], crew="team"),
    task("hall", duration="30 days", after=["fit-out"], crew="team"),
    task("plant", finish="2029-03-01", duration="900 days"),
    task("late-plant", finish="2029-12-01", slip="62 days", duration="900 days"),
    task("transformer", start="2029-07-01", duration="300 days", slip="-10 days"),
    task("substation", duration="20 days", after=["transformer", "permit"]),
    task("grid", finish="2030-04-01", after=["substation", "plant"], duration="5 days"),
]
"""Works that dates before 2030 lead to."""
CREWS = [{"name": "team", "crews": 2}]


def test_works_keep_their_dates_whatever_day_the_run_starts_on(story_of):
    early = story_of(start="2028-01-01", works=PAST, crews=CREWS)
    late = story_of(works=PAST, crews=CREWS)
    hours = (366 + 365) * DAY
    for work in PAST:
        name = work["name"]
        assert late.done(name) == early.done(name) - hours
        assert late.task(name).driver == early.task(name).driver
        planned_min = early.task(name).planned_finish_min
        if planned_min is not None:
            assert late.task(name).planned_finish_min == planned_min - hours * 60


def test_what_is_left_of_works_under_way_is_worked_out_from_their_own_dates(story_of):
    story = story_of(works=PAST, crews=CREWS)
    permit = -365 * DAY  # 2028-12-01 and 31 days are the first of January 2029
    assert story.done("permit") == permit
    assert story.done("roof") == permit + 100 * DAY
    assert story.done("fit-out") == permit + 500 * DAY
    assert story.done("hall") == permit + 530 * DAY
    assert story.done("plant") == -306 * DAY
    assert story.done("late-plant") == 31 * DAY
    assert story.task("late-plant").start_min == (31 - 900) * DAY * 60
    assert story.done("transformer") == (-184 + 290) * DAY
    assert story.done("substation") == (-184 + 310) * DAY
    assert story.done("grid") == (-184 + 315) * DAY
    assert story.task("grid").driver == "substation"


def test_a_work_done_before_the_run_opens_its_capacity_on_the_first_minute(story_of, order):
    story = story_of(
        works=PAST,
        crews=CREWS,
        power={
            "basis": "it",
            "design_pue": 1.0,
            "steps": [{"name": "s", "adds": "1 MW", "works": "plant"}],
        },
        halls=[{"name": "a", "racks": 50, "it_power": "1 MW", "works": "roof"}],
        orders=[order("first", 16, after="permit", lead_time="2 days")],
    )
    assert story.timeline.capacity["energized"].time_min.tolist() == [0]
    assert story.timeline.capacity["halls"].time_min.tolist() == [0]
    assert story.entered("online") == [0]  # due before the run as well
    assert story.task("plant").unlocks == ("1 MW of connection",)
    assert [entry.time_min for entry in story.timeline.log if entry.subject == "permit"] == [
        -365 * DAY * 60
    ]


def test_a_work_that_no_date_leads_to_begins_with_the_run(story_of):
    story = story_of(
        works=[
            task("a", duration="10 days"),
            task("b", start="2029-01-01", duration="10 days", after=["a"]),
            task("c", finish="2029-06-01", duration="10 days", after=["b"]),
        ]
    )
    assert [story.done(name) for name in "abc"] == [10 * DAY, 20 * DAY, 30 * DAY]


def test_works_under_way_hold_their_crews_and_wait_for_none(story_of):
    story = story_of(
        crews=[{"name": "team", "crews": 1}],
        works=[
            task("new", duration="5 days", crew="team"),
            task("one", start="2029-12-30", duration="12 days", crew="team"),
            task("two", start="2029-12-30", duration="22 days", crew="team"),
            task("done", start="2029-01-01", duration="5 days", crew="team"),
        ],
    )
    assert [story.done(n) for n in ("one", "two")] == [10 * DAY, 20 * DAY]
    assert story.task("new").start_min == 20 * DAY * 60
    assert story.done("done") == -360 * DAY


def test_a_work_under_way_whose_crew_is_freed_late_leaves_no_ghost_in_the_queue(story_of):
    story = story_of(
        crews=[{"name": "team", "crews": 1}],
        works=[
            task("long", start="2029-12-30", duration="22 days", crew="team"),
            task("short", start="2029-12-30", duration="12 days", crew="team"),
            task("new", duration="5 days", crew="team"),
        ],
    )
    assert story.task("new").start_min == 20 * DAY * 60


@pytest.mark.parametrize("replication", [0, 3])
def test_the_grid_of_ulsan_keeps_its_dates_in_a_run_that_starts_later(replication):
    path = SCENARIOS / "ulsan-103mw.yaml"

    def dates(*overrides):
        # Without GPUs to speak of: works are what is looked at.
        few = [f"orders.{name}.gpus=16GPU" for name in ("first", "second")]
        plan = load(path, overrides=[*few, *overrides]).plan(replication)
        timeline = run_ramp(plan)
        return {
            work.name: work.finish_min and timeline.calendar.moment(work.finish_min)
            for work in timeline.tasks
        }

    later = dates("start=2026-07-15")
    assert later == dates()
    assert later["grid-41mw"] is not None
    assert later["grid-103mw"] is not None
