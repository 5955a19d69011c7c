from __future__ import annotations

import math

import numpy as np
import pytest

from dcsim.physics.psychrometrics import (
    COLDEST_C,
    HOTTEST_C,
    OVER_ICE,
    OVER_WATER,
    dew_point_c,
    humidity_ratio,
    humidity_ratio_of_wet_bulb,
    saturation_pressure_pa,
    wet_bulb_of_hour_c,
)

# ASHRAE Handbook, Fundamentals (2017), chapter 1, table 3: pressure over ice and water.
TABLE_3 = {-20: 103.24, -5: 401.74, 5: 872.6, 25: 3169.7, 50: 12351.3, 100: 101418, 150: 476101.4}
# Table 2: water in saturated air at 101.325 kPa, of real air.
TABLE_2 = {-50: 0.0000243, -20: 0.0006373, -5: 0.0024863, 5: 0.005425, 25: 0.020173, 50: 0.086863}
# Wet bulbs at relative humidities of 0, 5, 35, 80 and 100 %, computed once with psychrolib 2.5.0
# (MIT license), which solves the same equations to the same 0.001 °C.
HUMIDITIES = (0.0, 0.05, 0.35, 0.8, 1.0)
# fmt: off
WET_BULBS_C = {
    (101_325.0, -40.0): (-40.216718331, -40.2065135, -40.141344205, -40.043447069, -40.0),
    (101_325.0, -15.0): (-17.308641866, -17.19142747, -16.49061465, -15.454766834, -15.0),
    (101_325.0, -1.25): (-7.07428154, -6.758545579, -4.91943941, -2.334816014, -1.25),
    (101_325.0, 0.0): (-6.253992436, -5.911903412, -3.925688251, -1.155116445, 0.0),
    (101_325.0, 3.5): (-4.053949956, -3.642250292, -1.274875775, 2.173897826, 3.5),
    (101_325.0, 18.75): (5.198420301, 6.042709671, 10.681111358, 16.50550994, 18.75),
    (101_325.0, 35.0): (12.629839565, 14.326781691, 22.756923293, 31.814175443, 35.0),
    (101_325.0, 60.0): (21.24925878, 25.410783818, 41.82326309, 55.597413534, 60.0),
    (61_640.0, -40.0): (-40.351202284, -40.334268776, -40.228492847, -40.070183726, -40.0),
    (61_640.0, -15.0): (-18.419702597, -18.242045578, -17.191532714, -15.661824659, -15.0),
    (61_640.0, -1.25): (-9.205799992, -8.748241366, -6.142708625, -2.655425712, -1.25),
    (61_640.0, 0.0): (-8.481477089, -7.986478775, -5.18532698, -1.48000318, 0.0),
    (61_640.0, 3.5): (-6.546332068, -5.954043293, -2.654834117, 1.795229179, 3.5),
    (61_640.0, 18.75): (1.498788197, 2.700145535, 8.954091133, 16.134363641, 18.75),
    (61_640.0, 35.0): (7.935067516, 10.325448507, 21.159564708, 31.53659865, 35.0),
    (61_640.0, 60.0): (15.418120166, 21.178889642, 40.764642327, 55.44920364, 60.0),
}
# fmt: on
# The same of saturation pressures, on both sides of the triple point.
PRESSURES_PA = {
    -40.0: 12.845249304105623,
    -0.5: 586.4566018120869,
    0.01: 611.6570243908766,
    0.02: 612.1014746394677,
    24.0: 2985.1270679375657,
    59.9: 19851.635178351884,
}


@pytest.mark.parametrize(("temp_c", "pressure_pa"), TABLE_3.items())
def test_saturation_pressure_is_that_of_the_handbook(temp_c, pressure_pa):
    # The handbook says that its formulas are within 300 ppm of the table.
    assert saturation_pressure_pa(temp_c) == pytest.approx(pressure_pa, rel=3e-4)


@pytest.mark.parametrize(("temp_c", "pressure_pa"), PRESSURES_PA.items())
def test_saturation_pressure_is_that_of_psychrolib(temp_c, pressure_pa):
    assert saturation_pressure_pa(temp_c) == pytest.approx(pressure_pa, rel=1e-14)


@pytest.mark.parametrize(("temp_c", "ratio"), TABLE_2.items())
def test_saturated_air_holds_what_the_handbook_says(temp_c, ratio):
    # Table 2 is for real air, which holds up to 1 % more than the ideal gas of equation 20.
    found = humidity_ratio(saturation_pressure_pa(temp_c), 101_325.0)
    assert found == pytest.approx(ratio, rel=0.01)


def test_pressures_over_ice_and_water_meet_at_the_triple_point():
    ice, water = (math.exp(curve.log_pressure(273.16)) for curve in (OVER_ICE, OVER_WATER))
    assert ice == pytest.approx(611.657, abs=0.01)
    assert water == pytest.approx(ice, rel=1e-4)


@pytest.mark.parametrize(("curve", "temp_k"), [(OVER_ICE, 250.0), (OVER_WATER, 310.0)])
def test_slope_is_the_derivative_of_the_logarithm(curve, temp_k):
    chord = (curve.log_pressure(temp_k + 1e-3) - curve.log_pressure(temp_k - 1e-3)) / 2e-3
    assert curve.slope(temp_k) == pytest.approx(chord, rel=1e-6)


@pytest.mark.parametrize("dew_c", [-20.0, -0.005, 0.0, 0.02, 5.0, 14.9])
def test_dew_point_inverts_the_saturation_pressure(dew_c):
    assert dew_point_c(15.0, saturation_pressure_pa(dew_c)) == pytest.approx(dew_c, abs=0.001)


def test_dew_point_is_never_above_the_dry_bulb_and_within_the_formulas():
    assert dew_point_c(15.0, saturation_pressure_pa(30.0)) == 15.0
    assert dew_point_c(-40.0, 1e-6) == COLDEST_C
    assert dew_point_c(250.0, 1e9) == HOTTEST_C


def test_first_worked_example_of_the_handbook():
    # Chapter 1, example 1: 40 °C dry bulb and 20 °C wet bulb at 101.325 kPa hold 6.5 g/kg
    # as read off the chart, 14 %.
    assert humidity_ratio_of_wet_bulb(40.0, 20.0, 101_325.0) == pytest.approx(0.0065, abs=1e-4)
    assert wet_bulb_of_hour_c(40.0, 0.14, 101_325.0) == pytest.approx(20.0, abs=0.1)


def test_ice_on_the_wick():
    # Equation 35 worked by hand: -1 °C dry bulb and -5 °C wet bulb at 95.461 kPa.
    assert humidity_ratio_of_wet_bulb(-1.0, -5.0, 95_461.0) == pytest.approx(0.001204, rel=3e-4)


def test_air_is_never_quite_dry():
    assert humidity_ratio(0.0, 101_325.0) == 1e-7
    assert humidity_ratio_of_wet_bulb(60.0, 0.0, 101_325.0) == 1e-7


@pytest.mark.parametrize(("place", "wanted_c"), WET_BULBS_C.items())
def test_wet_bulb_is_that_of_psychrolib(place, wanted_c):
    pressure_pa, temp_c = place
    found_c = [wet_bulb_of_hour_c(temp_c, share, pressure_pa) for share in HUMIDITIES]
    np.testing.assert_allclose(found_c, wanted_c, rtol=0, atol=2e-9)
