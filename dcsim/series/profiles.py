"""Profiles: a file in, its checked rows on the steps of a run out.

Rows are means over equal steps. With a column of times they are a stretch of real time, which
either covers the run or is one whole year; without one they are a year that begins on 1 January
by the standard time of the site, or exactly as many as the run has steps. A year is repeated; one
without 29 February repeats the 28th; a load keeps its weekdays, and so does the carbon of a grid,
which hangs on its load.
"""

from __future__ import annotations

import functools
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dcsim.clock import Calendar, Floats
from dcsim.scenario.plan import Plan
from dcsim.scenario.schema.profile import LoadProfile, Profile
from dcsim.scenario.text.named_files import profiles_of
from dcsim.series.data_file import Faults
from dcsim.series.profile_rows import ProfileRows, read_profile_rows
from dcsim.series.profile_years import table_of_rows
from dcsim.series.resampling import resample

CARBON_KEY = "grid.carbon_profile"
CACHED_PROFILES = 32
"""Profiles that are held in memory."""


class ProfileSeries(NamedTuple):
    """A profile on the steps of a run, and the rows it was made of."""

    on_steps: Floats
    """Shape ``(n_hours,)``, read-only, times the scale."""
    rows: ProfileRows
    notes: tuple[str, ...]
    """Repairs, assumptions and cautions."""


def profile_of(plan: Plan, profile: Profile, key: str, *, most: float = np.inf) -> Floats:
    """Return a profile on the steps of a run, shape ``(n_hours,)``, read-only.

    Parameters
    ----------
    plan : Plan
        Has the file and the calendar.
    profile : Profile
        File, column, scale, and how its rows are read.
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
    series = _series_of(plan, profile, key)
    _check_range(series.rows, profile, most, Faults(profile.file, key))
    return series.on_steps


def profile_notes(plan: Plan, assets: Collection[str]) -> tuple[str, ...]:
    """Return what readers must know of the profiles that a run uses, each behind its key.

    Parameters
    ----------
    plan : Plan
    assets : collection of str
        Keys of the assets that come into being, such as ``SECTION.NAME``; profiles of others are
        never read.
    """
    notes = []
    for path, profile in profiles_of(plan.site):
        key = ".".join(path)
        if path[-1] != "profile" or ".".join(path[:-1]) in assets:
            notes += [f"{key}: {note}" for note in _series_of(plan, profile, key).notes]
    return tuple(notes)


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
    shape = profile_of(plan, grid.carbon_profile, CARBON_KEY)
    mean = np.bincount(place, weights=shape) / np.bincount(place)
    over = np.divide(shape, mean[place], out=np.ones_like(shape), where=mean[place] > 0)
    return np.asarray(factor * over)


def _series_of(plan: Plan, profile: Profile, key: str) -> ProfileSeries:
    path = plan.files[profile.file]
    try:
        status = path.stat()
    except OSError:
        return _profile_on_steps((path, 0, 0), profile, key, plan.calendar)
    stamp = (path, status.st_size, status.st_mtime_ns)
    return _profile_on_steps(stamp, profile, key, plan.calendar)


@functools.lru_cache(maxsize=CACHED_PROFILES)
def _profile_on_steps(
    stamp: tuple[Path, int, int], profile: Profile, key: str, calendar: Calendar
) -> ProfileSeries:
    faults = Faults(profile.file, key)
    rows = read_profile_rows(stamp[0], profile, faults)
    table, notes = table_of_rows(
        rows,
        profile,
        calendar,
        faults,
        keeps_weekdays=isinstance(profile, LoadProfile) or key == CARBON_KEY,
    )
    on_steps = resample(table, calendar)["value"]
    on_steps.setflags(write=False)  # the cache shares it
    return ProfileSeries(on_steps, rows, (*rows.notes, *notes))


def _check_range(rows: ProfileRows, profile: Profile, most: float, faults: Faults) -> None:
    values = rows.values * profile.scale
    if values.min() >= 0 and values.max() <= most:
        return
    for at in np.flatnonzero(~((values >= 0) & (values <= most))):
        limit = f" and at most {most:g}" if np.isfinite(most) else ""
        row = rows.row_of(int(at))
        faults.add(
            rows.table.line_of(row), f"row {row + 1} must be at least 0{limit}, times the scale"
        )
    faults.stop_if_any()
