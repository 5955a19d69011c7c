"""Typical years in the EPW format: judged line by line, then read by pvlib.

Rows close their hour in the standard time of the file: row 1 of a day is the hour that ends at
01:00. pvlib reads such a file without a word where a row is missing, a field is too many, or a code
stands for a hole; therefore nothing reaches it that has not passed here.
"""

from __future__ import annotations

import io
from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats
from dcsim.series.data_file import Faults, column, number
from dcsim.series.resampling import TypicalYear
from dcsim.units import MINUTES_PER_HOUR
from dcsim.weather.quality import (
    NO_MENDING,
    YEAR_LENGTHS,
    Field,
    Mending,
    calendar_hours,
    numbers,
    sunshine_note,
    whole_year,
)

HEADER = (
    "LOCATION",
    "DESIGN CONDITIONS",
    "TYPICAL/EXTREME PERIODS",
    "GROUND TEMPERATURES",
    "HOLIDAYS/DAYLIGHT SAVINGS",
    "COMMENTS 1",
    "COMMENTS 2",
    "DATA PERIODS",
)
N_FIELDS = 35
"""Fields of a row in the format; pvlib shifts the columns of a row that has more."""
FEWEST_FIELDS = 30
"""Fields a row needs; writers leave out the last ones."""

# Units, ranges and missing codes: EnergyPlus Auxiliary Programs, "EnergyPlus Weather File (EPW)
# Data Dictionary". The upper limit of temperature is tighter than its 70 °C, so that a file in
# degrees Fahrenheit is found out; the hottest air ever measured had 56.7 °C (WMO).
FIELDS = (
    Field("temp_dry_bulb_c", "dry bulb temperature", 6, -90, 60, "°C", (99.9,)),
    Field("relative_humidity_frac", "relative humidity", 8, 0, 110, "%", (999.0,)),
    Field("pressure_pa", "atmospheric pressure", 9, 31_000, 120_000, "Pa", (999_999.0,)),
    Field("ghi_w_m2", "global horizontal radiation", 13, 0, 1500, "Wh/m2", (9999.0,)),
    Field("dni_w_m2", "direct normal radiation", 14, 0, 1500, "Wh/m2", (9999.0,)),
    Field("dhi_w_m2", "diffuse horizontal radiation", 15, 0, 1500, "Wh/m2", (9999.0,)),
    Field("wind_speed_m_s", "wind speed", 21, 0, 100, "m/s", (999.0,)),
)
PVLIB_NAMES = {
    "temp_dry_bulb_c": "temp_air",
    "relative_humidity_frac": "relative_humidity",
    "pressure_pa": "atmospheric_pressure",
    "ghi_w_m2": "ghi",
    "dni_w_m2": "dni",
    "dhi_w_m2": "dhi",
    "wind_speed_m_s": "wind_speed",
}
CAUTION = (
    "Irradiance in typical-year files is often modeled, not measured; "
    "weather.irradiance_factor corrects it."
)


class Station(NamedTuple):
    """Where a typical year stands for, and on which clock."""

    latitude_deg: float
    longitude_deg: float
    offset_h: float


class TypicalFile(NamedTuple):
    """A typical year as read."""

    year: TypicalYear
    station: Station
    notes: tuple[str, ...]


def read_epw(lines: list[str], faults: Faults, mending: Mending = NO_MENDING) -> TypicalFile:
    """Read an EPW file of one year of hours.

    Parameters
    ----------
    lines : list of str
        The file.
    faults : Faults
        Where its faults go; it knows what messages call the file.
    mending : Mending
        Which gaps may be filled.

    Returns
    -------
    TypicalFile
        Hourly columns over 366 days, the station, and cautions.

    Raises
    ------
    ScenarioError
        With every fault found: encoding, header, number of rows and fields, order of hours,
        holes, values out of range. Each names line and column.
    """
    station = _header(lines, faults)
    rows = [line.split(",") for line in lines[len(HEADER) :]]
    _shape(rows, len(lines), faults)
    faults.stop_if_any()
    _hours(rows, faults)
    numbers(rows, FIELDS, len(HEADER) + 1, faults, mending)
    faults.stop_if_any()
    return finish(_through_pvlib(rows, station), station)


def finish(columns: dict[str, Floats], station: Station) -> TypicalFile:
    """Return hourly columns of a year, in percent and on the station's clock, as a typical year."""
    offset_min = round(station.offset_h * MINUTES_PER_HOUR)
    columns["relative_humidity_frac"] = np.minimum(columns["relative_humidity_frac"] / 100, 1.0)
    shifted = sunshine_note(columns, offset_min, station.longitude_deg)
    columns, notes = whole_year(columns)
    year = TypicalYear(columns, step_min=MINUTES_PER_HOUR, offset_min=offset_min)
    return TypicalFile(year, station, (*notes, CAUTION, *shifted))


def station_of(latitude: str, longitude: str, offset: str, line: int, faults: Faults) -> Station:
    """Return the place and clock that a header states; note what it does not state."""
    limits = (("latitude", latitude, 90), ("longitude", longitude, 180), ("time zone", offset, 15))
    values = []
    for name, text, limit in limits:
        value = number(text)
        if not abs(value) <= limit:
            faults.add(line, f"{name} must be a number from {-limit} to {limit}")
        values.append(value)
    if np.isfinite(values[2]) and abs(values[2] * 4 - round(values[2] * 4)) > 1e-9:
        faults.add(line, "time zone must be whole quarters of an hour")
    return Station(*values)


def check_row_count(n_rows: int, last_line: int, faults: Faults) -> None:
    """Note a number of rows that is no year of hours."""
    if n_rows not in YEAR_LENGTHS:
        wanted = " or ".join(str(length) for length in YEAR_LENGTHS)
        faults.add(last_line, f"ends after {n_rows} rows of data; a year of hours has {wanted}")


def _header(lines: list[str], faults: Faults) -> Station:
    for at, title in enumerate(HEADER):
        line = lines[at] if at < len(lines) else ""
        if line.split(",")[0].strip().upper() != title:
            raise faults.stop(at + 1, f"must begin with {title}: an EPW header has 8 lines")
    fields = lines[0].split(",")
    if len(fields) < 10 or not np.isfinite(number(fields[9])):
        raise faults.stop(1, "LOCATION needs 9 values, the last one the elevation")
    return station_of(fields[6], fields[7], fields[8], 1, faults)


def _shape(rows: list[list[str]], n_lines: int, faults: Faults) -> None:
    for at, row in enumerate(rows):
        if len(row) < FEWEST_FIELDS:
            faults.add(
                len(HEADER) + at + 1,
                f"row {at + 1} has {len(row)} columns; at least {FEWEST_FIELDS} are needed",
            )
    check_row_count(len(rows), n_lines, faults)


def _hours(rows: list[list[str]], faults: Faults) -> None:
    wanted = calendar_hours(len(rows))
    stated = np.stack([column([row[place] for row in rows]) for place in (1, 2, 3)], axis=1)
    # Only the first stray row: a single missing one puts all that follow out of step.
    for at in np.flatnonzero((stated != wanted).any(axis=1))[:1]:
        month, day, hour = wanted[at]
        faults.add(
            len(HEADER) + int(at) + 1,
            f"row {at + 1}: columns month, day, hour should be {month}, {day}, {hour}: "
            "rows must follow one another without gap or repetition",
        )


def _through_pvlib(rows: list[list[str]], station: Station) -> dict[str, Floats]:
    from pvlib.iotools import read_epw as pvlib_read_epw  # noqa: PLC0415  (slow to import)

    # Only what was judged is handed on: one quotation mark in a field nobody reads would make the
    # parser take many rows for one.
    place = f"LOCATION,-,-,-,-,-,{station.latitude_deg},{station.longitude_deg},0,0"
    judged = {*range(1, 4), *(field.place for field in FIELDS)}
    body = (
        ",".join(row[at].strip() if at in judged else "0" for at in range(N_FIELDS)) for row in rows
    )
    text = "\n".join([place, *HEADER[1:], *body])
    # Months come from different years; a leap year takes every date they can have.
    data, _ = pvlib_read_epw(io.StringIO(text), coerce_year=2000)
    return {name: data[key].to_numpy(np.float64) for name, key in PVLIB_NAMES.items()}
