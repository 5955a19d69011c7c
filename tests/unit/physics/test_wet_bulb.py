from __future__ import annotations

import subprocess
import sys

import numpy as np
import psychrolib
import pytest

from dcsim.physics.wet_bulb import standard_pressure_pa, wet_bulb_c


def exact(temp_c, humidity, pressure_pa):
    psychrolib.SetUnitSystem(psychrolib.SI)
    return [
        psychrolib.GetTWetBulbFromRelHum(t, share, pressure_pa)
        for t, share in zip(temp_c.tolist(), humidity.tolist(), strict=True)
    ]


@pytest.mark.parametrize("pressure_pa", [101_300.0, 92_000.0])
def test_table_is_within_a_twentieth_of_a_degree_of_psychrolib(pressure_pa):
    draw = np.random.default_rng(1)
    temp_c, humidity = draw.uniform(-20, 42, 2000), draw.uniform(0.05, 1, 2000)
    wanted = np.array(exact(temp_c, humidity, pressure_pa))
    error = abs(wet_bulb_c(temp_c, humidity, pressure_pa) - wanted)
    assert error.mean() < 0.01
    # The relations step from water to ice where the wet bulb is near 0 °C.
    assert error[abs(wanted) > 1.5].max() < 0.05


def test_saturated_air_is_as_cold_as_its_wet_bulb():
    temp_c = np.linspace(-30, 40, 71)
    found = wet_bulb_c(temp_c, np.ones(71), 101_325.0)
    np.testing.assert_allclose(found, temp_c, atol=0.05)


def test_wet_bulb_of_a_textbook_hour():
    # ASHRAE: air of 25 °C and 50 % at sea level has a wet bulb of 17.9 °C.
    found = wet_bulb_c(np.array([25.0]), np.array([0.5]), 101_325.0)
    assert found[0] == pytest.approx(17.9, abs=0.05)


def test_beyond_the_table_the_difference_to_the_dry_bulb_is_kept():
    found = wet_bulb_c(np.array([60.0, 65.0]), np.array([0.3, 0.3]), 101_325.0)
    assert found[1] - found[0] == pytest.approx(5)


def test_the_units_of_psychrolib_are_set_once(monkeypatch):
    # Where Numba is installed, setting them makes it compile everything again.
    standard_pressure_pa(10.0)
    monkeypatch.setattr(psychrolib, "SetUnitSystem", None)
    assert standard_pressure_pa(123.0) < standard_pressure_pa(10.0)


def test_standard_pressure_is_that_of_the_standard_atmosphere():
    assert standard_pressure_pa(0) == pytest.approx(101_325)
    assert standard_pressure_pa(1000) == pytest.approx(89_875, rel=1e-3)


@pytest.mark.parametrize("first", ["", "import numba; "])
def test_psychrolib_is_not_compiled_and_numba_stays_as_it_was(first):
    pytest.importorskip("numba")
    code = (
        f"import sys; {first}before = sys.modules.get('numba');"
        "from dcsim.physics.wet_bulb import standard_pressure_pa;"
        "assert abs(standard_pressure_pa(0.0) - 101325) < 1;"
        "assert sys.modules.get('numba') is before;"
        "assert not sys.modules['psychrolib'].has_numba"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
