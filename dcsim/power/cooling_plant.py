"""Cooling from pressures, flows and temperatures: towers or sea, chillers, a warm-water loop.

Relations of N. Lei and E. Masanet, "Statistical analysis for predicting location-specific data
center PUE and its improvement potential", Energy 201 (2020) 117556, and "Climate- and
technology-specific PUE and WUE estimations for U.S. data centers using a hybrid statistical and
thermodynamics-based approach", Resources, Conservation and Recycling 182 (2022) 106323. Part load,
the warm-water loop, cold of a gas plant and blow-down are added to them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dcsim.clock import Calendar, Floats
from dcsim.physics.air import dry_air_density_kg_m3
from dcsim.power.cooling import CoolingDraw, chiller_cop, economizer_frac
from dcsim.scenario.schema.power import LiquidLoop, Mover, PhysicalCooling
from dcsim.units import (
    DAYS_PER_MONTH,
    KW_PER_MW,
    MONTHS_PER_YEAR,
    SECONDS_PER_HOUR,
    W_PER_MW,
)

AIR_KJ_PER_KG_K = 1.01
WATER_KJ_PER_KG_K = 4.2
WATER_KG_PER_M3 = 1000.0
"""Heat capacities and density as in the papers above."""
CONDENSER_C = (15.0, 40.0)
"""Where the fit of the COP is used: in the sources beyond its data, up to where it turns."""


class Outside(NamedTuple):
    """What a plant meets, shape ``(n_hours,)`` each."""

    dry_bulb_c: Floats
    wet_bulb_c: Floats
    pressure_pa: Floats
    sea_c: Floats
    cold_mw: Floats
    """Heat that the cold of a gas plant can take."""


class Water(NamedTuple):
    """Temperatures of the facility water. [°C]"""

    supply_c: float
    return_c: float


def physical(
    heat_mw: Floats,
    liquid_frac: Floats,
    hall_mw: Floats,
    outside: Outside,
    cooling: PhysicalCooling,
) -> CoolingDraw:
    """Return power and water of a cooling plant.

    Parameters
    ----------
    heat_mw : ndarray, shape (n_hours,)
        IT power and all electrical losses. [MW]
    liquid_frac : ndarray, shape (n_hours,)
        Share of it that leaves by liquid. [1]
    hall_mw : ndarray, shape (n_hours,)
        Heat the open halls are built for: what flows and chillers are sized by. [MW]
    outside : Outside
        Weather, sea, and cold of a plant.
    cooling : PhysicalCooling
        The plant.

    Returns
    -------
    CoolingDraw
        Power of fans, pumps and chillers [MW] and water [m3/h]; NaN in the weather gives NaN.

    Notes
    -----
    The economizer carries all heat while the sink and its approaches are at or below the supply
    water, none from the return water on, linear between; the chillers carry the rest.
    """
    full_mw = np.maximum(hall_mw, heat_mw)
    load = np.divide(heat_mw, full_mw, out=np.zeros_like(heat_mw), where=full_mw > 0)
    # What fans and pumps move: no less than their least flow in halls that are open.
    moved = np.where(heat_mw > 0, np.maximum(load, cooling.minimum_flow_frac), 0.0)
    stretch = np.divide(moved, load, out=np.zeros_like(load), where=load > 0)
    liquid_mw = heat_mw * liquid_frac if cooling.liquid else np.zeros_like(heat_mw)
    air_mw = heat_mw - liquid_mw
    coil_mw = air_mw / cooling.sensible_frac
    water = facility_water(cooling)
    sink_c = _sink_c(outside, cooling)
    free = economizer_frac(
        sink_c + cooling.exchanger_approach_k, water.supply_c, cooling.water_rise_k
    )
    free_mw = coil_mw * free
    dry_mw, dry_power_mw = _liquid(liquid_mw, stretch, outside, cooling.liquid)
    chilled_mw = coil_mw - free_mw + (liquid_mw - dry_mw)
    left_mw = np.maximum(chilled_mw - outside.cold_mw, 0.0)
    part = _chiller_load(left_mw, full_mw, cooling)
    compressor_mw = left_mw / (_cop(sink_c, part) * (1.0 + cooling.cop_scatter_frac))
    rejected_mw = free_mw + left_mw + compressor_mw
    power_mw = compressor_mw + dry_power_mw
    power_mw += stretch * air_fan_mw(air_mw, outside.pressure_pa, cooling)
    power_mw += _humidifier_mw(coil_mw - air_mw, water, cooling.humidifier)
    rise_k = cooling.water_rise_k
    power_mw += stretch * pump_mw(free_mw, rise_k, cooling.economizer_pumps)
    power_mw += stretch * pump_mw(chilled_mw, rise_k, cooling.chilled_pumps)
    power_mw += pump_mw(rejected_mw, cooling.sink_rise_k, cooling.sink_pumps)
    if cooling.sink == "tower":
        power_mw += _tower_fan_mw(rejected_mw, outside, cooling)
    return CoolingDraw(power_mw, _water_m3_h(coil_mw - air_mw, rejected_mw, water, cooling))


def facility_water(cooling: PhysicalCooling) -> Water:
    """Return the water that cools the air: the warmer, the better the coils."""
    return_air_c = cooling.air_supply_c + cooling.air_rise_k
    supply_c = return_air_c - cooling.air_rise_k / cooling.coil_frac
    return Water(supply_c, supply_c + cooling.water_rise_k)


def vaporization_kj_per_kg(temp_c: float) -> float:
    """Return the heat of vaporization of water.

    >>> round(vaporization_kj_per_kg(25.0), 1)
    2441.9
    """
    return 2500.5 - 2.3097 * temp_c - 0.0013 * temp_c**2


def pump_mw(heat_mw: Floats, rise_k: float, mover: Mover) -> Floats:
    """Return the power of pumps whose water takes up heat: pressure times flow over efficiency.

    >>> water = Mover(pressure="210 kPa", efficiency="70 %")
    >>> pump_mw(np.array([42.0]), 5.0, water).round(3)  # 2 m3/s
    array([0.6])
    """
    flow_m3_s = heat_mw * KW_PER_MW / (WATER_KJ_PER_KG_K * rise_k) / WATER_KG_PER_M3
    return np.asarray(flow_m3_s * mover.pressure_pa / mover.efficiency_frac / W_PER_MW)


def air_fan_mw(heat_mw: Floats, pressure_pa: Floats, cooling: PhysicalCooling) -> Floats:
    """Return the power of the fans of the air handlers, which move air as it is supplied."""
    flow_kg_s = heat_mw * KW_PER_MW / (AIR_KJ_PER_KG_K * cooling.air_rise_k)
    flow_m3_s = flow_kg_s / dry_air_density_kg_m3(cooling.air_supply_c, pressure_pa)
    return np.asarray(
        flow_m3_s * cooling.fans.pressure_pa / cooling.fans.efficiency_frac / W_PER_MW
    )


def sea_by_step(by_month_c: tuple[float, ...], calendar: Calendar) -> Floats:
    """Return the sea temperature of each step, linear between the middles of the months. [°C]"""
    day = calendar.local_time.astype("datetime64[D]")
    year = day.astype("datetime64[Y]")
    months = (day - year).astype(np.int64) / DAYS_PER_MONTH
    middles = np.arange(MONTHS_PER_YEAR) + 0.5
    return np.asarray(np.interp(months, middles, by_month_c, period=MONTHS_PER_YEAR))


def _sink_c(outside: Outside, cooling: PhysicalCooling) -> Floats:
    """Return the water of the sink, which is that of the condensers."""
    if cooling.sink == "tower":
        return np.asarray(outside.wet_bulb_c + cooling.tower_approach_k)
    return outside.sea_c


def _cop(condenser_c: Floats, part: Floats | float) -> Floats:
    """Return the COP for part loads that differ from step to step, a tenth apart."""
    if isinstance(part, float):
        return chiller_cop(condenser_c, part, range_c=CONDENSER_C)
    cop = np.empty_like(condenser_c)
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


def _liquid(
    liquid_mw: Floats, stretch: Floats, outside: Outside, loop: LiquidLoop | None
) -> tuple[Floats, Floats]:
    """Return the heat that dry coolers carry, and the power of their fans and of the loop.

    Their air flow rises as the air comes near the water, in proportion to the inverse of what is
    left between them, and the power of fans with its cube.
    """
    if loop is None:
        return np.zeros_like(liquid_mw), np.zeros_like(liquid_mw)
    sink_c = outside.dry_bulb_c + loop.approach_k
    dry_mw = liquid_mw * economizer_frac(sink_c, loop.supply_c, loop.rise_k)
    between_k = np.maximum(loop.supply_c - outside.dry_bulb_c, loop.approach_k)
    fan_mw = dry_mw * loop.dry_fan_frac * (loop.approach_k / between_k) ** 3
    return dry_mw, fan_mw + stretch * pump_mw(liquid_mw, loop.rise_k, loop.pumps)


def _humidifier_mw(latent_mw: Floats, water: Water, mover: Mover) -> Floats:
    flow_m3_s = _evaporated_kg_s(latent_mw, water) / WATER_KG_PER_M3
    return np.asarray(flow_m3_s * mover.pressure_pa / mover.efficiency_frac / W_PER_MW)


def _evaporated_kg_s(heat_mw: Floats, water: Water) -> Floats:
    middle_c = (water.supply_c + water.return_c) / 2
    return np.asarray(heat_mw * KW_PER_MW / vaporization_kj_per_kg(middle_c))


def _tower_fan_mw(rejected_mw: Floats, outside: Outside, cooling: PhysicalCooling) -> Floats:
    fans = cooling.tower_fans
    assert fans is not None, "the schema asks for fans of a tower"
    water_kg_s = rejected_mw * KW_PER_MW / (WATER_KJ_PER_KG_K * cooling.sink_rise_k)
    air_kg_s = water_kg_s / cooling.liquid_to_gas
    flow_m3_s = air_kg_s / dry_air_density_kg_m3(outside.dry_bulb_c, outside.pressure_pa)
    return np.asarray(flow_m3_s * fans.pressure_pa / fans.efficiency_frac / W_PER_MW)


def _water_m3_h(
    latent_mw: Floats, rejected_mw: Floats, water: Water, cooling: PhysicalCooling
) -> Floats:
    """Return water of humidifiers and towers: evaporated, drained and blown away.

    Of the water that evaporates, ``1 / (cycles - 1)`` is drained to keep the salts.
    """
    used_kg_s = _evaporated_kg_s(latent_mw, water)
    if cooling.sink == "tower":
        drained = 1.0 + 1.0 / (cooling.water_cycles - 1.0)
        used_kg_s = used_kg_s + _evaporated_kg_s(rejected_mw, water) * drained
        circulating_kg_s = rejected_mw * KW_PER_MW / (WATER_KJ_PER_KG_K * cooling.sink_rise_k)
        used_kg_s += circulating_kg_s * cooling.drift_frac
    return np.asarray(used_kg_s * SECONDS_PER_HOUR / WATER_KG_PER_M3)
