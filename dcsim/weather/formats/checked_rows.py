"""Checked rows: the rows of a file of any format in, real time or a typical year without gaps out.

Whatever holds for weather files stands here and not in a format: which rows make a typical year,
missing rows and empty cells, 29 February, pressure and humidity that are not there.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dcsim.clock import Floats, Integers
from dcsim.series.data_file import Faults
from dcsim.series.gaps import fill_gaps, find_gaps, hours_text, repair_note
from dcsim.series.regular import leap_day_gaps
from dcsim.series.resampling import LEAP_YEAR_DAYS, Span, TypicalYear, place_in_year
from dcsim.series.time_axis import TimeAxis, axis_of_moments
from dcsim.units import (
    MINUTES_PER_DAY,
    SECONDS_PER_DAY,
    SECONDS_PER_MINUTE,
)
from dcsim.weather.formats.weather_file import FileRows, ReadOptions, WeatherFile
from dcsim.weather.quality import HUMIDITY, IRRADIANCE, FileColumn, usable_values

LEAP_YEAR_MIN = int(np.datetime64("2000-01-01", "m").astype(np.int64))
"""A typical year is laid on a leap year, which takes every date. [min since 1970-01-01]"""
TYPICAL_YEAR_NOTE = (
    "The weather is a typical year repeated: years do not differ, rare extremes are absent."
)
CLIMATE_HUMIDITY_NOTE = (
    "The weather file has no humidity: the monthly means of weather.climate are used."
)
MODELED_SUNSHINE_NOTE = (
    "Irradiance in typical-year files is often modeled, not measured; "
    "weather.irradiance_factor corrects it."
)


def checked_file(rows: FileRows, faults: Faults, options: ReadOptions) -> WeatherFile:
    """Return the rows of a file on equal steps, without gaps.

    Parameters
    ----------
    rows : FileRows
        As the format found them.
    faults : Faults
        Where faults go.
    options : ReadOptions
        Which gaps may be filled.

    Raises
    ------
    ScenarioError
        With every fault found, by line and column.
    """
    if rows.clock_s.size < 2:
        raise faults.stop(None, "needs at least two rows")
    in_year_s = _in_one_year(rows.clock_s)
    is_typical = _is_typical(rows, in_year_s)
    offset_min = rows.offset_min
    if is_typical:
        axis = axis_of_moments(in_year_s, rows.table, faults)
        axis, phase_min = _year_axis(axis, rows, faults, options.repair_h)
    else:
        moment_s = rows.clock_s - offset_min * SECONDS_PER_MINUTE
        axis, phase_min = axis_of_moments(moment_s, rows.table, faults), 0
    values, told = usable_values(
        rows.columns, rows.values, rows.table, faults, is_repaired=options.repair_h > 0
    )
    faults.stop_if_any()
    columns, repairs = _on_steps(values, axis, rows, faults, options.repair_h)
    faults.stop_if_any()
    if HUMIDITY not in columns:
        at = np.arange(axis.n_steps) * axis.step_min + axis.start_min
        columns[HUMIDITY] = _humidity_of_climate(at, faults, options)
        told = (*told, CLIMATE_HUMIDITY_NOTE)
    notes = (*repairs, *rows.notes, *axis.notes, *told)
    if not is_typical:
        return WeatherFile(Span(columns, axis.step_min, axis.start_min), rows.station, notes)
    year = TypicalYear(columns, axis.step_min, offset_min - phase_min)
    return WeatherFile(year, rows.station, (*notes, TYPICAL_YEAR_NOTE, MODELED_SUNSHINE_NOTE))


def _humidity_of_climate(time_min: Integers, faults: Faults, options: ReadOptions) -> Floats:
    """Return the monthly means of the climate beside a file that has no humidity."""
    if not options.humidity_frac:
        raise faults.stop(
            None,
            "has no humidity: give a file that has it, or a weather.climate beside it, whose "
            "monthly means then serve",
        )
    month = time_min.astype("datetime64[m]").astype("datetime64[M]").astype(np.int64) % 12
    return np.asarray(options.humidity_frac)[month]


def _in_one_year(clock_s: Floats) -> Floats:
    """Return the same dates and times of day, all in one leap year. [s since 1970-01-01]"""
    days = np.floor(clock_s / SECONDS_PER_DAY).astype(np.int64)
    place = place_in_year(days)
    return clock_s + (place - days) * SECONDS_PER_DAY + LEAP_YEAR_MIN * SECONDS_PER_MINUTE


def _is_typical(rows: FileRows, in_year_s: Floats) -> bool:
    """Tell whether rows are one year that stands for all.

    Months of several years follow one another by their dates alone; real years repeat dates.
    """
    years = np.floor(rows.clock_s / SECONDS_PER_DAY).astype("datetime64[D]").astype("datetime64[Y]")
    if np.unique(years).size == 1:
        return rows.is_typical_form
    if (np.diff(in_year_s) > 0).all():
        return True
    is_real = bool((np.diff(rows.clock_s) > 0).all())
    step_s = float(np.median(np.diff(rows.clock_s)))
    return not is_real and rows.clock_s.size * step_s <= (LEAP_YEAR_DAYS + 1) * SECONDS_PER_DAY


def _year_axis(
    axis: TimeAxis, rows: FileRows, faults: Faults, repair_h: float
) -> tuple[TimeAxis, int]:
    """Return the axis of a whole leap year, and by how much its rows begin after midnight. [min]"""
    if MINUTES_PER_DAY % axis.step_min:
        raise faults.stop(rows.table.line_of(1), "the time between rows must divide a day")
    before, phase_min = divmod(axis.start_min - LEAP_YEAR_MIN, axis.step_min)
    n_steps = LEAP_YEAR_DAYS * MINUTES_PER_DAY // axis.step_min
    n_rows = rows.clock_s.size
    n_plain = n_steps - MINUTES_PER_DAY // axis.step_min
    if (n_steps - before - axis.n_steps) * axis.step_h > repair_h + 1e-9:
        step = hours_text(axis.step_h)
        faults.add(
            rows.table.line_of(n_rows - 1),
            f"ends after {n_rows} rows of data; a year of steps of {step} has {n_plain} or "
            f"{n_steps}",
        )
        faults.stop_if_any()
    whole = TimeAxis(LEAP_YEAR_MIN, axis.step_min, n_steps, axis.step_of_row + before, axis.notes)
    return whole, phase_min


def _on_steps(
    values: dict[str, Floats], axis: TimeAxis, rows: FileRows, faults: Faults, repair_h: float
) -> tuple[dict[str, Floats], tuple[str, ...]]:
    """Return columns on the steps of an axis, gaps filled or noted, and notes."""
    row_of_step = axis.row_of_step()
    n_leap = 0
    for first, end in leap_day_gaps(axis):
        row_of_step[first:end] = row_of_step[first - (end - first) : first]
        n_leap += 1
    is_absent = row_of_step < 0
    notes = list(_absent_rows(is_absent, axis, rows, faults, repair_h))
    faults.stop_if_any()
    found: dict[str, Floats] = {}
    for column in rows.columns:
        if column.name not in values:
            continue
        on_steps = np.where(is_absent, np.nan, values[column.name][row_of_step])
        bad = np.isnan(on_steps)
        is_sunshine = column.name in IRRADIANCE
        on_steps, left = fill_gaps(on_steps, bad, is_sunshine, repair_h, axis.step_h)
        notes += repair_note(column.title, bad & ~left & ~is_absent, axis.step_h)
        _report_left_gaps(column, left, row_of_step, rows, faults)
        found[column.name] = on_steps
    made = values.keys() - {column.name for column in rows.columns}
    for name in sorted(made):  # humidity of a file that has only the dew point
        on_steps = np.where(is_absent, np.nan, values[name][row_of_step])
        found[name], _ = fill_gaps(on_steps, np.isnan(on_steps), False, repair_h, axis.step_h)
    if n_leap:
        notes.append("29 February repeats 28 February.")
    return found, tuple(notes)


def _absent_rows(
    is_absent: NDArray[np.bool_], axis: TimeAxis, rows: FileRows, faults: Faults, repair_h: float
) -> tuple[str, ...]:
    """Note each gap of missing rows that is too long, and return what is told of the others."""
    if not is_absent.any():
        return ()
    gaps = find_gaps(is_absent)
    row_of_step = axis.row_of_step()
    for first, end in zip(gaps.first.tolist(), gaps.end.tolist(), strict=True):
        gap_h = (end - first) * axis.step_h
        if gap_h <= repair_h + 1e-9:
            continue
        is_last = end == row_of_step.size
        row = int(row_of_step[first - 1] if is_last else row_of_step[end])
        side = "after" if is_last else "before"
        faults.add(
            rows.table.line_of(row),
            f"the time leaves a gap of {hours_text(gap_h)} {side} this row; weather.repair fills "
            f"gaps of up to 72 h",
        )
    longest = hours_text(float(gaps.length.max()) * axis.step_h)
    return (f"Repaired: {int(is_absent.sum())} missing rows, the longest gap {longest}.",)


def _report_left_gaps(
    column: FileColumn,
    left: NDArray[np.bool_],
    row_of_step: Integers,
    rows: FileRows,
    faults: Faults,
) -> None:
    told = set()
    for step in np.flatnonzero(left).tolist():
        row = int(row_of_step[step])
        if row >= 0 and row not in told:
            faults.add(rows.table.line_of(row), f"column {column.title} has no value")
            told.add(row)
    if left.any() and not told:
        faults.add(None, f"column {column.title} has no value on the days beside a gap")
