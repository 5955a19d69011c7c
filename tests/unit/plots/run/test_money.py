"""Money by group and year is the ledger."""

from __future__ import annotations

import pytest

from dcsim.plots import money_by_year
from dcsim.plots.run.money import by_group_and_year


def test_money_by_group_and_year_is_the_ledger(result):
    years, sums = by_group_and_year(result)
    worth = {"USD": 1.0, "KRW": 1e-3}
    total = sum(
        amount * worth[currency]
        for amount, currency in zip(result.ledger["amount"], result.ledger["currency"], strict=True)
    )
    assert sum(amount.sum() for amount in sums.values()) == pytest.approx(total)
    assert sums["Buildings, halls, grid"][0] == pytest.approx(-60e6)  # 10 mn of land and 50 mn
    assert years.tolist() == [2027, 2028]


def test_money_says_what_is_out_or_back(result):
    assert "mn USD net out by" in money_by_year(result).get_title(loc="left")
