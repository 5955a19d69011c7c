from __future__ import annotations

import numpy as np
import pytest

from dcsim.physics.air import (
    STANDARD_PRESSURE_PA,
    dry_air_density_at_height_kg_m3,
    dry_air_density_kg_m3,
    standard_pressure_pa,
)


def test_density_of_the_standard_atmosphere():
    found = dry_air_density_at_height_kg_m3(np.array([15.0]), np.array([101_325.0]), 2.0)
    assert found[0] == pytest.approx(1.225, abs=1e-3)
    # ISO 2533 gives 1.2071 kg/m3 at 152 m.
    higher = dry_air_density_at_height_kg_m3(np.array([15.0]), np.array([101_325.0]), 154.0)
    assert higher[0] == pytest.approx(1.2071, abs=1e-3)


def test_density_falls_with_warmth_and_rises_with_pressure():
    assert dry_air_density_kg_m3(0.0, STANDARD_PRESSURE_PA) == pytest.approx(1.293)
    assert dry_air_density_kg_m3(273.15, STANDARD_PRESSURE_PA) == pytest.approx(1.293 / 2)
    assert dry_air_density_kg_m3(0.0, STANDARD_PRESSURE_PA / 2) == pytest.approx(1.293 / 2)


def test_both_densities_are_one_law_to_a_thousandth():
    temp_c, pressure_pa = np.array([-20.0, 5.0, 40.0]), np.array([90e3, 95e3, 103e3])
    plant = dry_air_density_kg_m3(temp_c, pressure_pa)
    turbine = dry_air_density_at_height_kg_m3(temp_c, pressure_pa, 2.0)
    np.testing.assert_allclose(plant / turbine, plant[0] / turbine[0], rtol=1e-12)
    np.testing.assert_allclose(plant, turbine, rtol=1e-3)


def test_an_hour_without_temperature_has_no_density():
    hours = np.array([np.nan, 15.0]), np.array([101_325.0, 101_325.0])
    for density in (dry_air_density_kg_m3(*hours), dry_air_density_at_height_kg_m3(*hours, 100)):
        np.testing.assert_array_equal(np.isnan(density), [True, False])


def test_standard_pressure_is_that_of_the_standard_atmosphere():
    assert standard_pressure_pa(0) == pytest.approx(STANDARD_PRESSURE_PA)
    assert standard_pressure_pa(1000) == pytest.approx(89_875, rel=1e-3)


@pytest.mark.parametrize(
    ("elevation_m", "pressure_pa"),
    [(-500, 107_478), (500, 95_461), (1000, 89_875), (4000, 61_640), (10_000, 26_436)],
)
def test_standard_pressure_is_that_of_the_handbook(elevation_m, pressure_pa):
    # ASHRAE Handbook, Fundamentals (2017), chapter 1, table 1.
    assert standard_pressure_pa(elevation_m) == pytest.approx(pressure_pa, abs=1)
