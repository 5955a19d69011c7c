"""Outages of plants and of the grid: planned stops every year, forced ones at random."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

import numpy as np

from dcsim.clock import Calendar, minutes
from dcsim.scenario.plan import Plan
from dcsim.scenario.schema.supply import Maintenance, Outages
from dcsim.streams import exponentials
from dcsim.types import Outage
from dcsim.units import HOURS_PER_YEAR, MINUTES_PER_HOUR


def draw_outages(plan: Plan, calendar: Calendar) -> tuple[Outage, ...]:
    """Return all outages of the run, in order of time."""
    found: list[Outage] = []
    if plan.site.grid.outages:
        found.extend(_forced("grid", plan.site.grid.outages, plan, calendar))
    for chp in plan.site.chp:
        key = f"chp.{chp.name}"
        if chp.outages:
            found.extend(_forced(key, chp.outages, plan, calendar))
        if chp.maintenance:
            found.extend(_planned(key, chp.maintenance, calendar))
    return tuple(sorted(found, key=lambda outage: (outage.start_min, outage.asset)))


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


def _planned(asset: str, maintenance: Maintenance, calendar: Calendar) -> Iterator[Outage]:
    length_min = minutes(maintenance.duration_h)
    # From the year before on: a stop may have begun in December and last into the run.
    for year in range(calendar.start.year - 1, calendar.end.year + 1):
        start = calendar.minute_of(datetime.date(year, maintenance.month, 1))
        first, last = max(start, 0), min(start + length_min, calendar.n_minutes)
        if first < last:
            yield Outage(asset, first, last, maintenance.capacity_frac, "maintenance")
