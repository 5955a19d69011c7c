"""What sources, stores and the connection could give in each step, before anyone decides."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from dcsim.clock import Calendar, Floats, Integers
from dcsim.scenario.plan import Plan
from dcsim.scenario.schema.supply import Battery, Gensets, Solar, Wind
from dcsim.series.profiles import profile_of
from dcsim.supply.assets.solar import solar_available_pu
from dcsim.supply.assets.wind import wind_available_pu
from dcsim.supply.dispatch.battery import BatteryUnit
from dcsim.supply.dispatch.plants import BackupUnit, DispatchableUnit
from dcsim.supply.profile_cache import ProfileCache
from dcsim.types import Load, Timeline, Weather
from dcsim.units import HOURS_PER_YEAR, MINUTES_PER_HOUR

_AGES = ProfileCache(8)
"""Shares left at their age; runs of a study often have the same."""


@dataclass(frozen=True)
class AvailableSupply:
    """What dispatch may choose from, in MW, shape ``(n_hours,)``, by asset key."""

    connection_mw: Floats
    """Most that import and wheeled sources together bring in; zero in an outage of the grid."""
    export_mw: Floats
    """Most that may be fed back."""
    onsite_mw: Mapping[str, Floats] = field(default_factory=dict)
    """Sources behind the connection that are taken as they come."""
    wheeled_mw: Mapping[str, Floats] = field(default_factory=dict)
    """Sources taken as they come through the connection: contracts, and plants elsewhere."""
    dispatchable: Mapping[str, DispatchableUnit] = field(default_factory=dict)
    stores: Mapping[str, BatteryUnit] = field(default_factory=dict)
    backup: Mapping[str, BackupUnit] = field(default_factory=dict)

    @functools.cached_property
    def wheeled(self) -> tuple[Floats, Floats]:
        """What all wheeled sources make, and what of it the connection brings in. [MW]"""
        made_mw = sum(self.wheeled_mw.values(), np.zeros_like(self.connection_mw))
        return made_mw, np.minimum(made_mw, self.connection_mw)


def available_supply(
    plan: Plan, timeline: Timeline, weather: Weather, load: Load
) -> AvailableSupply:
    """Return what can be dispatched.

    A wheeled source stops in an outage of the grid: what it makes then never belongs to the site,
    so it counts neither as generated nor as curtailed. At all other times all that is available
    counts, also beyond the connection.

    Parameters
    ----------
    plan : Plan
    timeline : Timeline
        Capacities and outages.
    weather : Weather
        For solar and wind.
    load : Load
        For the connection of a site whose power is contracted at the servers.

    Returns
    -------
    AvailableSupply
    """
    site, calendar = plan.site, timeline.calendar
    grid_frac = timeline.availability_frac("grid")
    connection_mw = connection_limit_mw(plan, timeline, load) * grid_frac
    onsite: dict[str, Floats] = {}
    wheeled: dict[str, Floats] = {}
    for kind, plants in (("solar", site.solar), ("wind", site.wind)):
        for plant in plants:
            made_mw = _generated_mw(f"{kind}.{plant.name}", plant, plan, timeline, weather)
            if plant.delivery == "onsite":
                onsite[f"{kind}.{plant.name}"] = made_mw
            else:
                wheeled[f"{kind}.{plant.name}"] = made_mw * grid_frac
    for contract in site.contracts:
        key = f"contracts.{contract.name}"
        wheeled[key] = _available_mw(timeline, key) * grid_frac
    dispatchable = {
        f"chp.{part.name}": DispatchableUnit(
            _available_mw(timeline, f"chp.{part.name}"),
            part.minimum_frac,
            math.inf if part.ramp_per_h is None else part.ramp_per_h * part.capacity_mw,
        )
        for part in site.chp
    }
    return AvailableSupply(
        connection_mw=connection_mw,
        export_mw=np.minimum(site.grid.export_limit_mw, connection_mw),
        onsite_mw=onsite,
        wheeled_mw=wheeled,
        dispatchable=dispatchable,
        stores={f"batteries.{part.name}": _battery(part, timeline) for part in site.batteries},
        backup={
            f"gensets.{part.name}": _gensets(part, plan, timeline, calendar)
            for part in site.gensets
        },
    )


def connection_limit_mw(plan: Plan, timeline: Timeline, load: Load) -> Floats:
    """Return the power the connection carries at the meter while the grid is there. [MW]

    Power that is contracted at the servers stands for as much at the meter as the design PUE says,
    and for the whole load where cooling takes more than that: the limit has already been kept at
    the servers.
    """
    energized_mw = timeline.capacity["energized"].hourly(timeline.calendar)
    power = plan.site.power
    if power.basis == "facility":
        return np.maximum(energized_mw, 0.0)
    meter_mw = np.maximum(energized_mw * power.design_pue, load.facility_power_mw)
    return np.where(energized_mw > 0, meter_mw, 0.0)


def undegraded_frac(calendar: Calendar, first_min: float, degradation_frac: float) -> Floats:
    """Return what is left of a plant's output at its age, compound by the year from `first_min`.

    >>> import datetime, zoneinfo
    >>> zone = zoneinfo.ZoneInfo("UTC")
    >>> day = datetime.datetime(2030, 1, 1, tzinfo=zone)
    >>> run = Calendar(day, day + datetime.timedelta(hours=2 * HOURS_PER_YEAR), zone)
    >>> undegraded_frac(run, 0, 0.02)[[0, 8766]]
    array([1.  , 0.98])
    """
    age_min = np.maximum(calendar.edges_min[:-1] - first_min, 0.0)
    return np.asarray(
        np.power(1.0 - degradation_frac, age_min / (HOURS_PER_YEAR * MINUTES_PER_HOUR))
    )


def _generated_mw(
    key: str, plant: Solar | Wind, plan: Plan, timeline: Timeline, weather: Weather
) -> Floats:
    capacity_mw = _available_mw(timeline, key)
    if not capacity_mw.any():  # a profile costs more than all of dispatch: not for what never comes
        return capacity_mw
    if plant.profile is not None:
        profile_pu = profile_of(plan, plant.profile, f"{key}.profile", most=1.0)
    elif isinstance(plant, Solar):
        profile_pu = solar_available_pu(plant, plan, weather)
    else:
        profile_pu = wind_available_pu(plant, plan, weather)
    made_mw = np.asarray(capacity_mw * profile_pu)
    if plant.degradation_frac:
        calendar, first_min = timeline.calendar, float(timeline.capacity[key].time_min[0])
        age = (calendar.n_hours, calendar.step_min, first_min, plant.degradation_frac)
        made_mw *= _AGES.get(age, lambda: undegraded_frac(calendar, *age[2:]))
    return made_mw


def _available_mw(timeline: Timeline, key: str) -> Floats:
    """Return the capacity less outages; zero for an asset that never comes."""
    if key not in timeline.capacity or not timeline.capacity[key].time_min.size:
        return np.zeros(timeline.calendar.n_hours)
    if any(outage.asset == key for outage in timeline.outages):
        return np.maximum(timeline.available_mw(key), 0.0)
    return np.maximum(timeline.capacity[key].hourly(timeline.calendar), 0.0)


def _battery(battery: Battery, timeline: Timeline) -> BatteryUnit:
    power_mw = _available_mw(timeline, f"batteries.{battery.name}")

    def side(rated_mw: float | None) -> Floats | None:
        return None if rated_mw is None else power_mw * (rated_mw / battery.power_mw)

    round_trip_frac, discharge_frac = battery.round_trip_frac, 1.0
    if battery.charge_efficiency_frac is not None and battery.discharge_efficiency_frac is not None:
        discharge_frac = battery.discharge_efficiency_frac
        round_trip_frac = battery.charge_efficiency_frac * discharge_frac
    return BatteryUnit(
        power_mw=power_mw,
        energy_mwh=battery.maximum_frac * battery.energy_mwh,
        round_trip_frac=round_trip_frac,
        reserve_mwh=battery.reserve_frac * battery.energy_mwh,
        start_mwh=battery.initial_frac * battery.energy_mwh,
        discharge_frac=discharge_frac,
        charge_limit_mw=side(battery.charge_power_mw),
        discharge_limit_mw=side(battery.discharge_power_mw),
        minimum_mwh=battery.minimum_frac * battery.energy_mwh,
        loss_frac_per_h=battery.self_discharge_per_h,
        fade_per_year_frac=battery.fade_per_year_frac,
        fade_per_cycle_frac=battery.fade_per_cycle_frac,
        replace_below_frac=battery.replace_below_frac,
    )


def _gensets(backup: Gensets, plan: Plan, timeline: Timeline, calendar: Calendar) -> BackupUnit:
    key = f"gensets.{backup.name}"
    luck = life_luck = None
    if backup.start_failure_frac:
        # One number for each hour of the run, so that the luck of a call depends on when it begins
        # and on nothing else: another battery or another step does not shift it.
        def luck(begins: Integers) -> Floats:
            hour = calendar.edges_min[begins] // MINUTES_PER_HOUR
            return plan.uniforms(key, "start", int(hour[-1]) + 1)[hour]

    if backup.mttf_h is not None:

        def life_luck(begin: int) -> Floats:
            hour = int(calendar.edges_min[begin]) // MINUTES_PER_HOUR
            return plan.uniforms(key, f"life-{hour}", backup.n_units)

    return BackupUnit(
        available_mw=_available_mw(timeline, key),
        n_units=backup.n_units,
        start_failure_frac=backup.start_failure_frac,
        luck=luck,
        mttf_h=math.inf if backup.mttf_h is None else backup.mttf_h,
        life_luck=life_luck,
        dark_h=max(backup.start_time_h - backup.ride_through_h, 0.0),
    )
