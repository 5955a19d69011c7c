"""Expansion: the record so far in, blocks of the site released in its time out.

Rules see only the past: what is ordered, online and wanted on the day they are looked at.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import TypeVar

from simpy import Environment
from simpy.events import ProcessGenerator

from dcsim.clock import Calendar, minutes
from dcsim.ramp.record import ONLINE, RETIRED, Record
from dcsim.scenario.schema.fleet import Hall, Order
from dcsim.scenario.schema.power import PowerStep
from dcsim.scenario.schema.site import Block, Release, Site
from dcsim.scenario.schema.works import Task
from dcsim.units import HOURS_PER_DAY, HOURS_PER_YEAR, MINUTES_PER_DAY

PartT = TypeVar("PartT", Task, Hall, PowerStep, Order)

LOOK_DAYS = 7
"""Days between two looks at the rules; a planning round is not finer."""


def copy_of(block: Block, number: int) -> Block:
    """Return a block whose parts have names of their own: ``block-2.hall`` for ``hall``.

    References from part to part follow; those to works of the site keep their names.
    """
    own = {item.name for item in (*block.works, *block.halls, *block.power, *block.orders)}
    prefix = f"{block.name}-{number}."

    def renamed(name: str | None) -> str | None:
        return prefix + name if name in own else name

    def all_renamed(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(prefix + name if name in own else name for name in names)

    def copied(item: PartT, **changes: object) -> PartT:
        return item.model_copy(update={"name": prefix + item.name, **changes})

    works = (
        copied(task, after=all_renamed(task.after), label=f"{task.title} {number}")
        for task in block.works
    )
    halls = (
        copied(hall, works=renamed(hall.works), cooling_works=renamed(hall.cooling_works))
        for hall in block.halls
    )
    steps = (copied(step, works=renamed(step.works)) for step in block.power)
    orders = (
        copied(order, after=renamed(order.after), halls=all_renamed(order.halls))
        for order in block.orders
    )
    return block.model_copy(
        update={
            "name": f"{block.name}-{number}",
            "works": tuple(works),
            "halls": tuple(halls),
            "power": tuple(steps),
            "orders": tuple(orders),
        }
    )


def demand_gpus(site: Site, today: datetime.date) -> float:
    """Return the demand for GPUs on a day, in its weekday mean hour.

    Each segment grows as ``gpus * (1 + growth)^years`` from the day it is stated at.
    """
    total = 0.0
    for segment in site.demand:
        if today >= (segment.begins or segment.at):
            years = (today - segment.at).days * HOURS_PER_DAY / HOURS_PER_YEAR
            total += segment.gpus * (1 + segment.growth_frac) ** years
    return total


def is_due(rule: Release, record: Record, wanted_gpus: float) -> bool:
    """Tell whether the rule is met by what has happened so far.

    Parameters
    ----------
    rule : Release
        Least share online, least utilization, least backlog; all three must be met.
    record : Record
        GPUs by state so far.
    wanted_gpus : float
        Demand today. [GPU]

    Returns
    -------
    bool
        A rule whose thresholds are all zero is met at once.
    """
    in_service = record.stock[ONLINE]
    ordered = record.n_ordered - record.stock[RETIRED]
    return (
        in_service >= rule.online_frac * ordered
        and wanted_gpus >= rule.utilization_frac * in_service
        and max(wanted_gpus - in_service, 0.0) >= rule.backlog
    )


def expand(
    env: Environment,
    block: Block,
    site: Site,
    *,
    calendar: Calendar,
    record: Record,
    release: Callable[[Block], None],
) -> ProcessGenerator:
    """Release the copies of a block one after another, each when its rule is met.

    Parameters
    ----------
    env : Environment
        Event clock.
    block : Block
        Works, halls, steps and orders of one copy, its rule and how often it repeats.
    site : Site
        Demand that the rule compares with.
    calendar : Calendar
        Days of the event clock.
    record : Record
        Read by the rule; a release is noted in it.
    release : callable
        Takes each copy.
    """
    rule = block.release
    earliest_min = calendar.minute_of(rule.not_before)
    for number in range(1, block.repeat + 1):
        if earliest_min > env.now:
            yield env.timeout(earliest_min - env.now)
        while not is_due(rule, record, demand_gpus(site, calendar.moment(env.now).date())):
            yield env.timeout(LOOK_DAYS * MINUTES_PER_DAY)
        record.note(int(env.now), "expansion", f"{block.name}-{number}", "released")
        release(copy_of(block, number))
        earliest_min = int(env.now) + max(minutes(rule.interval_h), LOOK_DAYS * MINUTES_PER_DAY)
