"""Photovoltaics: the PVWatts chain through pvlib."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats
from dcsim.errors import ModelError
from dcsim.physics.sun import Sun, sun_at
from dcsim.scenario.plan import Plan
from dcsim.scenario.schema.assets.solar import Solar
from dcsim.scenario.schema.place import azimuth_to_equator
from dcsim.supply.assets.conditions import Conditions
from dcsim.supply.assets.profiled import profiled_mw
from dcsim.supply.profile_cache import ProfileCache
from dcsim.types import Weather
from dcsim.units import MINUTES_PER_HOUR, SECONDS_PER_MINUTE

TEMP_COEFFICIENT_PER_K = -0.0037
"""Change of module power for each kelvin: PVWatts version 8, standard module. [1/K]"""
ALBEDO = 0.2
"""Reflection of the ground: PVWatts version 5 (Dobos 2014, NREL/TP-6A20-62641). [1]"""
HORIZON_DEG = 90.0
_PLANT_PROFILES = ProfileCache(8)


class Sunlight(NamedTuple):
    """Irradiance and air at the modules, shape ``(n,)`` each."""

    ghi_w_m2: Floats
    dni_w_m2: Floats
    dhi_w_m2: Floats
    temp_air_c: Floats
    wind_speed_m_s: Floats


class PvSystem(NamedTuple):
    """Modules and inverters, by the names of `dcsim.scenario.schema.assets.solar.Solar`."""

    dc_ac_ratio: float
    tilt_deg: float
    azimuth_deg: float
    losses_frac: float
    inverter_frac: float
    turn_deg: float = 0.0
    """Most that modules turn about their axis; zero where they are fixed."""
    ground_cover_frac: float = 0.0


def available(plant: Solar, conditions: Conditions) -> Floats:
    """Return the output of a plant, shape ``(n_hours,)``. [MW]

    Its profile from a file where the scenario names one, else from the weather; aged in both.
    """
    return profiled_mw(plant, conditions, solar_available_pu)


def solar_available_pu(part: Solar, plan: Plan, weather: Weather) -> Floats:
    """Output of a solar plant per unit of inverter rating, before degradation.

    Parameters
    ----------
    part : Solar
        The plant; it stands at the site.
    plan : Plan
        Gives place and calendar.
    weather : Weather
        The hours.

    Returns
    -------
    ndarray, shape (n_hours,)
        Between 0 and 1, read-only. Profiles are kept by the digest of the weather. [1]
    """
    site, calendar = plan.site, plan.calendar
    tracks = part.tracking == "one-axis"
    system = PvSystem(
        part.dc_ac_ratio,
        part.tilt_deg,
        _azimuth_deg(part, site.latitude_deg),
        part.losses_frac,
        part.inverter_frac,
        part.turn_deg if tracks else 0.0,
        part.ground_cover_frac if tracks else 0.0,
    )
    place = (site.latitude_deg, site.longitude_deg)
    start_min = int(calendar.start.timestamp()) // SECONDS_PER_MINUTE
    steps = (start_min, calendar.n_hours, calendar.step_min)
    # The digest knows the values, not the hours they belong to.
    return _PLANT_PROFILES.get(
        (weather.digest, system, place, steps), lambda: _over_steps(weather, system, place, steps)
    )


def _azimuth_deg(part: Solar, latitude_deg: float) -> float:
    given = part.azimuth_deg
    return azimuth_to_equator(latitude_deg) if given is None else given


def _over_steps(
    weather: Weather, system: PvSystem, place: tuple[float, float], steps: tuple[int, int, int]
) -> Floats:
    start_min, n_hours, step_min = steps
    n_parts = max(step_min // MINUTES_PER_HOUR, 1)
    sun = sun_at(
        start_min,
        n_hours * n_parts,
        step_min // n_parts,
        latitude_deg=place[0],
        longitude_deg=place[1],
    )
    light = Sunlight(
        weather.ghi_w_m2,
        weather.dni_w_m2,
        weather.dhi_w_m2,
        weather.temp_dry_bulb_c,
        weather.wind_speed_m_s,
    )
    if n_parts > 1:
        light = _spread(light, sun, n_parts)
    output_pu = pv_output_pu(light, sun, system)
    return output_pu.reshape(n_hours, n_parts).mean(axis=1) if n_parts > 1 else output_pu


def _spread(light: Sunlight, sun: Sun, n_parts: int) -> Sunlight:
    """Spread the light of steps of several hours over their hours as a clear sky would."""
    height = np.maximum(np.cos(np.radians(sun.zenith_deg)), 0.0).reshape(-1, n_parts)
    mean = height.mean(axis=1, keepdims=True)
    share = np.divide(height, mean, out=np.zeros_like(height), where=mean > 0)
    # Clearness is the same in all of them; what is not diffuse then comes as a steady beam.
    flat = np.maximum(light.ghi_w_m2 - light.dhi_w_m2, 0.0)[:, None]
    beam = np.divide(flat, mean, out=np.zeros_like(mean), where=mean > 0) * (height > 0)
    return Sunlight(
        (light.ghi_w_m2[:, None] * share).ravel(),
        np.minimum(beam.ravel(), sun.extra_w_m2),
        (light.dhi_w_m2[:, None] * share).ravel(),
        np.repeat(light.temp_air_c, n_parts),
        np.repeat(light.wind_speed_m_s, n_parts),
    )


def pv_output_pu(light: Sunlight, sun: Sun, system: PvSystem) -> Floats:
    """Alternating-current output of a photovoltaic array per unit of inverter rating.

    Parameters
    ----------
    light : Sunlight
        Means over each step, shape ``(n,)``.
    sun : Sun
        The sun in the middle of each step, shape ``(n,)``.
    system : PvSystem
        Modules and inverters.

    Returns
    -------
    ndarray, shape (n,)
        Trackers by true tracking with backtracking [2]_. Perez transposition, reflection of the
        beam by the physical model, cell temperature of an open rack of glass-glass modules,
        PVWatts modules and inverters with clipping [1]_.
        Against PySAM's Pvwattsv8: within 1 % a year and 2 % a month. [1]

    Raises
    ------
    ModelError
        If the inverter has no efficiency or the ratio of modules to inverters is not above 0.

    References
    ----------
    .. [1] Dobos (2014), PVWatts Version 5 Manual, NREL/TP-6A20-62641; Holmgren, Hansen and
       Mikofski (2018), pvlib python, Journal of Open Source Software 3(29).
    .. [2] Anderson and Mikofski (2020), Slope-aware backtracking for single-axis trackers,
       NREL/TP-5K00-76626.
    """
    if not 0 < system.inverter_frac <= 1 or not system.dc_ac_ratio > 0:
        raise ModelError(
            "need 0 < inverter_frac <= 1 and dc_ac_ratio > 0, "
            f"got {system.inverter_frac} and {system.dc_ac_ratio}"
        )
    output_pu = np.zeros(light.ghi_w_m2.size)
    lit = np.flatnonzero((light.ghi_w_m2 > 0) | (light.dni_w_m2 > 0) | (light.dhi_w_m2 > 0))
    if lit.size:
        day = Sunlight(*(values[lit] for values in light))
        output_pu[lit] = _daylight(day, Sun(*(values[lit] for values in sun)), system)
    return output_pu


def _daylight(light: Sunlight, sun: Sun, system: PvSystem) -> Floats:
    from pvlib import inverter, pvsystem, temperature  # noqa: PLC0415  (slow to import)

    total_w_m2, absorbed_w_m2 = _in_plane(light, sun, system)
    rack = temperature.TEMPERATURE_MODEL_PARAMETERS["sapm"]["open_rack_glass_glass"]
    temp_cell_c = temperature.sapm_cell(total_w_m2, light.temp_air_c, light.wind_speed_m_s, **rack)
    dc_pu = pvsystem.pvwatts_dc(
        absorbed_w_m2, temp_cell_c, system.dc_ac_ratio, TEMP_COEFFICIENT_PER_K
    )
    dc_pu = np.maximum(dc_pu, 0.0) * (1 - system.losses_frac)
    # Rated by the power that, at nominal efficiency, gives 1 on the other side.
    ac_pu = inverter.pvwatts(dc_pu, 1 / system.inverter_frac, system.inverter_frac)
    return np.asarray(np.clip(np.nan_to_num(ac_pu), 0.0, 1.0), dtype=np.float64)


def _plane(sun: Sun, system: PvSystem) -> tuple[Floats | float, Floats | float]:
    """Return tilt and azimuth of the modules; of trackers in each step, level while it is dark."""
    if system.turn_deg == 0:
        return system.tilt_deg, system.azimuth_deg
    from pvlib import tracking  # noqa: PLC0415  (slow to import)

    with np.errstate(invalid="ignore"):  # the sun below the horizon
        turned = tracking.singleaxis(
            sun.zenith_deg,
            sun.azimuth_deg,
            axis_tilt=system.tilt_deg,
            axis_azimuth=system.azimuth_deg,
            max_angle=system.turn_deg,
            backtrack=True,
            gcr=system.ground_cover_frac,
        )
    tilt_deg = np.nan_to_num(turned["surface_tilt"], nan=system.tilt_deg)
    azimuth_deg = np.nan_to_num(turned["surface_azimuth"], nan=system.azimuth_deg)
    return np.asarray(tilt_deg), np.asarray(azimuth_deg)


def _in_plane(light: Sunlight, sun: Sun, system: PvSystem) -> tuple[Floats, Floats]:
    """Return the irradiance in the plane of the modules, and what of it they take in."""
    from pvlib import atmosphere, iam, irradiance  # noqa: PLC0415  (slow to import)

    plane = _plane(sun, system)
    parts = irradiance.get_total_irradiance(
        *plane,
        sun.zenith_deg,
        sun.azimuth_deg,
        light.dni_w_m2,
        light.ghi_w_m2,
        light.dhi_w_m2,
        dni_extra=sun.extra_w_m2,
        airmass=atmosphere.get_relative_airmass(sun.zenith_deg),
        albedo=ALBEDO,
        model="perez",
    )
    angle_deg = irradiance.aoi(*plane, sun.zenith_deg, sun.azimuth_deg)
    diffuse = np.nan_to_num(parts["poa_diffuse"])
    # A tilted plane may face a sun that has already set.
    beam = np.where(sun.zenith_deg < HORIZON_DEG, np.nan_to_num(parts["poa_direct"]), 0.0)
    return beam + diffuse, beam * np.nan_to_num(iam.physical(angle_deg)) + diffuse
