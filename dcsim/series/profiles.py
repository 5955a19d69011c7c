"""Profiles: a file in, its checked rows on the steps of a run out.

Rows are means over equal steps. With a column of times they are a stretch of real time, which
either covers the run or is one whole year; without one they are a year that begins on 1 January
by the standard time of the site, or exactly as many as the run has steps. A year is repeated; one
without 29 February repeats the 28th.
"""

from __future__ import annotations

import contextlib
import csv
import datetime
import functools
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dcsim.clock import Calendar, Floats, Integers
from dcsim.errors import cut
from dcsim.scenario.plan import Plan
from dcsim.scenario.schema.profile import Profile
from dcsim.series.data_file import MAX_SERIES_BYTES, Faults, iso_minutes, parse_numbers, read_lines
from dcsim.series.resampling import (
    LEAP_YEAR_DAYS,
    SeriesTable,
    Span,
    TypicalYear,
    resample,
    run_minutes,
    table_for_run,
    with_leap_day,
)
from dcsim.units import MINUTES_PER_DAY, SECONDS_PER_MINUTE
from dcsim.untrusted_files import FileRefusedError, refuse_unless_small

TIME_TITLES = ("time", "timestamp", "snapshot", "datetime_utc")
"""Titles of a column of times: ISO 8601, start of the step, UTC unless they say otherwise."""
MAX_PARQUET_ROWS = 8_000_000
"""Rows of a Parquet file that is read: seventy years by five minutes."""
NUMBER_TYPES = (
    "DOUBLE",
    "FLOAT",
    "BIGINT",
    "INTEGER",
    "SMALLINT",
    "TINYINT",
    "UBIGINT",
    "UINTEGER",
)


class ProfileRows(NamedTuple):
    """A column as it stands in its file."""

    values: Floats
    time_min: Integers | None
    """Start of each row where the file says. [min since 1970-01-01 UTC]"""
    first_line: int
    """Line of the file on which the first row stands; 0 where it has no lines."""


def profile_of(plan: Plan, profile: Profile, key: str, *, most: float = np.inf) -> Floats:
    """Return a profile on the steps of a run, shape ``(n_hours,)``, read-only.

    Parameters
    ----------
    plan : Plan
        Has the file and the calendar.
    profile : Profile
        File, column and scale.
    key : str
        Key path of the profile, for messages.
    most : float
        Highest value it may have; the lowest is zero.

    Returns
    -------
    ndarray, shape (n_hours,)

    Raises
    ------
    ScenarioError
        If the file is unfit, by line and column.
    """
    path = plan.files[profile.file]
    status = path.stat()
    stamp = (path, status.st_size, status.st_mtime_ns)
    return _profile_on_steps(stamp, profile, key, plan.calendar, most)


def grid_carbon_kg_per_mwh(plan: Plan) -> Floats:
    """Return the emission factor of the grid in each step.

    The factor of the calendar year; with a profile its hours rise and fall with that, and the mean
    over each calendar year of the run stays the year's. [kg/MWh]
    """
    calendar, grid = plan.calendar, plan.site.grid
    first, last = int(calendar.year[0]), int(calendar.year[-1])
    place = calendar.year - first
    factor = np.asarray(grid.carbon_kg_per_mwh.at(np.arange(first, last + 1))[place])
    if grid.carbon_profile is None:
        return factor
    shape = profile_of(plan, grid.carbon_profile, "grid.carbon_profile")
    mean = np.bincount(place, weights=shape) / np.bincount(place)
    over = np.divide(shape, mean[place], out=np.ones_like(shape), where=mean[place] > 0)
    return np.asarray(factor * over)


@functools.lru_cache(maxsize=8)
def _profile_on_steps(
    stamp: tuple[Path, int, int], profile: Profile, key: str, calendar: Calendar, most: float
) -> Floats:
    faults = Faults(profile.file, key)
    rows = read_rows(stamp[0], profile.column, faults)
    _check_range(rows, profile, most, faults)
    faults.stop_if_any()
    values = rows.values * profile.scale
    on_steps = resample(_table_of_rows(rows, values, calendar, faults), calendar)["value"]
    on_steps.setflags(write=False)  # the cache shares it
    return on_steps


def read_rows(path: Path, title: str, faults: Faults) -> ProfileRows:
    """Return one column of a CSV or Parquet file, and its times if it has any.

    Parameters
    ----------
    path : Path
        The file.
    title : str
        Title of the column.
    faults : Faults
        Where its faults go; it knows what messages call the file.

    Raises
    ------
    ScenarioError
        If the file cannot be read, has no such column, or holes.
    """
    kind = path.suffix.lower()
    if kind == ".parquet":
        return _read_parquet(path, title, faults)
    if kind == ".csv":
        return _read_csv(read_lines(path, faults), title, faults)
    raise faults.stop(None, "must be a CSV file (.csv) or a Parquet file (.parquet)")


def _read_csv(lines: list[str], title: str, faults: Faults) -> ProfileRows:
    rows = list(csv.reader(lines))
    titles = [name.strip() for name in rows[0]] if rows else []
    place = _column_place(titles, title, faults)
    width = len(titles)
    for at, row in enumerate(rows[1:]):
        if len(row) != width:
            faults.add(at + 2, f"has {len(row)} columns, not {width}")
    faults.stop_if_any()
    values = parse_numbers([row[place] for row in rows[1:]])
    for hole in np.flatnonzero(np.isnan(values)):
        faults.add(int(hole) + 2, "has no number in the column")
    timed = [name for name in titles if name in TIME_TITLES]
    time_min = None
    if timed:
        at_time = titles.index(timed[0])
        time_min = iso_minutes([row[at_time] for row in rows[1:]], 2, faults)
    faults.stop_if_any()
    return ProfileRows(values, time_min, 2)


def _column_place(titles: Sequence[str], title: str, faults: Faults) -> int:
    if titles.count(title) == 1:
        return titles.index(title)
    if title in titles:
        raise faults.stop(1, "has two columns of that title")
    known = cut(", ".join(titles), 300)
    raise faults.stop(1, f"has no column {cut(title, 60)!r}; its columns are {known or 'none'}")


def _read_parquet(path: Path, title: str, faults: Faults) -> ProfileRows:
    import duckdb  # noqa: PLC0415  (slow to import, needed for Parquet only)

    try:
        refuse_unless_small(path, MAX_SERIES_BYTES)
    except FileRefusedError as error:
        raise faults.stop(None, str(error)) from None
    with contextlib.closing(duckdb.connect()) as connection:
        connection.execute("SET threads = 1")
        connection.execute("SET TimeZone = 'UTC'")
        try:
            counted = "SELECT sum(num_rows) FROM parquet_file_metadata(?)"
            (n_rows,) = connection.execute(counted, [str(path)]).fetchone() or (0,)
            described = "DESCRIBE SELECT * FROM read_parquet(?)"
            shown = connection.execute(described, [str(path)]).fetchall()
        except duckdb.Error:
            raise faults.stop(None, "is no whole Parquet file") from None
        # A small file may hold many rows: nothing is read before it is known how many.
        if n_rows > MAX_PARQUET_ROWS:
            raise faults.stop(None, f"has {n_rows:,} rows; at most {MAX_PARQUET_ROWS:,} are read")
        kinds = {row[0]: row[1] for row in shown}
        _column_place(list(kinds), title, faults)
        if kinds[title] not in NUMBER_TYPES:
            raise faults.stop(None, f"column {cut(title, 60)!r} holds no numbers")
        timed = [
            name for name, kind in kinds.items() if name in TIME_TITLES and "TIMESTAMP" in kind
        ]
        wanted = [f'CAST("{_quoted_title(title)}" AS DOUBLE) AS value']
        wanted += [f'epoch_ms("{_quoted_title(name)}") // 60000 AS at' for name in timed[:1]]
        select = f"SELECT {', '.join(wanted)} FROM read_parquet(?)"
        found = connection.execute(select, [str(path)]).fetchnumpy()
    values = np.ma.filled(found["value"].astype(np.float64), np.nan)
    if not np.isfinite(values).all():
        row = int(np.argmin(np.isfinite(values)))
        raise faults.stop(None, f"row {row + 1} has no number in column {cut(title, 60)!r}")
    time_min = np.ma.getdata(found["at"]).astype(np.int64) if timed else None
    return ProfileRows(np.asarray(values), time_min, 0)


def _quoted_title(title: str) -> str:
    return title.replace('"', '""')


def _check_range(rows: ProfileRows, profile: Profile, most: float, faults: Faults) -> None:
    values = rows.values * profile.scale
    for at in np.flatnonzero(~((values >= 0) & (values <= most))):
        line = rows.first_line + int(at) if rows.first_line else None
        limit = f" and at most {most:g}" if np.isfinite(most) else ""
        faults.add(line, f"row {int(at) + 1} must be at least 0{limit}, times the scale")


def _table_of_rows(
    rows: ProfileRows, values: Floats, calendar: Calendar, faults: Faults
) -> SeriesTable:
    columns = {"value": values}
    if rows.time_min is None:
        if values.size == calendar.n_hours:
            return Span(columns, calendar.step_min, run_minutes(calendar)[0])
        return _untimed_year(values, calendar, faults)
    span = Span(columns, _profile_step_min(rows.time_min, faults), int(rows.time_min[0]))
    table = table_for_run(span, calendar)
    if table is None:
        raise faults.stop(
            None,
            f"must cover the run, {calendar.start.date()} to {calendar.end.date()}, or be one "
            "whole year, to be repeated",
        )
    return table


def _untimed_year(values: Floats, calendar: Calendar, faults: Faults) -> TypicalYear:
    zone = calendar.zone
    winter = datetime.datetime(calendar.start.year, 1, 1, tzinfo=zone).utcoffset()
    summer = datetime.datetime(calendar.start.year, 7, 1, tzinfo=zone).utcoffset()
    assert winter is not None
    assert summer is not None
    offset_min = round(min(winter, summer).total_seconds() / SECONDS_PER_MINUTE)
    for n_days in (LEAP_YEAR_DAYS - 1, LEAP_YEAR_DAYS):
        per_day = values.size // n_days
        if values.size == per_day * n_days and per_day and MINUTES_PER_DAY % per_day == 0:
            year = values if n_days == LEAP_YEAR_DAYS else with_leap_day(values, per_day)
            return TypicalYear({"value": year}, MINUTES_PER_DAY // per_day, offset_min)
    raise faults.stop(
        None,
        f"has {values.size:,} rows; without times it needs a year of equal steps (8760 or 8784 "
        f"hours, 2920 of three) or as many as the run has steps ({calendar.n_hours:,})",
    )


def _profile_step_min(time_min: Integers, faults: Faults) -> int:
    if time_min.size < 2:
        raise faults.stop(None, "needs at least two rows")
    gap = np.diff(time_min)
    step_min = int(np.median(gap))
    if step_min <= 0 or MINUTES_PER_DAY % step_min:
        raise faults.stop(None, "the time between rows must divide a day")
    for at in np.flatnonzero(gap != step_min):
        faults.add(None, f"row {int(at) + 2} does not follow the row before by {step_min} min")
    faults.stop_if_any()
    return step_min
