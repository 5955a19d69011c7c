from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from dcsim.accounts.gpu.days import (
    binding,
    gpu_minutes,
    group_stock,
    product_stocks,
    stock_of,
    stocks,
)
from dcsim.gpu_states import IN_SERVICE

DAY = 1440


def _minutes(timeline):
    return gpu_minutes(timeline, stocks(timeline))


@pytest.fixture
def three_days(build):
    return build.calendar("2030-01-01", "2030-01-04")


def test_a_move_counts_from_its_minute_to_the_end_of_the_run(build, three_days):
    moves = build.moves((0, 16, None, "on_order"), (100, 16, "on_order", "online"))
    minutes = _minutes(build.timeline(three_days, moves))
    assert minutes["on_order"] == 1600
    assert minutes["online"] == 16 * (3 * DAY - 100)
    assert sum(minutes.values()) == 16 * 3 * DAY


def test_moves_before_the_run_count_from_its_start_and_after_it_not_at_all(build, three_days):
    moves = build.moves(
        (-500, 8, None, "on_order"),
        (3 * DAY, 8, "on_order", "crew"),
        (9 * DAY, 8, None, "on_order"),
    )
    timeline = build.timeline(three_days, moves)
    assert _minutes(timeline)["on_order"] == 8 * 3 * DAY
    assert _minutes(timeline)["crew"] == 0


def test_an_empty_run_has_no_gpu_minutes(build, three_days):
    assert set(_minutes(build.timeline(three_days)).values()) == {0}


def test_gpus_that_leave_a_state_which_held_none_are_an_error(build, three_days):
    moves = build.moves((0, 8, None, "on_order"), (5, 16, "on_order", "online"))
    with pytest.raises(AssertionError, match="more GPUs left"):
        stocks(build.timeline(three_days, moves))


def test_the_order_of_moves_within_a_minute_does_not_matter(build, three_days):
    moves = build.moves((7, 8, "on_order", "crew"), (7, 8, None, "on_order"))
    assert _minutes(build.timeline(three_days, moves))["crew"] == 8 * (3 * DAY - 7)


def test_gpus_that_skip_the_order_still_close(build, three_days):
    moves = build.moves((60, 8, None, "installing"), (120, 8, "installing", "online"))
    assert _minutes(build.timeline(three_days, moves))["installing"] == 480


def test_minutes_that_do_not_close_stop_the_run(build, three_days):
    moves = build.moves((0, 8, None, "on_order"), (60, 8, "on_order", "online"))
    timeline = build.timeline(three_days, moves)
    other = build.timeline(three_days, dataclasses.replace(moves, n_gpus=moves.n_gpus * 2))
    with pytest.raises(AssertionError, match="not those ordered"):
        gpu_minutes(other, stocks(timeline))


def test_a_move_at_an_edge_belongs_to_what_begins_there(build, three_days):
    moves = build.moves((DAY - 1, 8, None, "on_order"), (2 * DAY, 8, "on_order", "online"))
    by_state = stocks(build.timeline(three_days, moves))
    ends = np.array([1, 2, 3]) * DAY
    assert by_state["on_order"].before(ends).tolist() == [8, 8, 0]
    assert by_state["online"].before(ends).tolist() == [0, 0, 8]


def test_changes_of_one_minute_count_as_their_sum():
    stock = stock_of(np.array([5, 9, 9]), np.array([8, -8, 3]))
    assert stock.gpus.tolist() == [8, 3]
    assert stock.minutes_until(np.array([5, 9, 19])).tolist() == [0, 32, 62]
    assert stock.most == 8


def test_gpus_that_leave_a_state_they_never_entered_stop_the_run():
    with pytest.raises(AssertionError, match="more GPUs left"):
        stock_of(np.array([5]), np.array([-1]))


def test_stocks_of_products_add_up_to_that_of_all(build, three_days):
    rows = [(10, 8, None, "on_order", 0, 0), (20, 4, None, "on_order", 1, 1)]
    timeline = build.timeline(three_days, build.moves(*rows), products=("a", "b"))
    first, second = product_stocks(timeline, "on_order")
    assert (first.gpus.tolist(), second.gpus.tolist()) == ([8], [4])
    assert group_stock(timeline, "on_order").gpus.tolist() == [8, 12]


def test_moves_within_a_group_leave_its_stock_alone(build, three_days):
    moves = build.moves(
        (0, 8, None, "on_order"),
        (10, 8, "on_order", "online"),
        (20, 4, "online", "failed"),
        (30, 4, "failed", "in_repair"),
    )
    stock = group_stock(build.timeline(three_days, moves), *IN_SERVICE)
    assert stock.time_min.tolist() == [10]
    assert stock.gpus.tolist() == [8]


def test_each_quarter_names_what_held_back_most(build):
    calendar = build.calendar("2030-02-01", "2031-01-01")
    april, july = (31 + 28 - 31 + 31) * DAY, (31 + 28 - 31 + 31 + 91) * DAY
    moves = build.moves(
        (april + DAY, 16, None, "on_order"),
        (april + 11 * DAY, 16, "on_order", "power"),
        (july, 16, "power", "commissioning"),
        (july + 2 * DAY, 16, "commissioning", "online"),
        (july + 3 * DAY, 8, "online", "retired"),
    )
    held = binding(build.timeline(calendar, moves))
    assert held == [
        ("2030 Q1", None, 0.0),
        ("2030 Q2", "power", 16 * 80.0),
        ("2030 Q3", "commissioning", 32.0),
        ("2030 Q4", None, 0.0),
    ]


def test_delivery_can_be_left_out_of_what_binds(build, three_days):
    moves = build.moves((0, 8, None, "on_order"), (2 * DAY, 8, "on_order", "crew"))
    timeline = build.timeline(three_days, moves)
    assert binding(timeline) == [("2030 Q1", "on_order", 16.0)]
    in_time = binding(timeline, delivery=lambda edges: np.zeros(edges.size - 1, dtype=np.int64))
    assert in_time == [("2030 Q1", "crew", 8.0)]
