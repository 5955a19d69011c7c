"""Available supply: most that sources, stores and the connection can give in each step."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dcsim.clock import Calendar, Floats
from dcsim.scenario.plan import Plan
from dcsim.scenario.schema.assets.kind import DISPATCH_CLASSES, AssetKind, DispatchClass
from dcsim.scenario.schema.assets.registry import assets_of
from dcsim.supply.assets.conditions import AvailableUnit, Conditions
from dcsim.supply.assets.models import model_of_kind
from dcsim.supply.dispatch.battery import BatteryUnit
from dcsim.supply.dispatch.plants import BackupUnit, DispatchableUnit
from dcsim.types import Load, Timeline, Weather


@dataclass(frozen=True)
class AvailableSupply:
    """Supply that dispatch may use, in MW, shape ``(n_hours,)``, by asset key."""

    connection_mw: Floats
    """Most that import and wheeled sources together bring in; zero in an outage of the grid."""
    export_mw: Floats
    """Most that may be fed back."""
    onsite_mw: Mapping[str, Floats] = field(default_factory=dict)
    """Sources behind the connection that are taken as they come."""
    wheeled_mw: Mapping[str, Floats] = field(default_factory=dict)
    """Sources taken as they come through the connection."""
    dispatchable: Mapping[str, DispatchableUnit] = field(default_factory=dict)
    """Plants that follow the load."""
    stores: Mapping[str, BatteryUnit] = field(default_factory=dict)
    """Batteries, in the order of the scenario."""
    backup: Mapping[str, BackupUnit] = field(default_factory=dict)
    """Machines for what nothing else can serve."""

    @functools.cached_property
    def wheeled(self) -> tuple[Floats, Floats]:
        """Output of all wheeled sources, and the part that the connection brings in. [MW]"""
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
    grid_frac = timeline.availability_frac("grid")
    connection_mw = connection_limit_mw(plan, timeline, load) * grid_frac
    units: dict[DispatchClass, dict[str, Any]] = {name: {} for name in DISPATCH_CLASSES}
    wheeled: dict[str, Floats] = {}
    for kind, asset in assets_of(plan.site):
        key = kind.key(asset)
        capacity_mw = _available_mw(timeline, key)
        for name, part_mw in _by_class(kind, asset, capacity_mw, timeline.calendar):
            met = Conditions(key, part_mw, name, plan, timeline, weather)
            unit = _with_cleanliness(model_of_kind(kind)(asset, met), kind, asset)
            if kind.wheeled(asset):
                assert name == "variable", f"{key}: what comes through the connection is variable"
                wheeled[key] = np.asarray(unit) * grid_frac
            else:
                units[name][key] = unit
    return AvailableSupply(
        connection_mw=connection_mw,
        export_mw=np.minimum(plan.site.grid.export_limit_mw, connection_mw),
        onsite_mw=units["variable"],
        wheeled_mw=wheeled,
        dispatchable=units["dispatchable"],
        stores=units["storage"],
        backup=units["backup"],
    )


def _with_cleanliness(unit: AvailableUnit, kind: AssetKind, asset: Any) -> AvailableUnit:
    """Return a unit that policies may order by its cleanliness."""
    if isinstance(unit, DispatchableUnit):
        return unit._replace(is_clean=kind.cleanliness_of(asset).name != "emitting")
    return unit


def _by_class(
    kind: AssetKind, asset: Any, capacity_mw: Floats, calendar: Calendar
) -> Iterator[tuple[DispatchClass, Floats]]:
    """Yield each dispatch class of an asset, with its capacity in the steps in which it has it."""
    if len(kind.classes) == 1:
        yield kind.classes[0], capacity_mw
        return
    days, day_of_step = np.unique(calendar.local_time.astype("datetime64[D]"), return_inverse=True)
    by_day = [kind.class_on(asset, day) for day in days.tolist()]
    for name in dict.fromkeys(by_day):
        holds = np.array([each == name for each in by_day])[day_of_step]
        yield name, np.where(holds, capacity_mw, 0.0)


def connection_limit_mw(plan: Plan, timeline: Timeline, load: Load) -> Floats:
    """Return the power the connection carries at the meter while the grid is there. [MW]

    Power that is contracted at the servers stands for as much at the meter as the design PUE says,
    and for the whole load where cooling takes more than that: the limit has already been kept at
    the servers.

    Parameters
    ----------
    plan : Plan
        Says where the contracted power is measured, and the design PUE.
    timeline : Timeline
        Energized power by event.
    load : Load
        Facility power, which has kept the limit at the servers.

    Returns
    -------
    ndarray, shape (n_hours,)
        Zero before the first step is energized. [MW]
    """
    energized_mw = timeline.capacity["energized"].hourly(timeline.calendar)
    power = plan.site.power
    if power.basis == "facility":
        return np.maximum(energized_mw, 0.0)
    meter_mw = np.maximum(energized_mw * power.design_pue, load.facility_power_mw)
    return np.where(energized_mw > 0, meter_mw, 0.0)


def _available_mw(timeline: Timeline, key: str) -> Floats:
    """Return the capacity less outages; zero for an asset that never comes."""
    if key not in timeline.capacity or not timeline.capacity[key].time_min.size:
        return np.zeros(timeline.calendar.n_hours)
    if any(outage.asset == key for outage in timeline.outages):
        return np.maximum(timeline.available_mw(key), 0.0)
    return np.maximum(timeline.capacity[key].hourly(timeline.calendar), 0.0)
