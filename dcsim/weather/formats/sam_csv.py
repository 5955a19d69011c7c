"""SAM and NSRDB: the lines of one or more years in, checked rows out."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats, Integers
from dcsim.series.data_file import Faults, parse_numbers
from dcsim.series.resampling import Span
from dcsim.units import MINUTES_PER_DAY, MINUTES_PER_HOUR, PASCALS_PER_MILLIBAR
from dcsim.weather.formats.weather_file import (
    ReadOptions,
    Station,
    WeatherFile,
    WeatherFormat,
    station_of,
    typical_year,
)
from dcsim.weather.quality import (
    YEAR_LENGTHS,
    FileColumn,
    calendar_hours,
    check_time_order,
    checked_columns,
)

SAM_TITLES_LINE = 3
SAM_FIRST_LINE = 4
"""Lines of the titles of the columns, and of the first row of data."""
SAM_ZONES = ("local time zone", "time zone")
"""Titles of the offset of the rows from UTC, the first one that is there."""
SAM_TIMES = ("year", "month", "day", "hour", "minute")

# Titles and units: NREL, "SAM CSV weather file format", and the columns of NSRDB downloads.
SAM_TITLES = {
    "temp_dry_bulb_c": (("temperature", "tdry", "dry bulb"), -90, 60, "°C"),
    "relative_humidity_frac": (("relative humidity", "rh", "rhum"), 0, 110, "%"),
    "pressure_pa": (("pressure", "pres"), 310, 1200, "mbar"),
    "ghi_w_m2": (("ghi", "gh"), 0, 1500, "W/m2"),
    "dni_w_m2": (("dni", "dn", "beam"), 0, 1500, "W/m2"),
    "dhi_w_m2": (("dhi", "df", "diffuse"), 0, 1500, "W/m2"),
    "wind_speed_m_s": (("wind speed", "wspd"), 0, 100, "m/s"),
}
SAM_MISSING = (-999.0, -9999.0)


class _TimedRows(NamedTuple):
    """The rows of a file and when they are, on the clock of the station."""

    columns: dict[str, Floats]
    year: Integers
    start_min: Integers
    """Start of the step, from 1970 in local standard time. [min]"""
    step_min: int
    repairs: tuple[str, ...]
    """Notes on gaps that were filled."""


def is_sam_csv(lines: list[str]) -> bool:
    """Tell whether the lines of a CSV file are those of SAM or the NSRDB."""
    head = _sam_titles(lines[0]) if lines else []
    return "latitude" in head and "longitude" in head and any(zone in head for zone in SAM_ZONES)


def read_sam_csv(lines: list[str], faults: Faults, options: ReadOptions) -> WeatherFile:
    """Read a year, or several in a row, of SAM or the NSRDB.

    Rows are stamped in local standard time. Hours stamped at 30 minutes are those of that hour;
    all other stamps begin their step.

    Parameters
    ----------
    lines : list of str
        The file, of which `is_sam_csv` holds: titles and values of the place, titles, rows.
    faults : Faults
        Where its faults go; it knows what messages call the file.
    options : ReadOptions
        Which gaps may be filled.

    Returns
    -------
    WeatherFile
        A typical year where the months come from several years, else a stretch of real time.

    Raises
    ------
    ScenarioError
        With every fault found, by line and column.
    """
    station = _sam_station(lines, faults)
    if len(lines) < SAM_FIRST_LINE + 1:
        raise faults.stop(len(lines), "needs at least two rows")
    titles = _sam_titles(lines[SAM_TITLES_LINE - 1])
    fields = _sam_columns(titles, faults)
    rows = [line.split(",") for line in lines[SAM_FIRST_LINE - 1 :]]
    for at, row in enumerate(rows):
        if len(row) < len([title for title in titles if title]):
            faults.add(
                SAM_FIRST_LINE + at, f"row {at + 1} has {len(row)} columns, not {len(titles)}"
            )
    faults.stop_if_any()
    found = _timed_rows(rows, titles, fields, faults, options.repair_h)
    faults.stop_if_any()
    if (
        np.unique(found.year).size > 1
        and found.year.size in YEAR_LENGTHS
        and not _is_gapless(found)
    ):
        return _months_as_year(found, station, faults)
    check_time_order(found.start_min, found.step_min, SAM_FIRST_LINE, faults)
    faults.stop_if_any()
    columns = dict(found.columns)
    columns["relative_humidity_frac"] = np.minimum(columns["relative_humidity_frac"] / 100, 1.0)
    begin_min = int(found.start_min[0]) - round(station.offset_h * MINUTES_PER_HOUR)
    return WeatherFile(Span(columns, found.step_min, begin_min), None, found.repairs)


def _sam_titles(line: str) -> list[str]:
    return [title.strip().strip('"').lower() for title in line.split(",")]


def _sam_station(lines: list[str], faults: Faults) -> Station:
    head = _sam_titles(lines[0])
    values = lines[1].split(",") if len(lines) > 1 else []
    if len(values) < len(head):
        raise faults.stop(2, f"has {len(values)} values for the {len(head)} titles above")
    zone = next(name for name in SAM_ZONES if name in head)
    latitude, longitude, offset = (values[head.index(t)] for t in ("latitude", "longitude", zone))
    station = station_of(latitude, longitude, offset, 2, faults)
    faults.stop_if_any()
    return station


def _sam_columns(titles: list[str], faults: Faults) -> list[FileColumn]:
    for title in SAM_TIMES[:-1]:
        if title not in titles:
            faults.add(SAM_TITLES_LINE, f"column {title.capitalize()} is missing")
    fields = []
    for name, (known, low, high, unit) in SAM_TITLES.items():
        place = next((titles.index(title) for title in known if title in titles), None)
        if place is None:
            faults.add(SAM_TITLES_LINE, f"column {known[0].title()} is missing")
        else:
            fields.append(FileColumn(name, known[0].title(), place, low, high, unit, SAM_MISSING))
    faults.stop_if_any()
    return fields


def _timed_rows(
    rows: list[list[str]],
    titles: list[str],
    fields: list[FileColumn],
    faults: Faults,
    repair_h: float,
) -> _TimedRows:
    stamps = {
        title: parse_numbers([row[titles.index(title)] for row in rows])
        if title in titles
        else None
        for title in SAM_TIMES
    }
    year, month, day, hour = (
        _whole_numbers(stamps[title], title, faults) for title in SAM_TIMES[:4]
    )
    minute = np.zeros_like(year)
    if stamps["minute"] is not None:
        minute = _whole_numbers(stamps["minute"], "minute", faults)
    faults.stop_if_any()
    january = (year - 1970).astype("datetime64[Y]").astype("datetime64[M]")
    first = january + (month - 1).astype("timedelta64[M]")
    days = first.astype("datetime64[D]").astype(np.int64) + day - 1
    start_min = days * MINUTES_PER_DAY + hour * MINUTES_PER_HOUR + minute
    step_min = int(np.median(np.diff(start_min)))
    if step_min <= 0 or MINUTES_PER_DAY % step_min:
        raise faults.stop(SAM_FIRST_LINE + 1, "the time between rows must divide a day")
    step_h = step_min / MINUTES_PER_HOUR
    columns, repairs = checked_columns(
        rows, fields, SAM_FIRST_LINE, faults, repair_h, step_h=step_h
    )
    columns["pressure_pa"] = columns["pressure_pa"] * PASCALS_PER_MILLIBAR
    middle = step_min == MINUTES_PER_HOUR and (minute == MINUTES_PER_HOUR // 2).all()
    # Hours stamped in their middle begin half an hour before their stamp.
    shift_min = MINUTES_PER_HOUR // 2 if middle else 0
    return _TimedRows(columns, year, start_min - shift_min, step_min, repairs)


def _whole_numbers(values: Floats | None, title: str, faults: Faults) -> Integers:
    assert values is not None, "titles were looked at before"
    for at in np.flatnonzero(~(values == np.round(values))):
        faults.add(SAM_FIRST_LINE + int(at), f"column {title.capitalize()} is not a whole number")
    return np.asarray(np.nan_to_num(values), dtype=np.int64)


def _is_gapless(found: _TimedRows) -> bool:
    return bool((np.diff(found.start_min) == found.step_min).all())


def _months_as_year(found: _TimedRows, station: Station, faults: Faults) -> WeatherFile:
    """Return months of several years as one year; their hours must be those of a calendar."""
    moment = found.start_min.astype("datetime64[m]")
    month = moment.astype("datetime64[M]")
    stated = np.stack(
        [
            month.astype(np.int64) % 12 + 1,
            (moment.astype("datetime64[D]") - month.astype("datetime64[D]")).astype(np.int64) + 1,
            found.start_min % MINUTES_PER_DAY // MINUTES_PER_HOUR + 1,
        ],
        axis=1,
    )
    for at in np.flatnonzero((stated != calendar_hours(month.size)).any(axis=1))[:1]:
        faults.add(
            SAM_FIRST_LINE + int(at),
            f"row {at + 1} is not the next hour of the year: rows must follow one another without "
            "gap or repetition",
        )
    faults.stop_if_any()
    return typical_year(dict(found.columns), station, found.repairs)


SAM_CSV = WeatherFormat("SAM or NSRDB", ".csv", is_sam_csv, read_sam_csv)
