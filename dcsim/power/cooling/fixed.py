"""Cooling as a fixed share of the heat."""

from __future__ import annotations

import numpy as np

from dcsim.power.cooling.conditions import CoolingDraw, HeatLoad, Outside


def fixed(heat: HeatLoad, outside: Outside, *, overhead_frac: float) -> CoolingDraw:
    """Return cooling as a fixed share of the heat, whatever the weather; no water.

    Parameters
    ----------
    heat : HeatLoad
        Heat to remove. [MW]
    outside : Outside
        Does not matter here.
    overhead_frac : float
        Cooling power over heat. [1]

    Notes
    -----
    ``cooling power = overhead * heat``. With losses in the heat, the annual PUE of a site is
    ``(1 + losses / IT) * (1 + overhead)``; ISO/IEC 30134-2 [1]_ defines PUE.

    References
    ----------
    .. [1] ISO/IEC 30134-2:2016, "Power usage effectiveness (PUE)".

    Examples
    --------
    >>> heat = HeatLoad(np.array([50.0]), np.array([0.0]), np.array([60.0]))
    >>> fixed(heat, None, overhead_frac=0.1).power_mw
    array([5.])
    """
    del outside
    return CoolingDraw(heat.heat_mw * overhead_frac, np.zeros_like(heat.heat_mw))
