"""Density and pressure of dry air: temperatures, pressures and heights in, densities out.

The two densities are one law, the ideal gas, with the constants of two sources: a cooling plant
counts from the density at 0 °C of the papers its model is fitted with, a turbine from the gas
constant of the standard its power curve is stated in. They differ by 0.06 %, so each keeps its own.
"""

from __future__ import annotations

import numpy as np

from dcsim.clock import Floats
from dcsim.units import KELVINS_AT_0_C

STANDARD_PRESSURE_PA = 101_325.0
"""One atmosphere, that of the standard atmosphere at sea level (ISO 2533). [Pa]"""
DENSITY_AT_0_C_KG_M3 = 1.293
"""Of dry air at 0 °C and one atmosphere. [kg/m3]"""
GAS_CONSTANT_J_KG_K = 287.05
"""Of dry air (ISO 2533). [J/(kg K)]"""
GRAVITY_M_S2 = 9.80665
"""Standard gravity (ISO 2533). [m/s2]"""
LAPSE_K_PER_M = 0.0065
"""Fall of temperature with height in the standard atmosphere (ISO 2533). [K/m]"""
STATION_HEIGHT_M = 2.0
"""Height above ground at which temperature and pressure are measured. [m]"""


def dry_air_density_kg_m3(temp_c: Floats | float, pressure_pa: Floats | float) -> Floats | float:
    """Return the density of dry air where it is measured, counted from that at 0 °C.

    Parameters
    ----------
    temp_c : ndarray or float
        Temperature; NaN gives NaN. [°C]
    pressure_pa : ndarray or float
        Pressure. [Pa]

    Returns
    -------
    ndarray or float
        Moisture, left out, would make it 1 % less on the most humid days. [kg/m3]

    Notes
    -----
    ``density = 1.293 (p / 101 325) 273.15 / (273.15 + T)``, the ideal gas as in [1]_.

    References
    ----------
    .. [1] Lei and Masanet (2020), "Statistical analysis for predicting location-specific data
       center PUE and its improvement potential", Energy 201, 117556.

    Examples
    --------
    >>> round(float(dry_air_density_kg_m3(20.0, 101_325.0)), 3)
    1.205
    """
    return (
        DENSITY_AT_0_C_KG_M3
        * (pressure_pa / STANDARD_PRESSURE_PA)
        * KELVINS_AT_0_C
        / (KELVINS_AT_0_C + temp_c)
    )


def dry_air_density_at_height_kg_m3(temp_c: Floats, pressure_pa: Floats, height_m: float) -> Floats:
    """Return the density of dry air at a height above the station that measures it.

    Parameters
    ----------
    temp_c : ndarray
        Temperature at the station; NaN gives NaN. [°C]
    pressure_pa : ndarray
        Pressure at the station. [Pa]
    height_m : float
        Height above the ground of the station. [m]

    Returns
    -------
    ndarray
        Moisture, left out, would make it 1 % less on the most humid days. [kg/m3]

    Notes
    -----
    Temperature falls by 6.5 K/km from the station, 2 m above ground, up to the height; pressure
    falls by the barometric formula at the mean temperature ``Tm`` of that layer, and the density is
    that of an ideal gas [1]_: ``p(z) = p exp(-g z / (R Tm))``, ``density = p(z) / (R T(z))``.

    References
    ----------
    .. [1] ISO 2533:1975, "Standard atmosphere".

    Examples
    --------
    >>> dry_air_density_at_height_kg_m3(np.array([15.0]), np.array([101_325.0]), 2.0).round(3)
    array([1.225])
    """
    above_m = height_m - STATION_HEIGHT_M
    ground_k = temp_c + KELVINS_AT_0_C
    top_k = ground_k - LAPSE_K_PER_M * above_m
    middle_k = 0.5 * (ground_k + top_k)
    top_pa = pressure_pa * np.exp(-GRAVITY_M_S2 * above_m / GAS_CONSTANT_J_KG_K / middle_k)
    return np.asarray(top_pa / (GAS_CONSTANT_J_KG_K * top_k))


def standard_pressure_pa(elevation_m: float) -> float:
    """Return the pressure of the standard atmosphere at an elevation. [Pa]

    Notes
    -----
    ``p = 101 325 (1 - 2.25577e-5 z)^5.2559``, equation 3 of [1]_.

    References
    ----------
    .. [1] ASHRAE Handbook, Fundamentals (2017), chapter 1.

    Examples
    --------
    >>> round(standard_pressure_pa(0.0)), round(standard_pressure_pa(1000.0))
    (101325, 89875)
    """
    return float(STANDARD_PRESSURE_PA * (1 - 2.25577e-5 * elevation_m) ** 5.2559)
