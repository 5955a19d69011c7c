from __future__ import annotations

import datetime

import numpy as np
import pytest

from dcsim.accounts.money.ledger import Lines, ledger_from, ledger_kinds
from dcsim.types import LEDGER_COLUMNS

DAYS = np.array(["2030-01-01", "2030-02-01"], dtype="datetime64[D]")


def _lines(kind="staff", quantity=(1.0, 2.0), rate=(-3.0, -4.0), day=DAYS):
    block = Lines(day, "SK", "site", kind)
    return block.priced(np.array(quantity), "MWh", np.array(rate), "KRW")


def test_lines_stand_by_date_then_in_the_order_given():
    ledger = ledger_from([_lines("staff"), _lines("gpus")])
    assert ledger["date"] == ["2030-01-01", "2030-01-01", "2030-02-01", "2030-02-01"]
    assert ledger["kind"] == ["staff", "gpus", "staff", "gpus"]


def test_the_amount_is_quantity_times_rate_to_the_last_bit():
    ledger = ledger_from([_lines(quantity=(0.1, 0.7), rate=(-0.3, 1 / 3))])
    products = [q * r for q, r in zip(ledger["quantity"], ledger["rate"], strict=True)]
    assert ledger["amount"] == products


def test_zero_lines_are_left_out():
    assert ledger_from([_lines(quantity=(0.0, 2.0), rate=(-3.0, 0.0))])["amount"] == []


def test_an_empty_ledger_has_all_columns():
    assert ledger_from([]) == {name: [] for name in LEDGER_COLUMNS}


def test_columns_hold_plain_python_values():
    ledger = ledger_from([_lines()])
    assert {type(ledger[name][0]) for name in ("quantity", "rate", "amount")} == {float}
    assert datetime.date.fromisoformat(ledger["date"][0]).year == 2030


def test_an_amount_that_is_not_finite_stops_the_run():
    with pytest.raises(AssertionError, match="finite"):
        ledger_from([_lines(rate=(np.nan, -1.0))])


def test_kinds_are_distinct():
    assert len(set(ledger_kinds())) == len(ledger_kinds())
