"""Promises that cannot be kept whatever happens, found in the file before anything is run.

Every uncertain value stands at its most favorable end, nobody waits for crews, commissioning slots
or racks before him, nothing fails. A promise that is missed even so is missed in every run. Where
the file leaves open what may come, as with an expansion that may be released in time, nothing is
claimed.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import NamedTuple

from dcsim.errors import ScenarioError
from dcsim.scenario.checks.messages import place_of
from dcsim.scenario.draws.distributions import TAIL
from dcsim.scenario.provision import gpus_fit
from dcsim.scenario.scenario import Scenario
from dcsim.scenario.schema.fleet import Order
from dcsim.scenario.schema.site import Milestone, Site
from dcsim.scenario.schema.works import Task
from dcsim.units import HOURS_PER_DAY, HOURS_PER_YEAR

MORE_IS_BETTER = ("gpus", "adds", "granted", "oversubscription", "probability", "lot", "capacity")
"""Last keys of values whose high end helps a promise; of all others it is the low end."""
NEVER = math.inf


class Impossible(NamedTuple):
    """A promise that no run keeps."""

    milestone: str
    key: str
    """Key path of what prevents it."""
    where: str
    """``file:line`` of that."""
    reason: str


def impossible(scenario: Scenario) -> list[Impossible]:
    """Return the promises of a scenario that no run can keep, and the line that prevents each.

    Parameters
    ----------
    scenario : Scenario

    Returns
    -------
    list of Impossible
        In the order of the promises; none where nothing can be said.
    """
    try:
        site = _most_favorable(scenario)
    except ScenarioError:
        return []
    bounds = _Bounds.of(site)
    found = []
    for milestone in site.milestones:
        fault = bounds.fault(milestone)
        if fault is not None:
            key, reason = fault
            where = place_of(tuple(key.split(".")), scenario.values)
            found.append(Impossible(milestone.title, key, where, reason))
    return found


def _most_favorable(scenario: Scenario) -> Site:
    """Return the site with each uncertain value at the end that helps; choices raise."""

    def quantile(key: str) -> float:
        last = key.rsplit(".", 1)[-1]
        return 1 - TAIL if last in MORE_IS_BETTER else TAIL

    values = scenario.values
    for drawn in values.drawn:
        kind = next(iter(drawn.distribution))
        section = drawn.key.partition(".")[0]
        # The options of a choice stand in no order that helps or harms.
        if kind == "discrete" and section in ("works", "orders", "power", "halls", "risks"):
            raise ScenarioError([])
    return Site.model_validate(values.at(quantile).data)


@dataclass(frozen=True)
class _Bounds:
    """When things can come about at the earliest, in hours since 1970; never is infinite."""

    site: Site
    finish_h: Mapping[str, float]
    driver: Mapping[str, str]
    """The work each waits for last."""

    @staticmethod
    def of(site: Site) -> _Bounds:
        by_name = {task.name: task for task in site.works}
        order = TopologicalSorter({task.name: task.after for task in site.works}).static_order()
        finish: dict[str, float] = {}
        driver: dict[str, str] = {}
        for name in order:
            if name in by_name:
                task = by_name[name]
                waits = {before: finish[before] for before in task.after if before in finish}
                finish[name] = _earliest_h(task, max(waits.values(), default=-NEVER), site)
                # What has a date of its own that is later waits for nobody.
                if waits and finish[name] > _earliest_h(task, -NEVER, site):
                    driver[name] = max(waits, key=waits.__getitem__)
        return _Bounds(site, finish, driver)

    def fault(self, milestone: Milestone) -> tuple[str, str] | None:
        """Return the key that makes a promise impossible and why, or None."""
        if self._may_expand(milestone.by):
            return None
        if milestone.metric.startswith("gpus"):
            return self._gpus_fault(milestone)
        steps = self._capacities(milestone.metric)
        return None if steps is None else self._capacity_fault(milestone, *steps)

    def _may_expand(self, by: datetime.date) -> bool:
        return any(block.release.not_before <= by for block in self.site.expansion)

    def _may_refresh(self, end_h: float) -> bool:
        """Tell whether racks that replace others may be there before a time."""
        life = {p.name: p.life_years * HOURS_PER_YEAR for p in self.site.products}
        orders = [order for order in self.site.orders if order.refresh is not None]
        return any(self._first_h(order) + life[order.product] < end_h for order in orders)

    def _first_h(self, order: Order) -> float:
        placed_h = self._at(order.after) if order.after else _start_h(order.placed)
        return placed_h + order.lead_time_h * self._least_stretch(order.risks)

    def _capacities(self, metric: str) -> tuple[str, list[tuple[float, float, str]]] | None:
        """Return the section and, for each step of a capacity, when, how much, and its work."""
        site = self.site
        if metric in ("energized_mw", "facility_power_mw"):
            rows = [(s.works, s.adds_mw * s.granted_frac) for s in site.power.steps]
            return "power.steps", [(self._at(w), mw, w or "") for w, mw in rows]
        if metric == "it_capacity_mw":
            rows = [(hall.works, hall.it_power_mw) for hall in site.halls]
            return "halls", [(self._at(w), mw, w or "") for w, mw in rows]
        if metric == "renewable_capacity_mw":
            rows = [(p.works, p.capacity_mw) for p in site.solar]
            rows += [(p.works, p.capacity_mw) for p in site.wind]
            section = "solar" if site.solar else "wind"
            return section, [(self._at(w), mw, w or "") for w, mw in rows]
        return None

    def _at(self, work: str | None) -> float:
        return -NEVER if work is None else self.finish_h.get(work, NEVER)

    def _capacity_fault(
        self, milestone: Milestone, section: str, steps: list[tuple[float, float, str]]
    ) -> tuple[str, str] | None:
        target = milestone.target
        total = sum(mw for _, mw, _ in steps)
        if total < target * (1 - 1e-9):
            return section, f"all of it is {total:,.6g} MW, less than the {target:,.6g} MW promised"
        reached = 0.0
        for at_h, mw, work in sorted(steps):
            reached += mw
            if reached >= target * (1 - 1e-9):
                return self._date_fault(milestone, at_h, work)
        return None

    def _date_fault(self, milestone: Milestone, at_h: float, work: str) -> tuple[str, str] | None:
        if at_h < _end_h(milestone.by):
            return None
        path = [work]
        while path[0] in self.driver:
            path.insert(0, self.driver[path[0]])
        slowest = max(path, key=self._own_h) if work else work
        day = "never" if math.isinf(at_h) else _day(at_h).isoformat()
        chain = " > ".join(path[-6:])
        return f"works.{slowest}", f"the earliest is {day}, after {milestone.by}: {chain}"

    def _own_h(self, name: str) -> float:
        """Return how much a work adds to the date of those before it."""
        before = self.finish_h.get(self.driver.get(name, ""), None)
        mine = self.finish_h[name]
        task = next(task for task in self.site.works if task.name == name)
        begin = before if before is not None else _start_h(self.site.start)
        return mine - begin if math.isfinite(mine) else float(task.probability_frac == 0)

    def _gpus_fault(self, milestone: Milestone) -> tuple[str, str] | None:
        target, end_h = milestone.target, _end_h(milestone.by)
        if self._may_refresh(end_h):
            return None
        ordered = sum(_whole_racks(order, self.site) for order in self.site.orders)
        if ordered < target:
            told = f"all orders are {ordered:,} GPUs, fewer than the {target:,.0f} promised"
            return "orders", told
        delivered = sum(self._delivered(order, end_h) for order in self.site.orders)
        if delivered < target:
            return (
                "orders",
                f"at most {delivered:,} GPUs can be delivered by {milestone.by}, fewer than the "
                f"{target:,.0f} promised",
            )
        return None if milestone.metric == "gpus_delivered" else self._power_fault(milestone)

    def _power_fault(self, milestone: Milestone) -> tuple[str, str] | None:
        power, end_h = self.site.power, _end_h(milestone.by)
        steps = [
            (self._at(step.works), step.adds_mw * step.granted_frac, step.works or "")
            for step in power.steps
        ]
        known = {order.product for order in self.site.orders}
        products = [product for product in self.site.products if product.name in known]

        def fit(mw: float) -> int:
            return max(gpus_fit(mw, product, power) for product in products)

        total = sum(mw for _, mw, _ in steps)
        if fit(total) < milestone.target:
            return (
                "power.steps",
                f"{total:,.6g} MW carry at most {fit(total):,} GPUs of the products that are "
                f"ordered, fewer than the {milestone.target:,.0f} promised",
            )
        in_time = sum(mw for at_h, mw, _ in steps if at_h < end_h)
        if fit(in_time) >= milestone.target:
            return None
        reached = 0.0
        for at_h, mw, work in sorted(steps):
            reached += mw
            if fit(reached) >= milestone.target:
                return self._date_fault(milestone, at_h, work)
        return None

    def _delivered(self, order: Order, end_h: float) -> int:
        """Return the most GPUs of an order that can be there before a time."""
        first_h = self._first_h(order)
        if not first_h < end_h:
            return 0
        every = _whole_racks(order, self.site)
        if order.lot is None or order.interval_h == 0:
            return every
        lots = math.floor((end_h - first_h) / order.interval_h) + 1
        return min(every, lots * _racked(order.lot, order, self.site))

    def _least_stretch(self, risks: tuple[str, ...]) -> float:
        found = [risk.stretch for risk in self.site.risks if risk.name in risks]
        return math.prod(min(stretch, 1.0) for stretch in found)


def _earliest_h(task: Task, ready_h: float, site: Site) -> float:
    """Return when a task can be done at the earliest; the rules of `dcsim.ramp.works`."""
    if task.probability_frac == 0 or (math.isinf(ready_h) and ready_h > 0):
        return NEVER
    own = [_start_h(task.start)] if task.start else []
    begin_h = max([ready_h, *own])
    if begin_h == -NEVER:
        # It begins on the first day of the run, unless its own date is later.
        begin_h = _start_h(site.start) if task.finish is None else -NEVER
    stretch = math.prod(min(r.stretch, 1.0) for r in site.risks if r.name in task.risks)
    least_h = begin_h + (task.duration_h or 0.0) * stretch
    late_h = task.slip_h
    if task.finish is None:
        return max(least_h + late_h, begin_h)
    return max(_end_h(task.finish) - HOURS_PER_DAY + late_h, least_h)


def _whole_racks(order: Order, site: Site) -> int:
    return _racked(order.gpus, order, site)


def _racked(gpus: int, order: Order, site: Site) -> int:
    size = next(p.rack_size for p in site.products if p.name == order.product)
    return -(-gpus // size) * size


def _start_h(day: datetime.date | None) -> float:
    return -NEVER if day is None else float((day - _EPOCH).days * HOURS_PER_DAY)


def _end_h(day: datetime.date) -> float:
    return _start_h(day) + HOURS_PER_DAY


def _day(hours: float) -> datetime.date:
    return _EPOCH + datetime.timedelta(hours=hours)


_EPOCH = datetime.date(1970, 1, 1)
