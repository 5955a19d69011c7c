"""What feeds the site: grid, on-site plants, contracts, storage, and how they are dispatched."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from dcsim.scenario.schema.part import Line, Name, Named, Part
from dcsim.scenario.schema.profile import Profile
from dcsim.scenario.schema.quantity import (
    Count,
    Degrees,
    Fraction,
    Hours,
    KilogramsPerMwh,
    MegawattHours,
    Megawatts,
    Meters,
    PerHour,
    PerYear,
    PricePerMw,
    PricePerMwh,
    PricePerMwhCapacity,
    PricePerMwYear,
    Real,
    YearlyFraction,
    YearlyKilogramsPerMwh,
    YearlyPricePerMwh,
    Years,
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
    carbon_profile: Profile | None = None
    """Hours of that factor from a file; only its shape counts, the mean of a year stays as said."""
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


class PlantCost(Part):
    """What a plant of another size would cost; `dcsim size` looks at it, the ledger does not."""

    capital_per_mw: PricePerMw
    """Outlay for each MW of rated power."""
    life_years: Annotated[Years, Field(gt=0, le=100)]
    """Time over which the outlay is paid back."""
    fixed_per_mw_year: PricePerMwYear | None = None
    """Fixed operation and maintenance a year."""


class BatteryCost(Part):
    """What a battery of another size would cost; `dcsim size` looks at it, the ledger does not."""

    capital_power_per_mw: PricePerMw
    """Outlay for each MW; 0 where all of it stands in `capital_energy`."""
    capital_energy_per_mwh: PricePerMwhCapacity
    """Outlay for each MWh it can give."""
    life_years: Annotated[Years, Field(gt=0, le=100)]
    """Time over which the outlay is paid back."""
    fixed_per_mw_year: PricePerMwYear | None = None
    """Fixed operation and maintenance a year, for each MW."""


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
    cost: PlantCost | None = None
    """What more or less of it would cost, for `dcsim size`."""
    profile: Profile | None = None
    """Output over `capacity` from a file, in the place of the sun; losses are in it already."""


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
    cost: PlantCost | None = None
    """What more or less of it would cost, for `dcsim size`."""
    profile: Profile | None = None
    """Output over `capacity` from a file, in the place of wind and power curve, losses in it."""


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
    ramp_per_h: Annotated[PerHour, Field(gt=0, le=100)] | None = None
    """Most it changes in an hour, over the contracted power; without it, at once."""
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
    charge_power_mw: Capacity | None = None
    """Most it charges, where that is not `power`."""
    discharge_power_mw: Capacity | None = None
    """Most it discharges, where that is not `power`."""
    energy_mwh: Annotated[MegawattHours, Field(gt=0)]
    """Energy it holds between empty and full: all of it can be given, unless `discharge_efficiency`
    says otherwise."""
    round_trip_frac: Annotated[Fraction, Field(gt=0, le=1)] = 0.85
    """Energy out over energy in; all loss lies on charging. Efficiencies of both ways, where given,
    stand in its place."""
    charge_efficiency_frac: Annotated[Fraction, Field(gt=0, le=1)] | None = None
    """Energy that reaches the store over energy in; given with `discharge_efficiency`."""
    discharge_efficiency_frac: Annotated[Fraction, Field(gt=0, le=1)] | None = None
    """Energy out over energy that leaves the store; given with `charge_efficiency`."""
    initial_frac: Share = 0.5
    """State of charge when it goes into service."""
    minimum_frac: Share = 0.0
    """State of charge below which nothing is drawn."""
    maximum_frac: Annotated[Fraction, Field(gt=0, le=1)] = 1.0
    """State of charge above which it is not charged."""
    reserve_frac: Share = 0.0
    """Charge kept for hours in which supply fails; refilled from the grid."""
    self_discharge_per_h: Annotated[PerHour, Field(ge=0, le=0.1)] = 0.0
    """Share of what it holds that it loses by itself, for example ``2 %/month``."""
    fade_per_year_frac: Annotated[Fraction, Field(ge=0, lt=1)] = 0.0
    """Share of `energy` that each year of service takes for good."""
    fade_per_cycle_frac: Annotated[Fraction, Field(ge=0, lt=1)] = 0.0
    """Share of `energy` that each full cycle takes for good."""
    replace_below_frac: Annotated[Fraction, Field(ge=0, lt=1)] = 0.0
    """It is replaced by a new one when less than this share of `energy` is left; 0 is never."""
    cost: BatteryCost | None = None
    """What more or less of it would cost, for `dcsim size`."""

    @model_validator(mode="after")
    def _holds_together(self) -> Battery:
        if (self.charge_efficiency_frac is None) != (self.discharge_efficiency_frac is None):
            raise ValueError("needs charge_efficiency and discharge_efficiency, or neither")
        if self.minimum_frac >= self.maximum_frac:
            raise ValueError(
                f"minimum {self.minimum_frac:g} must be below maximum {self.maximum_frac:g}"
            )
        if not self.minimum_frac <= self.initial_frac <= self.maximum_frac:
            raise ValueError(
                f"initial {self.initial_frac:g} must be from minimum {self.minimum_frac:g} "
                f"to maximum {self.maximum_frac:g}"
            )
        if self.reserve_frac > self.maximum_frac:
            raise ValueError(
                f"reserve {self.reserve_frac:g} must be at most maximum {self.maximum_frac:g}"
            )
        return self


class Gensets(Asset):
    """Emergency generators; they run only for what nothing else can serve."""

    n_units: Annotated[Count, Field(ge=1, le=10_000)]
    """Machines."""
    unit_power_mw: Annotated[Megawatts, Field(gt=0, le=100)]
    """Rated power of one."""
    start_failure_frac: Share = 0.0
    """Chance that one does not start when it is called."""
    mttf_h: Annotated[Hours, Field(gt=0)] | None = None
    """Mean time to failure of a machine that runs; without it, none fails while running."""
    start_time_h: Annotated[Hours, Field(ge=0, le=1)] = 0.0
    """From the call to full load."""
    ride_through_h: Annotated[Hours, Field(ge=0, le=1)] = 5 / 60
    """How long the UPS carries the load until they run; where they take longer, the site is dark in
    between."""
    carbon_kg_per_mwh: Annotated[KilogramsPerMwh, Field(ge=0)]
    """Emission factor."""
    fuel_price_per_mwh: PricePerMwh | None = None
    """Fuel for each MWh generated."""


class Dispatch(Part):
    """How supply meets load."""

    policy: Literal[
        "self-consumption", "cfe-first", "arbitrage", "peak-shaving", "reserve", "optimal"
    ] = "self-consumption"
    """``self-consumption``: renewables, then CHP, then the battery above its reserve, then the
    grid, then gensets. ``cfe-first``: the battery, charged from clean surplus only, and the grid
    before CHP above its minimum. ``arbitrage``: the battery is charged from the grid in cheap hours
    of the tariff and gives in dear ones. ``peak-shaving``: it gives what import would be above a
    target. ``reserve``: it is kept for hours in which the connection is expected to fall short.
    ``optimal``: what `objective` asks for, with the future known: a yardstick, not a way to run a
    site."""
    n_forecast_days: Annotated[Count, Field(ge=1, le=60)] = 7
    """Days before, whose same hours ``reserve`` and ``peak-shaving`` expect to come again."""
    import_target_mw: Annotated[Megawatts, Field(ge=0)] | None = None
    """Import to which ``peak-shaving`` keeps, by default what the days before could have been kept
    to, and up to which ``arbitrage`` charges, by default the connection."""
    objective: Literal["import", "cost", "carbon"] = "import"
    """What ``optimal`` makes small once as much load as can be is served: energy from the grid,
    what the site pays for energy, or emissions."""
    horizon_h: Annotated[Hours, Field(ge=1, le=600_000)] = 672.0
    """Time that ``optimal`` solves at once."""
    overlap_h: Annotated[Hours, Field(ge=0, le=600_000)] = 168.0
    """Time at the end of it that is solved again with what follows."""
    lost_load_per_mwh: PricePerMwh | None = None
    """What a MWh of unserved load costs where `objective` is ``cost``; without it, serving load
    comes before all cost."""

    @model_validator(mode="after")
    def _keeps_some(self) -> Dispatch:
        if self.overlap_h >= self.horizon_h:
            raise ValueError(
                f"overlap {self.overlap_h:g} h must be shorter than horizon {self.horizon_h:g} h"
            )
        return self
