"""Facility water, and the water that a cooling plant takes from the mains."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats
from dcsim.power.cooling.movers import WATER_KG_PER_M3, mover_mw, water_kg_s
from dcsim.scenario.schema.power import Mover, PhysicalCooling
from dcsim.units import KW_PER_MW, SECONDS_PER_HOUR


class FacilityWater(NamedTuple):
    """Temperatures of the water between coils, exchanger and chillers. [°C]"""

    supply_c: float
    return_c: float


def facility_water(cooling: PhysicalCooling) -> FacilityWater:
    """Return the water that cools the air: the warmer, the better the coils.

    Notes
    -----
    A coil of effectiveness ``e`` takes the air from return to supply, so ``air_rise = e * (return
    air - supply water)``, which gives the supply water.
    """
    return_air_c = cooling.air_supply_c + cooling.air_rise_k
    supply_c = return_air_c - cooling.air_rise_k / cooling.coil_frac
    return FacilityWater(supply_c, supply_c + cooling.water_rise_k)


def vaporization_kj_per_kg(temp_c: float) -> float:
    """Return the heat of vaporization of water.

    >>> round(vaporization_kj_per_kg(25.0), 1)
    2441.9
    """
    return 2500.5 - 2.3097 * temp_c - 0.0013 * temp_c**2


def evaporated_kg_s(heat_mw: Floats, water: FacilityWater) -> Floats:
    """Return the water whose vaporization takes up heat. [kg/s]

    At 25 °C a megawatt evaporates 0.41 kg/s, so a MWh takes 1.47 m3:

    >>> evaporated_kg_s(np.array([1.0]), FacilityWater(20.0, 30.0)).round(2)
    array([0.41])
    """
    middle_c = (water.supply_c + water.return_c) / 2
    return np.asarray(heat_mw * KW_PER_MW / vaporization_kj_per_kg(middle_c))


def humidifier_mw(latent_mw: Floats, water: FacilityWater, mover: Mover) -> Floats:
    """Return the power of the pumps that put back the moisture which the coils take.

    Parameters
    ----------
    latent_mw : ndarray, shape (n_hours,)
        Heat of that moisture. [MW]
    water : FacilityWater
        Its temperatures.
    mover : Mover
        Pressure and efficiency of the pumps.

    Returns
    -------
    ndarray, shape (n_hours,)
        Electric power. [MW]
    """
    return mover_mw(evaporated_kg_s(latent_mw, water) / WATER_KG_PER_M3, mover)


def mains_m3_h(
    latent_mw: Floats, rejected_mw: Floats, water: FacilityWater, cooling: PhysicalCooling
) -> Floats:
    """Return water of humidifiers and towers: evaporated, drained and blown away.

    Parameters
    ----------
    latent_mw : ndarray, shape (n_hours,)
        Heat of the moisture that humidifiers put back. [MW]
    rejected_mw : ndarray, shape (n_hours,)
        Heat that leaves through the sink. [MW]
    water : FacilityWater
        Its temperatures.
    cooling : PhysicalCooling
        Sink, cycles of concentration and drift; sea water is no water of the mains.

    Returns
    -------
    ndarray, shape (n_hours,)
        [m3/h]

    Notes
    -----
    Salts stay when water evaporates. With ``n`` cycles of concentration, what is drained carries
    away ``n`` times the salts of the mains, so ``drained = evaporated / (n - 1)``.
    """
    used_kg_s = evaporated_kg_s(latent_mw, water)
    if cooling.sink == "tower":
        drained = 1.0 + 1.0 / (cooling.water_cycles - 1.0)
        used_kg_s = used_kg_s + evaporated_kg_s(rejected_mw, water) * drained
        used_kg_s += water_kg_s(rejected_mw, cooling.sink_rise_k) * cooling.drift_frac
    return np.asarray(used_kg_s * SECONDS_PER_HOUR / WATER_KG_PER_M3)
