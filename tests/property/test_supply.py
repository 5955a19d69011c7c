"""Laws of dispatch: every step closes, batteries keep their energy, more supply helps."""

from __future__ import annotations

import dataclasses
import math
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dcsim.supply.availability import AvailableSupply
from dcsim.supply.dispatch.battery import (
    Balance,
    BatteryRun,
    BatteryUnit,
    after,
    reserve_limits,
    run_battery,
)
from dcsim.supply.dispatch.bill import BillPrices, watch_bill
from dcsim.supply.dispatch.checks import balance_residual_mw, check_flows
from dcsim.supply.dispatch.greedy import cfe_first
from dcsim.supply.dispatch.plants import BackupUnit, DispatchableUnit
from dcsim.supply.dispatch.policies import self_consumption
from dcsim.supply.dispatch.storage_policies import hold_for_shortage, shave_peaks
from dcsim.supply.kernels.battery import BatteryConstants, StorageRequest
from dcsim.supply.kernels.compiled import prefer_compiled, prefer_plain
from dcsim.supply.kernels.levels import battery_levels
from dcsim.types import Flows

pytestmark = pytest.mark.usefixtures("every_step")
STEP_H = 1.0
"""Length of a step; the fixture sets it. [h]"""
N_HOURS = 16
FEW = settings(derandomize=True, max_examples=40, deadline=None)
DUST_MW = 1e-9


def hourly(high: float, n: int = N_HOURS) -> st.SearchStrategy[np.ndarray]:
    """Powers with many zeros and repeats, as real ones have."""
    level = st.sampled_from([0.0, 0.0, 0.25, 0.5, 1.0]) | st.floats(0, 1, allow_subnormal=False)
    return arrays(float, n, elements=level).map(lambda level: high * level)


@st.composite
def stores(draw, n: int = N_HOURS, *, from_start: bool = False) -> BatteryUnit:
    first = 0 if from_start else draw(st.integers(0, n))
    energy = draw(st.floats(0.5, 300))
    return BatteryUnit(
        power_mw=np.where(np.arange(n) >= first, draw(st.floats(0.5, 60)), 0.0),
        energy_mwh=energy,
        round_trip_frac=draw(st.sampled_from([1.0, 0.85, 0.5])),
        reserve_mwh=energy * draw(st.sampled_from([0.0, 0.2, 1.0])),
        start_mwh=energy * draw(st.sampled_from([0.0, 0.5, 1.0])),
    )


@st.composite
def offers(draw) -> AvailableSupply:
    limit, outage = draw(hourly(80)), draw(hourly(1))
    connection = limit * (outage < 0.9)
    return AvailableSupply(
        connection_mw=connection,
        export_mw=np.minimum(draw(st.sampled_from([0.0, 20.0])), connection),
        onsite_mw={"solar.roof": draw(hourly(60))},
        wheeled_mw={"wind.far": draw(hourly(90)), "contracts.hydro": draw(hourly(10))},
        dispatchable={
            "chp.a": DispatchableUnit(draw(hourly(30)), draw(st.sampled_from([0.0, 0.4, 1.0]))),
            "chp.b": DispatchableUnit(draw(hourly(10))),
        },
        stores={"batteries.a": draw(stores()), "batteries.b": draw(stores())},
        backup={"gensets.a": BackupUnit(draw(hourly(15)), 4, 0.3, draw(hourly(1)).take)},
    )


loads_mw = hourly(100)


def run(load: np.ndarray, available: AvailableSupply) -> Flows:
    flows = self_consumption(load, available, STEP_H)
    check_flows(flows, load, available, STEP_H)
    return flows


def columns(flows: Flows) -> dict[str, np.ndarray]:
    fields = {field.name: getattr(flows, field.name) for field in dataclasses.fields(flows)}
    by_source, by_asset = fields.pop("generation_mw"), fields.pop("asset_generation_mw")
    del fields["asset_discharge_mw"], fields["asset_stored_mwh"]
    assert not fields.pop("battery_renewed_step")
    return {**fields, **by_source, **by_asset}


def assert_equal(one: Flows, other: Flows, factor: float = 1.0) -> None:
    for name, column in columns(one).items():
        np.testing.assert_array_equal(factor * column, columns(other)[name], err_msg=name)


@FEW
@given(loads_mw, offers())
def test_every_step_closes(load, available):
    residual = balance_residual_mw(run(load, available), load)
    assert np.abs(residual).max() <= DUST_MW


@FEW
@given(loads_mw, offers())
def test_energy_of_the_run_closes_with_what_batteries_lose_and_hold(load, available):
    flows = run(load, available)
    sources = sum(flows.generation_mw.values()) + flows.grid_import_mw + flows.unserved_mw
    sinks = load + flows.grid_export_mw + flows.curtailed_mw
    kept = flows.battery_charge_mw - flows.battery_discharge_mw
    np.testing.assert_allclose(
        (sources - sinks).sum(), kept.sum(), atol=1e-9 * sources.sum() + 1e-9
    )


@FEW
@given(loads_mw, offers())
def test_what_is_unserved_is_part_of_the_load(load, available):
    flows = run(load, available)
    assert (flows.unserved_mw <= load + DUST_MW).all()
    idle = available.connection_mw - np.minimum(
        sum(available.wheeled_mw.values()), available.connection_mw
    )
    idle -= flows.grid_import_mw
    assert (idle[flows.unserved_mw > 0] <= DUST_MW).all()


@FEW
@given(loads_mw, offers())
def test_import_and_wheeled_power_keep_within_the_connection(load, available):
    flows = run(load, available)
    delivered = np.minimum(sum(available.wheeled_mw.values()), available.connection_mw)
    assert (flows.grid_import_mw + delivered <= available.connection_mw + DUST_MW).all()
    assert (flows.grid_import_mw[available.connection_mw == 0] == 0).all()


@FEW
@given(loads_mw, offers())
def test_no_flow_exceeds_its_source(load, available):
    flows = run(load, available)
    made = sum(flows.generation_mw.values())
    assert (flows.grid_export_mw <= made + flows.battery_discharge_mw + DUST_MW).all()
    assert (flows.curtailed_mw <= made + DUST_MW).all()
    assert (flows.grid_charge_mw <= flows.grid_import_mw + DUST_MW).all()
    assert (flows.battery_discharge_mw <= load + DUST_MW).all()


def net_balance(net: np.ndarray, room: np.ndarray) -> Balance:
    need = np.maximum(-net, 0.0)
    return Balance(
        surplus_mw=np.maximum(net, 0.0),
        need_mw=need,
        beyond_grid_mw=np.maximum(need - room, 0.0),
        spare_mw=np.maximum(room - need, 0.0),
    )


def run_plain(unit: BatteryUnit, balance: Balance, step_h: float | None = None) -> BatteryRun:
    return run_battery(unit, balance, reserve_limits(unit), step_h or STEP_H)[0]


nets_mw = st.tuples(hourly(100), hourly(100)).map(lambda pair: pair[0] - pair[1])
rooms_mw = hourly(80)


@FEW
@given(stores(), nets_mw, rooms_mw)
def test_a_battery_holds_what_went_in_less_its_loss_and_what_came_out(unit, net, room):
    done = run_plain(unit, net_balance(net, room))
    kept = (done.surplus_charge_mw + done.grid_charge_mw) * unit.round_trip_frac
    kept = (kept - done.discharge_mw) * STEP_H
    if unit.power_mw.any():
        first = int(np.argmax(unit.power_mw > 0))
        rise = np.diff(done.stored_mwh[first:])
        np.testing.assert_allclose(rise, kept[first:], rtol=0, atol=1e-10)
        assert done.stored_mwh[first] == unit.start_mwh
        assert not done.stored_mwh[:first].any()
    else:
        assert not done.stored_mwh.any()


@FEW
@given(stores(), nets_mw, rooms_mw)
def test_a_battery_keeps_its_bounds_and_never_charges_while_it_discharges(unit, net, room):
    done = run_plain(unit, net_balance(net, room))
    charge = done.surplus_charge_mw + done.grid_charge_mw
    assert (charge * done.discharge_mw == 0).all()
    for part in done:
        assert (part >= 0).all()
    assert (charge <= unit.power_mw + DUST_MW).all()
    assert (done.discharge_mw <= unit.power_mw).all()
    assert (done.stored_mwh <= unit.energy_mwh).all()


@FEW
@given(stores(), nets_mw, rooms_mw)
def test_the_reserve_goes_only_to_what_the_grid_cannot_serve(unit, net, room):
    balance = net_balance(net, room)
    done = run_plain(unit, balance)
    below = done.stored_mwh[1:] < np.minimum(done.stored_mwh[:-1], unit.reserve_mwh)
    assert (done.discharge_mw[below] <= balance.beyond_grid_mw[below] + DUST_MW).all()


@FEW
@given(stores(), nets_mw, rooms_mw, st.floats(1, 3))
def test_more_battery_energy_never_raises_unserved_in_any_hour(unit, net, room, factor):
    larger = unit._replace(
        energy_mwh=unit.energy_mwh * factor,
        reserve_mwh=unit.reserve_mwh * factor,
        start_mwh=unit.start_mwh * factor,
    )
    balance = net_balance(net, room)
    small, large = (run_plain(one, balance) for one in (unit, larger))
    assert (large.stored_mwh >= small.stored_mwh - DUST_MW).all()
    unserved = [after(balance, done).beyond_grid_mw for done in (small, large)]
    assert (unserved[1] <= unserved[0] + DUST_MW).all()


@FEW
@given(stores(), nets_mw, rooms_mw, st.floats(1, 3))
def test_more_discharge_power_never_raises_unserved_energy(unit, net, room, factor):
    stronger = unit._replace(power_mw=unit.power_mw * factor)
    balance = net_balance(np.minimum(net, 0.0), np.zeros(N_HOURS))  # discharge only
    unserved = [
        after(balance, run_plain(one, balance)).beyond_grid_mw.sum() for one in (unit, stronger)
    ]
    assert unserved[1] <= unserved[0] + DUST_MW * N_HOURS


@FEW
@given(loads_mw, offers(), hourly(40))
def test_a_larger_connection_never_raises_unserved_in_any_hour(load, available, more):
    available = dataclasses.replace(available, backup={}, stores={})
    larger = dataclasses.replace(available, connection_mw=available.connection_mw + more)
    assert (run(load, larger).unserved_mw <= run(load, available).unserved_mw + DUST_MW).all()


@FEW
@given(stores(), nets_mw, rooms_mw, hourly(40))
def test_a_larger_connection_with_a_battery_never_raises_unserved(unit, net, room, more):
    unserved = [
        after(balance, run_plain(unit, balance)).beyond_grid_mw
        for balance in (net_balance(net, room), net_balance(net, room + more))
    ]
    assert (unserved[1] <= unserved[0] + DUST_MW).all()


@FEW
@given(loads_mw, offers(), hourly(40))
def test_constant_extra_load_is_served_or_unserved_and_never_lowers_unserved(load, available, more):
    available = dataclasses.replace(available, backup={})
    less, greater = run(load, available), run(load + more, available)
    assert (greater.unserved_mw >= less.unserved_mw - DUST_MW).all()


@FEW
@given(loads_mw, offers(), st.sampled_from([2.0, 4.0, 0.5]))
def test_twice_the_site_flows_exactly_twice(load, available, factor):
    def scaled(parts):
        return {key: factor * value for key, value in parts.items()}

    larger = AvailableSupply(
        connection_mw=factor * available.connection_mw,
        export_mw=factor * available.export_mw,
        onsite_mw=scaled(available.onsite_mw),
        wheeled_mw=scaled(available.wheeled_mw),
        dispatchable={
            k: v._replace(available_mw=factor * v.available_mw)
            for k, v in available.dispatchable.items()
        },
        stores={
            key: BatteryUnit(
                power_mw=factor * unit.power_mw,
                energy_mwh=factor * unit.energy_mwh,
                round_trip_frac=unit.round_trip_frac,
                reserve_mwh=factor * unit.reserve_mwh,
                start_mwh=factor * unit.start_mwh,
            )
            for key, unit in available.stores.items()
        },
        backup={
            k: v._replace(available_mw=factor * v.available_mw) for k, v in available.backup.items()
        },
    )
    assert_equal(run(load, available), run(factor * load, larger), factor)


@FEW
@given(loads_mw, offers())
def test_assets_of_no_size_are_as_good_as_none(load, available):
    none = dataclasses.replace(available, stores={}, backup={}, dispatchable={})
    nothing = np.zeros(N_HOURS)
    empty = dataclasses.replace(
        available,
        stores={
            "batteries.no_power": BatteryUnit(nothing, 10.0, 0.85, 2.0, 5.0),
            "batteries.no_energy": BatteryUnit(nothing + 10.0, 0.0, 0.85),
        },
        backup={"gensets.a": BackupUnit(nothing)},
        dispatchable={"chp.a": DispatchableUnit(nothing, 0.5)},
    )
    without, with_empty = columns(run(load, none)), columns(run(load, empty))
    for name, column in without.items():
        np.testing.assert_array_equal(column, with_empty[name], err_msg=name)


@FEW
@given(stores(from_start=True), nets_mw, st.sampled_from([2, 4]))
def test_shorter_steps_of_the_same_power_leave_the_same_unserved_and_level(unit, net, parts):
    # On an island and without a reserve: within a step, the mean hides when a battery that also
    # relieves the grid, or keeps a reserve, has run out.
    unit = unit._replace(reserve_mwh=0.0)
    finer = unit._replace(power_mw=np.repeat(unit.power_mw, parts))
    no_grid = np.zeros(N_HOURS * parts)
    coarse, fine = net_balance(net, no_grid[:N_HOURS]), net_balance(np.repeat(net, parts), no_grid)
    whole, split = run_plain(unit, coarse, STEP_H), run_plain(finer, fine, STEP_H / parts)
    np.testing.assert_allclose(split.stored_mwh[::parts], whole.stored_mwh, atol=1e-9)
    unserved = after(fine, split).beyond_grid_mw.reshape(-1, parts).mean(axis=1)
    np.testing.assert_allclose(unserved, after(coarse, whole).beyond_grid_mw, atol=1e-9)


@FEW
@given(loads_mw, offers(), st.integers(1, N_HOURS - 1))
def test_nothing_looks_ahead(load, available, cut):
    def changed(power):
        return np.where(np.arange(N_HOURS) < cut, power, 1e3 - power)

    other = dataclasses.replace(
        available,
        connection_mw=changed(available.connection_mw),
        onsite_mw={key: changed(power) for key, power in available.onsite_mw.items()},
    )
    before, now = columns(run(load, available)), columns(run(changed(load), other))
    for name, column in before.items():
        np.testing.assert_array_equal(column[:cut], now[name][:cut], err_msg=name)


@FEW
@given(nets_mw, st.floats(0, 100), st.floats(0, 100), st.sampled_from([0.0, 30.0, 100.0]))
def test_more_energy_at_the_start_never_leaves_less_later(net, one, other, reserve):
    must = np.maximum(-net - 40, 0)
    refill = np.where(must > 0, 0.0, 10.0)
    limit = np.broadcast_to(reserve, net.shape)
    request = StorageRequest(net, must, refill, limit, limit)
    less, more = (
        battery_levels(request, BatteryConstants(start, 100.0)).after_mwh
        for start in sorted((one, other))
    )
    assert (more >= less - 1e-9).all()


@st.composite
def rich_batteries(draw, n: int = N_HOURS) -> BatteryUnit:
    """Batteries with a minimum, that leak and fade, and are renewed, each as likely as not."""
    unit = draw(stores(n))
    discharge = draw(st.sampled_from([1.0, 0.9]))
    return unit._replace(
        round_trip_frac=unit.round_trip_frac * discharge,
        discharge_frac=discharge,
        charge_limit_mw=draw(st.sampled_from([None, 0.5 * unit.power_mw])),
        minimum_mwh=draw(st.sampled_from([0.0, 0.5])) * unit.start_mwh,
        loss_frac_per_h=draw(st.sampled_from([0.0, 0.01])),
        fade_per_year_frac=draw(st.sampled_from([0.0, 50.0])),
        fade_per_cycle_frac=draw(st.sampled_from([0.0, 0.1])),
        replace_below_frac=draw(st.sampled_from([0.0, 0.95])),
    )


def in_process(kind: str, load: np.ndarray, available: AvailableSupply, *args, **keys) -> Flows:
    """Dispatch as a process does that prefers the kernel compiled, or plain."""
    if kind == "compiled" and not prefer_compiled():
        pytest.skip("needs the extra speed")
    try:
        return self_consumption(load, available, *args, **keys)
    finally:
        prefer_plain()


storage_policies = st.sampled_from([None, hold_for_shortage, shave_peaks])


@FEW
@given(loads_mw, offers(), rich_batteries(), storage_policies)
def test_the_compiled_kernel_gives_the_bits_of_its_plain_twin(
    load, available, unit, storage_policy
):
    available = dataclasses.replace(available, stores={**available.stores, "rich": unit})
    plain, fast = (
        in_process(kind, load, available, STEP_H, storage_policy=storage_policy)
        for kind in ("plain", "compiled")
    )
    check_flows(fast, load, available, STEP_H)
    for field in dataclasses.fields(Flows):
        mine, theirs = getattr(plain, field.name), getattr(fast, field.name)
        pairs = zip(mine.values(), theirs.values(), strict=True) if isinstance(mine, dict) else ()
        for a, b in pairs or ((mine, theirs),):
            np.testing.assert_array_equal(a.view(np.int64), b.view(np.int64), field.name)


@pytest.mark.parametrize("kind", ["plain", "compiled"])
@FEW
@given(load=loads_mw, available=offers(), part=st.integers(0, 7), step=st.integers(0, N_HOURS - 1))
def test_what_is_missing_is_refused(kind, load, available, part, step):
    # On an island in need: everything is asked for what it can give.
    here = {
        "dispatchable": available.dispatchable,
        "stores": {"batteries.a": BatteryUnit(load + 1, 9.0, 0.8)},
    }
    available = AvailableSupply(np.zeros(N_HOURS), np.zeros(N_HOURS), {"solar.a": 0 * load}, **here)
    one = [load, available.connection_mw, available.export_mw, available.onsite_mw["solar.a"]]
    one += [available.stores["batteries.a"].power_mw]
    one += [unit.available_mw for unit in available.dispatchable.values()]
    column = one[part % len(one)]
    column[step] = np.nan
    flows = in_process(kind, load, available, STEP_H)
    with pytest.raises(AssertionError, match="step"):
        check_flows(flows, load, available, STEP_H)


def with_ramps(available: AvailableSupply, ramps: list[float]) -> AvailableSupply:
    units = available.dispatchable.items()
    slow = {
        key: unit._replace(ramp_mw_per_h=ramp, is_clean=bool(place % 2))
        for place, ((key, unit), ramp) in enumerate(zip(units, ramps, strict=True))
    }
    third = DispatchableUnit(np.full(N_HOURS, 12.0), 0.25, ramps[0])
    return dataclasses.replace(available, dispatchable={**slow, "chp.c": third})


PRICES = np.tile([50.0, 50.0, 200.0, 100.0], N_HOURS // 4)
EVERY_POLICY = {
    "self-consumption": self_consumption,
    "cfe-first": cfe_first,
    "reserve": partial(self_consumption, storage_policy=hold_for_shortage),
    "peak-shaving": partial(self_consumption, storage_policy=shave_peaks),
    "bill": partial(
        self_consumption,
        storage_policy=partial(watch_bill, prices=BillPrices(PRICES, 0 * PRICES + 900), n_days=2),
    ),
}
ramps_mw_per_h = st.sampled_from([math.inf, 0.5, 4.0])


@pytest.mark.parametrize("name", EVERY_POLICY)
@FEW
@given(
    load=loads_mw,
    available=offers(),
    ramps_and_unit=st.tuples(st.tuples(ramps_mw_per_h, ramps_mw_per_h), rich_batteries()),
)
def test_load_is_unserved_only_where_nothing_could_serve_it(name, load, available, ramps_and_unit):
    ramps, unit = ramps_and_unit
    available = with_ramps(available, list(ramps))
    available = dataclasses.replace(available, stores={**available.stores, "rich": unit})
    flows = EVERY_POLICY[name](load, available, STEP_H)
    check_flows(flows, load, available, STEP_H)
    # The same law in other words: with nothing unserved in any step, no machine need be idle.
    short = flows.unserved_mw > DUST_MW
    assert (flows.unserved_mw <= load + DUST_MW).all()
    assert not (flows.battery_charge_mw[short] > DUST_MW).any()
    assert not ((flows.battery_charge_mw > 0) & (flows.battery_discharge_mw > 0)).any()
    for key, plant in available.dispatchable.items():
        rise = np.diff(flows.asset_generation_mw[key])
        assert (rise <= plant.ramp_mw_per_h * STEP_H + DUST_MW).all()


@pytest.mark.parametrize("name", EVERY_POLICY)
@FEW
@given(
    load=loads_mw,
    available=offers(),
    ramps=st.tuples(ramps_mw_per_h, ramps_mw_per_h),
    cut=st.integers(1, N_HOURS - 1),
)
def test_no_policy_looks_ahead(name, load, available, ramps, cut):
    def changed(power):
        return np.where(np.arange(N_HOURS) < cut, power, 1e3 - power)

    available = with_ramps(available, list(ramps))
    other = dataclasses.replace(
        available,
        connection_mw=changed(available.connection_mw),
        onsite_mw={key: changed(power) for key, power in available.onsite_mw.items()},
        dispatchable={
            key: unit._replace(available_mw=changed(unit.available_mw))
            for key, unit in available.dispatchable.items()
        },
    )
    before = columns(EVERY_POLICY[name](load, available, STEP_H))
    now = columns(EVERY_POLICY[name](changed(load), other, STEP_H))
    for column, values in before.items():
        np.testing.assert_array_equal(values[:cut], now[column][:cut], err_msg=column)
