"""Types of the models of assets: the conditions they take and the units they return."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from dcsim.clock import Floats
from dcsim.scenario.plan import Plan
from dcsim.scenario.schema.assets.kind import DispatchClass
from dcsim.supply.dispatch.battery import BatteryUnit
from dcsim.supply.dispatch.plants import BackupUnit, DispatchableUnit
from dcsim.types import Timeline, Weather


class Conditions(NamedTuple):
    """Conditions that an asset meets: its capacity, the plan, the timeline and the weather."""

    key: str
    """Key of the asset."""
    capacity_mw: Floats
    """Rated power that is there, outages taken off, shape ``(n_hours,)``; zero before service and
    in steps in which the asset is of another dispatch class. [MW]"""
    dispatch_class: DispatchClass
    """Dispatch class in which it is requested."""
    plan: Plan
    """The scenario with its values drawn."""
    timeline: Timeline
    """Capacity and outages of all assets, and the calendar of the run."""
    weather: Weather
    """Of every step."""


AvailableUnit = Floats | DispatchableUnit | BatteryUnit | BackupUnit
"""Available supply of an asset: of a variable one power as it comes, shape ``(n_hours,)`` [MW],
else a unit of its dispatch class."""
AssetModel = Callable[[Any, Conditions], AvailableUnit]
"""Model of a kind: takes an asset of the kind's class and the conditions it meets."""
