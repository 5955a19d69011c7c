"""TMY3: the lines of a file in, the hours of a typical year out."""

from __future__ import annotations

import re

import numpy as np

from dcsim.clock import Floats, Integers
from dcsim.series.data_file import Faults
from dcsim.series.text_table import ForeignTable
from dcsim.units import MINUTES_PER_DAY, MINUTES_PER_HOUR, PASCALS_PER_MILLIBAR
from dcsim.weather.formats.cells import (
    cell_numbers,
    cells_of,
    clock_minutes,
    rows_below,
    seconds_of,
)
from dcsim.weather.formats.checked_rows import checked_file
from dcsim.weather.formats.weather_file import (
    FileRows,
    ReadOptions,
    WeatherFile,
    WeatherFormat,
    station_of,
)
from dcsim.weather.quality import FASTEST_WIND_M_S, FileColumn

TMY3_FIRST_LINE = 3
"""Line of the first row of data."""
TMY3_DATE, TMY3_TIME = "Date (MM/DD/YYYY)", "Time (HH:MM)"
TMY3_MISSING = (-9900.0, -99.0, -999.0, -9999.0)

# Units and codes: Wilcox and Marion, Users Manual for TMY3 Data Sets, NREL/TP-581-43156 (2008).
TMY3_COLUMNS = (
    FileColumn("temp_dry_bulb_c", "Dry-bulb (C)", -90, 60, "°C", 1, TMY3_MISSING),
    FileColumn("dew_point_c", "Dew-point (C)", -120, 60, "°C", 1, TMY3_MISSING),
    FileColumn("relative_humidity_frac", "RHum (%)", 0, 110, "%", 0.01, TMY3_MISSING),
    FileColumn(
        "pressure_pa", "Pressure (mbar)", 310, 1200, "mbar", PASCALS_PER_MILLIBAR, TMY3_MISSING
    ),
    FileColumn("ghi_w_m2", "GHI (W/m^2)", 0, 1500, "W/m2", 1, TMY3_MISSING),
    FileColumn("dni_w_m2", "DNI (W/m^2)", 0, 1500, "W/m2", 1, TMY3_MISSING),
    FileColumn("dhi_w_m2", "DHI (W/m^2)", 0, 1500, "W/m2", 1, TMY3_MISSING),
    FileColumn("wind_speed_m_s", "Wspd (m/s)", 0, FASTEST_WIND_M_S, "m/s", 1, TMY3_MISSING),
)
_TMY3_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_TMY3_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::00)?", re.ASCII)


def is_tmy3(lines: list[str]) -> bool:
    """Tell whether the lines of a CSV file are those of the TMY3 format."""
    return len(lines) > 1 and cells_of(lines[1])[0] == TMY3_DATE


def read_tmy3(lines: list[str], faults: Faults, options: ReadOptions) -> WeatherFile:
    """Read a TMY3 file of a year.

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
        A typical year of 366 days, its station, repairs and cautions; real time where the rows are
        several years.

    Raises
    ------
    ScenarioError
        With every fault found, by line and column.
    """
    head = cells_of(lines[0])
    if len(head) < 7 or not head[0].isdigit():
        raise faults.stop(1, "must hold the 7 values of a TMY3 header, the station number first")
    station = station_of(head[4], head[5], head[3], 1, faults)
    titles = cells_of(lines[1])
    places = _tmy3_places(titles, faults)
    first = TMY3_FIRST_LINE
    rows, table = rows_below(lines[first - 1 :], first, ",", max(places.values()) + 1, faults)
    faults.stop_if_any()
    if len(rows) < 2:
        raise faults.stop(len(lines), f"ends after {len(rows)} rows of data")
    clock_s, notes = _tmy3_clock(rows, table, faults)
    columns = tuple(column for column in TMY3_COLUMNS if column.title in places)
    values = {
        column.name: cell_numbers(rows, places[column.title], column.title, faults)
        for column in columns
    }
    faults.stop_if_any()
    found = FileRows(columns, values, clock_s, table, station, is_typical_form=True, notes=notes)
    return checked_file(found, faults, options)


def _tmy3_places(titles: list[str], faults: Faults) -> dict[str, int]:
    places = {title: place for place, title in reversed(list(enumerate(titles)))}
    if places.get(TMY3_TIME) != 1:
        faults.add(2, f"the second column must be {TMY3_TIME}")
    dew_point, humidity, pressure = (TMY3_COLUMNS[at].title for at in (1, 2, 3))
    for column in TMY3_COLUMNS:
        if column.title in (dew_point, pressure) or column.title in places:
            continue
        if column.title == humidity and dew_point in places:
            continue
        faults.add(2, f"column {column.title} is missing")
    faults.stop_if_any()
    return {column.title: places[column.title] for column in TMY3_COLUMNS if column.title in places}


def _tmy3_clock(
    rows: list[list[str]], table: ForeignTable, faults: Faults
) -> tuple[Floats, tuple[str, ...]]:
    """Return the start of each row by the clock of the file, and a note on odd numbers of hours."""
    parts = np.zeros((len(rows), 5), dtype=np.int64)
    for at, row in enumerate(rows):
        date, time = _TMY3_DATE.fullmatch(row[0]), _TMY3_TIME.fullmatch(row[1])
        if date is None or time is None:
            faults.add(table.line_of(at), "does not begin with a date and a time such as 01:00")
            continue
        parts[at] = [int(text) for text in (*date.groups(), *time.groups())]
    faults.stop_if_any()
    month, day, year, hour, minute = parts.T
    label_min: Integers = hour * MINUTES_PER_HOUR + minute
    moment_min = clock_minutes((year, month, day), label_min, table, faults, is_typical_form=True)
    faults.stop_if_any()
    gap = np.diff(label_min)
    step_min = int(np.median(gap[gap > 0])) if (gap > 0).any() else MINUTES_PER_HOUR
    # Labels close their hour; a year that begins at 00:00 and never says 24:00 has other ones.
    if label_min[0] == 0 and label_min.max() < MINUTES_PER_DAY:
        notes = ("Hours numbered 0 to 23 are taken as the starts of their steps.",)
        return seconds_of(moment_min), notes
    return seconds_of(moment_min - step_min), ()


TMY3 = WeatherFormat("TMY3", ".csv", is_tmy3, read_tmy3)
