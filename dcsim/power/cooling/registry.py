"""All cooling models by their name in a scenario, and the one call for any of them."""

from __future__ import annotations

import numpy as np

from dcsim.entry_points import blamed
from dcsim.power.cooling.conditions import CoolingDraw, HeatLoad, Outside
from dcsim.power.cooling.evaporative import evaporative
from dcsim.power.cooling.fixed import fixed
from dcsim.power.cooling.hybrid import hybrid
from dcsim.power.cooling.physical import physical
from dcsim.scenario.schema.model_records import CoolingModel, plugged_cooling
from dcsim.scenario.schema.power import (
    Cooling,
    EvaporativeCooling,
    FixedCooling,
    HybridCooling,
    PhysicalCooling,
)

COOLING = {
    "fixed": CoolingModel(FixedCooling, fixed),
    "evaporative": CoolingModel(EvaporativeCooling, evaporative),
    "hybrid": CoolingModel(HybridCooling, hybrid),
    "physical": CoolingModel(PhysicalCooling, physical),
}
"""Every model of dcsim by its name in a scenario."""


def cooling_draw(cooling: Cooling, heat: HeatLoad, outside: Outside) -> CoolingDraw:
    """Return power and water of the cooling that a scenario describes.

    Parameters
    ----------
    cooling : Cooling
        Section of the scenario; its `model` names the entry of `COOLING`, its class the model of a
        plug-in.
    heat : HeatLoad
        Heat to remove, shape ``(n_hours,)``. [MW]
    outside : Outside
        Air and water outside, shape ``(n_hours,)``.

    Returns
    -------
    CoolingDraw
        Power [MW] and water [m3/h]; NaN in the weather that a model reads gives NaN.

    Raises
    ------
    PluginError
        If the model of a plug-in returns what cannot be.

    Examples
    --------
    >>> import numpy as np
    >>> heat = HeatLoad(np.array([50.0]), np.array([0.0]), np.array([60.0]))
    >>> cooling_draw(FixedCooling(overhead="10 %"), heat, None).power_mw
    array([5.])
    """
    keys = {name: value for name, value in cooling if name != "model"}
    plugged = plugged_cooling(type(cooling))
    if plugged is None:
        drawn: CoolingDraw = COOLING[cooling.model].draw(heat, outside, **keys)
        return drawn
    with blamed(plugged.home):
        drawn = plugged.model.draw(heat, outside, **keys)
        _check_draw(drawn, heat)
    return drawn


def _check_draw(drawn: object, heat: HeatLoad) -> None:
    """Refuse power and water that cannot be, of a model that dcsim has not seen before."""
    if not isinstance(drawn, CoolingDraw):
        raise TypeError(f"returned {type(drawn).__name__}, must be CoolingDraw")
    for name, values in zip(drawn._fields, drawn, strict=True):
        if np.shape(values) != heat.heat_mw.shape:
            raise ValueError(
                f"returned {name} of shape {np.shape(values)}, must be {heat.heat_mw.shape}"
            )
        wrong = (values < 0) | np.isinf(values)  # NaN stands for weather that is missing
        if wrong.any():
            step = int(np.argmax(wrong))
            raise ValueError(f"returned {name} {values[step]} in step {step}, must be 0 or more")
