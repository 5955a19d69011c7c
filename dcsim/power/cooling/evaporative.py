"""Cooling whose overhead rises with the wet bulb."""

from __future__ import annotations

import numpy as np

from dcsim.power.cooling.conditions import CoolingDraw, HeatLoad, Outside


def evaporative(
    heat: HeatLoad,
    outside: Outside,
    *,
    overhead_frac: float,
    knee_c: float,
    slope_per_k: float,
    water_l_per_kwh: float,
) -> CoolingDraw:
    """Return cooling whose share of the heat is flat up to a wet bulb and linear above it.

    Parameters
    ----------
    heat : HeatLoad
        Heat to remove. [MW]
    outside : Outside
        Wet bulb; NaN gives NaN. [°C]
    overhead_frac : float
        Cooling power over heat up to the knee. [1]
    knee_c : float
        Wet bulb above which it rises. [°C]
    slope_per_k : float
        Rise of the share for each kelvin above the knee. [1/K]
    water_l_per_kwh : float
        Water evaporated for each kWh of heat. [L/kWh]

    Notes
    -----
    ``cooling power = heat * (overhead + slope * max(wet bulb - knee, 0))``: an empirical line
    through the yearly figures of a plant, not a model of one. Wet bulb is its variable because
    water evaporates down to it and no further [1]_.

    References
    ----------
    .. [1] ASHRAE Handbook, HVAC Systems and Equipment (2020), chapter 40, "Cooling Towers".

    Examples
    --------
    >>> heat = HeatLoad(np.array([50.0, 50.0]), np.zeros(2), np.full(2, 60.0))
    >>> outside = Outside(np.full(2, 25.0), np.array([10.0, 22.0]), np.full(2, 1e5), None, {})
    >>> evaporative(heat, outside, overhead_frac=0.1, knee_c=12, slope_per_k=0.008,
    ...             water_l_per_kwh=1.5)
    CoolingDraw(power_mw=array([5., 9.]), water_m3_h=array([75., 75.]))
    """
    overhead = overhead_frac + slope_per_k * np.maximum(outside.wet_bulb_c - knee_c, 0.0)
    return CoolingDraw(heat.heat_mw * overhead, heat.heat_mw * water_l_per_kwh)
