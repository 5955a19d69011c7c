"""Moist air by the ASHRAE relations: temperatures, humidity, pressure in, the wet bulb out.

The relations are those of the ASHRAE Handbook, Fundamentals (2017), chapter 1; "equation" in this
module means one of that chapter. They are plain numbers on purpose: tables are made of them once a
run, and the C library rounds one exponential the same wherever it is called, which NumPy's vector
kernels do not.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from dcsim.units import KELVINS_AT_0_C

TRIPLE_POINT_C = 0.01
"""Where the pressures over ice and over water meet. The handbook changes formulas at 0 °C, where
they differ: the step would keep Newton's method from a dew point there. [°C]"""
FREEZING_C = 0.0
"""Below this wet bulb, the wick of the thermometer holds ice. [°C]"""
MOLAR_MASS_RATIO = 0.621945
"""Of water vapor to dry air, equation 20. [1]"""
LEAST_HUMIDITY_RATIO = 1e-7
"""Air is never drier than this: a dew point needs some vapor. [kg/kg]"""
COLDEST_C, HOTTEST_C = -100.0, 200.0
"""Range of equations 5 and 6. [°C]"""
TOLERANCE_C = 0.001
"""Of dew points and wet bulbs. [°C]"""
MOST_ITERATIONS = 100
"""Newton's method needs 3 to 5 for a dew point, halving a few dozen for a wet bulb."""


class Saturation(NamedTuple):
    """Coefficients of the pressure of saturated vapor over ice or water, from Hyland and Wexler.

    ``ln p = c0 / T + c1 + c2 T + c3 T^2 + c4 T^3 + c5 T^4 + c6 ln T``, in Pa and kelvins.
    """

    c0: float
    c1: float
    c2: float
    c3: float
    c4: float
    c5: float
    c6: float

    def log_pressure(self, temp_k: float) -> float:
        """Return the natural logarithm of the pressure in Pa."""
        return (
            self.c0 / temp_k
            + self.c1
            + self.c2 * temp_k
            + self.c3 * temp_k**2
            + self.c4 * temp_k**3
            + self.c5 * temp_k**4
            + self.c6 * math.log(temp_k)
        )

    def slope(self, temp_k: float) -> float:
        """Return the derivative of the logarithm. [1/K]"""
        return (
            -self.c0 / temp_k**2
            + self.c2
            + 2 * self.c3 * temp_k
            + 3 * self.c4 * temp_k**2
            + 4 * self.c5 * temp_k**3
            + self.c6 / temp_k
        )


OVER_ICE = Saturation(
    -5.6745359e3, 6.3925247, -9.677843e-3, 6.2215701e-7, 2.0747825e-9, -9.484024e-13, 4.1635019
)
"""Equation 5, -100 to 0 °C."""
OVER_WATER = Saturation(
    -5.8002206e3, 1.3914993, -4.8640239e-2, 4.1764768e-5, -1.4452093e-8, 0.0, 6.5459673
)
"""Equation 6, 0 to 200 °C."""


def saturation_pressure_pa(temp_c: float) -> float:
    """Return the pressure of water vapor over ice or water, equations 5 and 6. [Pa]

    References
    ----------
    .. [1] ASHRAE Handbook, Fundamentals (2017), chapter 1.
    .. [2] Hyland and Wexler (1983), "Formulations for the thermodynamic properties of the saturated
       phases of H2O from 173.15 K to 473.15 K", ASHRAE Transactions 89(2A), 500-519.

    Examples
    --------
    >>> round(saturation_pressure_pa(25.0))
    3169
    """
    return math.exp(_saturation_at(temp_c).log_pressure(temp_c + KELVINS_AT_0_C))


def _saturation_at(temp_c: float) -> Saturation:
    return OVER_ICE if temp_c <= TRIPLE_POINT_C else OVER_WATER


def humidity_ratio(vapor_pa: float, pressure_pa: float) -> float:
    """Return the water in the air by its vapor pressure, equation 20. [kg/kg dry air]"""
    return max(MOLAR_MASS_RATIO * vapor_pa / (pressure_pa - vapor_pa), LEAST_HUMIDITY_RATIO)


def humidity_ratio_of_wet_bulb(temp_c: float, wet_bulb_c: float, pressure_pa: float) -> float:
    """Return the water in the air by its wet bulb, equations 33 (water) and 35 (ice).

    Parameters
    ----------
    temp_c : float
        Dry-bulb temperature. [°C]
    wet_bulb_c : float
        Wet-bulb temperature, at most that of the dry bulb. [°C]
    pressure_pa : float
        Air pressure. [Pa]

    Returns
    -------
    float
        Heat of the air that cools to the wet bulb evaporates water until the air is saturated.
        [kg/kg dry air]

    Examples
    --------
    >>> round(humidity_ratio_of_wet_bulb(40.0, 20.0, 101_325.0), 4)
    0.0064
    """
    saturated = humidity_ratio(saturation_pressure_pa(wet_bulb_c), pressure_pa)
    if wet_bulb_c >= FREEZING_C:
        heat, held = 2501.0 - 2.326 * wet_bulb_c, 2501.0 + 1.86 * temp_c - 4.186 * wet_bulb_c
    else:
        heat, held = 2830.0 - 0.24 * wet_bulb_c, 2830.0 + 1.86 * temp_c - 2.1 * wet_bulb_c
    ratio = (heat * saturated - 1.006 * (temp_c - wet_bulb_c)) / held
    return max(ratio, LEAST_HUMIDITY_RATIO)


def dew_point_c(temp_c: float, vapor_pa: float) -> float:
    """Return the temperature at which vapor of a pressure is saturated, at most the dry bulb. [°C]

    Notes
    -----
    Newton's method on the logarithm of equations 5 and 6, from the dry bulb. The handbook's fitted
    equations 37 and 38 are less exact.

    Examples
    --------
    >>> round(dew_point_c(15.0, saturation_pressure_pa(5.0)), 3)
    5.0
    """
    log_vapor, found_c = math.log(vapor_pa), temp_c
    for _ in range(MOST_ITERATIONS):
        before_c, curve = found_c, _saturation_at(found_c)
        # The logarithm is that of the rounded pressure, as for the vapor.
        excess = math.log(saturation_pressure_pa(before_c)) - log_vapor
        found_c = before_c - excess / curve.slope(before_c + KELVINS_AT_0_C)
        found_c = min(max(found_c, COLDEST_C), HOTTEST_C)
        if abs(found_c - before_c) <= TOLERANCE_C:
            return min(found_c, temp_c)
    raise ArithmeticError(f"no dew point of {vapor_pa} Pa from {temp_c} °C")


def wet_bulb_of_hour_c(temp_c: float, humidity_frac: float, pressure_pa: float) -> float:
    """Return the wet-bulb temperature, exact to 0.001 °C.

    Parameters
    ----------
    temp_c : float
        Dry-bulb temperature. [°C]
    humidity_frac : float
        Relative humidity, 0 to 1. [1]
    pressure_pa : float
        Air pressure. [Pa]

    Returns
    -------
    float
        Solution of equations 33 and 35 by halving the range from dew point to dry bulb. [°C]

    Examples
    --------
    >>> round(wet_bulb_of_hour_c(25.0, 0.5, 101_325.0), 2)
    17.89
    """
    wanted = humidity_ratio(humidity_frac * saturation_pressure_pa(temp_c), pressure_pa)
    vapor_pa = pressure_pa * wanted / (MOLAR_MASS_RATIO + wanted)
    low_c, high_c = dew_point_c(temp_c, vapor_pa), temp_c
    found_c = (low_c + high_c) / 2
    while high_c - low_c > TOLERANCE_C:
        if humidity_ratio_of_wet_bulb(temp_c, found_c, pressure_pa) > wanted:
            high_c = found_c
        else:
            low_c = found_c
        found_c = (high_c + low_c) / 2
    return found_c
