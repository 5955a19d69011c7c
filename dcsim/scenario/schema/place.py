"""Place: coordinates in; out comes what a site is by default because of where it lies."""

from __future__ import annotations

import functools
import zoneinfo

SOUTH_DEG = 180.0
"""Azimuth of modules that face south. [°]"""
NORTH_DEG = 0.0
"""Azimuth of modules that face north. [°]"""


@functools.lru_cache(maxsize=64)
def zone_at(latitude_deg: float, longitude_deg: float) -> str | None:
    """Return the name of the time zone in force at a place; None if this system does not know it.

    Off the coasts it is the nautical zone, whole hours from UTC such as ``Etc/GMT-9``.

    >>> zone_at(52.5, 13.4), zone_at(-31.55, 159.08)
    ('Europe/Berlin', 'Australia/Lord_Howe')
    """
    import tzfpy  # noqa: PLC0415  (most scenarios name their zone)

    name = str(tzfpy.get_tz(longitude_deg, latitude_deg))
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None
    return name


def azimuth_to_equator(latitude_deg: float) -> float:
    """Return the direction of modules that face the noon sun for most of the year. [°].

    >>> azimuth_to_equator(35.5), azimuth_to_equator(-33.9)
    (180.0, 0.0)
    """
    return NORTH_DEG if latitude_deg < 0 else SOUTH_DEG
