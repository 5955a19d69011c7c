"""Milestones: a metric at or above a target by a day, and the day it got there."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import numpy as np

from dcsim.clock import Calendar
from dcsim.entry_points import METRIC_GROUP, blamed
from dcsim.gpu_states import IN_SERVICE, STATES
from dcsim.scenario.schema.assets.registry import is_renewable_capacity
from dcsim.scenario.schema.site import Milestone, Site
from dcsim.types import Load, MilestoneResult, Steps, Timeline

_DELIVERED = tuple(state for state in STATES if state != "on_order")
_NOTHING = Steps(np.zeros(0, dtype=np.int64), np.zeros(0))
_TOLERANCE = 1e-9


def _facility_power(timeline: Timeline, load: Load | None) -> Steps:
    assert load is not None, "see `reads_load`"
    return Steps(timeline.calendar.edges_min[:-1], load.facility_power_mw)


def _renewable_capacity(timeline: Timeline, _load: Load | None) -> Steps:
    """Return the capacity of all sources that are always renewable, over time. [MW]."""
    assets = [steps for key, steps in timeline.capacity.items() if is_renewable_capacity(key)]
    changes = [
        change
        for steps in assets
        for change in zip(steps.time_min.tolist(), steps.change.tolist(), strict=True)
    ]
    return Steps.of(changes)


METRICS: dict[str, Callable[[Timeline, Load | None], Steps]] = {
    "gpus_online": lambda timeline, _: timeline.stock("online"),
    "gpus_in_service": lambda timeline, _: timeline.stock(*IN_SERVICE),
    "gpus_delivered": lambda timeline, _: timeline.stock(*_DELIVERED),
    "energized_mw": lambda timeline, _: timeline.capacity.get("energized", _NOTHING),
    "it_capacity_mw": lambda timeline, _: timeline.capacity.get("halls", _NOTHING),
    "facility_power_mw": _facility_power,
    "renewable_capacity_mw": _renewable_capacity,
}
"""Each metric of a milestone over time. Delivered GPUs count for good, retired ones included;
facility power is the mean of each step; renewable capacity is that of kinds all of whose assets
are renewable."""
LOAD_METRICS = frozenset({"facility_power_mw"})
"""Metrics that read the load; the others are decided by the timeline alone."""


def reads_load(site: Site) -> bool:
    """Tell whether a milestone of the site is decided by the load; one of a plug-in may be."""
    return any(
        milestone.metric in LOAD_METRICS or milestone.metric in site.extension.milestone_metrics
        for milestone in site.milestones
    )


def check_milestones(
    site: Site, timeline: Timeline, load: Load | None
) -> tuple[MilestoneResult, ...]:
    """Return the result of each milestone of the site, in order.

    Parameters
    ----------
    site : Site
        Its milestones.
    timeline : Timeline
        GPUs and capacity over time.
    load : Load or None
        Facility power; it may be missing where `reads_load` says that no milestone needs it.
    """
    metrics = dict.fromkeys(milestone.metric for milestone in site.milestones)
    series = {metric: _over_time(site, metric, timeline, load) for metric in metrics}
    return tuple(
        check_milestone(milestone, series[milestone.metric], timeline.calendar)
        for milestone in site.milestones
    )


def _over_time(site: Site, metric: str, timeline: Timeline, load: Load | None) -> Steps:
    plugged = site.extension.milestone_metrics.get(metric)
    if plugged is None:
        return METRICS[metric](timeline, load)
    assert load is not None, "see `reads_load`"
    with blamed(site.extension.home(METRIC_GROUP, metric)):
        series: object = plugged.over_time(timeline, load)
        if not isinstance(series, Steps):
            raise TypeError(f"returned {type(series).__name__}, must be Steps")
        if series.time_min.shape != series.level.shape or (np.diff(series.time_min) < 0).any():
            raise ValueError("returned steps that do not ascend in time")
        return series


def check_milestone(milestone: Milestone, series: Steps, calendar: Calendar) -> MilestoneResult:
    """Return when a metric first met its target, by the site's calendar.

    Parameters
    ----------
    milestone : Milestone
        Target and day.
    series : Steps
        The metric over time.
    calendar : Calendar
        Days of the site.

    Returns
    -------
    MilestoneResult
        Met if the local day of the first crossing is not after ``by``; the margin counts whole
        days, positive if early.
    """
    minute = first_reached(series, milestone.target)
    reached = None
    if minute is not None and minute < calendar.n_minutes:
        reached = calendar.moment(minute).date()
    margin_days = None if reached is None else float((milestone.by - reached).days)
    return MilestoneResult(
        name=milestone.name,
        metric=milestone.metric,
        target=milestone.target,
        by=milestone.by.isoformat(),
        reached=_iso(reached),
        met=margin_days is not None and margin_days >= 0,
        margin_days=margin_days,
    )


def first_reached(series: Steps, target: float) -> int | None:
    """Return the first minute, 0 or later, from which the level is at least `target`; or None.

    Of several levels within a minute only the last counts; sums of steps may miss the target by
    1e-9 of it, which is rounding.

    >>> first_reached(Steps.of([(60, 40.0), (90, 63.0)]), 103.0)
    90
    """
    enough = target - _TOLERANCE * max(1.0, abs(target))
    if enough <= 0:
        return 0
    time = np.maximum(series.time_min, 0)
    last = np.diff(time, append=np.iinfo(np.int64).max) > 0
    met = np.flatnonzero(last & (series.level >= enough))
    return int(time[met[0]]) if met.size else None


def _iso(day: datetime.date | None) -> str | None:
    return None if day is None else day.isoformat()
