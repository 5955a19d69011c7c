"""Chilled water at a fixed COP: a chiller and its pumps, whatever the weather."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from dcsim.plugins import CoolingDraw, CoolingModel, Fraction, HeatLoad, Outside, Part, Real


class ChilledWater(Part):
    """Chilled water at a fixed COP."""

    model: Literal["chilled-water"] = "chilled-water"
    """Name of the model."""
    cop: Annotated[Real, Field(ge=1, le=30)]
    """Heat removed over the electric power of the chillers."""
    pump_frac: Annotated[Fraction, Field(ge=0, le=1)] = 0.0
    """Pumps and fans, over the heat."""


def chilled_water(heat: HeatLoad, outside: Outside, *, cop: float, pump_frac: float) -> CoolingDraw:
    """Return ``heat * (1 / cop + pumps)``; no water, and the weather outside does not matter."""
    del outside
    return CoolingDraw(heat.heat_mw * (1 / cop + pump_frac), np.zeros_like(heat.heat_mw))


CHILLED_WATER = CoolingModel(ChilledWater, chilled_water)
