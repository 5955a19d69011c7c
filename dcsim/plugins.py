"""Everything that the author of a plug-in needs: records to hand over, and types of functions.

A plug-in is a package with entry points in the groups ``dcsim.assets``, ``dcsim.cooling``,
``dcsim.policies`` and ``dcsim.metrics``. Each entry point names one object:

==================  ======================  ====================================================
group               object                  its function
==================  ======================  ====================================================
``dcsim.assets``    `AssetKind`             ``available(asset, conditions)``: an array of power, or
                                            a `DispatchableUnit`, `BatteryUnit`, `BackupUnit`
``dcsim.cooling``   `CoolingModel`          ``draw(heat, outside, *, ...)``: `CoolingDraw`
``dcsim.policies``  `DispatchPolicy`        ``flows(load_mw, available, step_h)``: `Flows`, or
                                            ``planned(plan, calendar)``: such a function
``dcsim.metrics``   `Metric`,               ``value(run)``: a number,
                    `MilestoneMetric`       ``over_time(timeline, load)``: `Steps`
==================  ======================  ====================================================

A section of a scenario is a class derived from `Asset` or `Part`. Its fields carry units in their
names (``capacity_mw``) and in their types (`Megawatts`); the text under a field is its meaning in
messages and in the JSON Schema; the key in a file is the name without its unit (``capacity``).
`contract_faults` holds the models of a plug-in to what dcsim's own models keep.
"""

from __future__ import annotations

from dcsim.clock import Calendar, Floats
from dcsim.contract import contract_faults
from dcsim.errors import PluginError
from dcsim.pipeline import Run
from dcsim.power.cooling.chiller import chiller_cop, economizer_frac
from dcsim.power.cooling.conditions import CoolingDraw, HeatLoad, Outside
from dcsim.scenario.plan import Plan
from dcsim.scenario.prices import energy_price_per_mwh
from dcsim.scenario.schema.assets.asset import Asset, Capacity, PlantCost
from dcsim.scenario.schema.assets.kind import (
    CARBON_FREE,
    RENEWABLE,
    AssetKind,
    ClassByDate,
    Cleanliness,
    EnergyPrice,
    PlannedStop,
)
from dcsim.scenario.schema.model_records import (
    CoolingModel,
    DispatchPolicy,
    Metric,
    MilestoneMetric,
)
from dcsim.scenario.schema.outages import Maintenance, Outages
from dcsim.scenario.schema.part import Day, Line, Name, Named, Part
from dcsim.scenario.schema.profile import Profile
from dcsim.scenario.schema.quantity import (
    Celsius,
    Count,
    Degrees,
    Fraction,
    Hours,
    Kelvins,
    KilogramsPerMwh,
    Kilowatts,
    LitersPerKwh,
    MegawattHours,
    Megawatts,
    Meters,
    MetersPerSecond,
    Pascals,
    PerHour,
    PerYear,
    Price,
    PricePerMw,
    PricePerMwh,
    PricePerMwYear,
    Real,
    Series,
    Share,
    YearlyKilogramsPerMwh,
    YearlyPricePerMwh,
    Years,
)
from dcsim.series.profiles import profile_of
from dcsim.supply.assets.conditions import Conditions
from dcsim.supply.assets.profiled import aged_mw, profiled_mw
from dcsim.supply.availability import AvailableSupply
from dcsim.supply.dispatch.battery import Balance, BatteryUnit, StorageLimits, reserve_limits
from dcsim.supply.dispatch.checks import check_flows
from dcsim.supply.dispatch.forecast import expected_ahead, steps_of_day
from dcsim.supply.dispatch.greedy import cfe_first, self_consumption
from dcsim.supply.dispatch.plants import BackupUnit, DispatchableUnit
from dcsim.supply.dispatch.storage import LimitsOf, StoragePolicy, keep_reserve
from dcsim.types import Accounts, Flows, Load, Steps, Timeline, Weather

__all__ = [
    "CARBON_FREE",
    "RENEWABLE",
    "Accounts",
    "Asset",
    "AssetKind",
    "AvailableSupply",
    "BackupUnit",
    "Balance",
    "BatteryUnit",
    "Calendar",
    "Capacity",
    "Celsius",
    "ClassByDate",
    "Cleanliness",
    "Conditions",
    "CoolingDraw",
    "CoolingModel",
    "Count",
    "Day",
    "Degrees",
    "DispatchPolicy",
    "DispatchableUnit",
    "EnergyPrice",
    "Floats",
    "Flows",
    "Fraction",
    "HeatLoad",
    "Hours",
    "Kelvins",
    "KilogramsPerMwh",
    "Kilowatts",
    "LimitsOf",
    "Line",
    "LitersPerKwh",
    "Load",
    "Maintenance",
    "MegawattHours",
    "Megawatts",
    "Meters",
    "MetersPerSecond",
    "Metric",
    "MilestoneMetric",
    "Name",
    "Named",
    "Outages",
    "Outside",
    "Part",
    "Pascals",
    "PerHour",
    "PerYear",
    "Plan",
    "PlannedStop",
    "PlantCost",
    "PluginError",
    "Price",
    "PricePerMw",
    "PricePerMwYear",
    "PricePerMwh",
    "Profile",
    "Real",
    "Run",
    "Series",
    "Share",
    "Steps",
    "StorageLimits",
    "StoragePolicy",
    "Timeline",
    "Weather",
    "YearlyKilogramsPerMwh",
    "YearlyPricePerMwh",
    "Years",
    "aged_mw",
    "cfe_first",
    "check_flows",
    "chiller_cop",
    "contract_faults",
    "economizer_frac",
    "energy_price_per_mwh",
    "expected_ahead",
    "keep_reserve",
    "profile_of",
    "profiled_mw",
    "reserve_limits",
    "self_consumption",
    "steps_of_day",
]
