"""Waits by hand: power, cooling, crews and slots, first come, first served."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from simpy import Environment

from dcsim.gpu_states import STATE
from dcsim.ramp.constraints import CrewPool, CrewRelease, CrewWork
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


def test_a_rack_that_nothing_holds_back_passes_straight_through(story_of):
    assert story_of().path() == [
        (0, "on_order"),
        (0, "installing"),
        (0, "commissioning"),
        (0, "online"),
    ]


# -------------------------------------------------------------------------------------------- power


def test_two_steps_carry_racks_as_they_come_and_what_is_left_waits_for_power(story_of, order):
    story = story_of(
        works=[task("one", 5), task("two", 9)],
        power=steps((1, "one"), (1, "two")),
        orders=[order("first", 16 * 3)],
    )
    assert [path[-1] for path in map(story.path, range(3))] == [
        (5 * DAY, "online"),
        (9 * DAY, "online"),
        (9 * DAY, "power"),
    ]
    assert story.path(2)[1:] == [(0, "installing"), (0, "grid_works"), (9 * DAY, "power")]


def test_a_step_that_never_comes_turns_grid_works_into_power_at_once(story_of, order):
    story = story_of(
        works=[task("one", 5, probability="10 %")],
        power=steps((1, None), (1, "one")),
        orders=[order("first", 32, lead_time="1 day")],
    )
    assert story.path(1)[1:] == [(DAY, "installing"), (DAY, "power")]


def test_power_goes_strictly_first_come_first_served(story_of, order):
    # The large rack at the head waits for the second step; small ones behind it would fit.
    story = story_of(
        works=[task("two", 9)],
        power=steps((1, None), (1, "two")),
        products=[server("large", 20), server("small", 4)],
        orders=[
            order("first", 20, product="large"),
            order("second", 8, product="small"),
        ],
    )
    assert story.entered("online") == [9 * DAY, 9 * DAY, 9 * DAY]


def test_basis_and_design_pue_say_how_much_it_a_contracted_power_carries(story_of, order):
    step = [{"name": "s", "adds": "0.096 MW"}]
    orders = [order("first", 16 * 8)]
    for basis, n_racks in (("it", 6), ("facility", 5)):
        power = {"basis": basis, "design_pue": 1.2, "steps": step}
        assert story_of(power=power, orders=orders).gpus(1, "online") == 16 * n_racks


def test_network_and_oversubscription_change_what_a_rack_is_provisioned_for(story_of, order):
    orders = [order("first", 16 * 20)]
    for keys, n_racks in (({}, 10), ({"network": 0.25}, 8), ({"oversubscription": 0.6}, 16)):
        power = steps((10, None)) | keys
        assert story_of(power=power, orders=orders).gpus(1, "online") == 16 * n_racks


def test_a_step_granted_in_part_carries_that_part(story_of, order):
    power = steps((10, None))
    power["steps"][0]["granted"] = "70 %"
    assert story_of(power=power, orders=[order("first", 16 * 20)]).gpus(1, "online") == 16 * 7


# ------------------------------------------------------------------------------------------ cooling


@pytest.mark.parametrize(
    ("liquid", "heat", "n_racks"),
    [
        ("0 %", ("33 kW", "999 kW"), 2),
        ("75 %", ("999 kW", "37 kW"), 3),
        ("75 %", ("9 kW", "999 kW"), 2),
        ("100 %", ("0 kW", "64 kW"), 4),
    ],
)
def test_cooling_of_each_kind_binds_by_its_share_of_the_heat(
    story_of, order, liquid, heat, n_racks
):
    story = story_of(
        halls=halls(50, air_cooling=heat[0], liquid_cooling=heat[1]),
        products=[server("server", 16, liquid=liquid)],
        orders=[order("first", 16 * 5)],
    )
    assert story.gpus(1, "online") == 16 * n_racks
    assert story.gpus(1, "cooling") == 16 * (5 - n_racks)


def test_a_rack_waits_for_the_cooling_works_of_its_hall(story_of):
    story = story_of(
        works=[task("shell", 4), task("pipes", 9)],
        halls=halls(5, works="shell", cooling_works="pipes"),
    )
    assert story.path()[1:] == [
        (0, "hall_works"),
        (4 * DAY, "installing"),
        (4 * DAY, "cooling"),
        (9 * DAY, "commissioning"),
        (9 * DAY, "online"),
    ]


def test_cooling_of_one_hall_does_not_hold_up_another(story_of, order):
    story = story_of(
        works=[task("pipes", 9)],
        halls=[
            {"name": "a", "racks": 1, "it_power": "1 MW", "cooling_works": "pipes"},
            {"name": "b", "racks": 1, "it_power": "1 MW"},
        ],
        orders=[order("first", 32)],
    )
    assert story.entered("online") == [9 * DAY, 0]


# ---------------------------------------------------------------------------------- crews and slots


def deployment(crews=99, install="0 h", slots=99, commissioning="0 h"):
    return {
        "crews": crews,
        "install": install,
        "slots": slots,
        "commissioning": commissioning,
    }


def test_crews_install_one_rack_at_a_time_each_in_the_order_of_arrival(story_of, order):
    story = story_of(deployment=deployment(crews=2, install="8 h"), orders=[order("first", 16 * 5)])
    assert story.entered("installing") == [0, 0, 8, 8, 16]
    assert story.entered("online") == [8, 8, 16, 16, 24]
    assert story.entered("crew") == [float("inf"), float("inf"), 0, 0, 0]


def test_slots_commission_one_rack_at_a_time_each(story_of, order):
    story = story_of(
        deployment=deployment(slots=2, commissioning="72 h"), orders=[order("first", 16 * 5)]
    )
    assert story.entered("commissioning") == [0, 0, 72, 72, 144]
    assert story.entered("online") == [72, 72, 144, 144, 216]
    assert story.gpus(73, "slot") == 16


def test_the_waits_of_a_rack_come_in_their_order(story_of, order):
    story = story_of(
        works=[task("shell", 1), task("grid", 3), task("pipes", 5)],
        halls=halls(5, works="shell", cooling_works="pipes"),
        power=steps((5, "grid")),
        deployment=deployment(crews=1, install="8 h", slots=1, commissioning="24 h"),
        orders=[order("first", 32, lead_time="12 h")],
    )
    assert story.path(1) == [
        (0, "on_order"),
        (12, "hall_works"),
        (24, "crew"),
        (32, "installing"),
        (40, "grid_works"),
        (72, "cooling"),
        (120, "slot"),
        (144, "commissioning"),
        (168, "online"),
    ]


def test_a_crew_leaves_before_the_rack_waits_for_power(story_of, order):
    story = story_of(
        power=steps((1, None)),
        deployment=deployment(crews=1, install="8 h"),
        orders=[order("first", 16 * 3)],
    )
    assert story.entered("installing") == [0, 8, 16]
    assert story.entered("power")[1:] == [16, 24]


def test_work_keeps_a_rack_for_its_time_and_ends_before_the_rack_goes_on():
    env, record = Environment(), Record()
    schedule = EventSchedule(env)
    pool = CrewPool(schedule, record, free=0, waiting=STATE["crew"])
    rack = SimpleNamespace(index=0, product=0, n_gpus=8, state=STATE["crew"])
    seen = []

    def next_step(done, now):
        assert CrewRelease(pool).request(done, now, None)
        seen.append((now, pool.free))

    work = CrewWork(schedule, record, STATE["installing"], work_min=90)
    assert not work.request(rack, 0, next_step)
    assert rack.state == STATE["installing"]
    env.run()
    assert seen == [(90, 1)]
