from __future__ import annotations

import datetime

import numpy as np
import pytest

from dcsim.accounts.money.finance import (
    cash,
    check_totals,
    funding,
    internal_return,
    levelized_cost,
    payback_year,
    present_value,
    totals,
)
from dcsim.accounts.money.ledger import Lines, ledger_from
from dcsim.errors import ScenarioError
from dcsim.scenario.schema.money import MoneyPart
from dcsim.units import DAYS_PER_YEAR

START = datetime.date(2030, 1, 1)


def money_of(**changes):
    values = {"price_year": 2030, "discount_rate": 0.08, "rates": {"KRW": 1400}}
    return MoneyPart.model_validate(values | changes)


def ledger_of(*rows):
    """Rows of date, party, kind, amount, currency."""
    return ledger_from([
        Lines(np.array([date], dtype="datetime64[D]"), party, "x", kind).priced(
            np.ones(1), "1", np.array([amount]), currency
        )
        for date, party, kind, amount, currency in rows
    ])  # fmt: skip


def test_the_textbook_present_value():
    amount = np.array([-1000.0] + [150.0] * 10)
    assert present_value(amount, np.arange(11.0), 0.08) == pytest.approx(6.512209841, abs=1e-9)


def test_amounts_are_converted_at_the_fixed_rate():
    flow = cash(money_of(), ledger_of(("2030-01-01", "SK", "capital", -2800.0, "KRW")), START)
    assert flow.amount.tolist() == [-2.0]


def test_the_clock_of_discounting_starts_with_the_run():
    ledger = ledger_of(
        ("2029-12-01", "SK", "staff", -1.0, "USD"), ("2031-01-01", "SK", "staff", -1.0, "USD")
    )
    flow = cash(money_of(), ledger, START)
    assert flow.years.tolist() == [0.0, 365 / DAYS_PER_YEAR]


def test_a_currency_without_a_rate_is_a_problem_of_the_scenario():
    ledger = ledger_of(("2030-01-01", "SK", "staff", -1.0, "EUR"))
    with pytest.raises(ScenarioError) as raised:
        cash(money_of(), ledger, START)
    [problem] = raised.value.problems
    assert problem.key == "money.rates"
    assert "EUR" in problem.message


def test_totals_by_kind_party_and_year():
    ledger = ledger_of(
        ("2030-01-01", "SK", "staff", -1.0, "USD"),
        ("2030-06-01", "AWS", "gpus", -5.0, "USD"),
        ("2031-01-01", "SK", "rental", 3.0, "USD"),
    )
    flow = cash(money_of(), ledger, START)
    check_totals(flow)
    assert totals(flow, "kind") == {"staff": -1.0, "gpus": -5.0, "rental": 3.0}
    assert totals(flow, "party") == {"SK": 2.0, "AWS": -5.0}
    assert totals(flow, "year") == {"2030": -6.0, "2031": 3.0}
    assert flow.by_year(flow.of("gpus"), np.array([2030, 2031])).tolist() == [-5.0, 0.0]


def test_an_empty_ledger_has_no_totals():
    flow = cash(money_of(), ledger_from([]), START)
    check_totals(flow)
    assert totals(flow, "year") == {}


def test_the_internal_return_of_one_year():
    rate = internal_return(np.array([-100.0, 112.0]), np.array([0.0, 1.0]))
    assert rate == pytest.approx(0.12, abs=1e-12)


def test_a_negative_return_is_found():
    rate = internal_return(np.array([-100.0, 80.0]), np.array([0.0, 1.0]))
    assert rate == pytest.approx(-0.2, abs=1e-12)


def test_of_several_returns_the_one_nearest_to_zero_is_given():
    # -100 (1 - 1.1 v)(1 - 3 v): returns of 10 % and 200 %.
    rate = internal_return(np.array([-100.0, 410.0, -330.0]), np.arange(3.0))
    assert rate == pytest.approx(0.1, abs=1e-9)


@pytest.mark.parametrize("amount", [[-1.0, -2.0], [1.0, 2.0], []])
def test_costs_or_income_alone_have_no_return(amount):
    assert internal_return(np.array(amount), np.arange(float(len(amount)))) is None


def test_payback_is_the_first_year_that_ends_without_debt():
    years = np.arange(2030, 2034)
    assert payback_year(np.array([-10.0, 4.0, 6.0, 1.0]), years) == 2032.0
    assert payback_year(np.array([-10.0, 4.0, 5.0, 0.5]), years) is None
    assert payback_year(np.array([1.0, 1.0, 1.0, 1.0]), years) is None


def test_money_that_was_never_out_is_not_paid_back_before_it_is():
    assert payback_year(np.array([0.0, 5.0, -9.0, 4.0]), np.arange(2030, 2034)) == 2033.0


def test_a_levelized_cost_without_discount_is_the_mean():
    cost, output = np.array([70.0, 30.0]), np.array([0.0, 40.0, 10.0])
    years = np.arange(3.0)
    assert levelized_cost(cost, years[:2], output, years, 0.0) == 2.0
    assert levelized_cost(cost, years[:2], output * 0, years, 0.0) is None


def test_funds_are_drawn_up_to_the_commitment_and_the_rest_is_a_gap():
    money = money_of(
        funds=[
            {"name": "a", "party": "AWS", "amount": "4 USD"},
            {"name": "b", "party": "AWS", "amount": "1400 KRW"},
            {"name": "c", "party": "SK", "amount": "9 USD"},
        ]
    )
    ledger = ledger_of(
        ("2030-01-01", "AWS", "gpus", -7.0, "USD"),
        ("2030-01-01", "SK", "capital", -2.0, "USD"),
        ("2030-01-01", "SK", "staff", -50.0, "USD"),
        ("2030-01-01", "city", "capital", -1.0, "USD"),
    )
    funds = funding(money, cash(money, ledger, START))
    assert funds == [("AWS", 5.0, 5.0, 2.0), ("SK", 9.0, 2.0, 0.0), ("city", 0.0, 0.0, 1.0)]
