"""Laws of the ramp, over small random plans of a few racks and two months."""

from __future__ import annotations

import copy
import datetime
from collections import defaultdict, deque
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dcsim.gpu_states import OUTSIDE, STATE, STATES
from dcsim.ramp import run_ramp
from dcsim.ramp.constraints import CoolingCapacity
from dcsim.ramp.hall_space import HallSpace
from dcsim.scenario.provision import design_it_kw, it_share_mw
from dcsim.types import Timeline
from dcsim.units import W_PER_MW

FEW = settings(derandomize=True, max_examples=40, deadline=None)
START = datetime.date(2030, 1, 1)
POWERED = [STATE[s] for s in ("cooling", "slot", "commissioning", "online")]
"""States that a rack enters only with its power."""


def days(low: int, high: int) -> st.SearchStrategy[str]:
    return st.integers(low, high).map(lambda n: f"{n} days")


def hours(low: int, high: int) -> st.SearchStrategy[str]:
    return st.integers(low, high).map(lambda n: f"{n} h")


def of(draw: Any, **fields: Any) -> dict[str, Any]:
    """A section whose fields are drawn; None leaves a field out."""
    drawn = {k: draw(v) if isinstance(v, st.SearchStrategy) else v for k, v in fields.items()}
    return {key: value for key, value in drawn.items() if value is not None}


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def day(number: int) -> str:
    return (START + datetime.timedelta(days=number)).isoformat()


@st.composite
def products(draw: Any, life: st.SearchStrategy[str]) -> list[dict[str, Any]]:
    found = []
    for name in ("small", "large")[: draw(st.integers(1, 2))]:
        size = draw(st.sampled_from([4, 8]))
        found.append(
            of(
                draw,
                name=name,
                power=st.sampled_from(["0.7 kW", "1 kW", "2.3 kW"]),
                server_size=f"{size} GPU",
                rack_size=f"{size * draw(st.integers(1, 3))} GPU",
                peak=st.sampled_from([0.8, 1.0]),
                liquid=st.sampled_from([0.0, 0.3, 1.0]),
                life=life,
            )
        )
    return found


@st.composite
def orders(draw: Any, makes: list[dict[str, Any]], works: list[str]) -> list[dict[str, Any]]:
    found = []
    for name in ("one", "two", "three")[: draw(st.integers(1, 3))]:
        make = draw(st.sampled_from(makes))
        size = int(make["server_size"].split()[0])
        after = draw(maybe(st.sampled_from(works))) if works else None
        refresh = {"product": draw(st.sampled_from(makes))["name"], "lead_time": "2 days"}
        found.append(
            of(
                draw,
                name=name,
                product=make["name"],
                gpus=f"{size * draw(st.integers(1, 15))} GPU",
                placed=None if after else day(draw(st.integers(-5, 25))),
                after=after,
                lead_time=days(0, 12),
                lot=maybe(st.sampled_from(["8 GPU", "20 GPU"])),
                interval=days(1, 9),
                refresh=maybe(st.just(refresh)),
            )
        )
    return found


@st.composite
def fleets(draw: Any) -> dict[str, Any]:
    hands_on = draw(st.integers(1, 40))
    return of(
        draw,
        failure_rate=st.sampled_from(["0 1/GPU/year", "5 1/GPU/year", "40 1/GPU/year"]),
        early_factor=st.sampled_from([0.5, 1.0, 3.0]),
        early=days(0, 30),
        wear_shape=st.sampled_from([1.0, 2.5]),
        wear_after=st.sampled_from(["0.02 year", "2 year"]),
        hands=st.sampled_from([0.0, 0.4, 1.0]),
        recovery=hours(0, 60),
        technicians=st.integers(1, 2),
        hands_on=f"{hands_on} h",
        repair=f"{hands_on + draw(st.integers(0, 60))} h",
        spares=st.integers(0, 3),
        spare_lead_time=days(0, 9),
    )


LIVES = st.sampled_from(["20 year", "0.09 year", "0.04 year", "0.02 year"])


@st.composite
def sites(draw: Any, life: st.SearchStrategy[str] = LIVES) -> dict[str, Any]:
    """The keys of a site in which anything may be scarce."""
    names = ["w0", "w1", "w2", "w3"][: draw(st.sampled_from([4, 3, 2, 0]))]
    works = [
        of(
            draw,
            name=name,
            duration=st.sampled_from(["30 days", "12 days", "20 days", "31 h"]),
            slip=days(-3, 9),
            after=st.lists(st.sampled_from(names[:i]), unique=True, max_size=2) if i else None,
            probability=st.sampled_from([1.0, 1.0, 1.0, 0.3]),
        )
        for i, name in enumerate(names)
    ]
    work = st.sampled_from([*names, *names, None])
    heat = maybe(st.sampled_from(["5 kW", "20 kW", "60 kW"]))
    halls = [
        of(
            draw,
            name=name,
            works=work,
            racks=st.integers(1, 5),
            it_power=st.sampled_from(["15 kW", "40 kW", "900 kW"]),
            rack_limit=st.sampled_from(["12 kW", "2000 kW"]),
            air_cooling=heat,
            liquid_cooling=heat,
            cooling_works=work,
        )
        for name in ("a", "b", "c")[: draw(st.integers(1, 3))]
    ]
    steps = [
        of(draw, name=f"s{i}", adds=st.sampled_from(["13.7 kW", "40 kW", "0.2 MW"]), works=work)
        for i in range(draw(st.integers(1, 3)))
    ]
    makes = draw(products(life))
    return {
        "start": START.isoformat(),
        "end": day(60),
        "time_zone": "UTC",
        "seed": draw(st.integers(0, 5)),
        "works": works,
        "halls": halls,
        "power": of(
            draw,
            basis=st.sampled_from(["it", "facility"]),
            design_pue=1.17,
            oversubscription=st.sampled_from([0.0, 0.15]),
            steps=steps,
        ),
        "products": makes,
        "orders": draw(orders(makes, names)),
        "deployment": of(
            draw,
            crews=st.integers(1, 3),
            install=hours(0, 30),
            slots=st.integers(1, 3),
            commissioning=hours(0, 48),
        ),
        "fleet": draw(maybe(fleets())),
    }


REPLICATIONS = st.integers(0, 3)


@pytest.fixture(scope="session")
def ramp_of(plan_of):
    def run(keys, replication=0, **changes):
        return run_ramp(plan_of(replication, **copy.deepcopy({**keys, **changes})))

    return run


def table(timeline: Timeline, before_min: float = np.inf) -> list[tuple[Any, ...]]:
    """All moves as rows with names in place of numbers."""
    m = timeline.moves
    columns = (m.time_min, m.product, m.subject, m.n_gpus, m.origin, m.target)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [
        (time, timeline.products[product], timeline.racks[rack].name, *rest)
        for time, product, rack, *rest in rows
        if time < before_min
    ]


# ------------------------------------------------------------------------------------- conservation


@FEW
@given(sites(), REPLICATIONS)
def test_no_rack_ever_holds_fewer_than_no_gpus_in_any_state(ramp_of, keys, replication):
    moves = ramp_of(keys, replication).moves
    for rack in np.unique(moves.subject):
        mine = moves.subject == rack
        for state in range(len(STATES)):
            change = (moves.target[mine] == state) * 1 - (moves.origin[mine] == state) * 1
            assert (np.cumsum(change * moves.n_gpus[mine]) >= 0).all()


@FEW
@given(sites(), REPLICATIONS)
def test_gpus_in_all_states_together_are_those_ordered_at_every_time(ramp_of, keys, replication):
    timeline = ramp_of(keys, replication)
    moves = timeline.moves
    ordered = np.cumsum(np.where(moves.origin == OUTSIDE, moves.n_gpus, 0))
    stocks = [timeline.stock(state) for state in STATES]
    for i in np.flatnonzero(np.diff(moves.time_min, append=np.inf)):  # the last move of a minute
        assert sum(stock.at(moves.time_min[i]) for stock in stocks) == ordered[i]


@FEW
@given(sites(), REPLICATIONS)
def test_racks_hold_what_their_orders_ask_for(ramp_of, keys, replication):
    timeline = ramp_of(keys, replication)
    moves = timeline.moves
    gpus: dict[str, int] = defaultdict(int)
    for rack, n in zip(
        moves.subject[moves.origin == OUTSIDE], moves.n_gpus[moves.origin == OUTSIDE], strict=True
    ):
        gpus[timeline.racks[rack].order] += int(n)
    for order in keys["orders"]:
        assert gpus.get(order["name"], 0) in (0, int(order["gpus"].split()[0]))


@FEW
@given(sites(), REPLICATIONS)
def test_the_area_under_a_stock_is_the_sum_of_all_stays(ramp_of, keys, replication):
    # Little's law in its exact finite form; stays are matched within each rack, first in first out.
    timeline = ramp_of(keys, replication)
    moves, end = timeline.moves, timeline.calendar.n_minutes
    stays: dict[int, int] = defaultdict(int)
    inside: dict[tuple[int, int], deque[list[int]]] = defaultdict(deque)
    rows = zip(moves.time_min, moves.subject, moves.n_gpus, moves.origin, moves.target, strict=True)
    for time, rack, n, origin, target in (map(int, row) for row in rows):
        left = n if origin != OUTSIDE else 0
        while left:
            entry = inside[rack, origin][0]
            out = min(left, entry[1])
            stays[origin] += out * (time - entry[0])
            entry[1] -= out
            left -= out
            if not entry[1]:
                inside[rack, origin].popleft()
        inside[rack, target].append([time, n])
    for (_, state), entries in inside.items():
        stays[state] += sum(n * (end - time) for time, n in entries)
    for state, name in enumerate(STATES):
        area = timeline.hourly_gpus(name).sum() * 60
        assert area == pytest.approx(stays[state], rel=1e-12, abs=1e-6)


@FEW
@given(sites(), REPLICATIONS)
def test_moves_come_in_order_of_time_and_lie_within_the_run(ramp_of, keys, replication):
    timeline = ramp_of(keys, replication)
    time = timeline.moves.time_min
    assert (np.diff(time) >= 0).all()
    assert not time.size or 0 <= time[0] <= time[-1] < timeline.calendar.n_minutes
    assert (timeline.moves.n_gpus > 0).all()


# ------------------------------------------------------------------------------------------- limits


@FEW
@given(sites(), REPLICATIONS)
def test_racks_in_service_need_no_more_power_than_is_energized(plan_of, keys, replication):
    plan = plan_of(replication, **copy.deepcopy(keys))
    timeline, power = run_ramp(plan), plan.site.power
    made = {product.name: product for product in plan.site.products}
    moves, racks = timeline.moves, timeline.racks
    changes: dict[int, int] = defaultdict(int)
    for rack, record in enumerate(racks):
        mine = moves.subject == rack
        (ordered,) = moves.n_gpus[mine & (moves.origin == OUTSIDE)]
        need_w = round(design_it_kw(made[record.product], power) * 1000 * int(ordered))
        begin = moves.time_min[mine & np.isin(moves.target, POWERED)][:1]
        gone = moves.time_min[mine & (moves.target == STATE["retired"])][:1]
        for time, sign in ((begin, -1), (gone, 1)):
            if time.size:
                changes[int(time[0])] += sign * need_w
    energized = timeline.capacity["energized"]
    for time, mw in zip(energized.time_min, energized.change, strict=True):
        changes[int(time)] += round(it_share_mw(float(mw), power) * W_PER_MW)
    free_w = np.cumsum([0] + [changes[time] for time in sorted(changes)])
    assert free_w.min() >= 0


@FEW
@given(sites(), REPLICATIONS)
def test_halls_never_hold_more_than_their_positions_power_and_cooling(ramp_of, keys, replication):
    seat, cool = HallSpace.take, CoolingCapacity.take

    def take_seat(self, rack, index):
        seat(self, rack, index)
        hall = self.halls[index]
        assert hall.open
        assert min(hall.free_racks, hall.free_w) >= 0
        assert rack.nameplate_w <= hall.rack_limit_w

    def take_cooling(self, rack, sign):
        cool(self, rack, sign)
        hall = self.hall_space.halls[rack.hall]
        assert hall.cooled
        assert min(hall.free_air_w, hall.free_liquid_w) >= 0

    with (
        mock.patch.object(HallSpace, "take", take_seat),
        mock.patch.object(CoolingCapacity, "take", take_cooling),
    ):
        ramp_of(keys, replication)


@FEW
@given(sites(), REPLICATIONS)
def test_no_more_racks_are_installed_or_commissioned_at_once_than_crews_and_slots(
    ramp_of, keys, replication
):
    moves = ramp_of(keys, replication).moves
    for state, limit in (("installing", "crews"), ("commissioning", "slots")):
        change = (moves.target == STATE[state]) * 1 - (moves.origin == STATE[state]) * 1
        last = np.flatnonzero(np.diff(moves.time_min, append=np.inf))
        assert np.cumsum(change)[last].max(initial=0) <= keys["deployment"][limit]


# ----------------------------------------------------------------------------- replay, independence


@FEW
@given(sites(), sites(), REPLICATIONS)
def test_a_run_is_the_same_again_whatever_ran_in_between(ramp_of, keys, others, replication):
    first = ramp_of(keys, replication)
    ramp_of(others, replication)
    again = ramp_of(keys, replication)
    assert table(first) == table(again)
    assert (first.tasks, first.log, first.outages) == (again.tasks, again.log, again.outages)


@FEW
@given(sites(), REPLICATIONS)
def test_a_longer_run_begins_with_the_shorter_one(ramp_of, keys, replication):
    short, long = ramp_of(keys, replication), ramp_of(keys, replication, end=day(75))
    assert table(short) == table(long, before_min=short.calendar.n_minutes)


@FEW
@given(sites(), REPLICATIONS, st.integers(1, 50))
def test_an_order_placed_later_changes_nothing_before_it(ramp_of, keys, replication, cut):
    late = keys["orders"][0] | {"name": "late", "placed": day(cut), "lead_time": "0 h"}
    late.pop("after", None)
    more = ramp_of(keys, replication, orders=[*keys["orders"], late])
    assert table(ramp_of(keys, replication), cut * 1440) == table(more, cut * 1440)


@FEW
@given(sites(), REPLICATIONS)
def test_an_asset_that_racks_do_not_need_leaves_every_move_in_place(ramp_of, keys, replication):
    rules = {"rate": "9 1/year", "repair": "20 h"}
    plant = {"capacity": "10 MW", "efficiency": 0.5, "carbon": "400 kg/MWh", "outages": rules}
    one, two = ({**plant, "name": name} for name in ("one", "two"))
    base = ramp_of(keys, replication, chp=[one])
    more = ramp_of(keys, replication, chp=[two, one])
    assert table(base) == table(more)
    assert base.outages == tuple(o for o in more.outages if o.asset == "chp.one")


AMPLE = {
    "power": {"basis": "it", "design_pue": 1.0, "steps": [{"name": "s", "adds": "100 MW"}]},
    "deployment": {"crews": 999, "install": "8 h", "slots": 999, "commissioning": "24 h"},
}


@FEW
@given(sites(), fleets(), REPLICATIONS)
def test_an_order_with_its_own_hall_leaves_the_random_numbers_of_others(
    ramp_of, keys, fleet, replication
):
    # Nothing is shared: power, crews, slots, technicians and spares are ample.
    keys = keys | AMPLE | {"fleet": fleet | {"technicians": 999, "spares": 9999}}
    names = [hall["name"] for hall in keys["halls"]]
    mine = [order | {"halls": names} for order in keys["orders"]]
    other = mine[0] | {"name": "other", "halls": ["own"]}
    own = {"name": "own", "racks": 99, "it_power": "99 MW"}
    base = ramp_of(keys, replication, orders=mine)
    more = ramp_of(keys, replication, orders=[other, *mine], halls=[own, *keys["halls"]])
    kept = [row for row in table(more) if not row[2].startswith("other")]
    assert sorted(kept) == sorted(table(base))


@FEW
@given(sites())
def test_new_names_for_halls_works_and_steps_change_nothing_but_names(ramp_of, keys):
    old = ("w0", "w1", "w2", "w3", "a", "b", "c", "s0", "s1", "s2")
    names = {name: f"z{9 - i}" for i, name in enumerate(old)}

    def renamed(value):
        if isinstance(value, dict):
            return {key: renamed(item) for key, item in value.items()}
        if isinstance(value, list):
            return [renamed(item) for item in value]
        return names.get(value, value) if isinstance(value, str) else value

    assert table(ramp_of(keys)) == table(ramp_of(renamed(keys)))


@FEW
@given(sites(), REPLICATIONS)
def test_the_order_products_are_listed_in_does_not_matter(ramp_of, keys, replication):
    turned = ramp_of(keys, replication, products=keys["products"][::-1])
    assert table(ramp_of(keys, replication)) == table(turned)


@FEW
@given(sites(), REPLICATIONS, st.integers(-500, 500))
def test_a_plan_moved_by_whole_days_is_the_same_plan(ramp_of, keys, replication, shift):
    def moved(text):
        return (datetime.date.fromisoformat(text) + datetime.timedelta(days=shift)).isoformat()

    placed = [
        order | ({"placed": moved(order["placed"])} if "placed" in order else {})
        for order in keys["orders"]
    ]
    later = ramp_of(
        keys, replication, orders=placed, start=moved(keys["start"]), end=moved(keys["end"])
    )
    assert table(ramp_of(keys, replication)) == table(later)


# ----------------------------------------------------------------------------------- more and less


@st.composite
def uniform_sites(draw: Any) -> dict[str, Any]:
    """Sites whose racks are all alike, neither fail nor retire, and whose halls all cool them.

    Such racks pass through first-come-first-served queues in which the k-th leaves as early as the
    k-th can arrive, so what delays arrivals or takes servers away delays every departure.
    """
    keys = draw(sites(life=st.just("20 year")))
    make = keys["products"][0] | {"liquid": 0.0, "rack_size": keys["products"][0]["server_size"]}
    halls = [
        {k: v for k, v in hall.items() if k in ("name", "works", "racks")} | {"it_power": "90 MW"}
        for hall in keys["halls"]
    ]
    size = int(make["server_size"].split()[0])
    alike = []
    for order in keys["orders"]:
        n_racks = -(-int(order["gpus"].split()[0]) // size)
        new = order | {"product": make["name"], "gpus": f"{n_racks * size} GPU"}
        new.pop("refresh", None)
        alike.append(new)
    return keys | {"products": [make], "halls": halls, "orders": alike, "fleet": None}


def never_ahead(late: Timeline, early: Timeline) -> None:
    """Assert that at no time more GPUs are online in the one than in the other."""
    slow, fast = late.stock("online"), early.stock("online")
    for time in slow.time_min:
        assert slow.at(time) <= fast.at(time)


@FEW
@given(uniform_sites(), st.integers(0, 2), st.integers(1, 30))
def test_a_longer_lead_time_never_brings_a_rack_online_earlier(ramp_of, keys, which, more):
    orders = copy.deepcopy(keys["orders"])
    late = orders[which % len(orders)]
    late["lead_time"] = f"{int(late['lead_time'].split()[0]) + more} days"
    never_ahead(ramp_of(keys, orders=orders), ramp_of(keys))


@FEW
@given(uniform_sites(), st.integers(0, 3), st.integers(1, 30))
def test_a_later_work_never_brings_a_rack_online_earlier(ramp_of, keys, which, more):
    works = copy.deepcopy(keys["works"])
    if works:
        late = works[which % len(works)]
        late["duration"] = f"{int(late['duration'].split()[0]) + more} days"
    never_ahead(ramp_of(keys, works=works), ramp_of(keys))


@FEW
@given(uniform_sites(), st.sampled_from(["crews", "slots", "install", "commissioning", "power"]))
def test_more_of_anything_never_brings_a_rack_online_later(ramp_of, keys, what):
    if what == "power":
        steps = [*keys["power"]["steps"], {"name": "more", "adds": "20 kW"}]
        better = {"power": keys["power"] | {"steps": steps}}
    else:
        more = keys["deployment"][what]
        more = more + 1 if isinstance(more, int) else f"{int(more.split()[0]) // 2} h"
        better = {"deployment": keys["deployment"] | {what: more}}
    never_ahead(ramp_of(keys), ramp_of(keys, **better))


@FEW
@given(sites(), REPLICATIONS)
def test_without_failures_the_fleet_is_as_if_it_were_not_there(ramp_of, keys, replication):
    never = {
        "failure_rate": "0 1/GPU/year", "hands": 0.5, "recovery": "1 h", "technicians": 1,
        "hands_on": "1 h", "repair": "1 h", "spares": 0, "spare_lead_time": "1 h",
    }  # fmt: skip
    without = ramp_of(keys, replication, fleet=None)
    assert table(ramp_of(keys, replication, fleet=never)) == table(without)
