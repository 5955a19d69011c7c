"""A plant between its minimum and its capacity."""

from __future__ import annotations

import math

import numpy as np

from dcsim.scenario.schema.assets.chp import Chp
from dcsim.supply.assets.chp import available

KEYS = {"name": "a", "capacity": "6 MW", "efficiency": "50 %", "carbon": "1 kg/MWh"}


def test_a_ramp_is_a_share_of_the_contracted_power(conditions_of):
    plant = Chp.model_validate({**KEYS, "ramp": "50 %/h", "minimum": "40 %"})
    unit = available(plant, conditions_of("chp.a", [6, 3, 0]))
    assert (unit.ramp_mw_per_h, unit.minimum_frac) == (3.0, 0.4)
    np.testing.assert_array_equal(unit.available_mw[:3], [6, 3, 0])


def test_without_a_ramp_it_changes_at_once(conditions_of):
    unit = available(Chp.model_validate(KEYS), conditions_of("chp.a", [6]))
    assert math.isinf(unit.ramp_mw_per_h)
