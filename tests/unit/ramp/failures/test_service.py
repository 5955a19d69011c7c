from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from dcsim.ramp.failures.hazard import Failures
from dcsim.ramp.failures.repair_shop import OrderFailures
from dcsim.ramp.failures.service import failure_events, rack_service

END = 1000


def failures(*rows):
    """Failures as (server, age), every second one of which needs hands."""
    server, age = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    n = server.size
    return Failures(server, age, np.arange(n) % 2 == 0, np.full(n, 5), np.linspace(0.5, 1.5, n))


@pytest.fixture
def shop():
    """Two orders of two racks with two servers each; one rack of the second is not online."""
    first = SimpleNamespace(index=0, life_min=400, product=0)
    second = SimpleNamespace(index=2, life_min=10_000, product=1)
    return SimpleNamespace(
        horizon_min=END,
        order_failures={
            0: OrderFailures(failures((0, 10), (1, 450), (3, 20)), first, 2, 2, 8),
            1: OrderFailures(failures((0, 30), (2, 40)), second, 2, 2, 4),
        },
        in_service={0: [(1, 100, 0), (0, 200, 2)], 1: [(0, 150, 1)]},
    )


def test_racks_serve_from_going_online_to_the_end_of_life_or_run(shop):
    racks = rack_service(shop)
    assert racks.online_min.tolist() == [200, 100, 150, END]
    assert racks.service_end_min.tolist() == [600, 500, END, END]


def test_racks_know_their_order_of_entry_product_and_servers(shop):
    racks = rack_service(shop)
    assert racks.entry_order[:3].tolist() == [2, 0, 1]
    assert racks.product.tolist() == [0, 0, 1, 1]
    assert racks.server_gpus.tolist() == [8, 8, 4, 4]


def test_ages_count_from_going_online_and_end_with_service(shop):
    events = failure_events(shop, rack_service(shop))
    # Server 1 of the first order would fail at 200 + 450, after its rack retired at 600; server 2
    # of the second stands in a rack that is never online.
    assert events.time_min.tolist() == [210, 120, 180]
    assert events.rack.tolist() == [0, 1, 2]


def test_servers_of_all_orders_have_numbers_of_their_own(shop):
    events = failure_events(shop, rack_service(shop))
    assert events.server.tolist() == [0, 3, 4]
    assert events.hands.tolist() == [True, True, True]
    assert events.scale.tolist() == [0.5, 1.5, 0.5]


def test_events_are_selected_by_number_or_mask(shop):
    events = failure_events(shop, rack_service(shop))
    assert events.select(np.array([2, 0])).time_min.tolist() == [180, 210]
    assert events.select(events.rack == 1).server.tolist() == [3]


def test_nothing_ordered_is_nothing_that_fails():
    nothing = SimpleNamespace(horizon_min=END, order_failures={}, in_service={})
    racks = rack_service(nothing)
    assert racks.online_min.size == 0
    assert [column.size for column in failure_events(nothing, racks)] == [0] * 6
