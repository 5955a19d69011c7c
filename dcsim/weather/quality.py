"""Checks of weather files, the same for every format: texts of rows in, numbers and notes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dcsim.clock import Floats
from dcsim.series.data_file import Faults, parse_numbers
from dcsim.series.gaps import fill_gaps, repair_note
from dcsim.series.resampling import LEAP_YEAR_DAYS, Columns, with_leap_day
from dcsim.units import HOURS_PER_DAY, MINUTES_PER_HOUR

YEAR_LENGTHS = (365 * HOURS_PER_DAY, LEAP_YEAR_DAYS * HOURS_PER_DAY)
"""Hours a typical year may have."""
IRRADIANCE = ("ghi_w_m2", "dni_w_m2", "dhi_w_m2")
CENTER_LIMIT_H = 0.7
"""Assumption: sunshine centered farther than this from solar noon has its hours shifted. [h]"""
EARTH_RADIUS_KM = 6371.0
"""Mean radius of the Earth (IUGG). [km]"""


class FileColumn(NamedTuple):
    """One column of a format that is read."""

    name: str
    """Field of `dcsim.types.Weather` it becomes."""
    title: str
    """Its name in the format, for messages."""
    place: int
    """Its place in a row, from 0."""
    low: float
    high: float
    """Range in the units of the format."""
    unit: str
    missing: tuple[float, ...] = ()
    """Codes by which the format says that there is no value."""


def checked_columns(
    rows: list[list[str]],
    fields: Sequence[FileColumn],
    first_line: int,
    faults: Faults,
    repair_h: float = 0.0,
    *,
    step_h: float = 1.0,
) -> tuple[dict[str, Floats], tuple[str, ...]]:
    """Return the columns of `fields`, and note every hole and every value out of range.

    Gaps that may be filled are filled, here and in the texts of the rows, for a format may have
    another parser read those texts.

    Parameters
    ----------
    rows : list of list of str
        Texts of the rows, each long enough for every field.
    fields : sequence of FileColumn
        What to read.
    first_line : int
        Line of the file on which the first row stands.
    faults : Faults
        Where faults go.
    repair_h : float
        Longest gap that is filled; 0 fills none. [h]
    step_h : float
        Length of a row. [h]

    Returns
    -------
    columns : dict of ndarray, shape (n_rows,)
        Values in the units of the format; NaN where a fault was noted.
    repairs : tuple of str
        One note for each column of which gaps were filled.
    """
    found: dict[str, Floats] = {}
    repairs: list[str] = []
    for field in fields:
        values = parse_numbers([row[field.place] for row in rows])
        hole = np.isnan(values) | np.isin(values, field.missing)
        with np.errstate(invalid="ignore"):
            outside = ~hole & ((values < field.low) | (values > field.high))
        bad = hole | outside
        if repair_h > 0 and bad.any():
            values, left = fill_gaps(values, bad, field.name in IRRADIANCE, repair_h, step_h)
            repairs += repair_note(field.title, bad & ~left, step_h)
            for at in np.flatnonzero(bad & ~left):
                rows[at][field.place] = repr(float(values[at]))
            hole, outside = hole & left, outside & left
        for at in np.flatnonzero(hole):
            faults.add(first_line + int(at), f"column {field.title} has no value")
        for at in np.flatnonzero(outside):
            faults.add(
                first_line + int(at),
                f"column {field.title} is not within {field.low:g} to {field.high:g} {field.unit}",
            )
        found[field.name] = np.where(hole | outside, np.nan, values)
    return found, tuple(repairs)


def check_time_order(
    moments: NDArray[np.int64], step: int, first_line: int, faults: Faults
) -> None:
    """Note each row whose time does not follow the row before by one `step`.

    Parameters
    ----------
    moments : ndarray of int, shape (n_rows,)
        Start of each row. [min]
    step : int
        Length of a row. [min]
    first_line : int
        Line of the file on which the first row stands.
    faults : Faults
        Where faults go.
    """
    gap = np.diff(moments)
    for at in np.flatnonzero(gap != step):
        if gap[at] == 0:
            what = "repeats the time of the row before"
        elif gap[at] < 0:
            what = "is earlier than the row before"
        else:
            what = "leaves a gap after the row before"
        faults.add(first_line + int(at) + 1, f"the time {what}")


def calendar_hours(n_hours: int) -> NDArray[np.int64]:
    """Return month, day and hour 1 to 24 of each hour of a year as ``(n_hours, 3)`` integers."""
    year = "2001" if n_hours == YEAR_LENGTHS[0] else "2000"
    since = np.arange(n_hours // HOURS_PER_DAY).astype("timedelta64[D]")
    days = np.datetime64(f"{year}-01-01") + since
    months = days.astype("datetime64[M]")
    month = months.astype(np.int64) % 12 + 1
    day = (days - months.astype("datetime64[D]")).astype(np.int64) + 1
    hour = np.arange(n_hours) % HOURS_PER_DAY + 1
    return np.stack([np.repeat(month, HOURS_PER_DAY), np.repeat(day, HOURS_PER_DAY), hour], axis=1)


def whole_year(columns: Mapping[str, Floats]) -> tuple[dict[str, Floats], tuple[str, ...]]:
    """Return hourly columns of 366 days and notes on how a typical year is used."""
    n_hours = next(iter(columns.values())).size
    notes: tuple[str, ...] = (
        "The weather is a typical year repeated: years do not differ, rare extremes are absent.",
    )
    if n_hours == YEAR_LENGTHS[1]:
        return dict(columns), notes
    leap = {name: with_leap_day(values, HOURS_PER_DAY) for name, values in columns.items()}
    return leap, (*notes, "29 February repeats 28 February.")


def sunshine_note(columns: Columns, offset_min: int, longitude_deg: float) -> tuple[str, ...]:
    """Return a caution if the sunshine of a year of hours is not centered on solar noon.

    A file whose hours are shifted by one passes every other test and moves all solar power.

    Parameters
    ----------
    columns : mapping of ndarray, shape (n_days * 24,)
        Hours of whole days on the clock of the file; ``ghi_w_m2`` is read.
    offset_min : int
        That clock minus UTC. [min]
    longitude_deg : float
        East is positive. [°]

    Notes
    -----
    Solar noon is at ``12 - (4 longitude - offset) / 60`` hours of that clock, for the sun moves a
    degree in four minutes; the equation of time averages out over a year. The center of sunshine is
    the mean of the hours from there, each weighted with its irradiation over the year.
    """
    by_hour = columns["ghi_w_m2"].reshape(-1, HOURS_PER_DAY).sum(axis=0)
    if not by_hour.sum() > 0:
        return ("The weather file has no sunshine at all.",)
    solar_noon_h = 12 - (longitude_deg * 4 - offset_min) / MINUTES_PER_HOUR
    middle_h = np.arange(HOURS_PER_DAY) + 0.5
    from_noon_h = (middle_h - solar_noon_h + 12) % HOURS_PER_DAY - 12
    late_h = float(by_hour @ from_noon_h / by_hour.sum())
    if abs(late_h) <= CENTER_LIMIT_H:
        return ()
    return (
        f"The sunshine of the weather file is centered {late_h:+.1f} h from solar noon: "
        "its hours or its time zone may be shifted.",
    )


def distance_note(
    station: tuple[float, float], site: tuple[float, float], limit_km: float = 100.0
) -> tuple[str, ...]:
    """Return a caution if a station lies far from the site.

    Parameters
    ----------
    station, site : tuple of float
        Latitude and longitude, north and east positive. [°]
    limit_km : float
        Farthest distance without a caution. [km]

    Notes
    -----
    Great circle by the haversine formula on a sphere of the mean radius of the Earth, 6371 km.
    """
    (lat_a, lon_a), (lat_b, lon_b) = np.radians(station), np.radians(site)
    half = (
        np.sin((lat_b - lat_a) / 2) ** 2
        + np.cos(lat_a) * np.cos(lat_b) * np.sin((lon_b - lon_a) / 2) ** 2
    )
    distance_km = 2 * EARTH_RADIUS_KM * float(np.arcsin(np.sqrt(half)))
    if distance_km <= limit_km:
        return ()
    return (f"The weather station lies {distance_km:,.0f} km from the site.",)
