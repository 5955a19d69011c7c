"""Combined heat and power: what the contracted share of a plant can give."""

from __future__ import annotations

import math

from dcsim.scenario.schema.assets.chp import Chp
from dcsim.supply.assets.conditions import Conditions
from dcsim.supply.dispatch.plants import DispatchableUnit


def available(plant: Chp, conditions: Conditions) -> DispatchableUnit:
    """Return the plant between its minimum and what is there of it, with its ramp."""
    ramp_per_h = plant.ramp_per_h
    return DispatchableUnit(
        conditions.capacity_mw,
        plant.minimum_frac,
        math.inf if ramp_per_h is None else ramp_per_h * plant.capacity_mw,
    )
