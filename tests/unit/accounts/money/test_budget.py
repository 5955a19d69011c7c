"""The ledger as a whole, and the figures that follow from it."""

from __future__ import annotations

import numpy as np
import pytest

from dcsim.accounts.key_figures import money_names
from dcsim.accounts.money.budget import UNNAMED_OPERATOR, money_figures
from dcsim.accounts.money.ledger import Lines, ledger_from
from dcsim.accounts.months import Months
from dcsim.errors import ScenarioError
from dcsim.scenario.schema.money import MoneyPart
from dcsim.types import Steps, TaskRecord

MONEY = {"price_year": 2030, "discount_rate": 0.1, "rates": {"KRW": 1000}}
DAY = 1440


def lines(*rows):
    """Rows of date, party, kind, amount, currency as a ledger."""
    return ledger_from(
        [
            Lines(np.array([date], dtype="datetime64[D]"), party, "x", kind).priced(
                np.ones(1), "1", np.array([amount]), currency
            )
            for date, party, kind, amount, currency in rows
        ]
    )


@pytest.fixture
def figures(build):
    """Figures of two years in which a GPU is online and 1 MW is drawn."""

    def run(*rows, **changes):
        months = Months.of(build.calendar("2030-01-01", "2032-01-01"))
        flat = months.total(np.ones(months.calendar.n_hours))
        none = dict.fromkeys(("gpu_hours_unserved", "unserved_mwh", "income_unserved"), 0 * flat)
        monthly = {"gpu_hours_online": flat, "facility_mwh": flat, **none}
        money = MoneyPart.model_validate(MONEY | changes)
        return money_figures(money, months, lines(*rows), monthly)

    return run


def test_costs_are_positive_and_summed_by_year_and_kind(figures):
    yearly, run = figures(
        ("2030-01-01", "SK", "capital", -5.0, "USD"),
        ("2030-03-01", "SK", "gpus", -7000.0, "KRW"),
        ("2030-03-01", "SK", "grid_demand", -2.0, "USD"),
        ("2031-01-01", "SK", "staff", -1.0, "USD"),
        ("2031-03-01", "SK", "rental", 40.0, "USD"),
    )
    assert yearly["capex_usd"].tolist() == [12.0, 0.0]
    assert yearly["capex_gpus_usd"].tolist() == [7.0, 0.0]
    assert yearly["energy_cost_usd"].tolist() == [2.0, 0.0]
    assert yearly["operating_cost_usd"].tolist() == [2.0, 1.0]
    assert yearly["income_usd"].tolist() == [0.0, 40.0]
    assert yearly["cash_flow_usd"].tolist() == [-14.0, 39.0]
    assert run["cash_flow_usd"] == 25.0
    assert run["payback_year"] == 2031.0


def test_present_value_and_return_of_one_payment_and_one_income(figures):
    _, run = figures(
        ("2030-01-01", "SK", "capital", -100.0, "USD"),
        ("2031-01-01", "SK", "rental", 121.0, "USD"),
    )
    years = 365 / 365.25
    assert run["npv_usd"] == pytest.approx(-100 + 121 * 1.1**-years)
    assert run["irr_frac"] == pytest.approx(1.21 ** (1 / years) - 1)


def test_a_plan_that_does_not_earn_its_outlay_has_no_return(figures):
    _, run = figures(
        ("2030-01-01", "SK", "capital", -100.0, "USD"),
        ("2031-01-01", "SK", "rental", 80.0, "USD"),
    )
    assert run["irr_frac"] is None
    assert run["payback_year"] is None


def test_levelized_costs_are_cost_over_output_where_money_has_no_discount(figures):
    _, run = figures(
        ("2030-01-01", "SK", "capital", -17520.0, "USD"),
        ("2031-01-01", "SK", "grid_demand", -8760.0, "USD"),
        discount_rate=0.0,
    )
    assert run["levelized_cost_usd_per_gpu_hour"] == pytest.approx(1.5)
    assert run["levelized_cost_usd_per_mwh"] == pytest.approx(1.5)
    assert run["levelized_energy_cost_usd_per_mwh"] == pytest.approx(0.5)


def test_funds_are_summed_over_parties(figures):
    _, run = figures(
        ("2030-01-01", "AWS", "gpus", -7.0, "USD"),
        ("2030-01-01", "SK", "capital", -2.0, "USD"),
        funds=[
            {"name": "a", "party": "AWS", "amount": "5 USD"},
            {"name": "b", "party": "SK", "amount": "9 USD"},
        ],
    )
    names = ("funds_promised_usd", "funds_drawn_usd", "funds_gap_usd")
    assert [run[name] for name in names] == [14.0, 7.0, 2.0]


def test_names_take_the_currency_of_the_totals(figures):
    yearly, run = figures(currency="KRW", rates={"USD": 0.001})
    assert list(run) == money_names("krw")
    assert {name.rpartition("_")[2] for name in yearly} == {"krw"}


def test_a_currency_without_a_rate_is_refused(figures):
    with pytest.raises(ScenarioError, match="EUR"):
        figures(("2030-01-01", "SK", "staff", -1.0, "EUR"))


def test_without_money_figures_are_none_and_there_are_none_by_year(build):
    months = Months.of(build.calendar("2030-01-01", "2031-01-01"))
    yearly, run = money_figures(None, months, ledger_from([]), {})
    assert yearly == {}
    assert run == dict.fromkeys(money_names("usd"))


def test_lines_of_a_day_stand_in_the_order_of_the_bills(book):
    money = {
        "costs": {"operator": "SK", "staff": 1, "salary": "12 USD/year"},
        "capital": [{"name": "hall", "amount": "310 USD", "works": "shell", "paid_by": "AWS"}],
        "carbon_price": "10 USD/t",
        "carbon_paid": 1,
    }
    gensets = [{"name": "g", "units": 1, "unit_power": "2 MW", "carbon": "700 kg/MWh",
                "fuel_price": "300 USD/MWh"}]  # fmt: skip
    rows = book(
        money,
        end="2030-02-01",
        site={"gensets": gensets},
        flows={"generation_mw": {"genset": 1.0}, "asset_generation_mw": {"gensets.g": 1.0}},
        tasks=(TaskRecord("shell", "building", "Shell", 0, DAY * 20, None, None, ()),),
        capacity={"energized": Steps.of([(0, 12.0)])},
    )
    assert [row[3] for row in rows] == ["genset_fuel", "carbon", "capital", "staff"]


def test_without_an_operator_a_placeholder_pays(book):
    solar = [{"name": "s", "capacity": "9 MW", "price": "150 USD/MWh"}]
    made = {"generation_mw": {"solar": 2.0}, "asset_generation_mw": {"solar.s": 2.0}}
    [row] = book({}, end="2030-02-01", site={"solar": solar}, flows=made)
    assert row[1] == UNNAMED_OPERATOR
