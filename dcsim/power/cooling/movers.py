"""Electric power of what moves air and water: pumps, fans of air handlers and of towers.

All of it is one law: the power of a mover is its volume flow times the pressure it works against
over its efficiency; the flow is what carries the heat with its rise of temperature.
"""

from __future__ import annotations

import numpy as np

from dcsim.clock import Floats
from dcsim.physics.air import dry_air_density_kg_m3
from dcsim.scenario.schema.power import Mover, PhysicalCooling
from dcsim.units import KW_PER_MW, W_PER_MW

AIR_KJ_PER_KG_K = 1.01
WATER_KJ_PER_KG_K = 4.2
WATER_KG_PER_M3 = 1000.0
"""Heat capacities and density as in the papers that `physical` names."""


def mover_mw(flow_m3_s: Floats, mover: Mover) -> Floats:
    """Return the electric power of fans or pumps: pressure times flow over efficiency. [MW]

    >>> mover_mw(np.array([2.0]), Mover(pressure="210 kPa", efficiency="70 %")).round(3)
    array([0.6])
    """
    return np.asarray(flow_m3_s * mover.pressure_pa / mover.efficiency_frac / W_PER_MW)


def water_kg_s(heat_mw: Floats, rise_k: float) -> Floats:
    """Return the water that takes up heat with a rise of its temperature. [kg/s]

    >>> water_kg_s(np.array([42.0]), 5.0)
    array([2000.])
    """
    return heat_mw * KW_PER_MW / (WATER_KJ_PER_KG_K * rise_k)


def pump_mw(heat_mw: Floats, rise_k: float, mover: Mover) -> Floats:
    """Return the power of pumps whose water takes up heat.

    Parameters
    ----------
    heat_mw : ndarray, shape (n_hours,)
        Heat that the water carries. [MW]
    rise_k : float
        Rise of the water. [K]
    mover : Mover
        Pressure and efficiency of the pumps.

    Returns
    -------
    ndarray, shape (n_hours,)
        Electric power. [MW]

    Examples
    --------
    >>> water = Mover(pressure="210 kPa", efficiency="70 %")
    >>> pump_mw(np.array([42.0]), 5.0, water).round(3)  # 2 m3/s
    array([0.6])
    """
    return mover_mw(water_kg_s(heat_mw, rise_k) / WATER_KG_PER_M3, mover)


def air_fan_mw(heat_mw: Floats, pressure_pa: Floats, cooling: PhysicalCooling) -> Floats:
    """Return the power of the fans of the air handlers, which move air as it is supplied.

    Parameters
    ----------
    heat_mw : ndarray, shape (n_hours,)
        Heat that the air carries. [MW]
    pressure_pa : ndarray, shape (n_hours,)
        Pressure of the air; thin air takes a larger volume. [Pa]
    cooling : PhysicalCooling
        Supply temperature and rise of the air, and the fans.

    Returns
    -------
    ndarray, shape (n_hours,)
        Electric power. [MW]
    """
    flow_kg_s = heat_mw * KW_PER_MW / (AIR_KJ_PER_KG_K * cooling.air_rise_k)
    flow_m3_s = flow_kg_s / dry_air_density_kg_m3(cooling.air_supply_c, pressure_pa)
    return mover_mw(flow_m3_s, cooling.fans)


def tower_fan_mw(
    rejected_mw: Floats, dry_bulb_c: Floats, pressure_pa: Floats, cooling: PhysicalCooling
) -> Floats:
    """Return the power of the fans of cooling towers.

    Parameters
    ----------
    rejected_mw : ndarray, shape (n_hours,)
        Heat that leaves through the towers. [MW]
    dry_bulb_c, pressure_pa : ndarray, shape (n_hours,)
        Air that the towers take in. [°C], [Pa]
    cooling : PhysicalCooling
        Rise of the tower water, its mass over that of the air, and the fans.

    Returns
    -------
    ndarray, shape (n_hours,)
        Electric power. [MW]
    """
    assert cooling.tower_fans is not None, "the schema asks for fans of a tower"
    air_kg_s = water_kg_s(rejected_mw, cooling.sink_rise_k) / cooling.liquid_to_gas
    flow_m3_s = air_kg_s / dry_air_density_kg_m3(dry_bulb_c, pressure_pa)
    return mover_mw(flow_m3_s, cooling.tower_fans)
