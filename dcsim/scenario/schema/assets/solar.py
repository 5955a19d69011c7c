"""Photovoltaics: the class of one plant, and the record of the kind."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from dcsim.scenario.schema.assets.asset import Asset, Capacity, PlantCost
from dcsim.scenario.schema.assets.kind import RENEWABLE, AssetKind, EnergyPrice
from dcsim.scenario.schema.part import Derived
from dcsim.scenario.schema.place import azimuth_to_equator
from dcsim.scenario.schema.profile import Profile
from dcsim.scenario.schema.quantity import Degrees, Fraction, Real, Share, YearlyPricePerMwh


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
    azimuth_deg: Annotated[
        Annotated[Degrees, Field(ge=0, le=360)] | None,
        Derived(lambda _, site: azimuth_to_equator(site.latitude_deg), "toward the equator"),
    ] = None
    """Direction they face, 180 is south; without it, toward the equator: south at northern
    latitudes, north at southern ones."""
    tracking: Literal["fixed", "one-axis"] = "fixed"
    """Modules that stand still, or turn about an axis of `tilt` that points to `azimuth`."""
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
    """Cost of more or less of it, for `dcsim size`."""
    profile: Profile | None = None
    """Output over `capacity` from a file, in the place of the sun; losses are in it already."""


KIND = AssetKind(
    section="solar",
    schema=Solar,
    about="Photovoltaics.",
    also_called=(
        "photovoltaics",
        "pv",
        "solar_pv",
    ),
    sample_keys={"name": "a", "capacity": "4 MW", "delivery": "onsite"},
    label="solar",
    color="#F0E442",
    dispatch_class="variable",
    rated_mw=lambda plant: float(plant.capacity_mw),
    figure="solar",
    kept_column=True,
    cleanliness=RENEWABLE,
    wheeled=lambda plant: bool(plant.delivery == "grid"),
    price=lambda plant: EnergyPrice(by_year=plant.price_per_mwh) if plant.price_per_mwh else None,
    ledger_kind="ppa_energy",
    ledger_label="Solar, wind, contracts",
    ledger_color="#F0E442",
    sized_fields=("capacity_mw",),
)
