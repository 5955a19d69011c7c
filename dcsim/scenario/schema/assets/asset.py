"""Keys that all sources and stores have in common in a scenario."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from dcsim.scenario.schema.part import HIGH_FAVORS, Line, Name, Named, Part
from dcsim.scenario.schema.quantity import (
    Megawatts,
    PricePerMw,
    PricePerMwYear,
    Years,
)

Capacity = Annotated[Megawatts, Field(gt=0, le=100_000), HIGH_FAVORS]
"""Rated power, above zero. [MW]"""


class Asset(Named):
    """A source or a store."""

    works: Name | None = None
    """The work that brings it; without one it is there from the start."""
    owner: Line | None = None
    """Party that is paid for its energy."""


class PlantCost(Part):
    """Cost of a plant of another size; `dcsim size` reads it, the ledger does not."""

    capital_per_mw: PricePerMw
    """Outlay for each MW of rated power."""
    life_years: Annotated[Years, Field(gt=0, le=100)]
    """Time over which the outlay is paid back."""
    fixed_per_mw_year: PricePerMwYear | None = None
    """Fixed operation and maintenance a year."""
