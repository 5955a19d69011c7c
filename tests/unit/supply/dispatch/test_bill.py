"""The policy that looks at all of the bill, on days that are known and on the tariff of a site."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from dcsim.errors import ModelError
from dcsim.pipeline import simulate
from dcsim.scenario.load import load
from dcsim.supply.availability import AvailableSupply
from dcsim.supply.dispatch.battery import BatteryUnit
from dcsim.supply.dispatch.bill import BillPrices, FleetSize, lowest_level_mw, watch_bill
from dcsim.supply.dispatch.checks import check_flows
from dcsim.supply.dispatch.greedy import self_consumption
from dcsim.supply.optimum.objective import Weights
from dcsim.supply.optimum.rolling import optimal

N_DAYS, SETTLED = 14, 7
TARIFF = (
    "money={currency: USD, price_year: 2027, discount_rate: 8 %, tariff: {seller: u, "
    "price_year: 2027, demand_charge: 10 USD/kW/month, seasons: [{name: y, "
    "months: [1,2,3,4,5,6,7,8,9,10,11,12], light: 50 USD/MWh, middle: 100 USD/MWh, "
    "peak: 200 USD/MWh, weekday: LLLLLLLLLMMMPPPPPMMMMMLL, saturday: LLLLLLLLLLLLLLLLLLLLLLLL, "
    "sunday: LLLLLLLLLLLLLLLLLLLLLLLL}]}}"
)


def equal_days(seed: int, step_h: float):
    """A site of which each day is like the one before, its prices and its demand charge."""
    rng, n = np.random.default_rng(seed), round(24 / step_h)
    hour = np.arange(n) * step_h
    load = 6 + 3 * rng.random() * np.sin(hour / 24 * 2 * np.pi + 6 * rng.random())
    sun = 14 * rng.random() * np.maximum(np.sin((hour - 6) / 12 * np.pi), 0)
    price = rng.permutation([50.0, 100.0, 200.0, 100.0, 50.0, 20.0, 20.0, 60.0])[
        (hour // 3).astype(int)
    ]
    load, sun, price = (np.tile(day, N_DAYS) for day in (load, sun, price))
    unit = BatteryUnit(
        np.full(load.size, rng.choice([1.0, 3.0])),
        rng.choice([4.0, 12.0]),
        rng.choice([0.7, 0.85, 1.0]),
        reserve_mwh=rng.choice([0.0, 1.0]),
        start_mwh=2.0,
    )
    available = AvailableSupply(
        np.full(load.size, 30.0),
        np.zeros(load.size),
        onsite_mw={"solar.a": sun},
        stores={"batteries.a": unit},
    )
    return load, available, price, rng.choice([0.0, 1000.0, 3000.0, 7000.0])


def bill(flows, price, demand, step_h) -> float:
    """Cost of the settled days: energy, and the demand charge for as long a time."""
    settled = slice(SETTLED * round(24 / step_h), None)
    imported = flows.grid_import_mw[settled]
    in_hour = max(1, round(1 / step_h))
    peak = imported.reshape(-1, in_hour).mean(axis=1).max()
    return float((imported * price[settled]).sum() * step_h + demand * peak)


@pytest.mark.parametrize("step_h", [0.25, 1.0, 3.0])
def test_on_equal_days_it_is_never_dearer_than_self_consumption_and_near_the_optimum(step_h):
    closed = []
    for seed in range(12):
        load_mw, available, price, demand = equal_days(seed, step_h)
        # The demand charge is for a month, the settled days are a week.
        month = np.full(load_mw.size, demand * 365.25 / 12 / (N_DAYS - SETTLED))
        policy = functools.partial(watch_bill, prices=BillPrices(price, month))
        plain = self_consumption(load_mw, available, step_h)
        watched = self_consumption(load_mw, available, step_h, storage_policy=policy)
        check_flows(watched, load_mw, available, step_h)
        weights = Weights(
            price / 100, {}, 1e3, 1e5, np.array([demand / 100]),
            np.zeros(load_mw.size, dtype=int), max(1, round(1 / step_h)),
        )  # fmt: skip
        best = optimal(load_mw, available, step_h, weights=weights)
        costs = [bill(flows, price, demand, step_h) for flows in (plain, watched, best)]
        assert costs[1] <= costs[0] * (1 + 1e-9), seed
        closed.append(costs)
    plain_cost, watched_cost, best_cost = np.array(closed).sum(axis=0)
    assert (plain_cost - watched_cost) > 0.65 * (plain_cost - best_cost)
    assert watched_cost < 1.05 * best_cost


@pytest.mark.parametrize("name", ["peak-shaving", "arbitrage"])
def test_policies_for_the_bill_cost_less_than_self_consumption_through_a_file(name):
    def cost(policy):
        overrides = [
            "end=2028-07-01", TARIFF, f"dispatch={{policy: {policy}}}",
            "solar=[{name: a, capacity: 12 MW, delivery: onsite}]",
            "batteries=[{name: b, power: 3 MW, energy: 12 MWh}]",
        ]  # fmt: skip
        return simulate(load("scenarios/minimal.yaml", overrides=overrides)).figure(
            "energy_cost_usd"
        )

    plain, best = cost("self-consumption"), cost("optimal, objective: cost")
    assert best < cost(name) < plain


def test_energy_is_not_shifted_where_the_spread_does_not_pay_for_the_round_trip() -> None:
    n = 24 * 4
    price = np.tile(np.repeat([100.0, 115.0], 12), 4)
    unit = BatteryUnit(np.full(n, 2.0), 8.0, 0.85)
    available = AvailableSupply(np.full(n, 9.0), np.zeros(n), stores={"batteries.a": unit})
    policy = functools.partial(watch_bill, prices=BillPrices(price, np.zeros(n)))
    flows = self_consumption(np.full(n, 5.0), available, 1.0, storage_policy=policy)
    assert not flows.battery_charge_mw.any()


def test_a_stated_level_limits_what_is_charged_from_the_grid() -> None:
    n = 24 * 4
    price = np.tile(np.repeat([50.0, 150.0], 12), 4)
    unit = BatteryUnit(np.full(n, 4.0), 24.0, 1.0)
    available = AvailableSupply(np.full(n, 20.0), np.zeros(n), stores={"batteries.a": unit})
    prices = BillPrices(price, np.zeros(n))
    peaks = []
    for level_mw in (None, 6.0):
        policy = functools.partial(watch_bill, prices=prices, import_target_mw=level_mw)
        flows = self_consumption(np.full(n, 5.0), available, 1.0, storage_policy=policy)
        peaks.append(flows.grid_import_mw.max())
    assert peaks == pytest.approx([9.0, 6.0])


def test_a_tariff_of_another_length_is_refused() -> None:
    available = AvailableSupply(np.full(24, 9.0), np.zeros(24))
    policy = functools.partial(watch_bill, prices=BillPrices(np.ones(3), np.ones(3)))
    with pytest.raises(ModelError, match="one price a step"):
        self_consumption(np.ones(24), available, 1.0, storage_policy=policy)


def test_the_lowest_level_is_bound_by_energy_or_by_power() -> None:
    need = np.array([[1.0, 5.0, 4.0, 1.0]])
    assert lowest_level_mw(need, FleetSize(9.0, 9.0, 2.0, 1.0, 1.0), 1.0).tolist() == [3.5]
    assert lowest_level_mw(need, FleetSize(9.0, 1.0, 2.0, 1.0, 1.0), 1.0).tolist() == [4.0]
    assert lowest_level_mw(need, FleetSize(9.0, 9.0, 99.0, 1.0, 1.0), 1.0).tolist() == [0.0]
