"""Emergency generators: the class of one group, and the record of the kind."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from dcsim.scenario.schema.assets.asset import Asset
from dcsim.scenario.schema.assets.kind import AssetKind, Cleanliness, EnergyPrice
from dcsim.scenario.schema.quantity import (
    Count,
    Hours,
    KilogramsPerMwh,
    Megawatts,
    PricePerMwh,
    Share,
)


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
    """Time the UPS carries the load until they run; where they take longer, the site is dark in
    between."""
    carbon_kg_per_mwh: Annotated[KilogramsPerMwh, Field(ge=0)]
    """Emission factor."""
    fuel_price_per_mwh: PricePerMwh | None = None
    """Fuel for each MWh generated."""


def _fuel_price(group: Gensets) -> EnergyPrice | None:
    return EnergyPrice(fixed=group.fuel_price_per_mwh) if group.fuel_price_per_mwh else None


KIND = AssetKind(
    section="gensets",
    schema=Gensets,
    about="Emergency generators.",
    also_called=(
        "backup",
        "diesel",
        "emergency_generators",
        "generators",
        "generator",
    ),
    sample_keys={"name": "a", "units": 4, "unit_power": "2.5 MW", "carbon": "700 kg/MWh"},
    label="emergency generators",
    color="#4D4D4D",
    dispatch_class="backup",
    rated_mw=lambda group: float(group.n_units * group.unit_power_mw),
    figure="genset",
    kept_column=True,
    cleanliness=lambda group: Cleanliness("emitting", group.carbon_kg_per_mwh),
    price=_fuel_price,
    ledger_kind="genset_fuel",
    ledger_label="Generator fuel",
    ledger_color="#4D4D4D",
)
