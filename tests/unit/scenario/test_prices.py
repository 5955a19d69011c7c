from __future__ import annotations

import datetime

import numpy as np
import pytest

from dcsim.clock import calendar_of
from dcsim.errors import ScenarioError
from dcsim.scenario.prices import (
    demand_price_per_mw_month,
    energy_price_per_mwh,
    escalation,
    exchange,
    mean_by_month,
    yearly_price,
)
from dcsim.scenario.schema.money import MoneyPart

SEASON = {
    "name": "all",
    "months": list(range(1, 13)),
    "light": "50 USD/MWh",
    "middle": "100 USD/MWh",
    "peak": "200 USD/MWh",
    "weekday": "L" * 8 + "M" * 8 + "P" * 8,
    "saturday": "M" * 24,
    "sunday": "L" * 24,
}


def money(tariff=(), season=(), **keys) -> MoneyPart:
    return MoneyPart.model_validate(
        {
            "currency": "USD",
            "price_year": 2030,
            "discount_rate": 0.05,
            "tariff": {
                "price_year": 2030,
                "demand_charge": "10 USD/kW/month",
                "seller": "grid",
                "seasons": [{**SEASON, **dict(season)}],
                **dict(tariff),
            },
            **keys,
        }
    )


def days(n: int, step_h: float = 1.0, start: datetime.date = datetime.date(2030, 1, 4)):
    """Steps from a Friday on."""
    begin = datetime.datetime.combine(start, datetime.time(), datetime.UTC)
    return calendar_of(begin, begin + datetime.timedelta(days=n), datetime.UTC, step_h)


def test_each_hour_has_the_price_of_its_band():
    price = energy_price_per_mwh(money(), money().tariff, days(3))
    friday = [50.0] * 8 + [100.0] * 8 + [200.0] * 8
    np.testing.assert_allclose(price, [*friday, *[100.0] * 24, *[50.0] * 24])


def test_a_longer_step_pays_the_mean_of_its_hours():
    price = energy_price_per_mwh(money(), money().tariff, days(1, step_h=12.0))
    np.testing.assert_allclose(price, [(8 * 50 + 4 * 100) / 12, (4 * 100 + 8 * 200) / 12])


def test_the_weekend_discount_holds_at_its_hours_only():
    part = money(season={"weekend_discount": 0.5, "weekend_discount_hours": [11, 12]})
    saturday = energy_price_per_mwh(part, part.tariff, days(2))[24:]
    np.testing.assert_allclose(saturday, np.where(np.isin(np.arange(24), [11, 12]), 50.0, 100.0))


def test_prices_rise_from_their_year_and_carry_the_levy():
    part = money(tariff={"escalation": 0.1, "levy": 0.02})
    np.testing.assert_allclose(
        escalation(part.tariff, np.array([2029, 2030, 2032])), [1 / 1.1, 1, 1.21]
    )
    later = days(1, start=datetime.date(2031, 1, 3))
    np.testing.assert_allclose(energy_price_per_mwh(part, part.tariff, later)[0], 50 * 1.1 * 1.02)
    per_month = demand_price_per_mw_month(part, part.tariff, later)
    np.testing.assert_allclose(per_month, [10 * 1000 * 1.1 * 1.02])


def test_a_currency_is_worth_one_over_its_rate():
    part = money(rates={"KRW": 1400})
    assert exchange(part, "USD") == 1.0
    assert exchange(part, "KRW") == pytest.approx(1 / 1400)
    with pytest.raises(ScenarioError, match=r"needs a rate for EUR.*write how many EUR buy 1 "):
        exchange(part, "EUR")


def test_a_yearly_price_is_that_of_the_year_of_the_step():
    part = money(carbon_price={2030: "20 USD/t", 2031: "30 USD/t"}, carbon_paid=1.0)
    around = days(2, start=datetime.date(2030, 12, 31))
    price = yearly_price(part, part.carbon_price_per_t, around)
    np.testing.assert_allclose(price / price[0], [1.0] * 24 + [1.5] * 24)


def test_a_constant_load_pays_the_mean_of_its_month():
    around = days(2, start=datetime.date(2030, 1, 31))
    price = np.concatenate([np.arange(24.0), np.full(24, 7.0)])
    np.testing.assert_allclose(mean_by_month(price, around), [11.5] * 24 + [7.0] * 24)
