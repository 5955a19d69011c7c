"""EPW: the lines of a typical year in, checked hours out; pvlib parses what was checked.

Rows close their hour in the standard time of the file: row 1 of a day is the hour that ends at
01:00. pvlib reads such a file without a word where a row is missing, a field is too many, or a code
stands for a hole; therefore nothing reaches it that has not been checked here.
"""

from __future__ import annotations

import io

import numpy as np

from dcsim.clock import Floats
from dcsim.series.data_file import Faults, parse_number, parse_numbers
from dcsim.weather.formats.weather_file import (
    ReadOptions,
    Station,
    WeatherFile,
    WeatherFormat,
    check_row_count,
    station_of,
    typical_year,
)
from dcsim.weather.quality import FileColumn, calendar_hours, checked_columns

EPW_HEADER = (
    "LOCATION",
    "DESIGN CONDITIONS",
    "TYPICAL/EXTREME PERIODS",
    "GROUND TEMPERATURES",
    "HOLIDAYS/DAYLIGHT SAVINGS",
    "COMMENTS 1",
    "COMMENTS 2",
    "DATA PERIODS",
)
N_EPW_FIELDS = 35
"""Fields of a row in the format; pvlib shifts the columns of a row that has more."""
FEWEST_EPW_FIELDS = 30
"""Fields a row needs; writers leave out the last ones."""

# Units, ranges and missing codes: EnergyPlus Auxiliary Programs, "EnergyPlus Weather File (EPW)
# Data Dictionary". The upper limit of temperature is tighter than its 70 °C, so that a file in
# degrees Fahrenheit is found out; the hottest air ever measured had 56.7 °C (WMO).
EPW_COLUMNS = (
    FileColumn("temp_dry_bulb_c", "dry bulb temperature", 6, -90, 60, "°C", (99.9,)),
    FileColumn("relative_humidity_frac", "relative humidity", 8, 0, 110, "%", (999.0,)),
    FileColumn("pressure_pa", "atmospheric pressure", 9, 31_000, 120_000, "Pa", (999_999.0,)),
    FileColumn("ghi_w_m2", "global horizontal radiation", 13, 0, 1500, "Wh/m2", (9999.0,)),
    FileColumn("dni_w_m2", "direct normal radiation", 14, 0, 1500, "Wh/m2", (9999.0,)),
    FileColumn("dhi_w_m2", "diffuse horizontal radiation", 15, 0, 1500, "Wh/m2", (9999.0,)),
    FileColumn("wind_speed_m_s", "wind speed", 21, 0, 100, "m/s", (999.0,)),
)
PVLIB_EPW_NAMES = {
    "temp_dry_bulb_c": "temp_air",
    "relative_humidity_frac": "relative_humidity",
    "pressure_pa": "atmospheric_pressure",
    "ghi_w_m2": "ghi",
    "dni_w_m2": "dni",
    "dhi_w_m2": "dhi",
    "wind_speed_m_s": "wind_speed",
}


def read_epw(lines: list[str], faults: Faults, options: ReadOptions) -> WeatherFile:
    """Read an EPW file of one year of hours.

    Parameters
    ----------
    lines : list of str
        The file.
    faults : Faults
        Where its faults go; it knows what messages call the file.
    options : ReadOptions
        Which gaps may be filled.

    Returns
    -------
    WeatherFile
        A typical year of 366 days of hours, its station, repairs and cautions.

    Raises
    ------
    ScenarioError
        With every fault found: encoding, header, number of rows and fields, order of hours,
        holes, values out of range. Each names line and column.
    """
    station = _check_header(lines, faults)
    rows = [line.split(",") for line in lines[len(EPW_HEADER) :]]
    _check_widths(rows, len(lines), faults)
    faults.stop_if_any()
    _check_epw_hours(rows, faults)
    _, repairs = checked_columns(rows, EPW_COLUMNS, len(EPW_HEADER) + 1, faults, options.repair_h)
    faults.stop_if_any()
    return typical_year(_parse_epw(rows, station), station, repairs)


def _check_header(lines: list[str], faults: Faults) -> Station:
    for at, title in enumerate(EPW_HEADER):
        line = lines[at] if at < len(lines) else ""
        if line.split(",")[0].strip().upper() != title:
            raise faults.stop(at + 1, f"must begin with {title}: an EPW header has 8 lines")
    fields = lines[0].split(",")
    if len(fields) < 10 or not np.isfinite(parse_number(fields[9])):
        raise faults.stop(1, "LOCATION needs 9 values, the last one the elevation")
    return station_of(fields[6], fields[7], fields[8], 1, faults)


def _check_widths(rows: list[list[str]], n_lines: int, faults: Faults) -> None:
    for at, row in enumerate(rows):
        if len(row) < FEWEST_EPW_FIELDS:
            faults.add(
                len(EPW_HEADER) + at + 1,
                f"row {at + 1} has {len(row)} columns; at least {FEWEST_EPW_FIELDS} are needed",
            )
    check_row_count(len(rows), n_lines, faults)


def _check_epw_hours(rows: list[list[str]], faults: Faults) -> None:
    wanted = calendar_hours(len(rows))
    stated = np.stack([parse_numbers([row[place] for row in rows]) for place in (1, 2, 3)], axis=1)
    # Only the first stray row: a single missing one puts all that follow out of step.
    for at in np.flatnonzero((stated != wanted).any(axis=1))[:1]:
        month, day, hour = wanted[at]
        faults.add(
            len(EPW_HEADER) + int(at) + 1,
            f"row {at + 1}: columns month, day, hour should be {month}, {day}, {hour}: "
            "rows must follow one another without gap or repetition",
        )


def _parse_epw(rows: list[list[str]], station: Station) -> dict[str, Floats]:
    from pvlib.iotools import read_epw as pvlib_read_epw  # noqa: PLC0415  (slow to import)

    # Only what was checked is handed on: one quotation mark in a field nobody reads would make the
    # parser take many rows for one.
    place = f"LOCATION,-,-,-,-,-,{station.latitude_deg},{station.longitude_deg},0,0"
    checked = {*range(1, 4), *(field.place for field in EPW_COLUMNS)}
    body = (
        ",".join(row[at].strip() if at in checked else "0" for at in range(N_EPW_FIELDS))
        for row in rows
    )
    text = "\n".join([place, *EPW_HEADER[1:], *body])
    # Months come from different years; a leap year takes every date they can have.
    data, _ = pvlib_read_epw(io.StringIO(text), coerce_year=2000)
    return {name: data[key].to_numpy(np.float64) for name, key in PVLIB_EPW_NAMES.items()}


def _is_epw(lines: list[str]) -> bool:
    # The ending alone decides: a file that ends in .epw and has no such header is a broken one.
    del lines
    return True


EPW = WeatherFormat("EPW", ".epw", _is_epw, read_epw)
