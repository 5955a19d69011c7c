"""Series of a result as figures draw them: few points, computed from many."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np

from dcsim.clock import Calendar, Floats, Integers
from dcsim.gpu_states import IN_SERVICE
from dcsim.results.result import Result
from dcsim.results.summary_types import MilestoneSummary
from dcsim.types import Steps
from dcsim.units import MINUTES_PER_DAY

FULL_BUILD_FRAC = 0.95
"""Share of the most GPUs ever in service from which a site counts as fully built."""
MAX_POINTS = 1500
"""Points of a curve over the years: more than a slide has dots for."""


def sample_minutes(calendar: Calendar, most: int = MAX_POINTS) -> Integers:
    """Return evenly spaced whole days of the run and its end, at most about `most`. [min]"""
    days = -(-calendar.n_minutes // MINUTES_PER_DAY)
    every = max(1, -(-days // most)) * MINUTES_PER_DAY
    return np.append(np.arange(0, calendar.n_minutes, every), calendar.n_minutes)


def level_at(steps: Steps, minutes: Integers) -> Floats:
    """Return the level at each time; of several changes in one minute the last counts."""
    place = np.searchsorted(steps.time_min, minutes, side="right")
    return np.concatenate(([0.0], steps.level))[place]


def mean_between(steps: Steps, edges_min: Integers) -> Floats:
    """Return the time-weighted mean of a level between edges, shape ``(n_edges - 1,)``.

    >>> steps = Steps(np.array([0, 60]), np.array([4.0, 1.0]))
    >>> mean_between(steps, np.array([0, 120, 240]))
    array([2.5, 1. ])
    """
    if not steps.time_min.size:
        return np.zeros(edges_min.size - 1)
    spent = np.concatenate(([0.0], np.cumsum(steps.level[:-1] * np.diff(steps.time_min))))
    place = np.searchsorted(steps.time_min, edges_min, side="right") - 1
    since = edges_min - steps.time_min[np.maximum(place, 0)]
    until = np.where(place >= 0, spent[place] + steps.level[place] * since, 0.0)
    return np.asarray(np.diff(until) / np.diff(edges_min))


def month_edges(calendar: Calendar) -> Integers:
    """Return the start of each month of the run and its end. [min]"""
    return np.append(
        calendar.month_starts * calendar.step_min, calendar.n_hours * calendar.step_min
    )


def mean_of_each_month(calendar: Calendar, hourly: Floats) -> Floats:
    """Return the mean over each month of the run."""
    steps = np.diff(np.append(calendar.month_starts, calendar.n_hours))
    return calendar.monthly_sum(hourly) / steps


def full_years(result: Result) -> list[int]:
    """Return the calendar years that lie whole in the run and have load in every month."""
    calendar = result.calendar
    drawn = calendar.monthly_sum(result.hourly["facility_power_mw"]) > 0
    month = calendar.local_time[calendar.month_starts].astype("datetime64[M]").astype(np.int64)
    years = range(calendar.start.year, calendar.end.year)
    return [year for year in years if np.count_nonzero(drawn[month // 12 + 1970 == year]) == 12]


def told_year(result: Result) -> int | None:
    """Return the calendar year that headlines tell of; None if no year lies whole in the run.

    The first one with nearly all the GPUs that are ever in service; where there is none, as where
    GPUs retire before all have come, the one of the most load.
    """
    years, calendar = full_years(result), result.calendar
    if not years:
        return None
    in_service = result.timeline.stock(*IN_SERVICE)
    full = FULL_BUILD_FRAC * float(in_service.level.max(initial=0.0))
    for year in years if full > 0 else ():
        edges = [calendar.minute_of(datetime.date(at, 1, 1)) for at in (year, year + 1)]
        if mean_between(in_service, np.array(edges))[0] >= full:
            return year
    load_mw = result.hourly["facility_power_mw"]
    return max(years, key=lambda year: float(load_mw[calendar.year == year].sum()))


def map_steps(result: Result) -> tuple[Any, str]:
    """Return the steps of a month-by-hour map as a mask, and the name of their period."""
    year = told_year(result)
    if year is not None:
        return result.calendar.year == year, str(year)
    drawn = result.hourly["facility_power_mw"] > 0
    return drawn, "the run"


def reached_day(text: str | None) -> datetime.date | None:
    """Return the day of an ISO time, or None."""
    return None if text is None else datetime.datetime.fromisoformat(text).date()


def confidence_text(milestone: MilestoneSummary) -> str:
    """Return in how many runs a milestone is met, or that a date is that of one run alone."""
    if "probability" not in milestone:
        return "dates of one run, their confidence was not computed"
    low, high = milestone["probability_low"], milestone["probability_high"]
    runs = f" of {milestone['probability_runs']:,} runs" if "probability_runs" in milestone else ""
    return f"met in {milestone['probability']:.0%}{runs} ({low:.0%} to {high:.0%})"
