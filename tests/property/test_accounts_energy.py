"""Laws of matching and carbon: no energy is counted twice, none is made up, nothing looks ahead."""

from __future__ import annotations

import datetime
import zoneinfo
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dcsim.accounts.energy.allocation import allocate
from dcsim.accounts.energy.carbon import emissions
from dcsim.accounts.energy.cfe import match, stored_share
from dcsim.clock import Calendar
from dcsim.scenario.schema.site import Site
from dcsim.types import Flows, Load

law = settings(max_examples=40, derandomize=True, deadline=None)
seeds = st.integers(0, 2**32 - 1)
SEOUL = zoneinfo.ZoneInfo("Asia/Seoul")
pytestmark = pytest.mark.usefixtures("every_step")
STEP_H = 1.0
"""Length of a step; the fixture sets it. [h]"""
N_STEPS = 54 * 24
"""Weeks at steps of an hour, across the turn of a year at any."""


def weeks() -> Calendar:
    turn = datetime.datetime(2031, 1, 1, tzinfo=SEOUL)
    length = datetime.timedelta(hours=N_STEPS * STEP_H)
    days = datetime.timedelta(days=round(length / datetime.timedelta(days=2)))
    return Calendar(turn - days, turn - days + length, SEOUL, STEP_H)


SITE = Site.model_validate({
    "name": "law", "start": "2030-12-11", "end": "2031-02-03",
    "latitude": "35 degree", "longitude": "129 degree",
    "power": {"basis": "facility", "design_pue": 1.2, "steps": [{"name": "a", "adds": "9 MW"}]},
    "halls": [{"name": "a", "racks": 9, "it_power": "8 MW"}],
    "products": [{"name": "p", "power": "1 kW", "server_size": "8 GPU", "rack_size": "8 GPU"}],
    "orders": [{"name": "o", "product": "p", "gpus": "8 GPU", "placed": "2030-12-11",
                "lead_time": "1 day"}],
    "deployment": {"crews": 1, "install": "1 h", "slots": 1, "commissioning": "1 h"},
    "demand": [{"name": "d", "use": "training", "gpus": "8 GPU", "at": "2030-12-11"}],
    "weather": {"climate": {
        **{key: ["9 degC"] * 12 for key in ("temp_mean", "temp_max", "temp_min")},
        "humidity": [0.5] * 12, "wind": ["2 m/s"] * 12, "ghi_kwh_m2_day": [3.0] * 12,
        "temp_deviation": "2 delta_degC", "persistence": 0.7, "cloud_persistence": 0.3}},
    "cooling": {"model": "fixed", "overhead": 0.1},
    "grid": {"carbon": {"2030": "400 kg/MWh", "2031": "300 kg/MWh"}, "carbon_free": 0.39},
    "solar": [{"name": "s", "capacity": "9 MW"},
              {"name": "roof", "capacity": "9 MW", "delivery": "onsite"}],
    "chp": [{"name": "c", "capacity": "9 MW", "efficiency": 0.5, "carbon": "370 kg/MWh"}],
    "contracts": [{"name": "atom", "capacity": "9 MW", "renewable": False},
                  {"name": "gas", "capacity": "9 MW", "renewable": False, "carbon": "450 kg/MWh"}],
})  # fmt: skip


def dispatched(seed: int, calendar: Calendar | None = None) -> tuple[Load, Flows]:
    """A greedy dispatch of random sources; every step balances."""
    rng = np.random.default_rng(seed)
    calendar = calendar or weeks()
    n, h = calendar.n_hours, calendar.step_h
    load_mw = rng.uniform(0, 20, n)
    scale = rng.uniform(0, 12, 5)
    keys = ("solar.s", "solar.roof", "contracts.atom", "contracts.gas", "chp.c")
    made = {key: top * rng.uniform(0, 1, n) for key, top in zip(keys, scale, strict=True)}
    net_mw = sum(made.values()) - load_mw
    size_mwh, round_trip = rng.uniform(1, 80), rng.uniform(0.5, 1)
    stored, charge, discharge = np.zeros(n + 1), np.zeros(n), np.zeros(n)
    grid_charge = np.where(rng.uniform(0, 1, n) < 0.1, 3.0, 0.0)
    stored[0] = size_mwh * rng.uniform(0, 1)
    for t in range(n):
        room_mw = (size_mwh - stored[t]) / round_trip / h
        if net_mw[t] > 0:
            charge[t], grid_charge[t] = min(net_mw[t], room_mw), 0.0
        elif grid_charge[t]:
            charge[t] = grid_charge[t] = min(grid_charge[t], room_mw)
        else:
            discharge[t] = min(-net_mw[t], stored[t] / h)
        stored[t + 1] = max(stored[t] + (charge[t] * round_trip - discharge[t]) * h, 0.0)
    zero = np.zeros(n)
    flows = Flows(
        generation_mw={"solar": made["solar.s"] + made["solar.roof"], "chp": made["chp.c"],
                       "atom": made["contracts.atom"], "gas": made["contracts.gas"]},
        asset_generation_mw=made,
        grid_import_mw=np.maximum(-net_mw, 0) - discharge + grid_charge,
        grid_export_mw=zero,
        battery_charge_mw=charge,
        battery_discharge_mw=discharge,
        battery_stored_mwh=stored,
        grid_charge_mw=grid_charge,
        curtailed_mw=np.maximum(np.maximum(net_mw, 0) - charge, 0.0),
        unserved_mw=zero,
    )  # fmt: skip
    gpus = np.zeros((1, n))
    load = Load(("d",), gpus, gpus, gpus, load_mw, zero, zero, zero, load_mw, zero + 1, zero)
    return load, flows


def matching(load: Load, flows: Flows, calendar: Calendar | None = None) -> tuple[Any, Any]:
    taken = allocate(SITE, flows)
    return match(calendar or weeks(), SITE.grid, load, flows, taken), taken


@law
@given(seeds)
def test_renewable_is_at_most_carbon_free_is_at_most_the_load(seed):
    load, flows = dispatched(seed)
    matched, _ = matching(load, flows)
    assert (matched.renewable_mw >= 0).all()
    assert (matched.renewable_mw <= matched.carbon_free_mw).all()
    assert (matched.carbon_free_mw <= load.facility_power_mw).all()


@law
@given(seeds)
def test_no_more_renewable_energy_is_used_than_was_made_and_not_curtailed(seed):
    load, flows = dispatched(seed)
    matched, taken = matching(load, flows)
    tolerance = 1e-9 * taken.renewable_generated_mw.sum()
    assert matched.renewable_mw.sum() <= taken.renewable_mw.sum() + tolerance
    assert (taken.renewable_mw <= taken.renewable_generated_mw + 1e-12).all()


@law
@given(seeds)
def test_what_is_taken_serves_the_load_and_the_battery_to_the_watt(seed):
    load, flows = dispatched(seed)
    taken = allocate(SITE, flows)
    used = taken.renewable_mw + taken.carbon_free_mw + taken.emitting_mw
    used = used + flows.generation_mw["chp"] + flows.grid_import_mw + flows.battery_discharge_mw
    needed = load.facility_power_mw + flows.battery_charge_mw
    # Plants at their minimum alone may make more than is needed; only then is theirs curtailed.
    beyond = np.maximum(flows.generation_mw["chp"] - needed, 0.0)
    np.testing.assert_allclose(used - beyond, needed, atol=1e-9)


@law
@given(seeds)
def test_tagged_discharge_never_exceeds_tagged_charge_so_far(seed):
    _, flows = dispatched(seed)
    rng = np.random.default_rng(seed)
    tagged = flows.battery_charge_mw * rng.uniform(0, 1, N_STEPS)
    given_mw = stored_share(STEP_H, flows, tagged)
    assert (given_mw <= flows.battery_discharge_mw).all()
    assert (np.cumsum(given_mw) <= np.cumsum(tagged) + 1e-9).all()
    whole = stored_share(STEP_H, flows, flows.battery_charge_mw)
    from_the_start = (flows.battery_discharge_mw.sum() - whole.sum()) * STEP_H
    assert -1e-9 <= from_the_start <= flows.battery_stored_mwh[0] + 1e-9


@law
@given(seeds, st.integers(1, N_STEPS - 1))
def test_matching_does_not_look_ahead(seed, cut):
    load, flows = dispatched(seed)
    other_load, other_flows = dispatched(seed + 1)

    def spliced(mine: Any, other: Any, edge: int) -> Any:
        if isinstance(mine, dict):
            return {key: spliced(mine[key], other[key], edge) for key in mine}
        return np.concatenate((mine[..., :edge], other[..., edge:]), axis=-1)

    mixed = {
        name: spliced(
            getattr(flows, name),
            getattr(other_flows, name),
            cut + 1 if name == "battery_stored_mwh" else cut,
        )
        for name in Flows.__dataclass_fields__
    }
    facility = spliced(load.facility_power_mw, other_load.facility_power_mw, cut)
    gpus = load.online_gpus
    mixed_load = Load(("d",), gpus, gpus, gpus, *[facility] * 6, facility)
    before, _ = matching(load, flows)
    after, _ = matching(mixed_load, Flows(**mixed))
    np.testing.assert_array_equal(before.renewable_mw[:cut], after.renewable_mw[:cut])
    np.testing.assert_array_equal(before.carbon_free_mw[:cut], after.carbon_free_mw[:cut])


@law
@given(seeds)
def test_emissions_are_energy_times_factor_in_each_account(seed):
    load, flows = dispatched(seed)
    taken = allocate(SITE, flows)
    carbon = emissions(SITE, weeks(), flows, taken)
    factor = np.where(weeks().year == 2030, 0.4, 0.3)
    chp_t = (flows.generation_mw["chp"] * 0.37).sum()
    location_t = (factor * (flows.grid_import_mw + taken.delivered_mw)).sum() + chp_t
    market_t = (factor * flows.grid_import_mw + 0.45 * taken.emitting_mw).sum() + chp_t
    assert carbon.location_t.sum() == pytest.approx(location_t * STEP_H)
    assert carbon.market_t.sum() == pytest.approx(market_t * STEP_H)
    assert load.facility_power_mw.size == carbon.market_t.size
