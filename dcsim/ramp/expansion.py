"""Expansion: rules that see only the past release the next block."""

from __future__ import annotations

import datetime
from collections.abc import Callable

from simpy import Environment
from simpy.events import ProcessGenerator

from dcsim.clock import Calendar, minutes
from dcsim.ramp.record import ONLINE, RETIRED, Record
from dcsim.scenario.schema.fleet import Order
from dcsim.scenario.schema.site import Block, Release, Site
from dcsim.units import HOURS_PER_DAY, HOURS_PER_YEAR, MINUTES_PER_DAY

LOOK_DAYS = 7
"""Days between two looks at the rules; a planning round is not finer."""


def copy_of(block: Block, number: int) -> Block:
    """Return a block with its names made its own: ``block-2.hall`` for ``hall``."""
    own = {item.name for item in (*block.works, *block.halls, *block.power, *block.orders)}
    prefix = f"{block.name}-{number}."

    def renamed(name: str | None) -> str | None:
        return prefix + name if name in own else name

    def names(many: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(prefix + name if name in own else name for name in many)

    def order(item: Order) -> Order:
        update = {
            "name": prefix + item.name,
            "after": renamed(item.after),
            "halls": names(item.halls),
        }
        return item.model_copy(update=update)

    return block.model_copy(
        update={
            "name": f"{block.name}-{number}",
            "works": tuple(
                task.model_copy(
                    update={
                        "name": prefix + task.name,
                        "after": names(task.after),
                        "label": f"{task.title} {number}",
                    }
                )
                for task in block.works
            ),
            "halls": tuple(
                hall.model_copy(
                    update={
                        "name": prefix + hall.name,
                        "works": renamed(hall.works),
                        "cooling_works": renamed(hall.cooling_works),
                    }
                )
                for hall in block.halls
            ),
            "power": tuple(
                step.model_copy(update={"name": prefix + step.name, "works": renamed(step.works)})
                for step in block.power
            ),
            "orders": tuple(order(item) for item in block.orders),
        }
    )


def demand_gpus(site: Site, today: datetime.date) -> float:
    """Return the demand for GPUs on a day, in its weekday mean hour."""
    total = 0.0
    for segment in site.demand:
        if today >= (segment.begins or segment.at):
            years = (today - segment.at).days * HOURS_PER_DAY / HOURS_PER_YEAR
            total += segment.gpus * (1 + segment.growth_frac) ** years
    return total


def is_due(rule: Release, record: Record, wanted_gpus: float) -> bool:
    """Tell whether the rule is met by what has happened so far."""
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
    """Release the copies of a block one after another, each when its rule is met."""
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
