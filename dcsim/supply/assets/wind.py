"""Wind farms: a power curve at hub height, corrected for the density of the air."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from dcsim.clock import Floats
from dcsim.errors import ModelError, Problem, ScenarioError
from dcsim.physics.air import dry_air_density_at_height_kg_m3
from dcsim.scenario.plan import Plan
from dcsim.scenario.schema.assets.wind import Wind
from dcsim.supply.assets.conditions import Conditions
from dcsim.supply.assets.power_curve import PowerCurve, curve_notes, power_curve
from dcsim.supply.assets.profiled import profiled_mw
from dcsim.supply.profile_cache import ProfileCache
from dcsim.types import Weather

SAME_HEIGHT_M = 0.5
"""Heights that differ by less are the same. [m]"""
STANDARD_DENSITY_KG_M3 = 1.225
"""Density power curves are stated for (IEC 61400-12-1). [kg/m3]"""
_FARM_PROFILES = ProfileCache(8)


def available(farm: Wind, conditions: Conditions) -> Floats:
    """Return the output of a farm, shape ``(n_hours,)``. [MW]

    Its profile from a file where the scenario names one, else from the weather; aged in both.
    """
    return profiled_mw(farm, conditions, wind_available_pu)


def read_files(farm: Wind, plan: Plan) -> None:
    """Read the power curve of a farm without a profile, as a run does."""
    power_curve(farm, plan)


def notes(farm: Wind, plan: Plan) -> tuple[str, ...]:
    """Return what was assumed of the power curve of a farm, if it has no profile."""
    return curve_notes(farm, plan) if farm.profile is None else ()


def wind_available_pu(part: Wind, plan: Plan, weather: Weather) -> Floats:
    """Output of a wind farm per unit of rated power, all losses in, before degradation.

    Parameters
    ----------
    part : Wind
        The farm.
    plan : Plan
        Gives the wind site and the files beside the scenario.
    weather : Weather
        The hours, with wind at the turbines.

    Returns
    -------
    ndarray, shape (n_hours,)
        Between 0 and 1, read-only. Profiles are kept by the digest of the weather. [1]

    Raises
    ------
    ScenarioError
        If the weather has no wind at the turbines, the turbine is unknown or its file unfit.
    """
    curve = power_curve(part, plan)
    shear = _shear(plan, weather)
    key = (
        weather.digest,
        curve,
        part.hub_m,
        shear,
        part.wake_frac,
        part.availability_frac,
        part.electrical_loss_frac,
        part.other_loss_frac,
    )
    return _FARM_PROFILES.get(key, lambda: _farm_pu(part, curve, weather, shear))


def _shear(plan: Plan, weather: Weather) -> float | None:
    """Return the exponent by which the wind at the turbines is carried to hubs."""
    wind, measured = plan.site.weather.wind, plan.site.weather.measured_wind
    if measured is not None and weather.wind_at_heights_m_s:
        return measured.shear
    if weather.wind_site_m_s is None or wind is None:
        message = "is missing: wind farms need the wind at their turbines"
        raise ScenarioError([Problem("", "weather.wind", message)])
    return wind.shear


def _farm_pu(part: Wind, curve: PowerCurve, weather: Weather, shear: float | None) -> Floats:
    assert part.hub_m is not None, "checked with the scenario"
    if weather.wind_at_heights_m_s:
        speed_m_s = measured_at_hub(weather.wind_at_heights_m_s, part.hub_m, shear)
    else:
        assert weather.wind_site_m_s is not None
        assert shear is not None
        speed_m_s = at_height(weather.wind_site_m_s, weather.wind_site_height_m, part.hub_m, shear)
    density = weather.air_density_kg_m3
    if density is None:
        density = dry_air_density_at_height_kg_m3(
            weather.temp_dry_bulb_c, weather.pressure_pa, part.hub_m
        )
    kept = (
        (1 - part.wake_frac)
        * part.availability_frac
        * (1 - part.electrical_loss_frac)
        * (1 - part.other_loss_frac)
    )
    return turbine_output_pu(speed_m_s, density, curve) * kept


def at_height(speed_m_s: Floats, height_m: float, to_height_m: float, shear: float) -> Floats:
    """Carry wind speeds to another height by the power law.

    Parameters
    ----------
    speed_m_s : ndarray
        Speeds at `height_m`. [m/s]
    height_m, to_height_m : float
        Heights above ground, above 0. [m]
    shear : float
        Exponent. [1]

    Returns
    -------
    ndarray
        Speeds at `to_height_m`. [m/s]

    Raises
    ------
    ModelError
        If a height is not above 0.
    """
    if not (height_m > 0 and to_height_m > 0):
        raise ModelError(f"heights must be above 0, got {height_m} and {to_height_m}")
    return np.asarray(speed_m_s * (to_height_m / height_m) ** shear)


def measured_at_hub(
    speeds_m_s: Mapping[float, Floats], hub_m: float, shear: float | None
) -> Floats:
    """Return the wind at a hub from speeds at other heights.

    Parameters
    ----------
    speeds_m_s : mapping of float to ndarray
        Measured speeds by height. [m/s]
    hub_m : float
        Height of the hub. [m]
    shear : float or None
        Exponent of the power law below and above all heights. [1]

    Returns
    -------
    ndarray
        As measured within half a meter of a height; between two heights linear in the logarithm
        of height, which is the law of the neutral surface layer; else by the power law. [m/s]

    Raises
    ------
    ScenarioError
        If the hub lies below or above all heights and there is no `shear`.
    """
    heights = sorted(speeds_m_s)
    nearest = min(heights, key=lambda height: abs(height - hub_m))
    if abs(nearest - hub_m) <= SAME_HEIGHT_M:
        return speeds_m_s[nearest]
    if heights[0] < hub_m < heights[-1]:
        below = max(height for height in heights if height < hub_m)
        above = min(height for height in heights if height > hub_m)
        share = math.log(hub_m / below) / math.log(above / below)
        return np.asarray(speeds_m_s[below] * (1 - share) + speeds_m_s[above] * share)
    if shear is None:
        message = (
            f"is missing: a hub is at {hub_m:g} m and the nearest wind at {nearest:g} m; write for "
            "example 'shear: 0.1', or add a column at the hub"
        )
        raise ScenarioError([Problem("", "weather.measured_wind.shear", message)])
    return at_height(speeds_m_s[nearest], nearest, hub_m, shear)


def turbine_output_pu(speed_m_s: Floats, density_kg_m3: Floats, curve: PowerCurve) -> Floats:
    """Output of a pitch-regulated turbine per unit of rated power.

    Parameters
    ----------
    speed_m_s : ndarray, shape (n,)
        Wind at the hub; NaN gives NaN. [m/s]
    density_kg_m3 : ndarray or float
        Density of the air at the hub. [kg/m3]
    curve : PowerCurve
        Power at standard density, linear between its points.

    Returns
    -------
    ndarray, shape (n,)
        The curve at the speed that carries the same power at standard density [1]_; zero below
        cut-in and above cut-out, which the turbine judges by the speed it meets. [1]

    References
    ----------
    .. [1] IEC 61400-12-1:2017, section 9.1.5, normalization of wind speed.
    """
    scale = np.cbrt(np.asarray(density_kg_m3) / STANDARD_DENSITY_KG_M3)
    power_pu = np.interp(speed_m_s * scale, curve.speed_m_s, curve.power_pu)
    stopped = (speed_m_s < curve.speed_m_s[0]) | (speed_m_s > curve.speed_m_s[-1])
    power_pu[stopped] = 0.0
    return np.asarray(power_pu, dtype=np.float64)
