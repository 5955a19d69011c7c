"""The share of heat that needs a chiller, and the COP of the chiller."""

from __future__ import annotations

import numpy as np

from dcsim.clock import Floats

COP_COEFFICIENTS = {
    "1": 16.80,
    "t": -0.7606,
    "t2": 0.00884,
    "load": 9.885,
    "load2": -8.529,
    "t_load": 0.0846,
}
"""COP of a water-cooled chiller: quadratic in condenser water `t` in °C and part load."""
COP_CONDENSER_C = (15.0, 35.0)
COP_LOAD_FRAC = (0.2, 0.9)
"""Range of that fit; outside, its nearest value holds, for a quadratic turns back up."""


def economizer_frac(sink_c: Floats, supply_c: float, water_rise_k: float) -> Floats:
    """Return the share of the heat that needs no chiller.

    Parameters
    ----------
    sink_c : ndarray, shape (n_hours,)
        Coldest water the sink can make of what is outside. [°C]
    supply_c : float
        Supply water that the load needs. [°C]
    water_rise_k : float
        Rise of the water over the load. [K]

    Returns
    -------
    ndarray, shape (n_hours,)
        All of it while the sink is at or below the supply water, none from the return water on,
        linear between. [1]

    Notes
    -----
    ``share = clip((supply + rise - sink) / rise, 0, 1)``: of the cooling from return to supply, the
    part that the sink can do, as in [1]_.

    References
    ----------
    .. [1] N. Lei, E. Masanet, "Statistical analysis for predicting location-specific data center
       PUE and its improvement potential", Energy 201 (2020) 117556.

    Examples
    --------
    >>> economizer_frac(np.array([18.0, 20.0, 24.0, 28.0, 30.0]), 20.0, 8.0)
    array([1. , 1. , 0.5, 0. , 0. ])
    """
    return np.asarray(np.clip((supply_c + water_rise_k - sink_c) / water_rise_k, 0.0, 1.0))


def chiller_cop(
    condenser_c: Floats, load_frac: float, *, range_c: tuple[float, float] = COP_CONDENSER_C
) -> Floats:
    """Return the COP of a water-cooled chiller by condenser water and part load.

    Parameters
    ----------
    condenser_c : ndarray, shape (n_hours,)
        Water that enters the condenser; NaN gives NaN. [°C]
    load_frac : float
        Part load. [1]
    range_c : tuple of float
        Condenser water within which the fit is used; its nearest value holds outside. [°C]

    Returns
    -------
    ndarray, shape (n_hours,)
        Heat removed over electric power. [1]

    Notes
    -----
    ``COP = 16.80 - 0.7606 t + 0.00884 t² + 9.885 L - 8.529 L² + 0.0846 L t``, the fit of [1]_ to
    centrifugal chillers.

    References
    ----------
    .. [1] N. Lei, E. Masanet, "Statistical analysis for predicting location-specific data center
       PUE and its improvement potential", Energy 201 (2020) 117556.

    Examples
    --------
    >>> chiller_cop(np.array([15.0, 35.0]), 0.7).round(2)
    array([11.01,  5.82])
    """
    k = COP_COEFFICIENTS
    t = np.clip(condenser_c, *range_c)
    load = min(max(load_frac, COP_LOAD_FRAC[0]), COP_LOAD_FRAC[1])
    level = k["1"] + k["load"] * load + k["load2"] * load**2
    return np.asarray(level + (k["t"] + k["t_load"] * load + k["t2"] * t) * t)
