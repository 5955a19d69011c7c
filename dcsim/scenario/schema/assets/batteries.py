"""Batteries: the class of one, and the record of the kind."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from dcsim.scenario.schema.assets.asset import Asset, Capacity
from dcsim.scenario.schema.assets.kind import AssetKind
from dcsim.scenario.schema.part import Derived, Part
from dcsim.scenario.schema.quantity import (
    Fraction,
    MegawattHours,
    PerHour,
    PricePerMw,
    PricePerMwhCapacity,
    PricePerMwYear,
    Share,
    Years,
)


class BatteryCost(Part):
    """Cost of a battery of another size; `dcsim size` reads it, the ledger does not."""

    capital_power_per_mw: PricePerMw
    """Outlay for each MW; 0 where all of it stands in `capital_energy`."""
    capital_energy_per_mwh: PricePerMwhCapacity
    """Outlay for each MWh it can give."""
    life_years: Annotated[Years, Field(gt=0, le=100)]
    """Time over which the outlay is paid back."""
    fixed_per_mw_year: PricePerMwYear | None = None
    """Fixed operation and maintenance a year, for each MW."""


class Battery(Asset):
    """A battery on the site."""

    power_mw: Capacity
    """Most it charges or discharges, on the side of the site."""
    charge_power_mw: Annotated[
        Capacity | None, Derived(lambda store, _: store.power_mw, "the same as power")
    ] = None
    """Most it charges, where that is not `power`."""
    discharge_power_mw: Annotated[
        Capacity | None, Derived(lambda store, _: store.power_mw, "the same as power")
    ] = None
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
    """Cost of more or less of it, for `dcsim size`."""

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

    @property
    def efficiencies(self) -> tuple[float, float]:
        """Energy that reaches the store over energy in, and energy out over what leaves it. [1]"""
        if self.charge_efficiency_frac is not None and self.discharge_efficiency_frac is not None:
            return self.charge_efficiency_frac, self.discharge_efficiency_frac
        return self.round_trip_frac, 1.0


KIND = AssetKind(
    section="batteries",
    schema=Battery,
    about="Batteries.",
    also_called=(
        "battery",
        "bess",
        "storage",
    ),
    key_synonyms={
        "capacity": "energy",
        "depth_of_discharge": "minimum",
        "efficiency": "round_trip",
        "rating": "power",
        "size": "energy",
        "soc": "initial",
    },
    sample_keys={"name": "a", "power": "2 MW", "energy": "8 MWh"},
    label="battery",
    color="#CC79A7",
    dispatch_class="storage",
    rated_mw=lambda store: float(store.power_mw),
    figure="battery",
    kept_column=True,
    ledger_kind="battery_renewal",
    sized_fields=("power_mw", "energy_mwh"),
)
