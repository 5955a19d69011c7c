"""Outages of plants and lines: forced ones at random, planned ones by the year or by service."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from dcsim.scenario.schema.part import Part
from dcsim.scenario.schema.quantity import Count, Fraction, Hours, PerYear


class Outages(Part):
    """Random outages of one plant or line, each of the whole of it."""

    rate_per_year: Annotated[PerYear, Field(ge=0, le=365)]
    """Outages a year."""
    repair_h: Annotated[Hours, Field(gt=0, le=8760)]
    """Mean duration; durations are exponential."""


class Maintenance(Part):
    """A planned stop, every year in the same month or each time the plant has served so long."""

    month: Annotated[Count, Field(ge=1, le=12)] | None = None
    """Month it begins in each year, on the first day."""
    every_h: Annotated[Hours, Field(gt=0, le=1_000_000)] | None = None
    """Time in service after which it begins, counted from the start of service and from the end of
    the stop before, for example ``18 months``; given in the place of `month`."""
    duration_h: Annotated[Hours, Field(gt=0, le=8000)]
    """Time it lasts."""
    capacity_frac: Annotated[Fraction, Field(ge=0, le=1)] = 1.0
    """Share of the plant that stands still."""

    @model_validator(mode="after")
    def _has_one_rule(self) -> Maintenance:
        if (self.month is None) == (self.every_h is None):
            raise ValueError("needs month or every, and not both")
        return self
