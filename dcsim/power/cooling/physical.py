"""Cooling from pressures, flows and temperatures: towers or sea, chillers, a warm-water loop."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from dcsim.clock import Calendar, Floats
from dcsim.power.cooling.chiller import chiller_cop, economizer_frac
from dcsim.power.cooling.conditions import CoolingDraw, HeatLoad, Outside
from dcsim.power.cooling.movers import air_fan_mw, pump_mw, tower_fan_mw
from dcsim.power.cooling.water import facility_water, humidifier_mw, mains_m3_h
from dcsim.scenario.schema.power import Cold, LiquidLoop, PhysicalCooling
from dcsim.units import DAYS_PER_MONTH, MONTHS_PER_YEAR

CONDENSER_C = (15.0, 40.0)
"""Condenser water for which the fit of the COP is used: beyond its data, up to where it turns."""


class Ambient(NamedTuple):
    """Surroundings that a plant gives its heat to, shape ``(n_hours,)`` each."""

    dry_bulb_c: Floats
    wet_bulb_c: Floats
    pressure_pa: Floats
    sea_c: Floats
    cold_mw: Floats
    """Heat that the cold of a gas plant can take. [MW]"""


class PlantHeat(NamedTuple):
    """The way of the heat through a plant, shape ``(n_hours,)`` each. [MW]"""

    air_mw: Floats
    """Heat that leaves the racks by air."""
    coil_mw: Floats
    """Heat that the coils take, that of the moisture included."""
    free_mw: Floats
    """Part of it that the economizer carries."""
    chilled_mw: Floats
    """Rest for the chillers and the cold of a gas plant, liquid heat included."""
    compressor_mw: Floats
    """Electric power of the compressors, which is heat too."""
    rejected_mw: Floats
    """Heat that leaves through towers or into the sea."""


def physical(heat: HeatLoad, outside: Outside, **keys: Any) -> CoolingDraw:
    """Return power and water of a cooling plant.

    Parameters
    ----------
    heat : HeatLoad
        Heat to remove, its liquid share, and what flows and chillers are sized by. [MW]
    outside : Outside
        Weather, calendar for the sea, gas plants for their cold.
    **keys
        Fields of `PhysicalCooling`.

    Returns
    -------
    CoolingDraw
        Power of fans, pumps and chillers [MW] and water [m3/h]; NaN in the weather gives NaN.

    Raises
    ------
    TypeError
        For a key that `PhysicalCooling` does not have.

    Notes
    -----
    The economizer carries all heat while the sink and its approaches are at or below the supply
    water, none from the return water on, linear between; the chillers carry the rest::

        coil     = air heat / sensible share
        chilled  = coil * (1 - free) + liquid heat that dry coolers leave - cold
        chiller  = chilled / (COP(sink, part load) * (1 + scatter))
        rejected = coil * free + chilled + chiller
        mover    = flow * pressure / efficiency

    The relations are those of [1]_ and [2]_. Part load, the warm-water loop, cold of a gas plant
    and blow-down are added to them.

    References
    ----------
    .. [1] N. Lei, E. Masanet, "Statistical analysis for predicting location-specific data center
       PUE and its improvement potential", Energy 201 (2020) 117556.
    .. [2] N. Lei, E. Masanet, "Climate- and technology-specific PUE and WUE estimations for U.S.
       data centers using a hybrid statistical and thermodynamics-based approach", Resources,
       Conservation and Recycling 182 (2022) 106323.
    """
    unknown = keys.keys() - PhysicalCooling.model_fields.keys()
    if unknown:
        raise TypeError(f"physical() has no key {', '.join(sorted(unknown))}")
    # The scenario has been checked when it was read; checking it again would ask for its units.
    cooling = PhysicalCooling.model_construct(**keys)
    return plant_draw(heat, ambient_of(outside, cooling), cooling)


def plant_draw(heat: HeatLoad, ambient: Ambient, cooling: PhysicalCooling) -> CoolingDraw:
    """Return power and water of a cooling plant whose surroundings are known.

    Parameters
    ----------
    heat : HeatLoad
        Heat to remove. [MW]
    ambient : Ambient
        Weather, sea, and cold of a gas plant.
    cooling : PhysicalCooling
        The plant.

    Returns
    -------
    CoolingDraw
        As of `physical`.
    """
    full_mw = np.maximum(heat.hall_mw, heat.heat_mw)
    stretch = _flow_stretch(heat.heat_mw, full_mw, cooling.minimum_flow_frac)
    water = facility_water(cooling)
    dry_mw, dry_power_mw = _dry_coolers(_liquid_mw(heat, cooling), stretch, ambient, cooling.liquid)
    flow = _plant_heat(heat, full_mw, dry_mw, ambient, cooling)
    latent_mw = flow.coil_mw - flow.air_mw
    rise_k = cooling.water_rise_k
    parts_mw = [
        flow.compressor_mw + dry_power_mw,
        stretch * air_fan_mw(flow.air_mw, ambient.pressure_pa, cooling),
        humidifier_mw(latent_mw, water, cooling.humidifier),
        stretch * pump_mw(flow.free_mw, rise_k, cooling.economizer_pumps),
        stretch * pump_mw(flow.chilled_mw, rise_k, cooling.chilled_pumps),
        pump_mw(flow.rejected_mw, cooling.sink_rise_k, cooling.sink_pumps),
    ]
    if cooling.sink == "tower":
        air = (ambient.dry_bulb_c, ambient.pressure_pa)
        parts_mw.append(tower_fan_mw(flow.rejected_mw, *air, cooling))
    power_mw = sum(parts_mw[1:], start=parts_mw[0])
    return CoolingDraw(power_mw, mains_m3_h(latent_mw, flow.rejected_mw, water, cooling))


def _liquid_mw(heat: HeatLoad, cooling: PhysicalCooling) -> Floats:
    """Return the heat that leaves by liquid; without a loop it goes the way of the air."""
    return heat.heat_mw * heat.liquid_frac if cooling.liquid else np.zeros_like(heat.heat_mw)


def _flow_stretch(heat_mw: Floats, full_mw: Floats, minimum_flow_frac: float) -> Floats:
    """Return the flow of fans and pumps over what the heat needs, 0 without heat.

    Full halls of 10 MW and a least flow of 0.5: at 2 MW flows are 2.5 times what the heat needs.

    >>> _flow_stretch(np.array([0.0, 2.0, 8.0]), np.full(3, 10.0), 0.5)
    array([0. , 2.5, 1. ])
    """
    load = np.divide(heat_mw, full_mw, out=np.zeros_like(heat_mw), where=full_mw > 0)
    moved = np.where(heat_mw > 0, np.maximum(load, minimum_flow_frac), 0.0)
    return np.divide(moved, load, out=np.zeros_like(load), where=load > 0)


def _plant_heat(
    heat: HeatLoad, full_mw: Floats, dry_mw: Floats, ambient: Ambient, cooling: PhysicalCooling
) -> PlantHeat:
    """Return the way of the heat; `dry_mw` is what the dry coolers carry of the liquid heat."""
    liquid_mw = _liquid_mw(heat, cooling)
    air_mw = heat.heat_mw - liquid_mw
    coil_mw = air_mw / cooling.sensible_frac
    sink_c = _sink_c(ambient, cooling)
    supply_c = facility_water(cooling).supply_c
    free = economizer_frac(sink_c + cooling.exchanger_approach_k, supply_c, cooling.water_rise_k)
    free_mw = coil_mw * free
    chilled_mw = coil_mw - free_mw + (liquid_mw - dry_mw)
    # Cold of a gas plant costs nothing, so it is used before the chillers.
    left_mw = np.maximum(chilled_mw - ambient.cold_mw, 0.0)
    part = _chiller_load(left_mw, full_mw, cooling)
    compressor_mw = left_mw / (_cop(sink_c, part) * (1.0 + cooling.cop_scatter_frac))
    rejected_mw = free_mw + left_mw + compressor_mw
    return PlantHeat(air_mw, coil_mw, free_mw, chilled_mw, compressor_mw, rejected_mw)


def ambient_of(outside: Outside, cooling: PhysicalCooling) -> Ambient:
    """Return the weather as a cooling plant meets it, the sea, and the cold of a gas plant."""
    none = np.zeros_like(outside.wet_bulb_c)
    sea_c = none if cooling.sea_c is None else sea_by_step(cooling.sea_c, outside.calendar)
    cold_mw = none if cooling.cold is None else _cold_mw(outside, cooling.cold)
    return Ambient(outside.dry_bulb_c, outside.wet_bulb_c, outside.pressure_pa, sea_c, cold_mw)


def _cold_mw(outside: Outside, cold: Cold) -> Floats:
    """Return the heat that cold takes: all of it while its plant runs at full availability."""
    plant = outside.plants[cold.plant]
    if plant.rated_mw > 0:
        return cold.cooling_mw * plant.available_mw / plant.rated_mw
    return np.zeros_like(plant.available_mw)


def sea_by_step(by_month_c: tuple[float, ...], calendar: Calendar) -> Floats:
    """Return the sea temperature of each step, linear between the middles of the months. [°C]"""
    day = calendar.local_time.astype("datetime64[D]")
    year = day.astype("datetime64[Y]")
    months = (day - year).astype(np.int64) / DAYS_PER_MONTH
    middles = np.arange(MONTHS_PER_YEAR) + 0.5
    return np.asarray(np.interp(months, middles, by_month_c, period=MONTHS_PER_YEAR))


def _sink_c(ambient: Ambient, cooling: PhysicalCooling) -> Floats:
    """Return the water of the sink, which is that of the condensers."""
    if cooling.sink == "tower":
        return np.asarray(ambient.wet_bulb_c + cooling.tower_approach_k)
    return ambient.sea_c


def _cop(condenser_c: Floats, part: Floats | float) -> Floats:
    """Return the COP for part loads that differ from step to step, a tenth apart."""
    if isinstance(part, float):
        return chiller_cop(condenser_c, part, range_c=CONDENSER_C)
    cop = np.empty_like(condenser_c)
    # `chiller_cop` takes one load, and there are at most eleven tenths among all steps.
    tenths = np.round(part * 10).astype(np.int64)
    for tenth in np.unique(tenths):
        mine = tenths == tenth
        cop[mine] = chiller_cop(condenser_c[mine], float(tenth) / 10, range_c=CONDENSER_C)
    return cop


def _chiller_load(chilled_mw: Floats, full_mw: Floats, cooling: PhysicalCooling) -> Floats | float:
    """Return the part load of the chillers that run: as few as can, and the spare ones."""
    if cooling.n_chillers is None:
        return cooling.chiller_load_frac
    unit_mw = np.where(full_mw > 0, full_mw / cooling.n_chillers, 1.0)
    running = np.maximum(np.ceil(chilled_mw / unit_mw), 1.0) + cooling.n_spare_chillers
    return np.asarray(np.clip(chilled_mw / (running * unit_mw), 0.0, 1.0))


def _dry_coolers(
    liquid_mw: Floats, stretch: Floats, ambient: Ambient, loop: LiquidLoop | None
) -> tuple[Floats, Floats]:
    """Return the heat that dry coolers carry, and the power of their fans and of the loop.

    Their air flow rises as the air comes near the water, in proportion to the inverse of what is
    left between them, and the power of fans with its cube.
    """
    if loop is None:
        return np.zeros_like(liquid_mw), np.zeros_like(liquid_mw)
    sink_c = ambient.dry_bulb_c + loop.approach_k
    dry_mw = liquid_mw * economizer_frac(sink_c, loop.supply_c, loop.rise_k)
    between_k = np.maximum(loop.supply_c - ambient.dry_bulb_c, loop.approach_k)
    fan_mw = dry_mw * loop.dry_fan_frac * (loop.approach_k / between_k) ** 3
    return dry_mw, fan_mw + stretch * pump_mw(liquid_mw, loop.rise_k, loop.pumps)
