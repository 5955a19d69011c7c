"""The state of one ramp while it runs: what all of its processes share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from simpy import Environment, Event, Resource

from dcsim.clock import Calendar
from dcsim.ramp.failures.repair_shop import RepairShop
from dcsim.ramp.rack_flow import RackFlow
from dcsim.ramp.record import Record
from dcsim.ramp.schedule import RackStep
from dcsim.ramp.works import Unlock
from dcsim.scenario.plan import Plan
from dcsim.scenario.schema.fleet import Order, Product
from dcsim.scenario.schema.works import Task


@dataclass
class RampState:
    """The state of one ramp while it runs: plan, record, constraints, works, orders."""

    env: Environment
    plan: Plan
    calendar: Calendar
    record: Record
    rack_flow: RackFlow
    repair_shop: RepairShop | None
    lift: frozenset[str]
    will_retire: RackStep
    """Called with a rack when its replacement is to be ordered."""
    products: dict[str, Product] = field(default_factory=dict)
    done: dict[str, Event] = field(default_factory=dict)
    unlocks: dict[str, list[Unlock]] = field(default_factory=dict)
    task_crews: dict[str, Resource] = field(default_factory=dict)
    orders: list[Order] = field(default_factory=list)
    """Orders placed so far; `Rack.order` counts in it."""
    never: set[str] = field(default_factory=set)
    """Works that never come."""
    freed_w: dict[str, int] = field(default_factory=dict)
    """By order to be refreshed: power of racks about to retire that no new order takes yet. [W]"""
    rounds: set[str] = field(default_factory=set)
    """Orders whose next round of refresh is under way."""
    n_rounds: dict[str, int] = field(default_factory=dict)
    """By first order: rounds of refresh that were ordered so far."""
    tasks: list[Task] = field(default_factory=list)
    """Works that are known so far, those of released blocks included."""

    def when(
        self,
        work: str | None,
        text: str,
        action: Callable[[], None],
        abandon: Callable[[], None] | None = None,
    ) -> None:
        """Do `action` once a work is done, at once without one; `abandon` if it never comes.

        Parameters
        ----------
        work : str or None
            Name of the work; None for what hangs on none.
        text : str
            Name of what it opens, for the log.
        action : callable
            Opens it.
        abandon : callable, optional
            Called instead if the work never comes.
        """
        if work is None or (work in self.done and self.done[work].triggered):
            action()
        elif work not in self.never:
            self.unlocks.setdefault(work, []).append(Unlock(text, action, abandon))
        elif abandon is not None:
            abandon()
