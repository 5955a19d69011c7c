"""Tariffs, outlays and currencies."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from pydantic import ValidationError

from dcsim.scenario.schema.conversion import CURRENCIES
from dcsim.scenario.schema.money import CapitalCost, Costs, Currency, MoneyPart, Tariff

DAY = "L" * 8 + "M" * 8 + "P" * 8


def season(name: str, months: list[int]) -> dict[str, Any]:
    bands = {"weekday": DAY, "saturday": DAY, "sunday": "L" * 24}
    prices = {"light": "90 USD/MWh", "middle": "0.12 USD/kWh", "peak": "160 USD/MWh"}
    return {"name": name, "months": months, **prices, **bands}


def tariff(*seasons: dict[str, Any]) -> dict[str, Any]:
    charge = {"demand_charge": "5 USD/kW/month", "price_year": 2026}
    return {"seller": "grid", **charge, "seasons": list(seasons)}


def test_a_price_a_kwh_is_a_thousandth_of_one_a_mwh():
    read = Tariff.model_validate(tariff(season("all", list(range(1, 13)))))
    assert read.seasons[0].middle_per_mwh.amount == pytest.approx(120.0)
    assert read.seasons[0].middle_per_mwh.currency == "USD"


@pytest.mark.parametrize("summer", [[6, 7], [5, 6, 7, 8], [6, 7, 8, 8]])
def test_seasons_hold_each_month_once(summer):
    rest = [1, 2, 3, 4, 5, 9, 10, 11, 12]
    with pytest.raises(ValidationError, match="each month from 1 to 12 once"):
        Tariff.model_validate(tariff(season("summer", summer), season("rest", rest)))


def test_a_day_has_24_bands():
    wrong = {**season("all", list(range(1, 13))), "sunday": "L" * 23}
    with pytest.raises(ValidationError, match="sunday"):
        Tariff.model_validate(tariff(wrong))


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"works": "shell"}, "either amount or per_mw"),
        ({"amount": "1 mn USD", "per_mw": "1 mn USD/MW", "on": "2030-01-01"}, "either amount"),
        ({"amount": "1 mn USD"}, "either works or on"),
        ({"per_mw": "1 mn USD/MW", "works": "shell"}, "per_mw needs halls"),
    ],
)
def test_an_outlay_has_one_sum_and_one_time(keys, message):
    with pytest.raises(ValidationError, match=message):
        CapitalCost.model_validate({"name": "shell", "paid_by": "owner", **keys})


def test_rates_are_of_known_currencies():
    keys = {"price_year": 2026, "discount_rate": "7 %"}
    assert MoneyPart.model_validate({**keys, "rates": {"KRW": 1422}}).rates == {"KRW": 1422.0}
    with pytest.raises(ValidationError, match="rates: XAU is not one of"):
        MoneyPart.model_validate({**keys, "rates": {"XAU": 1}})


def test_totals_are_in_any_currency_that_prices_may_be_in():
    assert set(get_args(Currency)) == set(CURRENCIES)


def test_no_factor_counts_that_nobody_asked_for():
    costs = Costs.model_validate({"operator": "op", "rental": "3 USD/GPU/h"})
    assert costs.rental_reference_pflops is None
    money = {"price_year": 2026, "discount_rate": "5 %", "carbon_price": "20 USD/t"}
    assert MoneyPart.model_validate(money).carbon_paid_frac == 1.0
    discounted = {**season("all", list(range(1, 13))), "weekend_discount": "50 %"}
    hours = Tariff.model_validate(tariff(discounted)).seasons[0].weekend_discount_hours
    assert hours == tuple(range(24))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"rental_growth_with_performance": 0.5}, "'rental_reference: 0.989'"),
        ({"staff": 2}, "'salary: 80000 USD/year'"),
        ({"salary": "80000 USD/year"}, "'staff: 2'"),
    ],
)
def test_half_of_a_pair_is_refused_with_the_line_to_add(given, told):
    with pytest.raises(ValidationError, match=told):
        Costs.model_validate({"operator": "op", "rental": "3 USD/GPU/h", **given})


def test_one_price_is_a_tariff():
    read = Tariff.model_validate({"price": "45 USD/MWh", "price_year": 2026})
    (year,) = read.seasons
    assert (year.months, year.weekday) == (tuple(range(1, 13)), "M" * 24)
    assert year.middle_per_mwh == year.light_per_mwh == (45.0, "USD")
    assert read.seller == "grid"
    assert read.demand_charge_per_kw_month == (0.0, "USD")


def test_a_season_says_no_more_than_it_has():
    day_and_night = {"name": "all", "months": list(range(1, 13)), "weekday": "L" * 8 + "M" * 16}
    prices = {"light": "40 EUR/MWh", "middle": "90 EUR/MWh"}
    (season,) = Tariff.model_validate(
        {"seller": "s", "price_year": 2026, "seasons": [{**day_and_night, **prices}]}
    ).seasons
    assert season.saturday == season.sunday == season.weekday
    assert season.peak_per_mwh == season.middle_per_mwh


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "needs seasons or one price; write for example 'price: 60 USD/MWh'"),
        ({"price": "45 USD/MWh", "seasons": [season("all", list(range(1, 13)))]}, "not both"),
        (
            {"seasons": [{"name": "a", "months": list(range(1, 13)), "middle": "9 USD/MWh",
                          "weekday": "P" * 24}]},
            "peak is missing, the price of its hours; write 'peak: 60 USD/MWh'",
        ),
    ],
)  # fmt: skip
def test_a_tariff_that_lacks_a_price_is_told_what_to_write(given, told):
    with pytest.raises(ValidationError, match=told):
        Tariff.model_validate({"price_year": 2026, **given})
