"""Plants with a profile: its profile while new and its dates in, its output at its age out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dcsim.clock import Calendar, Floats
from dcsim.scenario.plan import Plan
from dcsim.series.profiles import profile_of
from dcsim.supply.assets.conditions import Conditions
from dcsim.supply.profile_cache import ProfileCache
from dcsim.types import Weather
from dcsim.units import HOURS_PER_YEAR, MINUTES_PER_HOUR

_AGES = ProfileCache(8)
"""Shares left at their age; runs of a study often have the same."""


def profiled_mw(
    plant: Any, conditions: Conditions, profile_of_weather: Callable[[Any, Plan, Weather], Floats]
) -> Floats:
    """Return the output of a plant by its profile, and by what its age has left.

    Parameters
    ----------
    plant : asset with `profile` and `degradation_frac`
    conditions : Conditions
    profile_of_weather : callable
        Gives the output of one MW, shape ``(n_hours,)`` [1], where no file does; asked only then.

    Returns
    -------
    ndarray, shape (n_hours,)
        [MW]
    """
    if not conditions.capacity_mw.any():
        # A profile costs more than all of dispatch: not for what never comes.
        return conditions.capacity_mw
    plan, key = conditions.plan, conditions.key
    if plant.profile is not None:
        profile_pu = profile_of(plan, plant.profile, f"{key}.profile", most=1.0)
    else:
        profile_pu = profile_of_weather(plant, plan, conditions.weather)
    return aged_mw(profile_pu, conditions, plant.degradation_frac)


def aged_mw(profile_pu: Floats, conditions: Conditions, degradation_frac: float) -> Floats:
    """Return the output of a plant: its capacity, its profile, and what its age has left of both.

    Parameters
    ----------
    profile_pu : ndarray, shape (n_hours,)
        Output of one MW while new. [1]
    conditions : Conditions
    degradation_frac : float
        Loss of output a year, compound. [1]

    Returns
    -------
    ndarray, shape (n_hours,)
        [MW]
    """
    made_mw = np.asarray(conditions.capacity_mw * profile_pu)
    if degradation_frac:
        calendar = conditions.timeline.calendar
        first_min = float(conditions.timeline.capacity[conditions.key].time_min[0])
        age = (calendar.n_hours, calendar.step_min, first_min, degradation_frac)
        made_mw *= _AGES.get(age, lambda: undegraded_frac(calendar, *age[2:]))
    return made_mw


def undegraded_frac(calendar: Calendar, first_min: float, degradation_frac: float) -> Floats:
    """Return the share of a plant's output that its age has left, compound by the year.

    Parameters
    ----------
    calendar : Calendar
    first_min : float
        Minute of the run from which it ages. [min]
    degradation_frac : float
        Loss of output a year. [1]

    Returns
    -------
    ndarray, shape (n_hours,)
        At the start of each step. [1]

    Examples
    --------
    >>> import datetime, zoneinfo
    >>> zone = zoneinfo.ZoneInfo("UTC")
    >>> day = datetime.datetime(2030, 1, 1, tzinfo=zone)
    >>> run = Calendar(day, day + datetime.timedelta(hours=2 * HOURS_PER_YEAR), zone)
    >>> undegraded_frac(run, 0, 0.02)[[0, 8766]]
    array([1.  , 0.98])
    """
    age_min = np.maximum(calendar.edges_min[:-1] - first_min, 0.0)
    return np.asarray(
        np.power(1.0 - degradation_frac, age_min / (HOURS_PER_YEAR * MINUTES_PER_HOUR))
    )
