from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dcsim.scenario.schema.conversion import convert, refuse_no_unit, registry, tidy

ROOT = Path(__file__).parents[4]
HEAVY = (
    "dask", "distributed", "pandas", "xarray", "scipy", "matplotlib", "pvlib", "numba", "duckdb",
)  # fmt: skip
UNITS = (
    ("kW", "MW"), ("W", "kW"), ("GWh", "MWh"), ("MW", "MW"), ("weeks", "h"), ("months", "year"),
    ("GJ", "MWh"), ("km/h", "m/s"), ("g/kWh", "kg/MWh"), ("t/MWh", "kg/MWh"), ("atm", "Pa"),
    ("KRW/kWh", "KRW/MWh"), ("bn KRW/year", "KRW/year"), ("mn USD", "USD"), ("K", "delta_degC"),
    ("USD/kW/month", "USD/kW/month"), ("degF", "degC"), ("K", "degC"), ("degC", "degC"),
    ("1/GPU/year", "1/GPU/year"),
)  # fmt: skip


def fresh(code):
    """Run code in a new interpreter and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(("written", "unit"), UNITS)
@pytest.mark.parametrize("number", [0.1, 3, 1.85, 17.3, 1234.567, -40.0, 0.0, 1e-9, 6.02e23])
def test_a_number_is_turned_as_pint_turns_it_to_the_last_bit(number, written, unit):
    assert convert(f"{number} {written}", unit) == registry().Quantity(number, written).m_as(unit)


def test_spaces_are_of_one_kind():
    assert tidy(" 1.85\u202f \t kW\n") == "1.85 kW"


@pytest.mark.parametrize("written", ["kW", "kg/MWh", "m**2", "1/(GPU*year)", "°C", "m²"])
def test_products_and_small_powers_of_names_may_be_a_unit(written):
    refuse_no_unit(written, "kW")


@pytest.mark.parametrize("written", ["kW**9**9", "kW;kW", "k" * 61, "2 kW", "kW^99"])
def test_nothing_else_may(written):
    with pytest.raises(ValueError, match="has no known unit"):
        refuse_no_unit(written, "kW")


def test_to_load_a_scenario_loads_no_library_that_it_does_not_need():
    code = f"""
import sys
import dcsim
dcsim.load("scenarios/ulsan.yaml").plan(1)
assert "pint" in sys.modules
print(*(name for name in {HEAVY} if name in sys.modules))
"""
    assert fresh(code) == ""


def test_scipy_can_be_imported_afterwards():
    code = """
import dcsim
dcsim.load("scenarios/minimal.yaml")
import scipy.special
print(scipy.special.comb(4, 2, exact=True))
"""
    assert fresh(code) == "6"


def test_dask_can_be_imported_afterwards():
    pytest.importorskip("dask")
    code = """
import dcsim
dcsim.load("scenarios/minimal.yaml")
import dask.array
print(int(dask.array.ones(4).sum().compute()))
"""
    assert fresh(code) == "4"


@pytest.mark.parametrize("first", ["pint", "dask.base"])
def test_who_imports_pint_or_dask_first_has_both_together(first):
    pytest.importorskip("dask")
    code = f"""
import {first}
import dcsim
dcsim.load("scenarios/minimal.yaml")
import dask.array, pint
units = pint.UnitRegistry()
print((dask.array.ones(4) * units.m).sum().compute())
"""
    assert fresh(code) == "4.0 meter"
