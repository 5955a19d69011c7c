"""The weather stage: a plan in, the hours of weather of its run out."""

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
from dcsim.series.resampling import SeriesTable, Span, resample, run_minutes
from dcsim.types import Weather
from dcsim.weather.cautions import distance_note, sunshine_note
from dcsim.weather.climate.generator import climate_hours
from dcsim.weather.climate.normals import DayRange, days_around
from dcsim.weather.climate.wind import hourly_wind_normals, site_wind
from dcsim.weather.formats.registry import read_weather_file
from dcsim.weather.formats.weather_file import ReadOptions, WeatherFile
from dcsim.weather.measured_wind import (
    DENSITY,
    draws_measured_years,
    measured_key,
    measured_table,
)
from dcsim.weather.quality import IRRADIANCE
from dcsim.weather.years import has_years_to_draw, real_weather

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
    is_random = _is_drawn(plan) or _draws_years(plan) or draws_measured_years(plan)
    stream = (site.seed, plan.replication) if is_random else ()
    return (site.weather, place, steps, stream, _file_key(plan), measured_key(plan))


def _is_drawn(plan: Plan) -> bool:
    return plan.site.weather.file is None or plan.site.weather.wind is not None


def _draws_years(plan: Plan) -> bool:
    """Tell whether the file holds several years, of which replications draw."""
    if plan.site.weather.file is None:
        return False
    table = _checked_weather_file(plan).table
    return isinstance(table, Span) and has_years_to_draw(table)


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
    heights, notes = _measured_hours(plan)
    # What is drawn is known by what it was drawn from, without another look at all of it.
    digest = (
        _digest_of_key(inputs.key)
        if _is_drawn(plan)
        else _digest_of_hours(columns | heights, height_m)
    )
    source = source._replace(notes=(*source.notes, *notes))
    return _weather_record(columns, source, height_m, digest, heights)


def _measured_hours(plan: Plan) -> tuple[dict[str, Floats], tuple[str, ...]]:
    """Return measured wind by height and its density on the steps of a run, and notes."""
    if plan.site.weather.measured_wind is None:
        return {}, ()
    table, notes = measured_table(plan)
    return resample(table, plan.calendar), notes


def _weather_record(
    columns: Mapping[str, Floats],
    source: WeatherSource,
    height_m: float,
    digest: str,
    heights: Mapping[str, Floats],
) -> Weather:
    for values in (*columns.values(), *heights.values()):
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
        wind_at_heights_m_s={float(at): heights[at] for at in heights if at != DENSITY},
        air_density_kg_m3=heights.get(DENSITY),
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
    """Return the notes of a plan's files of weather and wind, read as a run reads them.

    Raises
    ------
    ScenarioError
        If the file is unfit, by line and column, or does not cover the run.
    """
    notes = () if plan.site.weather.file is None else _file_source(plan).notes
    return (*notes, *(measured_table(plan)[1] if plan.site.weather.measured_wind else ()))


def _file_source(plan: Plan) -> WeatherSource:
    site, file = plan.site, _checked_weather_file(plan)
    assert site.weather.file is not None
    cautions = _cautions(file, (site.latitude_deg, site.longitude_deg))
    if isinstance(file.table, Span):
        table, notes = real_weather(file.table, plan, site.weather.file)
        return WeatherSource(table, f"table {site.weather.file}", (*file.notes, *notes, *cautions))
    return WeatherSource(file.table, f"typical year {site.weather.file}", (*file.notes, *cautions))


def _checked_weather_file(plan: Plan) -> WeatherFile:
    """Return the checked file that a scenario names."""
    weather, key = plan.site.weather, _file_key(plan)
    assert key is not None
    assert weather.file is not None
    humidity = weather.climate.humidity_frac if weather.climate is not None else ()
    options = ReadOptions(weather.repair_h, weather.columns, humidity)
    return _cached_file(*key, weather.file, options)


def _cautions(file: WeatherFile, site: tuple[float, float]) -> tuple[str, ...]:
    """Return what looks odd about the place of a file and about its sun.

    The sun is judged by the longitude the file states, and by that of the site: a file that is
    sound in itself shines at the wrong hours far from where it is from.
    """
    if file.station is None:
        return sunshine_note(file.table, site[1])
    station = (file.station.latitude_deg, file.station.longitude_deg)
    sun = sunshine_note(file.table, station[1])
    sun = sun or sunshine_note(file.table, site[1], "solar noon at the site")
    return (*sun, *distance_note(station, site))


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
