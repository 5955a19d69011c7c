"""EPW: the lines of a file in, the hours of a typical year out.

Rows close their hour in the standard time of the file: row 1 of a day is the hour that ends at
01:00. Where rows are shorter than an hour, the minute closes them.
"""

from __future__ import annotations

import numpy as np

from dcsim.clock import Integers
from dcsim.series.data_file import Faults, parse_number
from dcsim.units import MINUTES_PER_HOUR
from dcsim.weather.formats.cells import (
    cell_numbers,
    cells_of,
    clock_minutes,
    rows_below,
    seconds_of,
    whole_numbers,
)
from dcsim.weather.formats.checked_rows import checked_file
from dcsim.weather.formats.weather_file import (
    FileRows,
    ReadOptions,
    Station,
    WeatherFile,
    WeatherFormat,
    station_of,
)
from dcsim.weather.quality import FASTEST_WIND_M_S, FileColumn

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
FEWEST_EPW_FIELDS = 22
"""Fields a row needs: wind speed is the last one read, and writers leave out the end of a row."""
EPW_TIMES = ("year", "month", "day", "hour", "minute")

# Units, ranges and missing codes: EnergyPlus Auxiliary Programs, "EnergyPlus Weather File (EPW)
# Data Dictionary". The upper limit of temperature is tighter than its 70 °C, so that a file in
# degrees Fahrenheit is found out; the hottest air ever measured had 56.7 °C (WMO).
EPW_COLUMNS = {
    6: FileColumn("temp_dry_bulb_c", "dry bulb temperature", -90, 60, "°C", 1, (99.9,)),
    7: FileColumn("dew_point_c", "dew point temperature", -120, 60, "°C", 1, (99.9,)),
    8: FileColumn("relative_humidity_frac", "relative humidity", 0, 110, "%", 0.01, (999.0,)),
    9: FileColumn(
        "pressure_pa", "atmospheric pressure", 31_000, 120_000, "Pa", 1, (999_999.0, 999_990.0)
    ),
    13: FileColumn("ghi_w_m2", "global horizontal radiation", 0, 1500, "Wh/m2", 1, (9999.0,)),
    14: FileColumn("dni_w_m2", "direct normal radiation", 0, 1500, "Wh/m2", 1, (9999.0,)),
    15: FileColumn("dhi_w_m2", "diffuse horizontal radiation", 0, 1500, "Wh/m2", 1, (9999.0,)),
    21: FileColumn("wind_speed_m_s", "wind speed", 0, FASTEST_WIND_M_S, "m/s", 1, (999.0,)),
}
"""By place in a row."""


def read_epw(lines: list[str], faults: Faults, options: ReadOptions) -> WeatherFile:
    """Read an EPW file of a year.

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
        A typical year of 366 days, its station, repairs and cautions; real time where the rows are
        several years.

    Raises
    ------
    ScenarioError
        With every fault found: encoding, header, number of rows and fields, order of hours,
        holes, values out of range. Each names line and column.
    """
    station = _check_header(lines, faults)
    n_header = len(EPW_HEADER)
    rows, table = rows_below(lines[n_header:], n_header + 1, ",", FEWEST_EPW_FIELDS, faults)
    faults.stop_if_any()
    if len(rows) < 2:
        raise faults.stop(len(lines), f"ends after {len(rows)} rows of data")
    times = [
        whole_numbers(cell_numbers(rows, place, title, faults), title, table, faults)
        for place, title in enumerate(EPW_TIMES)
    ]
    values = {
        column.name: cell_numbers(rows, place, column.title, faults)
        for place, column in EPW_COLUMNS.items()
    }
    begin_min, notes = _begin_minutes(times[3], times[4])
    date = (times[0], times[1], times[2])
    clock_min = clock_minutes(date, begin_min, table, faults, is_typical_form=True)
    faults.stop_if_any()
    found = FileRows(
        tuple(EPW_COLUMNS.values()),
        values,
        seconds_of(clock_min),
        table,
        station,
        is_typical_form=True,
        notes=notes,
    )
    return checked_file(found, faults, options)


def _check_header(lines: list[str], faults: Faults) -> Station:
    for at, title in enumerate(EPW_HEADER):
        line = lines[at] if at < len(lines) else ""
        if cells_of(line)[0].upper() != title:
            raise faults.stop(at + 1, f"must begin with {title}: an EPW header has 8 lines")
    fields = cells_of(lines[0])
    if len(fields) < 10 or not np.isfinite(parse_number(fields[9])):
        raise faults.stop(1, "LOCATION needs 9 values, the last one the elevation")
    return station_of(fields[6], fields[7], fields[8], 1, faults)


def _begin_minutes(hour: Integers, minute: Integers) -> tuple[Integers, tuple[str, ...]]:
    """Return the start of each row in minutes from midnight, and a note on odd numbers of hours."""
    counts_from_zero = bool(hour.min() == 0 and hour.max() < 24)
    notes = ("Hours numbered 0 to 23 are taken as the starts of their steps.",)
    first_hour = hour if counts_from_zero else hour - 1
    if (np.diff(hour) == 0).mean() < 0.25:
        # The minute of whole hours is 0, 30 or 60 by the habit of the writer and says nothing.
        return first_hour * MINUTES_PER_HOUR, notes if counts_from_zero else ()
    gap = np.diff(minute)
    step_min = int(np.median(gap[gap > 0])) if (gap > 0).any() else MINUTES_PER_HOUR
    closes = step_min if minute.min() > 0 else 0
    begin_min = first_hour * MINUTES_PER_HOUR + minute - closes
    return begin_min, notes if counts_from_zero else ()


def _is_epw(lines: list[str]) -> bool:
    # The ending alone decides: a file that ends in .epw and has no such header is a broken one.
    del lines
    return True


EPW = WeatherFormat("EPW", ".epw", _is_epw, read_epw)
