"""The run in the making: what all processes of one ramp share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from simpy import Environment, Event, Resource

from dcsim.clock import Calendar
from dcsim.ramp.failures.service import Workshop
from dcsim.ramp.rack_flow import Site
from dcsim.ramp.record import Record
from dcsim.ramp.schedule import Step
from dcsim.ramp.works import Unlock
from dcsim.scenario.plan import Plan
from dcsim.scenario.schema.fleet import Order, Product
from dcsim.scenario.schema.works import Task


@dataclass
class Ramp:
    """The run in the making: the resources that processes share."""

    env: Environment
    plan: Plan
    calendar: Calendar
    record: Record
    site: Site
    workshop: Workshop | None
    lift: frozenset[str]
    will_retire: Step
    """What is done with a rack when its replacement is to be ordered."""
    products: dict[str, Product] = field(default_factory=dict)
    done: dict[str, Event] = field(default_factory=dict)
    unlocks: dict[str, list[Unlock]] = field(default_factory=dict)
    task_crews: dict[str, Resource] = field(default_factory=dict)
    orders: list[Order] = field(default_factory=list)
    """Orders placed so far; `Rack.order` counts in it."""
    never: set[str] = field(default_factory=set)
    """Works that never come."""
    freed_w: dict[str, int] = field(default_factory=dict)
    """By order to be refreshed: power of racks about to retire that is not spoken for. [W]"""
    rounds: set[str] = field(default_factory=set)
    """Orders whose next round of refresh is under way."""
    n_rounds: dict[str, int] = field(default_factory=dict)
    """By first order: rounds of refresh that were ordered so far."""
    tasks: list[Task] = field(default_factory=list)
    """Works that have come into sight."""

    def when(
        self,
        work: str | None,
        text: str,
        action: Callable[[], None],
        abandon: Callable[[], None] | None = None,
    ) -> None:
        """Do `action` once a work is done, at once without one; `abandon` if it never comes."""
        if work is None or (work in self.done and self.done[work].triggered):
            action()
        elif work not in self.never:
            self.unlocks.setdefault(work, []).append(Unlock(text, action, abandon))
        elif abandon is not None:
            abandon()
