from __future__ import annotations

import numpy as np
import pytest

from dcsim.physics.psychrometrics import wet_bulb_of_hour_c
from dcsim.physics.wet_bulb import wet_bulb_c


def exact(temp_c, humidity, pressure_pa):
    return [
        wet_bulb_of_hour_c(t, share, pressure_pa)
        for t, share in zip(temp_c.tolist(), humidity.tolist(), strict=True)
    ]


@pytest.mark.parametrize("pressure_pa", [101_300.0, 92_000.0])
def test_table_is_within_a_twentieth_of_a_degree_of_the_relations(pressure_pa):
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
