from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

import numpy as np
import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcsim.scenario.schema.conversion import convert, registry
from dcsim.scenario.text.physical import is_physical, plain_quantity

UNITS = pint.UnitRegistry()
DECIMAL = pint.UnitRegistry(non_int_type=Decimal)
OWN = pint.UnitRegistry()
for _definition in (
    "credit = [credit]",
    "USD = [currency] = _ = dollar",
    "GPU = [accelerator]",
    "rack = 50 kilowatt",
    "week = 5 day",
):
    OWN.define(_definition)


def _one_spelling(value):
    return unicodedata.normalize("NFKC", value) if isinstance(value, str) else value


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (UNITS.Quantity(1.85, "kW"), "1.85 kW"),
        (UNITS.Quantity(72, "week"), "72 week"),
        (UNITS.Quantity(np.float64(0.5), "MWh"), "0.5 MWh"),
        (UNITS.Quantity(np.int64(3), "kilowatt"), "3 kW"),
        (UNITS.Quantity(417, "kg/MWh"), "417 kg/MWh"),
        (UNITS.Quantity(1e-7, "m/s**2"), "1e-07 m/s**2"),
        (UNITS.Quantity(20, "degC"), "20 °C"),
        (UNITS.Quantity(3, "delta_degC"), "3 delta_degree_Celsius"),
        (UNITS.Quantity(35, "degree"), "35 deg"),
        (UNITS.Quantity(-4, "µm"), "-4 µm"),
        (DECIMAL.Quantity(Decimal("1.5"), "kW"), "1.5 kW"),
        (registry().Quantity(150, "KRW/kWh"), "150 KRW/kWh"),
        (OWN.Quantity(72, "GPU"), "72 GPU"),
        (OWN.Quantity(5, "USD/MWh"), "5 USD/MWh"),
        (UNITS.Quantity(0.39), 0.39),
        (UNITS.Quantity(6), 6),
        (UNITS.Quantity(35, "percent"), 0.35),
        (UNITS.Quantity(2, "kW/MW"), 0.002),
    ],
    ids=str,
)
def test_a_quantity_becomes_what_a_file_says(value, plain):
    assert is_physical(value)
    found = plain_quantity(value)
    # Versions of pint differ in the letter for a millionth: the micro sign or the Greek one.
    assert _one_spelling(found) == _one_spelling(plain)
    assert type(found) is type(plain)


def test_a_name_that_means_another_thing_elsewhere_is_not_taken_over():
    assert convert(str(plain_quantity(OWN.Quantity(2, "week"))), "day") == pytest.approx(10)
    assert convert(str(plain_quantity(OWN.Quantity(3, "rack"))), "kW") == pytest.approx(150)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (UNITS.Quantity([1, 2], "kW"), "is a quantity of ndarray; allowed is one number with its"),
        (UNITS.Quantity(1j, "kW"), "is a quantity of complex; allowed is one number with its unit"),
        (UNITS.Quantity(float("nan"), "kW"), "is not a finite number"),
        (UNITS.Quantity(float("inf")), "is not a finite number"),
        (OWN.Quantity(3, "credit"), "has no known unit: 'credit'; write for example '1 kW'"),
        (UNITS.Quantity(3, "m**0.5"), "has no known unit: 'meter**0.5'; write for example '1 kW'"),
    ],
    ids=str,
)
def test_a_quantity_that_no_file_can_say_is_refused(value, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        plain_quantity(value)


def test_numbers_and_units_by_themselves_are_no_quantities():
    assert not any(is_physical(value) for value in (1.5, "1.5 kW", UNITS.kilowatt, UNITS))


@given(
    st.floats(1e-6, 1e9),
    st.sampled_from(["W", "MW", "horsepower", "BTU/hour", "GWh/year", "ft*lbf/s", "kg*m**2/s**3"]),
)
def test_units_of_any_kind_convert_to_the_same_power(number, unit):
    value = UNITS.Quantity(number, unit)
    read = convert(str(plain_quantity(value)), "kW")
    assert read == pytest.approx(value.m_as("kW"), rel=1e-9)
