"""All cooling models by their name in a scenario, and the one call for any of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from dcsim.power.cooling.conditions import CoolingDraw, HeatLoad, Outside
from dcsim.power.cooling.evaporative import evaporative
from dcsim.power.cooling.fixed import fixed
from dcsim.power.cooling.hybrid import hybrid
from dcsim.power.cooling.physical import physical
from dcsim.scenario.schema.part import Part
from dcsim.scenario.schema.power import (
    Cooling,
    EvaporativeCooling,
    FixedCooling,
    HybridCooling,
    PhysicalCooling,
)


class CoolingModel(NamedTuple):
    """A cooling model: its section of a scenario and its function."""

    schema: type[Part]
    draw: Callable[..., CoolingDraw]
    """Takes `HeatLoad`, `Outside` and the fields of the schema, but `model`, as keywords."""


COOLING = {
    "fixed": CoolingModel(FixedCooling, fixed),
    "evaporative": CoolingModel(EvaporativeCooling, evaporative),
    "hybrid": CoolingModel(HybridCooling, hybrid),
    "physical": CoolingModel(PhysicalCooling, physical),
}
"""Every model by its name in a scenario."""


def cooling_draw(cooling: Cooling, heat: HeatLoad, outside: Outside) -> CoolingDraw:
    """Return power and water of the cooling that a scenario describes.

    Parameters
    ----------
    cooling : Cooling
        Section of the scenario; its `model` names the entry of `COOLING`.
    heat : HeatLoad
        Heat to remove, shape ``(n_hours,)``. [MW]
    outside : Outside
        Air and water outside, shape ``(n_hours,)``.

    Returns
    -------
    CoolingDraw
        Power [MW] and water [m3/h]; NaN in the weather that a model reads gives NaN.

    Examples
    --------
    >>> import numpy as np
    >>> heat = HeatLoad(np.array([50.0]), np.array([0.0]), np.array([60.0]))
    >>> cooling_draw(FixedCooling(overhead="10 %"), heat, None).power_mw
    array([5.])
    """
    keys = {name: value for name, value in cooling if name != "model"}
    return COOLING[cooling.model].draw(heat, outside, **keys)
