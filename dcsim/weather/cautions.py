"""Cautions about weather from any file: rows and places in, what looks odd out."""

from __future__ import annotations

import numpy as np

from dcsim.series.resampling import Span, TypicalYear
from dcsim.units import HOURS_PER_DAY, MINUTES_PER_DAY, MINUTES_PER_HOUR

CENTER_LIMIT_H = 0.7
"""Assumption: sunshine centered farther than this from solar noon has its hours shifted. [h]"""
COARSEST_STEP_H = 3
"""Longest rows of which the center of sunshine can be told. [h]"""
LEAST_DAYLIGHT = 0.1
"""Length of the mean of the hours on a circle below which they have no center; the sun of a day of
24 hours beyond the polar circle has 0.3. [1]"""
EARTH_RADIUS_KM = 6371.0
"""Mean radius of the Earth (IUGG). [km]"""


def sunshine_note(
    table: Span | TypicalYear, longitude_deg: float, of: str = "solar noon"
) -> tuple[str, ...]:
    """Return a caution if the sunshine of a file is not centered on solar noon.

    A file whose hours are shifted by one passes every other test and moves all solar power.

    Parameters
    ----------
    table : Span or TypicalYear
        Its whole days are looked at; ``ghi_w_m2`` is read.
    longitude_deg : float
        East is positive. [°]
    of : str
        What the note calls noon there.

    Notes
    -----
    Solar noon is at ``12 - longitude / 15`` hours of UTC, for the sun moves a degree in four
    minutes; the equation of time averages out over a year, and is 0.27 h at most. The center of
    sunshine is the circular mean of the hours from there, each weighted with its irradiation.
    """
    ghi = table.columns["ghi_w_m2"]
    per_day, rest = divmod(MINUTES_PER_DAY, table.step_min)
    n_rows = ghi.size // max(per_day, 1) * per_day
    if rest or table.step_min > COARSEST_STEP_H * MINUTES_PER_HOUR or not n_rows:
        return ()
    weight = ghi[:n_rows]
    if not weight.sum() > 0:
        return ("The weather file has no sunshine at all.",)
    start_min = table.start_min if isinstance(table, Span) else -table.offset_min
    middle_min = start_min + (np.arange(n_rows) + 0.5) * table.step_min
    turn = np.exp(2j * np.pi * ((middle_min + 4 * longitude_deg) / MINUTES_PER_DAY - 0.5))
    center = complex(weight @ turn / weight.sum())
    if abs(center) < LEAST_DAYLIGHT:
        return ("The sunshine of the weather file is spread evenly over day and night.",)
    late_h = float(np.angle(center)) / (2 * np.pi) * HOURS_PER_DAY
    if abs(late_h) <= CENTER_LIMIT_H:
        return ()
    return (
        f"The sunshine of the weather file is centered {late_h:+.1f} h from {of}: "
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
