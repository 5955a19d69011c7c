"""Series from files beside a scenario, in the place of what dcsim would model."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from dcsim.scenario.schema.part import Line, Part
from dcsim.scenario.schema.quantity import Real


class Profile(Part):
    """A column of a CSV or Parquet file: a stretch of time, or a year that is repeated."""

    file: Line
    """The file, relative to the scenario; its first line holds the titles of its columns."""
    column: Line
    """Title of the column."""
    scale: Annotated[Real, Field(gt=0, le=1e6)] = 1.0
    """Factor on its values."""


class LoadProfile(Profile):
    """The load of the site in MW."""

    of: Literal["it", "facility"] = "it"
    """IT power, from which losses and cooling follow, or all that the site draws."""
