from __future__ import annotations

import numpy as np
import pytest

from dcsim.power.cooling.movers import (
    air_fan_mw,
    mover_mw,
    pump_mw,
    tower_fan_mw,
)
from dcsim.scenario.schema.power import Mover, PhysicalCooling

FANS = Mover(pressure="500 Pa", efficiency=0.5)
PLANT = PhysicalCooling.model_construct(
    air_supply_c=0.0,
    air_rise_k=10.0,
    fans=FANS,
    tower_fans=FANS,
    sink_rise_k=5.0,
    liquid_to_gas=2.0,
)
AIR_PA = np.array([101_325.0])


def test_a_cubic_meter_a_second_against_a_kilopascal_takes_a_kilowatt():
    ideal = Mover(pressure="1 kPa", efficiency=1.0)
    assert mover_mw(np.array([1.0]), ideal)[0] == pytest.approx(1e-3)


def test_pumps_move_less_water_the_more_it_warms():
    water = Mover(pressure="210 kPa", efficiency=0.7)
    power_mw = [pump_mw(np.array([42.0]), rise_k, water)[0] for rise_k in (5.0, 10.0)]
    assert power_mw == pytest.approx([0.6, 0.3])


def test_fans_of_the_air_handlers_by_hand():
    # 10.1 MW over 10 K of air at 1.01 kJ/kg K are 1000 kg/s, which are 773.4 m3/s at 0 degC
    power_mw = air_fan_mw(np.array([10.1]), AIR_PA, PLANT)
    assert power_mw[0] == pytest.approx(1000 / 1.293 * 500 / 0.5 / 1e6)


def test_fans_of_towers_by_hand():
    # 42 MW over 5 K of water are 2000 kg/s, against half as much air
    power_mw = tower_fan_mw(np.array([42.0]), np.array([0.0]), AIR_PA, PLANT)
    assert power_mw[0] == pytest.approx(1000 / 1.293 * 500 / 0.5 / 1e6)


def test_thin_air_takes_more_power():
    thin, thick = (air_fan_mw(np.array([1.0]), AIR_PA * part, PLANT)[0] for part in (0.8, 1.0))
    assert thin == pytest.approx(thick / 0.8)
