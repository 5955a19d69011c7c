"""What feeds the site: grid, on-site plants, contracts, storage, and how they are dispatched."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from dcsim.scenario.part import Line, Name, Named, Part
from dcsim.scenario.quantity import (
    Count,
    Degrees,
    Fraction,
    Hours,
    KilogramsPerMwh,
    MegawattHours,
    Megawatts,
    Meters,
    PerYear,
    PricePerMwh,
    Real,
    YearlyFraction,
    YearlyKilogramsPerMwh,
    YearlyPricePerMwh,
)

Share = Annotated[Fraction, Field(ge=0, le=1)]
Capacity = Annotated[Megawatts, Field(gt=0, le=100_000)]


class Outages(Part):
    """Random outages of one plant or line, each of the whole of it."""

    rate_per_year: Annotated[PerYear, Field(ge=0, le=365)]
    """Outages a year."""
    repair_h: Annotated[Hours, Field(gt=0, le=8760)]
    """Mean duration; durations are exponential."""


class Maintenance(Part):
    """A planned stop every year."""

    month: Annotated[Count, Field(ge=1, le=12)]
    """Month it begins in, on the first day."""
    duration_h: Annotated[Hours, Field(gt=0, le=8000)]
    """How long it lasts."""
    capacity_frac: Share = 1.0
    """Share of the plant that stands still."""


class Grid(Part):
    """The public grid behind the connection; its limit is the energised power."""

    outages: Outages | None = None
    """Failures of the connection."""
    carbon_kg_per_mwh: YearlyKilogramsPerMwh
    """Mean emission factor at the consumer's end."""
    carbon_free_frac: YearlyFraction
    """Carbon-free share of what the grid delivers."""
    export_limit_mw: Annotated[Megawatts, Field(ge=0)] = 0.0
    """Most that may be fed back."""


class Asset(Named):
    """A plant or a contract."""

    works: Name | None = None
    """The work that brings it; without one it is there from the start."""
    owner: Line | None = None
    """Party that is paid for its energy."""


class Solar(Asset):
    """Photovoltaics, its own or under contract."""

    capacity_mw: Capacity
    """Rated power of the inverters."""
    delivery: Literal["onsite", "grid"] = "grid"
    """Through the connection, or behind it."""
    dc_ac_ratio: Annotated[Real, Field(ge=0.5, le=3)] = 1.2
    """Rated power of the modules over that of the inverters."""
    tilt_deg: Annotated[Degrees, Field(ge=0, le=90)] = 30.0
    """Tilt of the modules."""
    azimuth_deg: Annotated[Degrees, Field(ge=0, le=360)] = 180.0
    """Direction they face; 180 is south."""
    tracking: Literal["fixed", "one-axis"] = "fixed"
    """Whether they stand still, or turn about an axis of `tilt` that points to `azimuth`."""
    turn_deg: Annotated[Degrees, Field(gt=0, le=90)] = 60.0
    """Most they turn to either side."""
    ground_cover_frac: Annotated[Fraction, Field(gt=0, le=1)] = 0.4
    """Width of the rows over their distance; trackers turn back so that none shades the next."""
    losses_frac: Share = 0.140757
    """System losses by the PVWatts list."""
    inverter_frac: Share = 0.96
    """Nominal efficiency of the inverters."""
    degradation_frac: Share = 0.005
    """Loss of output a year."""
    price_per_mwh: YearlyPricePerMwh | None = None
    """Price of its energy, network and extras included, by year of delivery."""


class Wind(Asset):
    """A wind farm under contract."""

    capacity_mw: Capacity
    """Rated power contracted."""
    delivery: Literal["onsite", "grid"] = "grid"
    """Through the connection, or behind it."""
    turbine: str
    """Name of a power curve: a file of dcsim's own, or a CSV beside the scenario."""
    hub_height_m: Annotated[Meters, Field(gt=0, le=300)] = 150.0
    """Height of the hub."""
    wake_frac: Share = 0.0
    """Loss in the wakes of other turbines."""
    availability_frac: Share = 1.0
    """Share of the turbines that can run."""
    electrical_loss_frac: Share = 0.0
    """Loss in cables and transformers up to the delivery point."""
    other_loss_frac: Share = 0.0
    """Other losses."""
    degradation_frac: Share = 0.0
    """Loss of output a year."""
    price_per_mwh: YearlyPricePerMwh | None = None
    """Price of its energy, network and extras included, by year of delivery."""


class Contract(Asset):
    """Energy of a constant power through the connection, such as hydro or nuclear."""

    capacity_mw: Capacity
    """Power delivered every hour, for which the site pays."""
    renewable: bool
    """Whether it counts as renewable."""
    carbon_kg_per_mwh: Annotated[KilogramsPerMwh, Field(ge=0)] = 0.0
    """Emission factor; carbon-free when zero."""
    price_per_mwh: YearlyPricePerMwh | None = None
    """Price of its energy by year."""


class Chp(Asset):
    """A combined heat and power plant next door, and the share contracted to the site."""

    capacity_mw: Capacity
    """Power contracted to the site."""
    minimum_frac: Share = 0.0
    """Least that is taken while it runs, over the contracted power."""
    efficiency_frac: Annotated[Fraction, Field(gt=0, le=1)]
    """Power over fuel (lower heating value)."""
    carbon_kg_per_mwh: Annotated[KilogramsPerMwh, Field(ge=0)]
    """Emission factor of its power, heat credited as the source says."""
    outages: Outages | None = None
    """Forced outages."""
    maintenance: Maintenance | None = None
    """Planned stop of each year."""
    price_per_mwh: YearlyPricePerMwh | None = None
    """Price of its energy by year; without it, `discount` on the grid's tariff."""
    discount_frac: Annotated[Fraction, Field(ge=-1, le=1)] = 0.0
    """Discount on the mean price of grid energy, where no price is given."""


class Battery(Asset):
    """A battery on the site."""

    power_mw: Capacity
    """Most it charges or discharges, on the side of the site."""
    energy_mwh: Annotated[MegawattHours, Field(gt=0)]
    """Energy it can give between empty and full."""
    round_trip_frac: Annotated[Fraction, Field(gt=0, le=1)] = 0.85
    """Energy out over energy in."""
    initial_frac: Share = 0.5
    """State of charge when it goes into service."""
    reserve_frac: Share = 0.0
    """Charge kept for hours in which supply fails; refilled from the grid."""


class Gensets(Asset):
    """Emergency generators; they run only for what nothing else can serve."""

    n_units: Annotated[Count, Field(ge=1, le=10_000)]
    """Machines."""
    unit_power_mw: Annotated[Megawatts, Field(gt=0, le=100)]
    """Rated power of one."""
    start_failure_frac: Share = 0.0
    """Chance that one does not start when it is called."""
    carbon_kg_per_mwh: Annotated[KilogramsPerMwh, Field(ge=0)]
    """Emission factor."""
    fuel_price_per_mwh: PricePerMwh | None = None
    """Fuel for each MWh generated."""


class Dispatch(Part):
    """How supply meets load."""

    policy: Literal["self-consumption", "reserve"] = "self-consumption"
    """Renewables, then CHP, then the battery above its reserve, then the grid, then gensets;
    `reserve` also keeps in the battery what the connection may not be able to serve soon."""
    n_reserve_days: Annotated[Count, Field(ge=1, le=60)] = 7
    """Past days whose same hours are taken for the hours to come, the worst of them."""
    reserve_ahead_h: Annotated[Hours, Field(gt=0, le=24)] = 24.0
    """How far ahead the reserve is to last."""
