from __future__ import annotations

import numpy as np
import pytest

from dcsim.power.cooling.water import (
    FacilityWater,
    evaporated_kg_s,
    facility_water,
    humidifier_mw,
    mains_m3_h,
    vaporization_kj_per_kg,
)
from dcsim.scenario.schema.power import Mover, PhysicalCooling

AT_ZERO = FacilityWater(-5.0, 5.0)
"""Water whose middle is 0 degC, where a kg takes 2500.5 kJ."""


def plant(**keys) -> PhysicalCooling:
    return PhysicalCooling.model_construct(**{"sink_rise_k": 5.0, "drift_frac": 0.0, **keys})


def test_a_perfect_coil_needs_water_as_cold_as_the_air_it_supplies():
    keys = {"air_supply_c": 25.0, "air_rise_k": 15.0, "water_rise_k": 8.0}
    assert facility_water(plant(coil_frac=1.0, **keys)) == (25.0, 33.0)
    assert facility_water(plant(coil_frac=0.75, **keys)) == (20.0, 28.0)


def test_the_heat_of_vaporization_is_that_of_steam_tables():
    assert vaporization_kj_per_kg(0.0) == pytest.approx(2501, rel=1e-3)
    assert vaporization_kj_per_kg(50.0) == pytest.approx(2382, rel=1e-3)


def test_evaporation_takes_up_the_heat():
    assert evaporated_kg_s(np.array([2.5005]), AT_ZERO)[0] == pytest.approx(1.0)


def test_humidifiers_pump_what_evaporates():
    pumps = Mover(pressure="10 MPa", efficiency=0.5)
    assert humidifier_mw(np.array([2.5005]), AT_ZERO, pumps)[0] == pytest.approx(0.02)


def test_towers_evaporate_drain_and_lose_drift():
    heat = np.array([2.5005])
    tower = plant(sink="tower", water_cycles=5.0)
    assert mains_m3_h(0 * heat, heat, AT_ZERO, tower)[0] == pytest.approx(3.6 * 1.25)
    drifting = plant(sink="tower", water_cycles=5.0, drift_frac=0.01)
    lost = 3.6 * 2500.5 / (4.2 * 5.0) * 0.01
    assert mains_m3_h(0 * heat, heat, AT_ZERO, drifting)[0] == pytest.approx(3.6 * 1.25 + lost)


def test_the_sea_takes_no_water_of_the_mains_but_humidifiers_do():
    latent, rejected = np.array([2.5005]), np.array([99.0])
    assert mains_m3_h(latent, rejected, AT_ZERO, plant(sink="seawater"))[0] == pytest.approx(3.6)
