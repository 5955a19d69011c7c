"""Orders by hand: lead times, lots, names, and what follows at the end of a life."""

from __future__ import annotations

import datetime

import pytest

from dcsim.ramp.orders import lead_time_h, refresh_order

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


def test_racks_are_on_order_from_the_day_of_the_order_for_the_lead_time(story_of, order):
    story = story_of(orders=[order("first", 16, placed="2030-01-05", lead_time="3 days")])
    assert story.path()[:2] == [(4 * DAY, "on_order"), (7 * DAY, "installing")]
    assert story.gpus(4 * DAY - 1, "on_order") == 0


@pytest.mark.parametrize(
    ("lead", "day"), [("3 days", 0), ("31 days", 0), ("32 days", 1), ("50 days", 19)]
)
def test_an_order_placed_before_the_run_has_the_rest_of_its_lead_time(story_of, order, lead, day):
    story = story_of(orders=[order("first", 16, placed="2029-12-01", lead_time=lead)])
    assert story.entered("installing") == [day * DAY]
    assert story.entered("on_order") == [0]


def test_lots_of_an_order_placed_before_the_run_keep_their_dates(story_of, order):
    keys = {"placed": "2029-12-31", "lead_time": "0 h", "lot": "16 GPU", "interval": "2 days"}
    story = story_of(orders=[order("first", 16 * 4, **keys)])
    assert story.entered("installing") == [0, DAY, 3 * DAY, 5 * DAY]


@pytest.mark.parametrize("start", ["2029-07-01", "2030-01-01", "2030-01-20"])
def test_orders_keep_their_dates_whatever_day_the_run_starts_on(story_of, order, start):
    works = [{"name": "site", "start": "2029-08-01", "duration": "10 days"}]
    orders = [
        order("dated", 16, placed="2029-09-01", lead_time="200 days"),
        order("after", 16, after="site", lead_time="180 days"),
    ]
    story = story_of(start=start, works=works, orders=orders)
    began = datetime.date.fromisoformat(start)
    found = {
        rack.order: began + datetime.timedelta(hours=hour)
        for rack, hour in zip(story.timeline.racks, story.entered("installing"), strict=True)
    }
    assert found == {"dated": datetime.date(2030, 3, 20), "after": datetime.date(2030, 2, 7)}


def test_without_the_wait_for_delivery_an_old_order_comes_at_once(story_of, order):
    keys = {"placed": "2029-12-31", "lead_time": "50 days", "lot": "16 GPU", "interval": "2 days"}
    story = story_of(lift=frozenset({"delivery"}), orders=[order("first", 48, **keys)])
    assert story.entered("installing") == [0] * 3


def test_lots_come_in_their_interval_and_round_up_to_whole_racks(story_of, order):
    story = story_of(
        orders=[order("first", 16 * 5, lot="20 GPU", lead_time="1 day", interval="2 days")]
    )
    assert story.entered("online") == [DAY, DAY, 3 * DAY, 3 * DAY, 5 * DAY]


def test_without_a_lot_all_racks_come_at_once(story_of, order):
    story = story_of(orders=[order("first", 16 * 5, lead_time="1 day", interval="2 days")])
    assert story.entered("online") == [DAY] * 5


def test_the_last_rack_holds_what_is_left_and_needs_power_for_that(story_of, order):
    story = story_of(power=power(2.5), orders=[order("first", 40)])
    assert story.gpus(0, "online") == 40
    moves = story.timeline.moves
    assert moves.n_gpus[moves.subject == 2].tolist() == [8] * 4


def test_racks_are_named_by_order_and_number_and_keep_their_payer(story_of, order):
    story = story_of(orders=[order("first", 32, paid_by="AWS"), order("second", 16)])
    assert [(rack.name, rack.order, rack.paid_by) for rack in story.timeline.racks] == [
        ("first/rack-1", "first", "AWS"),
        ("first/rack-2", "first", "AWS"),
        ("second/rack-1", "second", None),
    ]


def refreshed(story_of, order, lead="30 days", *, racks=3, **keys):
    keys = {
        "end": "2032-01-01",
        "power": power(racks),
        "products": [product(life="0.5 year")],
        "orders": [
            order(
                "first",
                16 * racks,
                interval="2 days",
                refresh={"product": keys.pop("new", "server"), "lead_time": lead},
            )
        ],
    } | keys
    return story_of(**keys)


def test_a_refresh_is_ordered_ahead_and_arrives_an_interval_after_the_old_racks_go(story_of, order):
    story = refreshed(story_of, order)
    names = [rack.name for rack in story.timeline.racks[3:6]]
    assert names == ["first+1/rack-1", "first+1/rack-2", "first+1/rack-3"]
    assert story.path(3)[:2] == [
        (4383 - 30 * DAY + 2 * DAY, "on_order"),
        (4383 + 2 * DAY, "installing"),
    ]
    assert story.entered("retired")[:3] == [4383] * 3


def test_refreshed_racks_are_refreshed_again_with_the_power_they_had(story_of, order):
    story = refreshed(story_of, order)
    period = 4383 + 2 * DAY
    starts = [story.entered("online")[3 * k] for k in range(4)]
    assert starts == [0, period, 2 * period, 3 * period]
    for k in range(4):
        assert story.gpus(k * period + 4000, "online") == 48
    orders = dict.fromkeys(rack.order for rack in story.timeline.racks)
    assert list(orders) == ["first", "first+1", "first+2", "first+3", "first+4"]


def test_a_refresh_by_a_hungrier_product_takes_the_whole_racks_that_fit(story_of, order):
    story = refreshed(
        story_of,
        order,
        racks=5,
        new="big",
        products=[product(life="0.5 year"), product("big", power="2 kW", life="20 year")],
        orders=[
            order(
                "first", 80, interval="2 days", refresh={"product": "big", "lead_time": "30 days"}
            )
        ],
    )
    new = [rack for rack in story.timeline.racks if rack.product == "big"]
    assert len(new) == 2  # 80 kW freed, 32 kW a rack
    assert story.gpus(4383 + 3 * DAY, "online") == 32


def test_power_left_over_from_a_round_of_refresh_counts_in_the_next(story_of, order):
    # A round gathers two lots, 32 kW, too little for a rack of 40 kW; two rounds make one.
    story = story_of(
        products=[product(life="0.25 year"), product("big", power="2.5 kW", life="20 year")],
        orders=[
            order(
                "first",
                64,
                lot="16 GPU",
                interval="5 days",
                refresh={"product": "big", "lead_time": "0 h"},
            ),
        ],
    )
    big = [rack.order for rack in story.timeline.racks if rack.product == "big"]
    assert big == ["first+1"]


def test_a_refresh_takes_the_halls_and_the_payer_of_the_order_it_follows(story_of, order):
    story = refreshed(
        story_of,
        order,
        racks=1,
        halls=[
            {"name": "a", "racks": 9, "it_power": "1 MW"},
            {"name": "b", "racks": 9, "it_power": "1 MW", "rack_limit": "99 kW"},
        ],
        orders=[
            order(
                "first",
                16,
                halls=["b"],
                paid_by="AWS",
                refresh={"product": "server", "lead_time": "1 day"},
            )
        ],
    )
    assert {rack.paid_by for rack in story.timeline.racks} == {"AWS"}


def test_another_order_does_not_change_the_name_of_a_refresh(story_of, order):
    refresh = {"product": "server", "lead_time": "0 h"}
    names = []
    for others in ([], [order("other", 16)]):
        story = story_of(
            end="2031-06-01",
            products=[product(life="0.5 year")],
            orders=[*others, order("first", 16, refresh=refresh)],
        )
        names.append({r.order for r in story.timeline.racks} - {"other"})
    assert names[0] == names[1] == {"first", "first+1", "first+2"}


def test_no_two_orders_bear_the_same_name(story_of, order):
    # The third lot and what follows the first one are refreshed in the same minute.
    refresh = {"product": "server", "lead_time": "0 h"}
    story = story_of(
        end="2032-06-01",
        products=[product(life="0.5 year")],
        orders=[order("first", 48, lot="16 GPU", interval="4383 h", refresh=refresh)],
    )
    names = [rack.name for rack in story.timeline.racks]
    assert len(set(names)) == len(names) > 5


def test_a_shared_risk_makes_the_lead_time_longer(hand_plan, order):
    risks = [{"name": "market", "probability": "100 %", "stretch": 1.5, "delay": "24 h"}]
    item = order("first", 16, lead_time="10 days", risks=["market"])
    plan = hand_plan(risks=risks, orders=[item])
    assert lead_time_h(plan.site.orders[0], plan) == 10 * DAY * 1.5 + 24


def test_a_refresh_order_is_for_whole_racks_in_one_lot_and_hangs_on_no_risk(hand_plan, order):
    refresh = {"product": "server", "lead_time": "3 days"}
    item = order("first", 40, lot="8 GPU", paid_by="AWS", refresh=refresh)
    site = hand_plan(orders=[item]).site
    new = refresh_order(site.orders[0], site.products[0], 2, "first+1")
    assert (new.name, new.gpus, new.lot, new.risks) == ("first+1", 32, None, ())
    assert (new.lead_time_h, new.paid_by) == (3 * DAY, "AWS")
