"""Cooling power and water of a site: models from heat and wet-bulb temperature.

A model is a function of heat, wet bulb and the liquid share of the heat; its keyword parameters are
the fields of its schema class. `COOLING` finds both by the name in the scenario.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats
from dcsim.scenario.schema.part import Part
from dcsim.scenario.schema.power import EvaporativeCooling, FixedCooling, HybridCooling


class CoolingDraw(NamedTuple):
    """What cooling takes, shape ``(n_hours,)``; a liter a kWh is a cubic meter a MWh."""

    power_mw: Floats
    water_m3_h: Floats


COP_COEFFICIENTS = {
    "1": 16.80,
    "t": -0.7606,
    "t2": 0.00884,
    "load": 9.885,
    "load2": -8.529,
    "t_load": 0.0846,
}
"""COP of a water-cooled chiller: quadratic in condenser water `t` in °C and part load.

After Lei and Masanet, Energy 201 (2020) 117556."""
COP_CONDENSER_C = (15.0, 35.0)
COP_LOAD_FRAC = (0.2, 0.9)
"""Where that fit is used; outside, its nearest value holds, for a quadratic turns back up."""


def fixed(
    heat_mw: Floats, wet_bulb_c: Floats, liquid_frac: Floats, *, overhead_frac: float
) -> CoolingDraw:
    """Return cooling as a fixed share of the heat, whatever the weather; no water.

    Parameters
    ----------
    heat_mw, wet_bulb_c, liquid_frac : ndarray, shape (n_hours,)
        Heat to remove [MW], wet bulb [°C] and liquid share [1]; the last two do not matter here.
    overhead_frac : float
        Cooling power over heat. [1]

    Examples
    --------
    >>> fixed(np.array([50.0]), np.array([20.0]), np.array([0.0]), overhead_frac=0.1).power_mw
    array([5.])
    """
    del wet_bulb_c, liquid_frac
    return CoolingDraw(heat_mw * overhead_frac, np.zeros_like(heat_mw))


def evaporative(
    heat_mw: Floats,
    wet_bulb_c: Floats,
    liquid_frac: Floats,
    *,
    overhead_frac: float,
    knee_c: float,
    slope_per_k: float,
    water_l_per_kwh: float,
) -> CoolingDraw:
    """Return cooling whose share of the heat is flat up to a wet bulb and linear above it.

    Parameters
    ----------
    heat_mw, wet_bulb_c, liquid_frac : ndarray, shape (n_hours,)
        Heat to remove [MW], wet bulb [°C; NaN gives NaN] and liquid share [1; does not matter].
    overhead_frac : float
        Cooling power over heat up to the knee. [1]
    knee_c : float
        Wet bulb above which it rises. [°C]
    slope_per_k : float
        Rise of the share for each kelvin above the knee. [1/K]
    water_l_per_kwh : float
        Water evaporated for each kWh of heat. [L/kWh]

    Examples
    --------
    >>> evaporative(np.array([50.0, 50.0]), np.array([10.0, 22.0]), np.zeros(2), overhead_frac=0.1,
    ...             knee_c=12, slope_per_k=0.008, water_l_per_kwh=1.5)
    CoolingDraw(power_mw=array([5., 9.]), water_m3_h=array([75., 75.]))
    """
    del liquid_frac
    overhead = overhead_frac + slope_per_k * np.maximum(wet_bulb_c - knee_c, 0.0)
    return CoolingDraw(heat_mw * overhead, heat_mw * water_l_per_kwh)


def hybrid(  # noqa: PLR0913  (one parameter for each field of `HybridCooling`)
    heat_mw: Floats,
    wet_bulb_c: Floats,
    liquid_frac: Floats,
    *,
    air_fan_frac: float,
    air_supply_c: float,
    liquid_pump_frac: float,
    liquid_supply_c: float,
    water_rise_k: float,
    approach_k: float,
    chiller_load_frac: float,
    water_l_per_kwh: float,
) -> CoolingDraw:
    """Return cooling of an air path over towers and a liquid path over dry coolers.

    On each path the economizer carries what it can and a water-cooled chiller the rest. Heat of the
    air path, of the chillers and of their motors leaves through the towers and evaporates water;
    liquid heat that the economizer carries leaves dry.

    Parameters
    ----------
    heat_mw : ndarray, shape (n_hours,)
        Heat to remove. [MW]
    wet_bulb_c : ndarray, shape (n_hours,)
        Outdoor wet bulb; NaN gives NaN. [°C]
    liquid_frac : ndarray, shape (n_hours,)
        Share of the heat that leaves by liquid. [1]
    air_fan_frac, liquid_pump_frac : float
        Fans and pumps of each path over its heat. [1]
    air_supply_c, liquid_supply_c : float
        Supply water temperature of each path. [°C]
    water_rise_k : float
        Rise of the water over the load. [K]
    approach_k : float
        Coldest water over wet bulb. [K]
    chiller_load_frac : float
        Part load of the chillers. [1]
    water_l_per_kwh : float
        Water evaporated for each kWh of heat that leaves through the towers. [L/kWh]

    References
    ----------
    .. [1] N. Lei, E. Masanet, "Statistical analysis for predicting location-specific data center
       PUE and its improvement potential", Energy 201 (2020) 117556.
    """
    liquid_mw = heat_mw * liquid_frac
    air_mw = heat_mw - liquid_mw
    sink_c = wet_bulb_c + approach_k
    air_chilled_mw = air_mw * (1.0 - economizer_frac(sink_c, air_supply_c, water_rise_k))
    liquid_chilled_mw = liquid_mw * (1.0 - economizer_frac(sink_c, liquid_supply_c, water_rise_k))
    chiller_mw = (air_chilled_mw + liquid_chilled_mw) / chiller_cop(sink_c, chiller_load_frac)
    power_mw = air_mw * air_fan_frac + liquid_mw * liquid_pump_frac + chiller_mw
    towers_mw = air_mw + liquid_chilled_mw + chiller_mw
    return CoolingDraw(power_mw, towers_mw * water_l_per_kwh)


def economizer_frac(sink_c: Floats, supply_c: float, water_rise_k: float) -> Floats:
    """Return the share of the heat that needs no chiller.

    All of it while the sink is at or below the supply water, none from the return water on, linear
    between.

    >>> economizer_frac(np.array([18.0, 20.0, 24.0, 28.0, 30.0]), 20.0, 8.0)
    array([1. , 1. , 0.5, 0. , 0. ])
    """
    return np.asarray(np.clip((supply_c + water_rise_k - sink_c) / water_rise_k, 0.0, 1.0))


def chiller_cop(
    condenser_c: Floats, load_frac: float, *, range_c: tuple[float, float] = COP_CONDENSER_C
) -> Floats:
    """Return the COP of a water-cooled chiller by condenser water and part load.

    >>> chiller_cop(np.array([15.0, 35.0]), 0.7).round(2)
    array([11.01,  5.82])
    """
    k = COP_COEFFICIENTS
    t = np.clip(condenser_c, *range_c)
    load = min(max(load_frac, COP_LOAD_FRAC[0]), COP_LOAD_FRAC[1])
    level = k["1"] + k["load"] * load + k["load2"] * load**2
    return np.asarray(level + (k["t"] + k["t_load"] * load + k["t2"] * t) * t)


CoolingModel = Callable[..., CoolingDraw]
COOLING: dict[str, tuple[type[Part], CoolingModel]] = {
    "fixed": (FixedCooling, fixed),
    "evaporative": (EvaporativeCooling, evaporative),
    "hybrid": (HybridCooling, hybrid),
}
"""Schema class and function of each model, by its name in a scenario."""
