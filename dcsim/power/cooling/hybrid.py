"""Cooling of an air path over towers and a liquid path over dry coolers."""

from __future__ import annotations

from dcsim.power.cooling.chiller import chiller_cop, economizer_frac
from dcsim.power.cooling.conditions import CoolingDraw, HeatLoad, Outside


def hybrid(  # noqa: PLR0913  (one parameter for each field of `HybridCooling`)
    heat: HeatLoad,
    outside: Outside,
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
    heat : HeatLoad
        Heat to remove [MW] and its liquid share [1].
    outside : Outside
        Wet bulb; NaN gives NaN. [°C]
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

    Returns
    -------
    CoolingDraw
        Power [MW] and water [m3/h].

    Notes
    -----
    With ``free = economizer_frac(wet bulb + approach, supply, rise)`` of each path and ``chilled``
    the sum over both of ``heat * (1 - free)``::

        chiller = chilled / COP(wet bulb + approach, part load)
        power   = air heat * air_fan + liquid heat * liquid_pump + chiller
        water   = (air heat + chilled liquid heat + chiller) * water

    The economizer rule and the COP are those of [1]_; the two paths are added to them.

    References
    ----------
    .. [1] N. Lei, E. Masanet, "Statistical analysis for predicting location-specific data center
       PUE and its improvement potential", Energy 201 (2020) 117556.

    Examples
    --------
    In the cold the air path takes its fans alone, and all of its heat evaporates water:

    >>> import numpy as np
    >>> heat = HeatLoad(np.array([100.0]), np.zeros(1), np.array([100.0]))
    >>> outside = Outside(np.array([15.0]), np.array([10.0]), np.array([1e5]), None, {})
    >>> hybrid(heat, outside, air_fan_frac=0.05, air_supply_c=20, liquid_pump_frac=0.03,
    ...        liquid_supply_c=32, water_rise_k=8, approach_k=6, chiller_load_frac=0.5,
    ...        water_l_per_kwh=1.5)
    CoolingDraw(power_mw=array([5.]), water_m3_h=array([150.]))
    """
    liquid_mw = heat.heat_mw * heat.liquid_frac
    air_mw = heat.heat_mw - liquid_mw
    sink_c = outside.wet_bulb_c + approach_k
    air_chilled_mw = air_mw * (1.0 - economizer_frac(sink_c, air_supply_c, water_rise_k))
    liquid_chilled_mw = liquid_mw * (1.0 - economizer_frac(sink_c, liquid_supply_c, water_rise_k))
    chiller_mw = (air_chilled_mw + liquid_chilled_mw) / chiller_cop(sink_c, chiller_load_frac)
    power_mw = air_mw * air_fan_frac + liquid_mw * liquid_pump_frac + chiller_mw
    towers_mw = air_mw + liquid_chilled_mw + chiller_mw
    return CoolingDraw(power_mw, towers_mw * water_l_per_kwh)
