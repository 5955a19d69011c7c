"""The types every format of weather shares: options and rows in, a checked file out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats
from dcsim.scenario.schema.weather import Column
from dcsim.series.data_file import Faults, parse_number
from dcsim.series.resampling import Span, TypicalYear
from dcsim.series.text_table import ForeignTable
from dcsim.units import MINUTES_PER_HOUR
from dcsim.weather.quality import FileColumn


class ReadOptions(NamedTuple):
    """Keys of the scenario that change how a file is read; hashable, as part of a cache key."""

    repair_h: float = 0.0
    """Longest gap that is filled; 0 fills none. [h]"""
    columns: tuple[Column, ...] = ()
    """Titles and units of a plain table of another program."""
    humidity_frac: tuple[float, ...] = ()
    """Monthly means of the climate beside the file, for one that has no humidity."""


class Station(NamedTuple):
    """Place and clock of the rows of a file."""

    latitude_deg: float
    longitude_deg: float
    offset_h: float
    """Its clock minus UTC. [h]"""


class FileRows(NamedTuple):
    """The rows of a file as its format finds them, not yet checked."""

    columns: tuple[FileColumn, ...]
    """What was read."""
    values: Mapping[str, Floats]
    """By the name of its column, in the units of the format; NaN where a cell holds no number."""
    clock_s: Floats
    """Start of each row by the clock of the file. [s since 1970-01-01]"""
    table: ForeignTable
    """Knows the lines of the rows."""
    station: Station | None
    """Where the file says it is from; without one its clock is `own_offset_min`."""
    is_typical_form: bool = False
    """Whether files of this format hold a typical year, also where all rows are of one year."""
    notes: tuple[str, ...] = ()
    own_offset_min: int = 0
    """Its clock minus UTC where the file has no station. [min]"""

    @property
    def offset_min(self) -> int:
        """Its clock minus UTC. [min]"""
        if self.station is None:
            return self.own_offset_min
        return round(self.station.offset_h * MINUTES_PER_HOUR)


class WeatherFile(NamedTuple):
    """The rows of a file, each checked."""

    table: Span | TypicalYear
    """Real time as a span; a typical year as 366 days on the clock of its station."""
    station: Station | None
    """Where the file says it is from."""
    notes: tuple[str, ...]
    """Repairs, then cautions, for the notes of the run."""


class WeatherFormat(NamedTuple):
    """One format: a line in the registry."""

    name: str
    """As the documentation calls it."""
    suffix: str
    """Ending of the names of its files, lower case."""
    recognize: Callable[[list[str]], bool]
    """Tell from the first lines of a file with this ending whether it is in this format."""
    read: Callable[[list[str], Faults, ReadOptions], WeatherFile]
    """Read the lines of a file; ScenarioError with every fault found, by line and column."""


def station_of(
    latitude: str, longitude: str, offset: str, line: int | None, faults: Faults
) -> Station:
    """Return the place and clock that a header states, and note what it does not state.

    Parameters
    ----------
    latitude, longitude : str
        Texts of the header: degrees, north and east positive.
    offset : str
        Text of the header: hours of its clock minus UTC, in quarters.
    line : int or None
        Line of the file on which they stand.
    faults : Faults
        Where faults go.
    """
    limits = (("latitude", latitude, 90), ("longitude", longitude, 180), ("time zone", offset, 15))
    values = []
    for name, text, limit in limits:
        value = parse_number(text)
        if not abs(value) <= limit:
            faults.add(line, f"{name} must be a number from {-limit} to {limit}")
        values.append(value)
    if np.isfinite(values[2]) and abs(values[2] * 4 - round(values[2] * 4)) > 1e-9:
        faults.add(line, "time zone must be whole quarters of an hour")
    return Station(*values)
