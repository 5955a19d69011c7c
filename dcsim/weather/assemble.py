"""The weather stage: from a file or a climate to the hours of a run."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats
from dcsim.physics.air import standard_pressure_pa
from dcsim.physics.wet_bulb import wet_bulb_c
from dcsim.scenario.plan import Plan
from dcsim.scenario.schema.weather import Column
from dcsim.scenario.schema.weather import Weather as WeatherPart
from dcsim.series.data_file import Faults, read_lines
from dcsim.series.resampling import Span, Table, sample
from dcsim.types import Weather
from dcsim.units import SECONDS_PER_MINUTE
from dcsim.weather.climate.generator import climate_hours
from dcsim.weather.climate.normals import Days, days_around
from dcsim.weather.climate.wind import hourly_luck, site_wind
from dcsim.weather.formats.epw import TypicalFile, read_epw
from dcsim.weather.formats.sam_csv import is_sam_csv, read_sam_csv
from dcsim.weather.formats.table import place_on, read_csv
from dcsim.weather.formats.tmy3 import is_tmy3, read_tmy3
from dcsim.weather.quality import Mending, distance_note

KEPT_WEATHERS = 2
KEPT_FILES = 2
IRRADIANCE = ("ghi_w_m2", "dni_w_m2", "dhi_w_m2")


class Origin(NamedTuple):
    """Where the hours come from."""

    table: Table
    source: str
    notes: tuple[str, ...]


class How(NamedTuple):
    """How a file is to be read."""

    repair_h: float
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that the weather of a plan is a function of; two are equal if their weather is."""

    key: Hashable
    plan: Plan = field(compare=False)


def make_weather(plan: Plan) -> Weather:
    """Make the hourly weather of a run.

    Parameters
    ----------
    plan : Plan
        Its `weather` section names a file, a climate, or both: the file wins.

    Returns
    -------
    Weather
        Arrays of shape ``(n_hours,)``, read-only: plans with the same weather share one object.
        Wet bulb is that of the mean pressure; a file without pressure, and the climate, have that
        of the standard atmosphere at the site's elevation.

    Raises
    ------
    ScenarioError
        If the file is unfit, by line and column, or the climate has impossible sunshine.
    """
    return _made(Inputs(_key(plan), plan))


def _key(plan: Plan) -> Hashable:
    site = plan.site
    place = (site.latitude_deg, site.longitude_deg, site.elevation_m)
    steps = (site.start, site.end, site.time_zone, site.step_h)
    luck = (site.seed, plan.replication) if _is_drawn(plan) else ()
    return (site.weather, place, steps, luck, _file_key(plan))


def _is_drawn(plan: Plan) -> bool:
    return plan.site.weather.file is None or plan.site.weather.wind is not None


def _file_key(plan: Plan) -> tuple[Path, int, int] | None:
    name = plan.site.weather.file
    if name is None:
        return None
    path = plan.files[name]
    try:
        status = path.stat()
    except OSError:
        return (path, 0, 0)  # reading it will say what is wrong
    return (path, status.st_size, status.st_mtime_ns)


@functools.lru_cache(maxsize=KEPT_WEATHERS)
def _made(inputs: Inputs) -> Weather:
    plan = inputs.plan
    site, calendar = plan.site, plan.calendar
    start_min = int(calendar.start.timestamp()) // SECONDS_PER_MINUTE
    end_min = start_min + calendar.n_hours * calendar.step_min
    days = days_around(start_min, end_min, site.longitude_deg)
    wind_luck = hourly_luck(plan, days) if _is_drawn(plan) else np.empty(0)
    origin = _origin(plan, days, wind_luck)
    columns = sample(origin.table, calendar)
    for name in IRRADIANCE:
        columns[name] *= site.weather.irradiance_factor
    if "pressure_pa" not in columns:
        columns["pressure_pa"] = np.full(calendar.n_hours, standard_pressure_pa(site.elevation_m))
    columns["temp_wet_bulb_c"] = wet_bulb_c(
        columns["temp_dry_bulb_c"],
        columns["relative_humidity_frac"],
        float(columns["pressure_pa"].mean()),
    )
    if site.weather.wind is not None:
        columns |= sample(site_wind(site.weather.wind, days, wind_luck), calendar)
    height_m = 0.0 if site.weather.wind is None else site.weather.wind.height_m
    # What is drawn is known by what it was drawn from, without another look at all of it.
    digest = _digest_of(inputs.key) if _is_drawn(plan) else _digest(columns, height_m)
    return _weather(columns, origin, height_m, digest)


def _weather(
    columns: Mapping[str, Floats], origin: Origin, height_m: float, digest: str
) -> Weather:
    for values in columns.values():
        values.setflags(write=False)  # the object is shared
    return Weather(
        temp_dry_bulb_c=columns["temp_dry_bulb_c"],
        temp_wet_bulb_c=columns["temp_wet_bulb_c"],
        relative_humidity_frac=columns["relative_humidity_frac"],
        pressure_pa=columns["pressure_pa"],
        wind_speed_m_s=columns["wind_speed_m_s"],
        ghi_w_m2=columns["ghi_w_m2"],
        dni_w_m2=columns["dni_w_m2"],
        dhi_w_m2=columns["dhi_w_m2"],
        wind_site_m_s=columns.get("wind_site_m_s"),
        wind_site_height_m=height_m,
        source=origin.source,
        digest=digest,
        notes=origin.notes,
    )


def _origin(plan: Plan, days: Days, wind_luck: Floats) -> Origin:
    site = plan.site
    if site.weather.file is None:
        assert site.weather.climate is not None
        span = climate_hours(
            plan,
            site.weather.climate,
            days,
            wind_luck=wind_luck,
            latitude_deg=site.latitude_deg,
            longitude_deg=site.longitude_deg,
        )
        return Origin(span, "built-in climate, drawn from monthly statistics", ())
    key = _file_key(plan)
    assert key is not None
    read, mended = _read(*key, site.weather.file, _how(site.weather))
    if isinstance(read, Span):
        table, notes = place_on(read, plan.calendar, site.weather.file)
        return Origin(table, f"table {site.weather.file}", (*mended, *notes))
    place = (site.latitude_deg, site.longitude_deg)
    far = distance_note((read.station.latitude_deg, read.station.longitude_deg), place)
    return Origin(read.year, f"typical year {site.weather.file}", (*mended, *read.notes, *far))


@functools.lru_cache(maxsize=KEPT_FILES)
def _read(
    path: Path, _size: int, _mtime_ns: int, shown: str, how: How
) -> tuple[TypicalFile | Span, tuple[str, ...]]:
    """Read a file; return it and what was repaired."""
    mending = Mending(how.repair_h, [])
    read = _read_any(path, shown, how, mending)
    return read, tuple(mending.notes)


def _read_any(path: Path, shown: str, how: How, mending: Mending) -> TypicalFile | Span:
    faults = Faults(shown, "weather.file")
    kind = Path(shown).suffix.lower()
    if kind not in (".epw", ".csv"):
        raise faults.stop(None, "must be an EPW file (.epw), or a TMY3, SAM or plain table (.csv)")
    lines = read_lines(path, faults, any_encoding=True)
    if kind == ".epw":
        return read_epw(lines, faults, mending)
    if is_sam_csv(lines):
        return read_sam_csv(lines, faults, mending)
    if is_tmy3(lines):
        return read_tmy3(lines, faults, mending)
    return read_csv(lines, faults, mending, how.columns)


def _how(weather: WeatherPart) -> How:
    return How(weather.repair_h, weather.columns)


def _digest_of(key: Hashable) -> str:
    return hashlib.blake2b(repr(key).encode(), digest_size=16).hexdigest()


def _digest(columns: Mapping[str, Floats], height_m: float) -> str:
    digest = hashlib.blake2b(repr(height_m).encode(), digest_size=16)
    for name in sorted(columns):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(columns[name]).data)
    return digest.hexdigest()
