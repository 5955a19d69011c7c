"""Demand: segments and GPUs online in, GPUs wanted and busy by hour out."""

from __future__ import annotations

import functools
import zoneinfo
from collections.abc import Sequence
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from dcsim.clock import Calendar, Floats, Integers, hour_of, weekday_of
from dcsim.scenario.schema.fleet import Segment
from dcsim.units import HOURS_PER_DAY, HOURS_PER_YEAR, MINUTES_PER_HOUR

WEEKDAYS, WEEKEND_DAYS = 5, 2


def wanted_gpus(segments: Sequence[Segment], calendar: Calendar) -> Floats:
    """Return the demand of each segment in each step.

    The shape is read off the clock of the segment's own zone, or the site's; growth is compound
    and continuous, counted from `at` in mean years. Nothing is wanted before `begins`, and a step
    it falls into counts for its part.

    Parameters
    ----------
    segments : sequence of Segment
        In the order they are served.
    calendar : Calendar
        Steps of the run.

    Returns
    -------
    ndarray, shape (n_segments, n_hours)
        GPUs wanted. [GPU]

    Notes
    -----
    ``wanted(t) = gpus * (1 + growth)^((t - at) / year) * shape(hour of the week)``
    """
    clocks: dict[str, Integers] = {}
    return np.stack([_wanted(segment, calendar, clocks) for segment in segments])


def served_gpus(wanted: Floats, online_gpus: Floats) -> Floats:
    """Return the busy GPUs of each segment; segments are served in their order.

    Parameters
    ----------
    wanted : ndarray, shape (n_segments, n_hours)
        Demand, in the order it is served. [GPU]
    online_gpus : ndarray, shape (n_hours,)
        GPUs online, all products together. [GPU]

    Returns
    -------
    ndarray, shape (n_segments, n_hours)
        Busy GPUs; what is wanted beyond them is unmet. [GPU]

    Examples
    --------
    >>> served_gpus(np.array([[60.0], [50.0], [5.0]]), np.array([100.0])).ravel()
    array([60., 40.,  0.])
    """
    busy = np.empty_like(wanted)
    free = np.array(online_gpus, dtype=np.float64)
    for row, demand in zip(busy, wanted, strict=True):
        np.minimum(demand, free, out=row)
        free -= row
    return busy


def _wanted(segment: Segment, calendar: Calendar, clocks: dict[str, Integers]) -> Floats:
    """Return the demand of one segment; `clocks` keeps the hours of the week by zone."""
    gpus = np.full(calendar.n_hours, float(segment.gpus))
    if segment.growth_frac:
        gpus *= _growth(segment, calendar)
    week = _week_shape(segment, calendar.step_h)
    if np.ptp(week) == 0:  # a flat shape needs no local time, which is what takes long
        gpus *= week[0]
    else:
        zone = segment.time_zone or calendar.zone.key
        if zone not in clocks:
            clocks[zone] = _hour_of_week(calendar, zone)
        gpus *= week[clocks[zone]]
    begin_min = calendar.minute_of(segment.begins or segment.at)
    if begin_min > 0:
        gpus *= calendar.hourly_mean([begin_min], [1.0])
    return gpus


def _growth(segment: Segment, calendar: Calendar) -> Floats:
    """Return the demand of each step over that on the day it is stated at."""
    passed_min = calendar.edges_min[:-1] - calendar.minute_of(segment.at)
    years = passed_min / (HOURS_PER_YEAR * MINUTES_PER_HOUR)
    return np.asarray(np.power(1.0 + segment.growth_frac, years))


def _week_shape(segment: Segment, step_h: float) -> Floats:
    """Return the load of a step over the weekday mean, by the hour of the week it begins in."""
    if segment.shape is not None:
        weekday, weekend = measured_shape(segment.shape)
    else:
        weekday = _day_shape(segment.weekday)
        weekend = weekday if segment.weekend is None else _day_shape(segment.weekend)
    week = np.concatenate([np.tile(weekday, WEEKDAYS), np.tile(weekend, WEEKEND_DAYS)])
    # A step of several hours has the mean of all of them, not the value of its first.
    whole_hours = max(round(step_h), 1)
    return np.asarray(sum(np.roll(week, -hour) for hour in range(whole_hours)) / whole_hours)


@functools.cache
def measured_shape(name: str) -> tuple[Floats, Floats]:
    """Return a measured shape of weekday and weekend by local hour, shape ``(24,)`` each.

    >>> weekday, weekend = measured_shape("chat")
    >>> int(weekday.argmax()), float(weekday.max())
    (10, 1.34)
    """
    text = (files("dcsim.power") / "shapes" / f"{name}.csv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    rows = np.array([line.split(",") for line in lines[1:]], dtype=np.float64)
    return rows[:, 1], rows[:, 2]


def _day_shape(values: Sequence[float]) -> Floats:
    return np.broadcast_to(np.asarray(values, dtype=np.float64), (HOURS_PER_DAY,))


def _hour_of_week(calendar: Calendar, zone: str) -> Integers:
    local: NDArray[np.datetime64] = (
        calendar.local_time
        if zone == calendar.zone.key
        else calendar.local(zoneinfo.ZoneInfo(zone))
    )
    return np.asarray(weekday_of(local) * HOURS_PER_DAY + hour_of(local), dtype=np.int64)
