"""Wet-bulb temperature: dry bulb, humidity and one pressure in, the wet bulb out."""

from __future__ import annotations

import functools

import numpy as np

from dcsim.clock import Floats
from dcsim.physics.psychrometrics import wet_bulb_of_hour_c

LOW_C, HIGH_C, N_TEMPERATURES = -40.0, 60.0, 81
N_HUMIDITIES = 21
"""Range and points of the table over dry bulb and humidity."""
PRESSURE_STEP_PA = 100.0
"""Pressures for which tables are made: nearer ones share one, 0.007 °C off at most. [Pa]"""


def wet_bulb_c(temp_dry_bulb_c: Floats, humidity_frac: Floats, pressure_pa: float) -> Floats:
    """Return the wet-bulb temperature of moist air.

    Parameters
    ----------
    temp_dry_bulb_c : ndarray, shape (n,)
        Dry-bulb temperature; beyond -40 to 60 °C the difference to the wet bulb stays as at the
        limit. [°C]
    humidity_frac : ndarray, shape (n,)
        Relative humidity, 0 to 1. [1]
    pressure_pa : float
        Air pressure, one for all. [Pa]

    Returns
    -------
    ndarray, shape (n,)
        Bilinear between 81 x 21 values of the ASHRAE relations [1]_, never above the dry bulb. The
        error is 0.003 °C in the mean and below 0.03 °C, except near a wet bulb of 0 °C: there the
        relations step by up to 0.6 °C from water to ice, and the table slopes over one cell.
        A pressure 2 % off adds 0.1 °C in hot dry air. [°C]

    References
    ----------
    .. [1] ASHRAE Handbook, Fundamentals (2017), chapter 1.
    """
    pressure = max(round(pressure_pa / PRESSURE_STEP_PA), 1) * PRESSURE_STEP_PA
    table = _wet_bulb_table(pressure).ravel()
    scale = (N_TEMPERATURES - 1) / (HIGH_C - LOW_C)
    inside_c = np.clip(temp_dry_bulb_c, LOW_C, HIGH_C)
    row = (inside_c - LOW_C) * scale
    place = np.clip(humidity_frac, 0.0, 1.0) * (N_HUMIDITIES - 1)
    i_row = np.minimum(row.astype(np.int64), N_TEMPERATURES - 2)
    i_place = np.minimum(place.astype(np.int64), N_HUMIDITIES - 2)
    row -= i_row
    place -= i_place
    corner = i_row * N_HUMIDITIES + i_place
    cold = table[corner] * (1 - place) + table[corner + 1] * place
    corner += N_HUMIDITIES
    warm = table[corner] * (1 - place) + table[corner + 1] * place
    found_c = cold * (1 - row) + warm * row
    return np.asarray(np.minimum(found_c + (temp_dry_bulb_c - inside_c), temp_dry_bulb_c))


@functools.lru_cache(maxsize=16)
def _wet_bulb_table(pressure_pa: float) -> Floats:
    humidities = np.linspace(0.0, 1.0, N_HUMIDITIES).tolist()
    return np.array(
        [
            [wet_bulb_of_hour_c(temp, share, pressure_pa) for share in humidities]
            for temp in np.linspace(LOW_C, HIGH_C, N_TEMPERATURES).tolist()
        ]
    )
