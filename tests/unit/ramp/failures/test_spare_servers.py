"""Spare servers: by hand, by the birth-death chain, and without any."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

import dcsim
from dcsim.ramp.failures.repair_queue import Failed, RepairQueue
from dcsim.ramp.failures.repair_shop import RepairRequests, Stock, schedule_repairs
from dcsim.ramp.failures.spare_servers import SpareServers
from dcsim.ramp.simulate import run_events
from dcsim.scenario.schema.fleet import Fleet

NEVER = 10_000

SCENARIO = """
extends: minimal.yaml
start: 2027-01-01
end: 2067-01-01
step: 1 day
halls: [{name: hall, racks: 50, it_power: 8 MW}]
products: [{name: server, power: 1 kW, server_size: 8 GPU, rack_size: 8 GPU, life: 50 years}]
orders: [{name: first, product: server, gpus: 400 GPU, placed: 2027-01-01, lead_time: 0 h}]
deployment: {crews: 50, install: 0 h, slots: 50, commissioning: 0 h}
fleet: {failure_rate: 1.09575 1/GPU/year, hands: 100 %, recovery: 1 h, technicians: 1,
  hands_on: 15 h, repair: 15 h, repair_spread: exponential, spares: 100, spare_lead_time: 0 h,
  spare_servers: 3}
"""
"""A server of 8 GPUs fails once in 1,000 h of service."""


def failures(times, servers, product=None, repair=600):
    n = len(times)
    failed = Failed(
        np.array(times),
        np.array(servers),
        np.full(n, NEVER),
        np.full(n, repair),
        np.full(n, repair),
    )
    return failed, np.zeros(n, dtype=int) if product is None else np.array(product)


def pools(n_technicians: int, spares_min: list[int]) -> SpareServers:
    free = np.array([*[0] * n_technicians, NEVER])
    return SpareServers(free, np.array([0, 0, 0, 0, NEVER]), 1, 10, spares_min)


def test_a_place_is_filled_at_once_or_with_the_next_that_is_repaired():
    served = pools(1, [0]).serve(*failures([100, 200, 300], [0, 1, 2]))
    # The spare one fills place 0. Place 1 gets the server of place 0, repaired at 700, place 2 that
    # of place 1, which the technician has at 1300.
    assert served.start_min.tolist() == [100, 700, 1300]
    assert served.end_min.tolist() == [110, 710, 1310]


def test_with_two_technicians_the_first_that_is_ready_fills_the_first_place():
    failed, product = failures([100, 110, 120], [0, 1, 2])
    failed = failed._replace(repair_min=np.array([900, 50, 50]), hands_min=np.array([900, 50, 50]))
    served = pools(2, [0]).serve(failed, product)
    # Back from repair: that of place 1 at 160, of place 2 at 210, of place 0 at 1000.
    assert served.start_min.tolist() == [100, 160, 210]


def test_a_place_that_is_empty_does_not_fail_again_and_products_do_not_mix():
    served = pools(1, [0]).serve(*failures([100, 200, 250, 300], [0, 1, 1, 2], [0, 0, 0, 1]))
    assert served.number.tolist() == [0, 1, 3]
    assert served.start_min.tolist() == [100, 700, 300]


def test_a_place_that_is_retired_takes_nothing():
    failed, product = failures([100, 200, 300], [0, 1, 2])
    failed = failed._replace(service_end_min=np.array([NEVER, 650, NEVER]))
    served = pools(1, [0]).serve(failed, product)
    assert served.start_min.tolist() == [100, 650, 700]
    assert served.end_min.tolist() == [110, 650, 710]


def test_one_that_joins_later_fills_a_place_that_waits():
    served = pools(1, [400]).serve(*failures([100], [0]))
    assert served.start_min.tolist() == [400]


def test_without_spare_servers_nothing_changes():
    fleet = Fleet.model_validate(
        {
            "failure_rate": "1 1/GPU/year",
            "hands": 1,
            "recovery": "1 h",
            "technicians": 1,
            "hands_on": "4 h",
            "repair": "24 h",
            "spares": 9,
            "spare_lead_time": "1 h",
        }
    )
    requests = RepairRequests(np.array([0, 60]), np.array([0, 1]), np.full(2, 9999), np.ones(2))
    repairs = schedule_repairs(requests, fleet, [Stock(0, 1)], [Stock(0, 9)], [Stock(0, 0)])
    free, parts = np.array([0, 9999]), np.array([*[0] * 9, 9999])
    failed = Failed(*requests[:3], np.full(2, 240), np.full(2, 1440))
    expected = RepairQueue(free, parts, 60, 2).serve(failed)
    np.testing.assert_array_equal(repairs.end_min, expected.end_min)


def filled(scenario: dcsim.Scenario, replication: int) -> tuple[float, float]:
    """Return the mean share of places filled, and that of the time in which all are."""
    timeline = run_events(scenario.plan(replication))
    online = timeline.stock("online")
    first = int(np.argmax(online.level == 400))
    time = np.append(online.time_min[first:], timeline.calendar.n_minutes)
    length, gpus = np.diff(time), online.level[first:]
    total = float(length.sum())
    return float((gpus * length).sum()) / total / 400, float(length[gpus == 400].sum()) / total


def birth_death(n_places: int, n_spare: int, rho: float) -> tuple[float, float]:
    """Return the same of the chain: down to up with one technician, `rho` failures a repair."""
    weight = [1.0]
    for down in range(n_places + n_spare):
        weight.append(weight[-1] * min(n_places, n_places + n_spare - down) * rho)
    chance = np.array(weight) / sum(weight)
    up = np.minimum(n_places, n_places + n_spare - np.arange(chance.size))
    return float((chance * up).sum()) / n_places, float(chance[: n_spare + 1].sum())


def test_the_chain_by_hand() -> None:
    assert birth_death(50, 3, 0.015) == pytest.approx((0.982578, 0.719322), abs=1e-6)


def test_fifty_places_with_three_spare_servers_are_filled_as_the_chain_says(
    scenarios: Path, tmp_path: Path
) -> None:
    shutil.copy(scenarios / "minimal.yaml", tmp_path)
    path = tmp_path / "site.yaml"
    path.write_text(SCENARIO)
    scenario = dcsim.load(path)
    found = np.array([filled(scenario, number) for number in range(1, 7)])
    # 240 years, of which about ten days are needed to forget a state: the mean of six runs has a
    # standard error of 0.0006 and 0.005. Four of them, and a minute for each swap.
    assert found.mean(axis=0) == pytest.approx((0.982578, 0.719322), abs=0.02)
    assert found[:, 0].mean() == pytest.approx(0.982578, abs=0.0025)
    without = scenario.with_overrides({"fleet.spare_servers": 0})
    assert filled(without, 1)[0] == pytest.approx(birth_death(50, 0, 0.015)[0], abs=0.006)
