"""The weather stage: a plan in, the hours of weather of its run out."""

from __future__ import annotations

import datetime
import functools
import hashlib
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dcsim.clock import Calendar, Floats
from dcsim.physics.air import standard_pressure_pa
from dcsim.physics.wet_bulb import wet_bulb_c
from dcsim.scenario.plan import Plan
from dcsim.series.data_file import Faults
from dcsim.series.resampling import SeriesTable, Span, resample, run_minutes, table_for_run
from dcsim.types import Weather
from dcsim.units import SECONDS_PER_MINUTE
from dcsim.weather.climate.generator import climate_hours
from dcsim.weather.climate.normals import DayRange, days_around
from dcsim.weather.climate.wind import hourly_wind_normals, site_wind
from dcsim.weather.formats.registry import read_weather_file
from dcsim.weather.formats.weather_file import ReadOptions, WeatherFile
from dcsim.weather.quality import IRRADIANCE, distance_note

CACHED_WEATHERS = 2
CACHED_FILES = 2


class WeatherSource(NamedTuple):
    """Rows the hours come from."""

    table: SeriesTable
    name: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WeatherInputs:
    """All that the weather of a plan is a function of, as a key of the cache."""

    key: Hashable
    plan: Plan = field(compare=False)


def make_weather(plan: Plan) -> Weather:
    """Return the hourly weather of a run.

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
        If the file is unfit, by line and column, or a month of the climate has more sunshine than
        its sun can give.
    """
    return _weather_of_inputs(WeatherInputs(_key(plan), plan))


def _key(plan: Plan) -> Hashable:
    site = plan.site
    place = (site.latitude_deg, site.longitude_deg, site.elevation_m)
    steps = (site.start, site.end, site.time_zone, site.step_h)
    stream = (site.seed, plan.replication) if _is_drawn(plan) else ()
    return (site.weather, place, steps, stream, _file_key(plan))


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


@functools.lru_cache(maxsize=CACHED_WEATHERS)
def _weather_of_inputs(inputs: WeatherInputs) -> Weather:
    plan = inputs.plan
    site, calendar = plan.site, plan.calendar
    days = days_around(*run_minutes(calendar), site.longitude_deg)
    site_normals = hourly_wind_normals(plan, days) if _is_drawn(plan) else np.empty(0)
    source = _weather_source(plan, days, site_normals)
    columns = resample(source.table, calendar)
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
        columns |= resample(site_wind(site.weather.wind, days, site_normals), calendar)
    height_m = 0.0 if site.weather.wind is None else site.weather.wind.height_m
    # What is drawn is known by what it was drawn from, without another look at all of it.
    digest = _digest_of_key(inputs.key) if _is_drawn(plan) else _digest_of_hours(columns, height_m)
    return _weather_record(columns, source, height_m, digest)


def _weather_record(
    columns: Mapping[str, Floats], source: WeatherSource, height_m: float, digest: str
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
        source=source.name,
        digest=digest,
        notes=source.notes,
    )


def _weather_source(plan: Plan, days: DayRange, site_normals: Floats) -> WeatherSource:
    site = plan.site
    if site.weather.file is None:
        assert site.weather.climate is not None
        span = climate_hours(
            plan,
            site.weather.climate,
            days,
            site_normals=site_normals,
            latitude_deg=site.latitude_deg,
            longitude_deg=site.longitude_deg,
        )
        return WeatherSource(span, "built-in climate, drawn from monthly statistics", ())
    return _file_source(plan)


def read_weather_notes(plan: Plan) -> tuple[str, ...]:
    """Return the notes of a plan's weather file, read as a run reads it; none without a file.

    Raises
    ------
    ScenarioError
        If the file is unfit, by line and column, or does not cover the run.
    """
    return () if plan.site.weather.file is None else _file_source(plan).notes


def _file_source(plan: Plan) -> WeatherSource:
    site, key = plan.site, _file_key(plan)
    assert key is not None
    assert site.weather.file is not None
    options = ReadOptions(site.weather.repair_h, site.weather.columns)
    file = _cached_file(*key, site.weather.file, options)
    if isinstance(file.table, Span):
        table, notes = _table_on(file.table, plan.calendar, site.weather.file)
        return WeatherSource(table, f"table {site.weather.file}", (*file.notes, *notes))
    assert file.station is not None, "a typical year is that of a station"
    place = (site.latitude_deg, site.longitude_deg)
    far = distance_note((file.station.latitude_deg, file.station.longitude_deg), place)
    return WeatherSource(file.table, f"typical year {site.weather.file}", (*file.notes, *far))


def _table_on(span: Span, calendar: Calendar, shown: str) -> tuple[SeriesTable, tuple[str, ...]]:
    """Return real rows as they serve a run, and notes: as they are, or as a year that repeats."""
    table = table_for_run(span, calendar)
    if table is None:
        first, last = (
            datetime.datetime.fromtimestamp(minute * SECONDS_PER_MINUTE, datetime.UTC)
            for minute in run_minutes(calendar)
        )
        message = (
            f"must cover the run, {first:%Y-%m-%dT%H:%MZ} to {last:%Y-%m-%dT%H:%MZ}, or be one "
            "whole year, to be repeated"
        )
        raise Faults(shown, "weather.file").stop(None, message)
    if table is span:
        return table, ()
    return table, ("The weather is one year repeated: years do not differ.",)


@functools.lru_cache(maxsize=CACHED_FILES)
def _cached_file(
    path: Path, _size: int, _mtime_ns: int, shown: str, options: ReadOptions
) -> WeatherFile:
    return read_weather_file(path, shown, options)


def _digest_of_key(key: Hashable) -> str:
    return hashlib.blake2b(repr(key).encode(), digest_size=16).hexdigest()


def _digest_of_hours(columns: Mapping[str, Floats], height_m: float) -> str:
    digest = hashlib.blake2b(repr(height_m).encode(), digest_size=16)
    for name in sorted(columns):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(columns[name]).data)
    return digest.hexdigest()
