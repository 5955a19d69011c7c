"""The queue of the repair shop: blocks of repairs at once are what one after another gives."""

from __future__ import annotations

import heapq

import numpy as np
import pytest

from dcsim.ramp.failures import repair_queue
from dcsim.ramp.failures.repair_queue import Failed, RepairQueue


def one_after_another(failed, free, stock, spare_min):
    """The recursion of Kiefer and Wolfowitz as it is written: two heaps, one failure at a time."""
    free, stock, down_until, found = list(free), list(stock), {}, []
    heapq.heapify(free)
    heapq.heapify(stock)
    rows = zip(*(column.tolist() for column in failed), strict=True)
    for number, (time, server, service_end, hands, repair) in enumerate(rows):
        if down_until.get(server, 0) > time:
            continue
        start = min(max(time, free[0], stock[0]), service_end)
        end = start
        if start < service_end:
            heapq.heapreplace(free, start + hands)
            heapq.heapreplace(stock, start + spare_min)
            end = start + repair
        down_until[server] = end
        found.append((number, start, end))
    return found


def failures(seed, *, n=3000, n_servers=40, span=200_000, hands=240):
    """Failures of a few servers, some retired early, with repairs of any length."""
    rng = np.random.default_rng(seed)
    time = np.sort(rng.integers(0, span, n))
    server = rng.integers(0, n_servers, n)
    gone = rng.integers(span // 4, span + 1, n_servers)[server]
    kept = time < gone
    hands_min = np.maximum(np.rint(hands * rng.exponential(1.0, n)).astype(np.int64), 1)
    repair_min = hands_min + rng.integers(0, 20 * hands, n)
    columns = (time, server, gone, hands_min, repair_min)
    return Failed(*(column[kept] for column in columns))


def served(failed, free, stock, spare_min):
    queue = RepairQueue(
        np.array(free, dtype=np.int64), np.array(stock, dtype=np.int64), spare_min, 40
    )
    return queue.serve(failed)


@pytest.mark.parametrize("block", [1, 3, 64, 2048])
@pytest.mark.parametrize(
    ("technicians", "spares", "spare_min"),
    [(1, 1, 10), (2, 30, 900), (4, 3, 5000), (50, 50, 100), (0, 5, 10), (5, 0, 10)],
)
def test_blocks_at_once_are_what_one_failure_after_another_gives(
    monkeypatch, block, technicians, spares, spare_min
):
    monkeypatch.setattr(repair_queue, "BLOCK", block)
    monkeypatch.setattr(repair_queue, "ONE_BY_ONE", max(block // 4, 1))
    monkeypatch.setattr(repair_queue, "WORTH_A_BLOCK", max(block // 2, 1))
    for seed in range(3):
        failed = failures(seed)
        never = int(failed.service_end_min.max())
        # Half of the technicians come late.
        free = sorted([0] * (technicians // 2) + [90_000] * (technicians - technicians // 2))
        free, stock = [*free, never], [*[0] * spares, never]
        expected = one_after_another(failed, free, stock, spare_min)
        found = zip(*(c.tolist() for c in served(failed, free, stock, spare_min)), strict=True)
        assert list(found) == expected


def test_a_shop_with_enough_of_all_works_out_no_failure_alone(monkeypatch):
    def alone(*_):
        raise AssertionError("nobody waits")

    monkeypatch.setattr(RepairQueue, "_serve_one_by_one", alone)
    failed = failures(7)
    never = int(failed.service_end_min.max())
    found = served(failed, [*[0] * 999, never], [*[0] * 9999, never], 10)
    assert (found.start_min == failed.time_min[found.number]).all()


def test_a_server_that_is_down_until_after_a_later_failure_does_not_fail_twice():
    # Of the second server's failures the one in minute 12 does not happen, so its longer repair
    # does not cover the one in minute 30.
    failed = Failed(
        time_min=np.array([5, 10, 12, 30]),
        server=np.array([0, 1, 1, 1]),
        service_end_min=np.full(4, 999),
        hands_min=np.full(4, 1),
        repair_min=np.array([5, 10, 500, 5]),
    )
    found = served(failed, [0, 0, 0, 999], [0, 0, 0, 999], 10)
    assert found.number.tolist() == [0, 1, 3]
    assert found.end_min.tolist() == [10, 20, 35]


def test_without_failures_there_are_no_repairs():
    nothing = np.empty(0, dtype=np.int64)
    found = served(Failed(*[nothing] * 5), [0], [0], 10)
    assert [column.size for column in found] == [0, 0, 0]
