"""Outages of plants and of the grid: forced ones at random, planned ones by date or by service."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping

import numpy as np

from dcsim.clock import Calendar, minutes
from dcsim.scenario.plan import Plan
from dcsim.scenario.schema.assets.kind import PlannedStop
from dcsim.scenario.schema.assets.registry import assets_of
from dcsim.scenario.schema.outages import Outages
from dcsim.streams import exponentials
from dcsim.types import Outage
from dcsim.units import HOURS_PER_YEAR, MINUTES_PER_HOUR

GRID = "grid"
"""Key of the connection among the assets that may fail."""


def draw_outages(
    plan: Plan, calendar: Calendar, since_min: Mapping[str, int | None]
) -> tuple[Outage, ...]:
    """Return all outages of the run, in order of time.

    Parameters
    ----------
    plan : Plan
    calendar : Calendar
    since_min : mapping of asset key to int or None
        When each asset, and the connection as ``grid``, came into service; None if it never did.
        Of an outage only what falls into the time after that is kept. [min]
    """
    outages: list[Outage] = []
    if plan.site.grid.outages:
        outages.extend(_forced(GRID, plan.site.grid.outages, plan, calendar))
    for kind, asset in assets_of(plan.site):
        key = kind.key(asset)
        if forced := kind.forced_outages(asset):
            outages.extend(_forced(key, forced, plan, calendar))
        for stop in kind.planned_stops(asset):
            outages.extend(_planned(key, stop, calendar, since_min.get(key)))
    ordered = sorted(outages, key=lambda outage: (outage.start_min, outage.asset))
    return tuple(_within_service(ordered, since_min))


def _within_service(outages: list[Outage], since_min: Mapping[str, int | None]) -> Iterator[Outage]:
    """Yield of each outage what falls into the time its asset is there."""
    for outage in outages:
        first_min = since_min.get(outage.asset)
        if first_min is not None and outage.end_min > first_min:
            yield outage._replace(start_min=max(outage.start_min, first_min))


def _forced(asset: str, outages: Outages, plan: Plan, calendar: Calendar) -> Iterator[Outage]:
    """Alternate between up and down, both exponential (a renewal process)."""
    if outages.rate_per_year == 0:
        return
    up_min = HOURS_PER_YEAR * MINUTES_PER_HOUR / outages.rate_per_year
    n = int(calendar.n_minutes / up_min * 2 + 50)
    up = exponentials(plan.uniforms(asset, "outage", n)) * up_min
    down = exponentials(plan.uniforms(asset, "repair", n)) * outages.repair_h * MINUTES_PER_HOUR
    ends = np.cumsum(up + down)
    for start, end in zip(ends - down, ends, strict=True):
        first = round(start)
        if first >= calendar.n_minutes:
            return
        last = min(max(round(end), first + 1), calendar.n_minutes)
        yield Outage(asset, first, last, 1.0, "forced")


def _planned(
    asset: str, stop: PlannedStop, calendar: Calendar, since_min: int | None
) -> Iterator[Outage]:
    """Yield the planned stops of an asset that came into service at `since_min`."""
    length_min = minutes(stop.rule.duration_h)
    for start in _starts(stop, calendar, since_min):
        first, last = max(start, 0), min(start + length_min, calendar.n_minutes)
        if first < last:
            yield Outage(asset, first, last, stop.rule.capacity_frac, stop.cause)


def _starts(stop: PlannedStop, calendar: Calendar, since_min: int | None) -> Iterator[int]:
    rule = stop.rule
    if rule.month is not None:
        # From the year before on: a stop may have begun in December and last into the run.
        for year in range(calendar.start.year - 1, calendar.end.year + 1):
            yield calendar.minute_of(datetime.date(year, rule.month, 1))
    elif rule.every_h is not None and since_min is not None:
        # Time that it stands still is no time in service: the count goes on at the end of a stop.
        cycle_min = minutes(rule.every_h) + minutes(rule.duration_h)
        yield from range(since_min + minutes(rule.every_h), calendar.n_minutes, cycle_min)
