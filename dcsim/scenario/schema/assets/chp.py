"""Combined heat and power next door: the class of one plant, and the record of the kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from dcsim.scenario.schema.assets.asset import Asset, Capacity
from dcsim.scenario.schema.assets.kind import AssetKind, Cleanliness, EnergyPrice, PlannedStop
from dcsim.scenario.schema.outages import Maintenance, Outages
from dcsim.scenario.schema.quantity import (
    Fraction,
    KilogramsPerMwh,
    PerHour,
    Share,
    YearlyPricePerMwh,
)


class Chp(Asset):
    """A combined heat and power plant next door, and the share contracted to the site."""

    capacity_mw: Capacity
    """Power contracted to the site."""
    minimum_frac: Share = 0.0
    """Least that is taken while it runs, over the contracted power."""
    ramp_per_h: Annotated[PerHour, Field(gt=0, le=100)] | None = None
    """Most it changes in an hour, over the contracted power; without it, at once."""
    efficiency_frac: Annotated[Fraction, Field(gt=0, le=1)]
    """Power over fuel (lower heating value); gives the fuel of the summary, `fuel_mwh`."""
    carbon_kg_per_mwh: Annotated[KilogramsPerMwh, Field(ge=0)]
    """Emission factor of its power, heat credited as the source says."""
    outages: Outages | None = None
    """Forced outages."""
    maintenance: Maintenance | None = None
    """Planned stop, of each year or after so long in service."""
    price_per_mwh: YearlyPricePerMwh | None = None
    """Price of its energy by year; without it, `discount` on the grid's tariff."""
    discount_frac: Annotated[Fraction, Field(ge=-1, le=1)] = 0.0
    """Discount on the mean price of grid energy, where no price is given."""


def _chp_price(plant: Chp) -> EnergyPrice:
    if plant.price_per_mwh is not None:
        return EnergyPrice(by_year=plant.price_per_mwh)
    return EnergyPrice(tariff_discount_frac=plant.discount_frac)


def _stops(plant: Chp) -> Iterator[PlannedStop]:
    if plant.maintenance is not None:
        yield PlannedStop("maintenance", plant.maintenance)


KIND = AssetKind(
    section="chp",
    schema=Chp,
    about="Plants next door.",
    also_called=(
        "cogeneration",
        "fuel_cells",
        "gas",
        "gas_turbines",
        "plants",
        "power_plants",
        "turbines",
    ),
    sample_keys={"name": "a", "capacity": "4 MW", "efficiency": "55 %", "carbon": "370 kg/MWh"},
    label="CHP",
    color="#D98B5F",
    dispatch_class="dispatchable",
    rated_mw=lambda plant: float(plant.capacity_mw),
    figure="chp",
    kept_column=True,
    cleanliness=lambda plant: Cleanliness("emitting", plant.carbon_kg_per_mwh),
    efficiency=lambda plant: float(plant.efficiency_frac),
    forced_outages=lambda plant: plant.outages,
    planned_stops=_stops,
    dated_fields=frozenset(("outages", "maintenance")),
    price=_chp_price,
    ledger_kind="chp_energy",
    ledger_label="CHP energy",
    ledger_color="#E69F00",
    gives_cold=True,
)
