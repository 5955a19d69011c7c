"""Measured wind at the turbines: a table with named heights in, hours of a run out."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats
from dcsim.scenario.plan import Plan
from dcsim.scenario.schema.profile import Profile
from dcsim.scenario.schema.weather import MeasuredWind
from dcsim.series.data_file import Faults
from dcsim.series.profile_rows import ProfileRows, read_profile_rows
from dcsim.series.resampling import SeriesTable, Span
from dcsim.weather.formats.units import converted
from dcsim.weather.quality import FASTEST_WIND_M_S
from dcsim.weather.years import has_years_to_draw, real_weather

MEASURED_KEY = "weather.measured_wind"
DENSITY = "air_density_kg_m3"
DENSITIES_KG_M3 = (0.5, 1.6)
"""Range of the density of air from 6 km up on a warm day to sea level at -55 °C. [kg/m3]"""


class MeasuredSpan(NamedTuple):
    """The rows of a table of wind: speeds by height, in m, and density where it has any."""

    span: Span
    notes: tuple[str, ...]


def measured_table(plan: Plan) -> tuple[SeriesTable, tuple[str, ...]]:
    """Return the measured wind as it serves a run, and notes.

    Its columns are named by their height in m; one is ``air_density_kg_m3`` where that is measured.
    Several years are drawn as those of the weather file, so that both keep together.

    Raises
    ------
    ScenarioError
        If the file is unfit, by line and column, or covers neither the run nor a year.
    """
    measured, found = _rows_of(plan)
    table, notes = real_weather(found.span, plan, measured.file, key=MEASURED_KEY, what="wind")
    return table, tuple(f"{MEASURED_KEY}: {note}" for note in (*found.notes, *notes))


def draws_measured_years(plan: Plan) -> bool:
    """Tell whether measured wind holds several years, of which replications draw."""
    if plan.site.weather.measured_wind is None:
        return False
    return has_years_to_draw(_rows_of(plan)[1].span)


def measured_key(plan: Plan) -> tuple[Path, int, int] | None:
    """Return path, size and time of change of the table, None without one."""
    measured = plan.site.weather.measured_wind
    if measured is None:
        return None
    path = plan.files[measured.file]
    try:
        status = path.stat()
    except OSError:
        return (path, 0, 0)  # reading it will say what is wrong
    return (path, status.st_size, status.st_mtime_ns)


def _rows_of(plan: Plan) -> tuple[MeasuredWind, MeasuredSpan]:
    measured, key = plan.site.weather.measured_wind, measured_key(plan)
    assert measured is not None
    assert key is not None
    return measured, _read_measured(key, measured)


@functools.lru_cache(maxsize=2)
def _read_measured(stamp: tuple[Path, int, int], measured: MeasuredWind) -> MeasuredSpan:
    faults = Faults(measured.file, MEASURED_KEY)
    columns: dict[str, Floats] = {}
    notes: list[str] = []
    start_min = step_min = 0
    titles = [(f"{speed.height_m:g}", speed.column) for speed in measured.speeds]
    if measured.density is not None:
        titles.append((DENSITY, measured.density))
    for name, title in titles:
        rows = read_profile_rows(stamp[0], _profile_of(measured, title), faults)
        if rows.axis is None:
            raise faults.stop(None, "has no column of times; 'time: ...' names it")
        start_min, step_min = rows.axis.start_min, rows.axis.step_min
        values = rows.values
        if name != DENSITY and measured.unit is not None:
            values = converted(values, "m/s", measured.unit, "", faults)
        _check_values(values, name, rows, faults)
        columns[name] = values
        notes += rows.notes
    faults.stop_if_any()
    span = Span(columns, step_min, start_min)
    return MeasuredSpan(span, tuple(dict.fromkeys(notes)))


def _profile_of(measured: MeasuredWind, title: str) -> Profile:
    return Profile.model_validate(
        {
            "file": measured.file,
            "column": title,
            "time": measured.time,
            "time_zone": measured.time_zone,
            "labels": measured.labels,
            "repair": f"{measured.repair_h:g} h",
        }
    )


def _check_values(values: Floats, name: str, rows: ProfileRows, faults: Faults) -> None:
    low, high, unit = (0.0, FASTEST_WIND_M_S, "m/s")
    if name == DENSITY:
        low, high, unit = (*DENSITIES_KG_M3, "kg/m3")
    what = "air density" if name == DENSITY else f"wind at {name} m"
    for step in np.flatnonzero((values < low) | (values > high)):
        faults.add(
            rows.table.line_of(rows.row_of(int(step))),
            f"{what} is not within {low:g} to {high:g} {unit}",
        )
