"""The types every format of weather shares: options in, a checked file out; typical years."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats
from dcsim.scenario.schema.weather import Column
from dcsim.series.data_file import Faults, parse_number
from dcsim.series.resampling import Span, TypicalYear
from dcsim.units import MINUTES_PER_HOUR
from dcsim.weather.quality import YEAR_LENGTHS, sunshine_note, whole_year

MODELED_SUNSHINE_NOTE = (
    "Irradiance in typical-year files is often modeled, not measured; "
    "weather.irradiance_factor corrects it."
)


class ReadOptions(NamedTuple):
    """Keys of the scenario that change how a file is read; hashable, as part of a cache key."""

    repair_h: float = 0.0
    """Longest gap that is filled; 0 fills none. [h]"""
    columns: tuple[Column, ...] = ()
    """Titles and units of a plain table of another program."""


class Station(NamedTuple):
    """Place and clock for which a typical year stands."""

    latitude_deg: float
    longitude_deg: float
    offset_h: float
    """Its clock minus UTC. [h]"""


class WeatherFile(NamedTuple):
    """The rows of a file, each checked."""

    table: Span | TypicalYear
    """Real time as a span; a typical year as 366 days on the clock of its station."""
    station: Station | None
    """Station of a typical year; None where rows are of real time."""
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


def typical_year(
    columns: dict[str, Floats], station: Station, repairs: tuple[str, ...]
) -> WeatherFile:
    """Return hourly columns of a year as the typical year of a station.

    Parameters
    ----------
    columns : dict of ndarray, shape (8760,) or (8784,)
        Hours on the clock of the station, by the fields of `dcsim.types.Weather`; relative
        humidity in percent, as the formats have it.
    station : Station
        Its place and clock.
    repairs : tuple of str
        Notes on gaps that were filled.

    Returns
    -------
    WeatherFile
        366 days of hours, and cautions: years do not differ, sunshine is often modeled.
    """
    offset_min = round(station.offset_h * MINUTES_PER_HOUR)
    # Saturated air is written as up to 110 % in such files.
    columns["relative_humidity_frac"] = np.minimum(columns["relative_humidity_frac"] / 100, 1.0)
    shifted = sunshine_note(columns, offset_min, station.longitude_deg)
    columns, notes = whole_year(columns)
    year = TypicalYear(columns, step_min=MINUTES_PER_HOUR, offset_min=offset_min)
    return WeatherFile(year, station, (*repairs, *notes, MODELED_SUNSHINE_NOTE, *shifted))


def station_of(latitude: str, longitude: str, offset: str, line: int, faults: Faults) -> Station:
    """Return the place and clock that a header states, and note what it does not state.

    Parameters
    ----------
    latitude, longitude : str
        Texts of the header: degrees, north and east positive.
    offset : str
        Text of the header: hours of its clock minus UTC, in quarters.
    line : int
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


def check_row_count(n_rows: int, last_line: int, faults: Faults) -> None:
    """Note a number of rows that is no year of hours.

    Parameters
    ----------
    n_rows : int
        Rows of data.
    last_line : int
        Line of the file on which the last one stands.
    faults : Faults
        Where the fault goes.
    """
    if n_rows not in YEAR_LENGTHS:
        wanted = " or ".join(str(length) for length in YEAR_LENGTHS)
        faults.add(last_line, f"ends after {n_rows} rows of data; a year of hours has {wanted}")
