"""Series from files beside a scenario, in the place of what dcsim would model."""

from __future__ import annotations

import zoneinfo
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from dcsim.scenario.schema.part import Line, Part
from dcsim.scenario.schema.quantity import Hours, Real


def _known_zone(name: str) -> str:
    try:
        zoneinfo.ZoneInfo(name)
    except (OSError, ValueError, zoneinfo.ZoneInfoNotFoundError):
        raise ValueError("is not a time zone; write one such as Europe/Berlin or UTC") from None
    return name


Zone = Annotated[Line, AfterValidator(_known_zone)]
"""Name of a time zone in the IANA database."""


class Profile(Part):
    """A column of a CSV or Parquet file: a stretch of time, or a year that is repeated."""

    file: Line
    """The file, relative to the scenario; one of its lines holds the titles of its columns."""
    column: Line
    """Title of the column."""
    scale: Annotated[Real, Field(gt=0, le=1e6)] = 1.0
    """Factor on its values."""
    time: Line | None = None
    """Title of the column of times; needed only where several could be it."""
    time_zone: Zone | None = None
    """Zone of times that state none, with its summer time; without it they are UTC."""
    labels: Literal["start", "end"] | None = None
    """End of the step that a time labels; by default its start, or what the file itself says."""
    dates: Literal["day-first", "month-first"] | None = None
    """Order in dates such as 01/02/2030; needed only where no number in the file shows it."""
    decimal: Literal["point", "comma"] | None = None
    """Decimal mark of its numbers; needed only where they do not show it."""
    covers: Literal["run", "year"] | None = None
    """What its rows are: the run itself, or a year to be repeated; needed for rows without times
    that may be either."""
    repair_h: Annotated[Hours, Field(ge=0, le=72)] = 0.0
    """Longest gap that is filled and noted; without it every hole is an error."""


class LoadProfile(Profile):
    """The load of the site in MW."""

    of: Literal["it", "facility"] = "it"
    """IT power, from which losses and cooling follow, or all that the site draws."""
