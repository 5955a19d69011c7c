from __future__ import annotations

import math
import re

import numpy as np
import pytest

from dcsim.scenario.schema.quantity import (
    Number,
    Price,
    PricePer,
    Quantity,
    Ratio,
    Series,
    Whole,
    Yearly,
)

KILOWATTS = Quantity("kW")
PER_MWH = PricePer("MWh")


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("1.85 kW", "kW", 1.85),
        ("1850 W", "kW", 1.85),
        ("0.00185 MW", "kW", 1.85),
        ("1.85kW", "kW", 1.85),
        ("  1.85   kW\t", "kW", 1.85),
        ("1.85\u00a0kW", "kW", 1.85),
        ("1.85\u202fkW", "kW", 1.85),
        ("-3 kW", "kW", -3.0),
        ("+3 kW", "kW", 3.0),
        (".5 kW", "kW", 0.5),
        ("5. kW", "kW", 5.0),
        ("1e3 kW", "kW", 1000.0),
        ("1.5E-1 kW", "kW", 0.15),
        ("26 weeks", "h", 26 * 168.0),
        ("16 hours", "h", 16.0),
        ("90 min", "h", 1.5),
        ("1 day", "h", 24.0),
        ("1 year", "h", 8766.0),
        ("12 months", "year", 1.0),
        ("2 GWh", "MWh", 2000.0),
        ("3.6 GJ", "MWh", 1.0),
        ("20 degC", "degC", 20.0),
        ("20 °C", "degC", 20.0),
        ("293.15 K", "degC", 20.0),
        ("68 degF", "degC", 20.0),
        ("2.5 delta_degC", "delta_degC", 2.5),
        ("2.5 K", "delta_degC", 2.5),
        ("1 atm", "Pa", 101_325.0),
        ("36 km/h", "m/s", 10.0),
        ("417 kg/MWh", "kg/MWh", 417.0),
        ("417 g/kWh", "kg/MWh", 417.0),
        ("0.417 t/MWh", "kg/MWh", 417.0),
        ("56.1 kg/GJ", "kg/GJ", 56.1),
        ("1.8 L/kWh", "L/kWh", 1.8),
        ("0.1 1/year", "1/year", 0.1),
        ("0.17 1/GPU/year", "1/GPU/year", 0.17),
        ("0.17 / GPU / year", "1/GPU/year", 0.17),
        ("0.17 1/(GPU*year)", "1/GPU/year", 0.17),
        ("2.25 PFLOPS", "PFLOPS", 2.25),
        ("4 m**2", "m^2", 4.0),
        ("4 m²", "m^2", 4.0),
        ("180 degree", "degree", 180.0),
    ],
)
def test_a_quantity_is_read_into_its_canonical_unit(text, unit, value):
    assert Quantity(unit)(text) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("bare", [1.85, 16, "1.85", "16"])
def test_a_bare_number_is_told_which_unit_to_write(bare):
    with pytest.raises(ValueError, match=rf"needs a unit, for example '{bare} kW'"):
        KILOWATTS(bare)


@pytest.mark.parametrize("value", [True, None, [1], {"a": 1}])
def test_what_is_no_number_is_told_what_a_quantity_looks_like(value):
    with pytest.raises(ValueError, match="needs a unit, for example '1 kW'"):
        KILOWATTS(value)


@pytest.mark.parametrize(
    ("text", "unit", "written"),
    [
        ("1.85 kWh", "kW", "kWh"),
        ("16 kW", "h", "kW"),
        ("20 delta_degC", "degC", "delta_degC"),
        ("2 degC", "delta_degC", "degC"),
        ("0.1 1/year", "1/GPU/year", "1/year"),
        ("5 %", "kW", "%"),
        ("7 kg", "kg/MWh", "kg"),
    ],
)
def test_a_wrong_dimension_is_named(text, unit, written):
    expected = f"is not a quantity in {unit}: {written!r} measures another thing"
    with pytest.raises(ValueError, match="measures another thing") as caught:
        Quantity(unit)(text)
    assert str(caught.value) == expected


@pytest.mark.parametrize("text", ["1 furrlong", "1 Kilowatt hour s", "1 kw!", "1 x10 kW"])
def test_an_unknown_unit_is_named(text):
    with pytest.raises(ValueError, match="has no known unit"):
        KILOWATTS(text)


@pytest.mark.parametrize("text", ["1,5 kW", "1 000 kW", "1_000 kW", "1'000 kW"])
def test_a_broken_number_is_told_how_to_write_it(text):
    with pytest.raises(ValueError, match=r"write '1234\.5 kW', digits unbroken"):
        KILOWATTS(text)


@pytest.mark.parametrize("text", ["nan kW", "inf kW", "-inf kW", "kW", "", "kW 5", "１ kW"])
def test_what_begins_with_no_number_is_no_quantity(text):
    with pytest.raises(ValueError, match="is not a quantity; write a number and a unit"):
        KILOWATTS(text)


@pytest.mark.parametrize("text", ["1e400 kW", "-1e400 kW", "1e308 PW"])
def test_a_number_too_large_for_a_float_is_refused(text):
    with pytest.raises(ValueError, match="is not a finite number"):
        KILOWATTS(text)


@pytest.mark.parametrize(
    "text",
    [
        "2 kW**9**9**9",
        "1 9**9**9 kW",
        "1 kW^9^9^9",
        "1 kW**(9**9)",
        "1 (((kW**9)**9)**9)",
        "1 " + "(" * 5000,
        "1 " + "kW*" * 5000 + "kW",
        "1 __import__('os').getcwd()",
        "1 kW; kW",
        "1 kW\u202e",
    ],
    ids=range(10),
)
def test_a_unit_is_products_and_small_powers_of_names_and_never_evaluated(text):
    with pytest.raises(ValueError, match=r"has no known unit|digits unbroken") as caught:
        KILOWATTS(text)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("value", "share"),
    [("15 %", 0.15), ("15%", 0.15), (0.15, 0.15), ("0.15", 0.15), (1, 1.0), ("-5 %", -0.05)],
)
def test_a_share_is_a_percentage_or_a_number(value, share):
    assert Ratio()(value) == pytest.approx(share, rel=1e-15)


@pytest.mark.parametrize("value", ["15 percent", "%", "15 % %", True, None, "", "15 kW", "1e"])
def test_what_is_no_share_is_told_so(value):
    with pytest.raises(ValueError, match="must be a number or a percentage such as 15 %"):
        Ratio()(value)


@pytest.mark.parametrize("value", [math.nan, math.inf, "1e400"])
@pytest.mark.parametrize("read", [Ratio(), Number(), Whole("")])
def test_a_plain_number_is_finite(read, value):
    with pytest.raises(ValueError, match="is not a finite number"):
        read(value)


@pytest.mark.parametrize("value", ["5 kW", "15 %", True, None, [3]])
def test_a_number_without_unit_takes_no_unit(value):
    with pytest.raises(ValueError, match="must be a number"):
        Number()(value)


@pytest.mark.parametrize(
    ("unit", "value", "count"),
    [("", 6, 6), ("", "6", 6), ("", 6.0, 6), ("GPU", "72 GPU", 72), ("GPU", "60e3 GPU", 60_000)],
)
def test_a_count_is_a_whole_number(unit, value, count):
    read = Whole(unit)(value)
    assert read == count
    assert isinstance(read, int)


@pytest.mark.parametrize(("unit", "value"), [("", 6.5), ("GPU", "72.5 GPU")])
def test_a_broken_count_is_refused(unit, value):
    with pytest.raises(ValueError, match="must be a whole number"):
        Whole(unit)(value)


def test_gpus_are_not_counted_bare():
    with pytest.raises(ValueError, match="needs a unit, for example '72 GPU'"):
        Whole("GPU")(72)


@pytest.mark.parametrize(
    ("text", "per", "price"),
    [
        ("150 KRW/kWh", "MWh", Price(150_000.0, "KRW")),
        ("0.1 USD/kWh", "MWh", Price(100.0, "USD")),
        ("80 EUR/MWh", "MWh", Price(80.0, "EUR")),
        ("28.3 bn KRW", "", Price(28.3e9, "KRW")),
        ("4 bn USD", "", Price(4e9, "USD")),
        ("66 mn USD", "", Price(66e6, "USD")),
        ("7 trn KRW", "", Price(7e12, "KRW")),
        ("7.5 mn USD/MW", "MW", Price(7.5e6, "USD")),
        ("8190 KRW/kW/month", "kW/month", Price(8190.0, "KRW")),
        ("50500 USD/GPU", "GPU", Price(50_500.0, "USD")),
        ("2.35 USD/GPU/h", "GPU/h", Price(2.35, "USD")),
        ("12750 KRW/t", "tonne", Price(12_750.0, "KRW")),
        ("80 mn KRW/year", "year", Price(80e6, "KRW")),
        ("0 KRW/kWh", "MWh", Price(0.0, "KRW")),
    ],
)
def test_a_price_keeps_its_currency(text, per, price):
    amount, currency = PricePer(per)(text)
    assert currency == price.currency
    assert amount == pytest.approx(price.amount, rel=1e-12)


@pytest.mark.parametrize("value", ["150", 150, "150 JPY/kWh", "150 krw/kWh", "150 KRW/USD", None])
def test_a_price_needs_one_known_currency(value):
    expected = r"needs one currency \(KRW, USD, EUR\), for example '1 USD/MWh'"
    with pytest.raises(ValueError, match=expected):
        PER_MWH(value)


@pytest.mark.parametrize("per", ["MWh", "GPU/h", "kW/month", "MW/year", "GPU", "tonne", ""])
def test_the_example_of_a_price_reads_back(per):
    read = PricePer(per)
    assert read(f"1 {read.unit('KRW')}") == Price(1.0, "KRW")


@pytest.mark.parametrize("text", ["150 KRW", "150 KRW/MW", "5.1 bn USD"])
def test_a_price_of_another_thing_is_refused(text):
    with pytest.raises(ValueError, match="measures another thing"):
        PER_MWH(text)


def test_a_price_is_not_negative():
    with pytest.raises(ValueError, match="must be at least 0"):
        PER_MWH("-1 KRW/kWh")


def test_a_surcharge_may_be_a_rebate():
    assert PricePer("MWh", signed=True)("-5 KRW/kWh") == Price(-5000.0, "KRW")


def test_one_value_stands_for_all_years():
    series = Yearly(PER_MWH)("150 KRW/kWh")
    assert series.currency == "KRW"
    np.testing.assert_array_equal(series.at([1990, 2030.5, 2100]), [150_000.0] * 3)


def test_a_series_is_linear_between_its_years_and_level_outside():
    series = Yearly(Ratio())({"2023": "39 %", "2030": 0.53})
    assert series == Series((2023.0, 2030.0), (0.39, 0.53), "")
    np.testing.assert_allclose(
        series.at([2000, 2023, 2026.5, 2030, 2050]), [0.39, 0.39, 0.46, 0.53, 0.53]
    )


def test_a_series_takes_years_as_numbers_too():
    assert Yearly(Ratio())({2023: 0.3, 2030: 0.5}).years == (2023.0, 2030.0)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({}, "needs at least one year"),
        ({"2030": "1 KRW/kWh", "2025": "1 KRW/kWh"}, "needs its years in ascending order"),
        ({"soon": "1 KRW/kWh"}, "'soon' is not a year; write {2025: value, 2030: value}"),
        ({"20300": "1 KRW/kWh"}, "'20300' is not a year; write {2025: value, 2030: value}"),
        ({"2025": "1 KRW/kWh", "2030": "1 USD/kWh"}, "needs one currency for all years"),
        (
            {"2025": "1 KRW/kWh", "2030": "2"},
            "in 2030: 2 needs one currency (KRW, USD, EUR), for example '1 USD/MWh'",
        ),
        ({"2025": "-1 KRW/kWh"}, "in 2025: -1 KRW/kWh must be at least 0"),
    ],
)
def test_a_broken_series_is_told_what_to_write(value, message):
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        Yearly(PER_MWH)(value)
    assert str(caught.value) == message


@pytest.mark.parametrize("value", ["101 %", -0.1, {"2025": 0.3, "2030": 1.5}])
def test_a_share_by_year_lies_between_0_and_1(value):
    with pytest.raises(ValueError, match="must be at least 0 and at most 1"):
        Yearly(Ratio(), most=1.0)(value)
