from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from dcsim.gpu_states import OUTSIDE, STATE
from dcsim.ramp.record import (
    ON_ORDER,
    ONLINE,
    Record,
    concatenate_moves,
    move_columns,
    moves_at,
    moves_from_rows,
    select_moves,
    stable_order,
)

ROWS = [0, 1, 7, 72, OUTSIDE, ON_ORDER, 90, 1, 7, 72, ON_ORDER, ONLINE]
TYPES = ["int64", "int16", "int32", "int32", "int8", "int8"]


def rack(n_gpus=72):
    return SimpleNamespace(product=1, index=7, n_gpus=n_gpus, state=OUTSIDE)


def test_a_rack_that_is_ordered_counts_as_ordered_once():
    record, one = Record(), rack()
    record.move(0, one, ON_ORDER)
    record.move(90, one, ONLINE)
    assert (record.n_ordered, record.stock[ON_ORDER], record.stock[ONLINE]) == (72, 0, 72)
    assert one.state == ONLINE
    assert record.moves == ROWS


def test_capacity_and_log_are_kept_in_the_order_they_come():
    record = Record()
    record.add_capacity(60, "halls", 4.0)
    record.add_capacity(30, "halls", 2.0)
    record.note(30, "hall", "a", "opens")
    assert record.capacity == {"halls": [(60, 4.0), (30, 2.0)]}
    assert record.log == [(30, "hall", "a", "opens")]


def test_rows_become_columns_of_the_types_that_are_stored():
    moves = moves_from_rows(ROWS)
    assert [str(column.dtype) for column in move_columns(moves)] == TYPES
    assert moves.time_min.tolist() == [0, 90]
    assert moves.origin.tolist() == [OUTSIDE, ON_ORDER]
    assert moves.target.tolist() == [ON_ORDER, ONLINE]


def test_no_rows_are_no_moves():
    assert [column.size for column in move_columns(moves_from_rows([]))] == [0] * 6


def test_moves_of_one_kind_lead_from_one_state_to_another():
    ones = np.ones(3, dtype=np.int64)
    change = (ONLINE, STATE["failed"])
    moves = moves_at(np.array([1, 2, 3]), ones, ones * 4, ones * 8, change=change)
    assert [str(column.dtype) for column in move_columns(moves)] == TYPES
    assert set(moves.origin) == {ONLINE}
    assert set(moves.target) == {STATE["failed"]}


def test_moves_are_selected_by_number_or_mask_and_put_together():
    moves = moves_from_rows(ROWS)
    last, first = select_moves(moves, np.array([1])), select_moves(moves, np.array([True, False]))
    both = concatenate_moves([last, first])
    assert both.time_min.tolist() == [90, 0]
    assert both.target.tolist() == [ONLINE, ON_ORDER]


@pytest.mark.parametrize("largest", [0, 9, 2**16, 2**33])
def test_the_order_of_values_is_that_of_a_stable_sort(largest):
    values = np.random.default_rng(5).integers(0, largest, 500, endpoint=True)
    np.testing.assert_array_equal(stable_order(values), np.argsort(values, kind="stable"))


def test_nothing_is_in_order():
    assert stable_order(np.zeros(0, dtype=np.int64)).size == 0


def test_racks_that_wait_move_only_when_their_cause_has_changed():
    record, one, other = Record(), rack(), rack()
    record.move(0, one, STATE["power"])
    record.move(0, other, STATE["grid_works"])
    record.update_states(50, [one, other], lambda _: STATE["power"])
    assert record.moves[12:] == [50, 1, 7, 72, STATE["grid_works"], STATE["power"]]
    assert (record.stock[STATE["power"]], record.stock[STATE["grid_works"]]) == (144, 0)
