"""TMY3: the lines of a typical year in, checked hours out; pvlib parses what was checked."""

from __future__ import annotations

import io
import re

import numpy as np

from dcsim.clock import Floats
from dcsim.series.data_file import Faults
from dcsim.units import PASCALS_PER_MILLIBAR
from dcsim.weather.formats.weather_file import (
    ReadOptions,
    WeatherFile,
    WeatherFormat,
    check_row_count,
    station_of,
    typical_year,
)
from dcsim.weather.quality import FileColumn, calendar_hours, checked_columns

TMY3_FIRST_LINE = 3
"""Line of the first row of data."""
TMY3_DATE, TMY3_TIME = "Date (MM/DD/YYYY)", "Time (HH:MM)"

# Units and codes: Wilcox and Marion, Users Manual for TMY3 Data Sets, NREL/TP-581-43156 (2008).
TMY3_TITLES = {
    "Dry-bulb (C)": ("temp_dry_bulb_c", "temp_air", -90, 60, "°C"),
    "RHum (%)": ("relative_humidity_frac", "relative_humidity", 0, 110, "%"),
    "Pressure (mbar)": ("pressure_pa", "pressure", 310, 1200, "mbar"),
    "GHI (W/m^2)": ("ghi_w_m2", "ghi", 0, 1500, "W/m2"),
    "DNI (W/m^2)": ("dni_w_m2", "dni", 0, 1500, "W/m2"),
    "DHI (W/m^2)": ("dhi_w_m2", "dhi", 0, 1500, "W/m2"),
    "Wspd (m/s)": ("wind_speed_m_s", "wind_speed", 0, 100, "m/s"),
}
TMY3_MISSING = (-9900.0, -99.0)


def is_tmy3(lines: list[str]) -> bool:
    """Tell whether the lines of a CSV file are those of the TMY3 format."""
    return len(lines) > 1 and lines[1].split(",")[0].strip() == TMY3_DATE


def read_tmy3(lines: list[str], faults: Faults, options: ReadOptions) -> WeatherFile:
    """Read a TMY3 file of one year of hours.

    Parameters
    ----------
    lines : list of str
        The file, of which `is_tmy3` holds.
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
        With every fault found, by line and column.
    """
    head = lines[0].split(",")
    if len(head) < 7 or not head[0].strip().isdigit():
        raise faults.stop(1, "must hold the 7 values of a TMY3 header, the station number first")
    station = station_of(head[4], head[5], head[3], 1, faults)
    fields = _tmy3_columns(lines[1].split(","), faults)
    rows = [line.split(",") for line in lines[2:]]
    n_columns = len(lines[1].split(","))
    for at, row in enumerate(rows):
        if len(row) != n_columns:
            faults.add(
                TMY3_FIRST_LINE + at, f"row {at + 1} has {len(row)} columns, not {n_columns}"
            )
    check_row_count(len(rows), len(lines), faults)
    faults.stop_if_any()
    _check_tmy3_hours(rows, faults)
    _, repairs = checked_columns(rows, fields, TMY3_FIRST_LINE, faults, options.repair_h)
    faults.stop_if_any()
    return typical_year(_parse_tmy3(rows, fields), station, repairs)


def _tmy3_columns(titles: list[str], faults: Faults) -> list[FileColumn]:
    places = {title.strip(): place for place, title in enumerate(titles)}
    if places.get(TMY3_TIME) != 1:
        faults.add(2, f"the second column must be {TMY3_TIME}")
    fields = []
    for title, (name, _, low, high, unit) in TMY3_TITLES.items():
        if title in places:
            fields.append(FileColumn(name, title, places[title], low, high, unit, TMY3_MISSING))
        else:
            faults.add(2, f"column {title} is missing")
    faults.stop_if_any()
    return fields


def _check_tmy3_hours(rows: list[list[str]], faults: Faults) -> None:
    for at, (row, wanted) in enumerate(zip(rows, calendar_hours(len(rows)), strict=True)):
        month, day, hour = (int(value) for value in wanted)
        date = re.fullmatch(r"(\d{2})/(\d{2})/\d{4}", row[0], re.ASCII)
        if not date or row[1] != f"{hour:02d}:00" or (int(date[1]), int(date[2])) != (month, day):
            faults.add(
                TMY3_FIRST_LINE + at,
                f"row {at + 1}: columns date, time should be {month:02d}/{day:02d}, "
                f"{hour:02d}:00: rows must follow one another without gap or repetition",
            )
            return


def _parse_tmy3(rows: list[list[str]], fields: list[FileColumn]) -> dict[str, Floats]:
    from pvlib.iotools import read_tmy3 as pvlib_read_tmy3  # noqa: PLC0415  (slow to import)

    # Only what was checked is handed on; the parser would trip over stray marks in the rest.
    places = (0, 1, *(field.place for field in fields))
    body = (",".join(row[at].strip() for at in places) for row in rows)
    titles = ",".join([TMY3_DATE, TMY3_TIME, *(field.title for field in fields)])
    data, _ = pvlib_read_tmy3(io.StringIO("\n".join(["0,-,-,0,0,0,0", titles, *body])))
    columns = {name: data[key].to_numpy(np.float64) for name, key, *_ in TMY3_TITLES.values()}
    columns["pressure_pa"] = columns["pressure_pa"] * PASCALS_PER_MILLIBAR
    return columns


TMY3 = WeatherFormat("TMY3", ".csv", is_tmy3, read_tmy3)
