"""Typical years in NREL's TMY3 format: judged line by line, then read by pvlib."""

from __future__ import annotations

import io
import re

import numpy as np

from dcsim.clock import Floats
from dcsim.series.data_file import Faults
from dcsim.units import PASCALS_PER_MILLIBAR
from dcsim.weather.formats.epw import TypicalFile, check_row_count, finish, station_of
from dcsim.weather.quality import NO_MENDING, Field, Mending, calendar_hours, numbers

FIRST_LINE = 3
"""Line of the first row of data."""
DATE, TIME = "Date (MM/DD/YYYY)", "Time (HH:MM)"

# Units and codes: Wilcox and Marion, Users Manual for TMY3 Data Sets, NREL/TP-581-43156 (2008).
TITLES = {
    "Dry-bulb (C)": ("temp_dry_bulb_c", "temp_air", -90, 60, "°C"),
    "RHum (%)": ("relative_humidity_frac", "relative_humidity", 0, 110, "%"),
    "Pressure (mbar)": ("pressure_pa", "pressure", 310, 1200, "mbar"),
    "GHI (W/m^2)": ("ghi_w_m2", "ghi", 0, 1500, "W/m2"),
    "DNI (W/m^2)": ("dni_w_m2", "dni", 0, 1500, "W/m2"),
    "DHI (W/m^2)": ("dhi_w_m2", "dhi", 0, 1500, "W/m2"),
    "Wspd (m/s)": ("wind_speed_m_s", "wind_speed", 0, 100, "m/s"),
}
MISSING = (-9900.0, -99.0)


def is_tmy3(lines: list[str]) -> bool:
    """Tell whether the lines of a CSV file are those of the TMY3 format."""
    return len(lines) > 1 and lines[1].split(",")[0].strip() == DATE


def read_tmy3(lines: list[str], faults: Faults, mending: Mending = NO_MENDING) -> TypicalFile:
    """Read a TMY3 file of one year of hours.

    Parameters
    ----------
    lines : list of str
        The file, of which `is_tmy3` holds.
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
        With every fault found, by line and column.
    """
    head = lines[0].split(",")
    if len(head) < 7 or not head[0].strip().isdigit():
        raise faults.stop(1, "must hold the 7 values of a TMY3 header, the station number first")
    station = station_of(head[4], head[5], head[3], 1, faults)
    fields = _fields(lines[1].split(","), faults)
    rows = [line.split(",") for line in lines[2:]]
    n_columns = len(lines[1].split(","))
    for at, row in enumerate(rows):
        if len(row) != n_columns:
            faults.add(FIRST_LINE + at, f"row {at + 1} has {len(row)} columns, not {n_columns}")
    check_row_count(len(rows), len(lines), faults)
    faults.stop_if_any()
    _hours(rows, faults)
    numbers(rows, fields, FIRST_LINE, faults, mending)
    faults.stop_if_any()
    return finish(_through_pvlib(rows, fields), station)


def _fields(titles: list[str], faults: Faults) -> list[Field]:
    places = {title.strip(): place for place, title in enumerate(titles)}
    if places.get(TIME) != 1:
        faults.add(2, f"the second column must be {TIME}")
    fields = []
    for title, (name, _, low, high, unit) in TITLES.items():
        if title in places:
            fields.append(Field(name, title, places[title], low, high, unit, MISSING))
        else:
            faults.add(2, f"column {title} is missing")
    faults.stop_if_any()
    return fields


def _hours(rows: list[list[str]], faults: Faults) -> None:
    for at, (row, wanted) in enumerate(zip(rows, calendar_hours(len(rows)), strict=True)):
        month, day, hour = (int(value) for value in wanted)
        date = re.fullmatch(r"(\d{2})/(\d{2})/\d{4}", row[0], re.ASCII)
        if not date or row[1] != f"{hour:02d}:00" or (int(date[1]), int(date[2])) != (month, day):
            faults.add(
                FIRST_LINE + at,
                f"row {at + 1}: columns date, time should be {month:02d}/{day:02d}, "
                f"{hour:02d}:00: rows must follow one another without gap or repetition",
            )
            return


def _through_pvlib(rows: list[list[str]], fields: list[Field]) -> dict[str, Floats]:
    from pvlib.iotools import read_tmy3 as pvlib_read_tmy3  # noqa: PLC0415  (slow to import)

    # Only what was judged is handed on; the parser would trip over stray marks in the rest.
    places = (0, 1, *(field.place for field in fields))
    body = (",".join(row[at].strip() for at in places) for row in rows)
    titles = ",".join([DATE, TIME, *(field.title for field in fields)])
    data, _ = pvlib_read_tmy3(io.StringIO("\n".join(["0,-,-,0,0,0,0", titles, *body])))
    columns = {name: data[key].to_numpy(np.float64) for name, key, *_ in TITLES.values()}
    columns["pressure_pa"] = columns["pressure_pa"] * PASCALS_PER_MILLIBAR
    return columns
