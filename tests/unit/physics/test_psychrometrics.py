from __future__ import annotations

import subprocess
import sys

import psychrolib
import pytest

from dcsim.physics.psychrometrics import psychrolib_si


def test_the_units_of_psychrolib_are_set_once(monkeypatch):
    # Where Numba is installed, setting them makes it compile everything again.
    assert psychrolib_si().GetStandardAtmPressure(0.0) == pytest.approx(101_325)
    monkeypatch.setattr(psychrolib, "SetUnitSystem", None)
    assert psychrolib_si().GetStandardAtmPressure(123.0) < 101_325


@pytest.mark.parametrize("first", ["", "import numba; "])
def test_psychrolib_is_not_compiled_and_numba_stays_as_it_was(first):
    pytest.importorskip("numba")
    code = (
        f"import sys; {first}before = sys.modules.get('numba');"
        "from dcsim.physics.air import standard_pressure_pa;"
        "assert abs(standard_pressure_pa(0.0) - 101325) < 1;"
        "assert sys.modules.get('numba') is before;"
        "assert not sys.modules['psychrolib'].has_numba"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
