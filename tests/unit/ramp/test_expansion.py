"""Expansion by hand: rules that see only the past release blocks of their own works and orders."""

from __future__ import annotations

import datetime

import pytest

from dcsim.ramp.expansion import copy_of, demand_gpus, is_due
from dcsim.ramp.record import ONLINE, RETIRED, Record
from dcsim.scenario.schema.site import Block, Release

DAY = 24.0


def block(**keys):
    return {
        "name": "block",
        "release": {"not_before": "2030-02-01"},
        "works": [{"name": "shell", "duration": "10 days"}],
        "halls": [{"name": "h", "racks": 9, "it_power": "1 MW", "works": "shell"}],
        "orders": [
            {
                "name": "racks",
                "product": "server",
                "gpus": "32 GPU",
                "after": "shell",
                "lead_time": "5 days",
                "halls": ["h"],
            }
        ],
    } | keys


def demand(gpus, **keys):
    return [{"name": "all", "use": "training", "gpus": f"{gpus} GPU", "at": "2030-01-01", **keys}]


def released(story):
    return [
        (entry.subject, entry.time_min / 60)
        for entry in story.timeline.log
        if entry.kind == "expansion"
    ]


def test_a_block_is_released_on_its_first_day_and_its_works_count_from_then(story_of):
    story = story_of(expansion=[block()])
    assert released(story) == [("block-1", 31 * DAY)]
    assert story.done("block-1.shell") == 41 * DAY
    assert story.path(1)[:2] == [(41 * DAY, "on_order"), (46 * DAY, "installing")]
    assert [rack.name for rack in story.timeline.racks[1:]] == [
        "block-1.racks/rack-1",
        "block-1.racks/rack-2",
    ]


def test_copies_follow_in_their_interval(story_of):
    rule = {"not_before": "2030-02-01", "interval": "30 days"}
    story = story_of(expansion=[block(repeat=3, release=rule)])
    assert released(story) == [(f"block-{k}", (1 + 30 * k) * DAY) for k in (1, 2, 3)]


def test_without_an_interval_copies_are_a_planning_round_apart(story_of):
    story = story_of(expansion=[block(repeat=2)])
    assert released(story) == [("block-1", 31 * DAY), ("block-2", 38 * DAY)]


def test_a_block_waits_until_the_share_of_gpus_online_is_reached(story_of, order):
    rule = {"not_before": "2030-02-01", "online": "75 %"}
    orders = [order("first", 64, lot="16 GPU", lead_time="30 days", interval="10 days")]
    # 48 of 64 are online from day 50 on; the rule is looked at on days 31, 38, 45 and 52.
    assert released(story_of(orders=orders, expansion=[block(release=rule)])) == [
        ("block-1", 52 * DAY)
    ]


def test_a_block_waits_for_the_backlog_of_demand_that_grows(story_of, order):
    rule = {"not_before": "2030-02-01", "backlog": "100 GPU"}
    late = demand(200, begins="2030-03-01")  # day 59; looked at on days 31, 38, …, 59
    story = story_of(demand=late, orders=[order("first", 96)], expansion=[block(release=rule)])
    assert released(story) == [("block-1", 59 * DAY)]
    story = story_of(demand=late, orders=[order("first", 112)], expansion=[block(release=rule)])
    assert released(story) == []


def test_demand_grows_by_its_share_each_year(hand_plan):
    site = hand_plan(demand=demand(1000, growth="40 %")).site
    for days, expected in ((0, 1000), (1461, 1000 * 1.4**4), (-1461, 0)):
        day = datetime.date(2030, 1, 1) + datetime.timedelta(days=days)
        assert demand_gpus(site, day) == pytest.approx(expected, rel=1e-12)


def test_a_rule_counts_what_is_ordered_and_not_retired():
    record = Record()
    record.n_ordered, record.stock[ONLINE], record.stock[RETIRED] = 300, 90, 200
    for online, due in ((0.9, True), (0.91, False)):
        rule = Release(not_before="2030-01-01", online=online)
        assert is_due(rule, record, 0) is due


def test_a_rule_on_utilization_compares_demand_with_gpus_in_service():
    record = Record()
    record.n_ordered = record.stock[ONLINE] = 100
    rule = Release(not_before="2030-01-01", utilization=0.7)
    assert is_due(rule, record, 70)
    assert not is_due(rule, record, 69)


def test_a_copy_bears_its_own_names_inside_and_keeps_those_of_the_site(hand_plan):
    own = Block.model_validate(
        block(
            works=[
                {"name": "shell", "duration": "10 days", "after": ["permit"], "label": "Shell"},
                {"name": "pipes", "duration": "10 days", "after": ["shell"]},
            ],
            halls=[
                {
                    "name": "h",
                    "racks": 9,
                    "it_power": "1 MW",
                    "works": "shell",
                    "cooling_works": "pipes",
                }
            ],
            power=[{"name": "step", "adds": "1 MW", "works": "grid"}],
        )
    )
    copy = copy_of(own, 2)
    assert [task.after for task in copy.works] == [("permit",), ("block-2.shell",)]
    assert [task.title for task in copy.works] == ["Shell 2", "pipes 2"]
    assert (copy.halls[0].works, copy.halls[0].cooling_works) == ("block-2.shell", "block-2.pipes")
    assert (copy.power[0].name, copy.power[0].works) == ("block-2.step", "grid")
    assert (copy.orders[0].after, copy.orders[0].halls) == ("block-2.shell", ("block-2.h",))


def test_technicians_and_spares_of_a_block_join_on_its_release(hand_plan):
    from dcsim.ramp.build import expand_block
    from dcsim.ramp.simulate import _prepare

    fleet = {
        "failure_rate": "0 1/GPU/year",
        "hands": "100 %",
        "recovery": "1 h",
        "technicians": 2,
        "hands_on": "4 h",
        "repair": "4 days",
        "spares": 3,
        "spare_lead_time": "1 day",
    }
    plan = hand_plan(fleet=fleet, expansion=[block(repeat=2, technicians=4, spares=5, works=[
        {"name": "shell", "duration": "10 days"}])])  # fmt: skip
    ramp = _prepare(plan, frozenset())
    ramp.env.process(expand_block(ramp, plan.site.expansion[0]))
    counts = []
    for day in (30, 32, 40):
        ramp.env.run(until=day * 1440)
        counts.append(
            tuple(
                sum(stock.n for stock in stocks)
                for stocks in (ramp.repair_shop.technicians, ramp.repair_shop.spares)
            )
        )
    assert counts == [(2, 3), (6, 8), (10, 13)]


@pytest.mark.parametrize("days", [5, 60])
def test_a_hall_a_step_and_an_order_of_a_block_may_hang_on_a_work_of_the_site(story_of, days):
    # Done before the release on day 31, or still under way on it.
    story = story_of(
        works=[{"name": "road", "duration": f"{days} days"}],
        power={"basis": "it", "design_pue": 1.0, "steps": [{"name": "s", "adds": "16 kW"}]},
        expansion=[
            block(
                works=[],
                halls=[{"name": "h", "racks": 9, "it_power": "1 MW", "works": "road"}],
                power=[{"name": "step", "adds": "16 kW", "works": "road"}],
                orders=[
                    {
                        "name": "racks",
                        "product": "server",
                        "gpus": "16 GPU",
                        "after": "road",
                        "lead_time": "5 days",
                        "halls": ["h"],
                    }
                ],
            )
        ],
    )
    ready = max(days, 31) * DAY
    assert story.entered("online") == [0, ready + 5 * DAY]
    assert story.timeline.capacity["energized"].time_min.tolist() == [0, ready * 60]
    if days > 31:
        assert "order block-1.racks" in story.task("road").unlocks


def test_what_hangs_on_a_work_of_the_site_that_never_comes_stays_away(story_of):
    story = story_of(
        works=[{"name": "road", "duration": "5 days", "probability": "10 %"}],
        expansion=[
            block(works=[{"name": "shell", "duration": "10 days", "after": ["road"]}], repeat=2)
        ],
    )
    assert story.done("block-1.shell") is None
    assert {rack.order for rack in story.timeline.racks} == {"first"}


def test_a_rule_never_looks_ahead(story_of, order):
    # What happens after the release, an order or a work, cannot have moved it.
    rule = {"not_before": "2030-02-01", "online": "75 %"}
    base = [order("first", 64, lot="16 GPU", lead_time="30 days", interval="10 days")]
    early = story_of(orders=base, expansion=[block(release=rule)])
    late = story_of(
        orders=[*base, order("later", 800, placed="2030-02-23")],
        works=[{"name": "other", "finish": "2030-03-01"}],
        expansion=[block(release=rule)],
    )
    assert released(early) == released(late) == [("block-1", 52 * DAY)]
