"""Conversion constants against an independent table of units, and that there is no second home."""

from __future__ import annotations

import ast
from pathlib import Path

import pint
import pytest

import dcsim
from dcsim import units

HOUSE = Path(dcsim.__file__).parent
REGISTRY = pint.UnitRegistry()
CONSTANTS = {name: value for name, value in vars(units).items() if name.isupper()}
SPELLED = {"W": "W", "KW": "kW", "MW": "MW", "KG": "kg", "TONNE": "tonne"}


@pytest.mark.parametrize("name", [name for name in CONSTANTS if "_PER_" in name])
def test_a_factor_is_that_of_the_table_of_units(name):
    small, large = (SPELLED.get(unit, unit.lower()) for unit in name.split("_PER_"))
    assert REGISTRY.Quantity(1, large).m_as(small) == pytest.approx(CONSTANTS[name], rel=1e-12)


def test_zero_degrees_celsius_in_kelvins():
    assert REGISTRY.Quantity(0, "degC").m_as("K") == units.KELVINS_AT_0_C


def test_counts_of_whole_minutes_stay_whole():
    assert all(
        isinstance(value, int)
        for value in (units.MINUTES_PER_HOUR, units.MINUTES_PER_DAY, units.SECONDS_PER_MINUTE)
    )


def assigned(file: Path) -> set[str]:
    return {
        node.id
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def test_no_other_module_defines_a_conversion():
    others = [file for file in HOUSE.rglob("*.py") if file != HOUSE / "units.py"]
    assert not {file.name: both for file in others if (both := assigned(file) & set(CONSTANTS))}
