"""Feasibility: a scenario in, the milestones that no run can meet out, before anything is run.

Every uncertain value stands at its most favorable end, as the schema marks it, no rack waits for
crews, commissioning slots or other racks, and nothing fails. A milestone that is missed even so is
missed in every run. Where the file leaves the outcome open, as with an expansion that may be
released in time or an uncertain value without a mark, nothing is claimed: a milestone that is not
listed may still be missed in every run.

Two bounds are compared with each milestone: the most that is ever there (all orders, all power
steps), and the earliest date at which enough of it is there. Dates of works come from the forward
pass of the critical path method.
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
from dcsim.scenario.checks.whole import validated
from dcsim.scenario.draws.distributions import MEDIAN, TAIL
from dcsim.scenario.provision import gpus_fit
from dcsim.scenario.scenario import Scenario
from dcsim.scenario.schema.assets.registry import all_kinds, assets_of
from dcsim.scenario.schema.favorable_end import favorable_end
from dcsim.scenario.schema.fleet import Order
from dcsim.scenario.schema.site import Milestone, Site
from dcsim.scenario.schema.works import Task
from dcsim.units import HOURS_PER_DAY, HOURS_PER_YEAR

SECTIONS_OF_ALL = ("works", "risks")
"""Sections that the bounds on all milestones are computed from."""
SECTIONS_OF_METRIC = {
    "gpus_online": ("orders", "products", "power"),
    "gpus_in_service": ("orders", "products", "power"),
    "gpus_delivered": ("orders", "products"),
    "energized_mw": ("power",),
    "facility_power_mw": ("power",),
    "it_capacity_mw": ("halls",),
    "renewable_capacity_mw": (),
}
"""Further sections that the bound on a milestone is computed from, by its metric; for renewable
capacity those of the kinds that are always renewable."""
NEVER_H = math.inf


class Infeasible(NamedTuple):
    """A milestone that no run can meet."""

    milestone: str
    """Its title."""
    key: str
    """Key path of the section or work that prevents it."""
    where: str
    """``file:line`` of that key."""
    reason: str
    """Why none can, in words."""
    is_known: bool = False
    """True if it was infeasible at the commit that is compared with as well."""


def infeasible_milestones(scenario: Scenario) -> list[Infeasible]:
    """Return the milestones of a scenario that no run can meet, and the line that prevents each.

    Parameters
    ----------
    scenario : Scenario

    Returns
    -------
    list of Infeasible
        In the order of the milestones; none where nothing can be claimed.

    Notes
    -----
    With every value at its favorable end, the earliest finish of a work is the longest path to it
    through the works it waits for [1]_. An example: a transformer takes 60 to 90 weeks after a
    survey of 3 weeks, then a line takes 2 weeks. From 2027-01-01 the line is finished after 65
    weeks at the earliest, in 2028-04, so that GPUs online by 2027-12-31 are infeasible; the line of
    the file that is named is that of the transformer, the longest work of the path.

    References
    ----------
    .. [1] J. E. Kelley, "Critical-path planning and scheduling: mathematical basis", Operations
       Research 9 (1961) 296-320.
    """
    try:
        site, unknown = _most_favorable(scenario)
    except ScenarioError:
        return []
    earliest = _EarliestDates.of(site)
    infeasible = []
    for milestone in site.milestones:
        if milestone.metric not in SECTIONS_OF_METRIC:
            continue  # the metric of a plug-in
        if unknown & _sections_of(milestone.metric):
            continue
        fault = earliest.fault(milestone)
        if fault is not None:
            key, reason = fault
            where = place_of(tuple(key.split(".")), scenario.values)
            infeasible.append(Infeasible(milestone.title, key, where, reason))
    return infeasible


def _sections_of(metric: str) -> set[str]:
    """Return the sections that the bound on a milestone is computed from."""
    sections = {*SECTIONS_OF_ALL, *SECTIONS_OF_METRIC[metric]}
    if metric == "renewable_capacity_mw":
        sections |= {kind.section for kind in all_kinds() if kind.always_renewable}
    return sections


def _most_favorable(scenario: Scenario) -> tuple[Site, set[str]]:
    """Return the site with each uncertain value at its favorable end, and the unclear sections.

    Those are the sections with an uncertain value whose favorable end is not known.

    Raises
    ------
    ScenarioError
        If the favorable ends do not fit together.
    """
    values, ends, unknown = scenario.values, dict[str, float](), set[str]()
    for drawn in values.drawn:
        section = drawn.key.partition(".")[0]
        end = favorable_end(type(scenario.site), drawn.key)
        # Discrete options stand in the order of the file, not from harmful to favorable.
        if end is None or (end != "neither" and next(iter(drawn.distribution)) == "discrete"):
            unknown.add(section)
        ends[drawn.key] = {"high": 1 - TAIL, "low": TAIL}.get(end or "", MEDIAN)
    return validated(values.at(ends.__getitem__)), unknown


@dataclass(frozen=True)
class _EarliestDates:
    """Earliest dates of the works of a site, in hours since 1970; never is infinite."""

    site: Site
    finish_h: Mapping[str, float]
    """Earliest finish of each work. [h]"""
    driver: Mapping[str, str]
    """The predecessor that each work waits for last."""

    @staticmethod
    def of(site: Site) -> _EarliestDates:
        by_name = {task.name: task for task in site.works}
        order = TopologicalSorter({task.name: task.after for task in site.works}).static_order()
        finish: dict[str, float] = {}
        driver: dict[str, str] = {}
        for name in order:
            if name in by_name:
                task = by_name[name]
                waits = {before: finish[before] for before in task.after if before in finish}
                finish[name] = _earliest_h(task, max(waits.values(), default=-NEVER_H), site)
                # A work whose own date is later does not wait: no predecessor drives it.
                if waits and finish[name] > _earliest_h(task, -NEVER_H, site):
                    driver[name] = max(waits, key=waits.__getitem__)
        return _EarliestDates(site, finish, driver)

    def fault(self, milestone: Milestone) -> tuple[str, str] | None:
        """Return the key that makes a milestone infeasible and the reason; None if feasible."""
        if self._may_expand(milestone.by):
            return None
        if milestone.metric.startswith("gpus"):
            return self._gpus_fault(milestone)
        steps = self._capacities(milestone.metric)
        return None if steps is None else self._capacity_fault(milestone, *steps)

    def _may_expand(self, by: datetime.date) -> bool:
        return any(block.release.not_before <= by for block in self.site.expansion)

    def _may_refresh(self, end_h: float) -> bool:
        """Return whether racks that replace others may be delivered before a time."""
        life = {p.name: p.life_years * HOURS_PER_YEAR for p in self.site.products}
        orders = [order for order in self.site.orders if order.refresh is not None]
        return any(self._first_h(order) + life[order.product] < end_h for order in orders)

    def _first_h(self, order: Order) -> float:
        placed_h = self._at(order.after) if order.after else _start_h(order.placed)
        return placed_h + order.lead_time_h * self._least_stretch(order.risks)

    def _capacities(self, metric: str) -> tuple[str, list[tuple[float, float, str]]] | None:
        """Return the section and, for each step of a capacity, when, how much, and its work."""
        site = self.site
        if metric == "facility_power_mw" and site.power.basis != "facility":
            return None  # what cooling and losses add is not contracted
        if metric in ("energized_mw", "facility_power_mw"):
            rows = [(s.works, s.adds_mw * s.granted_frac) for s in site.power.steps]
            return "power.steps", [(self._at(w), mw, w or "") for w, mw in rows]
        if metric == "it_capacity_mw":
            rows = [(hall.works, hall.it_power_mw) for hall in site.halls]
            return "halls", [(self._at(w), mw, w or "") for w, mw in rows]
        if metric == "renewable_capacity_mw":
            assets = list(assets_of(site, [kind for kind in all_kinds() if kind.always_renewable]))
            rows = [(asset.works, kind.rated_mw(asset)) for kind, asset in assets]
            section = next((kind.section for kind, _ in assets), "milestones")
            return section, [(self._at(w), mw, w or "") for w, mw in rows]
        return None

    def _at(self, work: str | None) -> float:
        return -NEVER_H if work is None else self.finish_h.get(work, NEVER_H)

    def _capacity_fault(
        self, milestone: Milestone, section: str, steps: list[tuple[float, float, str]]
    ) -> tuple[str, str] | None:
        target = milestone.target
        total = sum(mw for _, mw, _ in steps)
        if total < target * (1 - 1e-9):
            return (
                section,
                f"all of it is {total:,.6g} MW, less than the target of {target:,.6g} MW",
            )
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
        # The work that adds most to the path is the line to look at first.
        slowest = max(path, key=self._own_h) if work else work
        day = "never" if math.isinf(at_h) else _date_at(at_h).isoformat()
        shown = " > ".join(path[-6:])
        return f"works.{slowest}", f"the earliest is {day}, after {milestone.by}: {shown}"

    def _own_h(self, name: str) -> float:
        """Return the hours a work adds to the finish of its driver; 1 for one that never comes."""
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
            reason = f"all orders are {ordered:,} GPUs, fewer than the target of {target:,.0f}"
            return "orders", reason
        delivered = sum(self._delivered(order, end_h) for order in self.site.orders)
        if delivered < target:
            return (
                "orders",
                f"at most {delivered:,} GPUs can be delivered by {milestone.by}, fewer than the "
                f"target of {target:,.0f}",
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
                f"ordered, fewer than the target of {milestone.target:,.0f}",
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
        """Return the most GPUs of an order that can be delivered before a time."""
        first_h = self._first_h(order)
        if not first_h < end_h:
            return 0
        every = _whole_racks(order, self.site)
        if order.lot is None or order.interval_h == 0:
            return every
        lots = math.floor((end_h - first_h) / order.interval_h) + 1
        return min(every, lots * _rounded_to_racks(order.lot, order, self.site))

    def _least_stretch(self, risks: tuple[str, ...]) -> float:
        found = [risk.stretch for risk in self.site.risks if risk.name in risks]
        return math.prod(min(stretch, 1.0) for stretch in found)


def _earliest_h(task: Task, ready_h: float, site: Site) -> float:
    """Return the earliest finish of a work, by the rules of `dcsim.ramp.works`.

    Parameters
    ----------
    task : Task
        With favorable values; its slip may be negative.
    ready_h : float
        Earliest finish of the works it waits for, minus infinity if there are none. [h since 1970]
    site : Site
        Whose start is that of works without a date, and whose risks may stretch the task.
    """
    if task.probability_frac == 0 or (math.isinf(ready_h) and ready_h > 0):
        return NEVER_H
    own = [_start_h(task.start)] if task.start else []
    begin_h = max([ready_h, *own])
    if begin_h == -NEVER_H:
        # It begins on the first day of the run, unless its own date is later.
        begin_h = _start_h(site.start) if task.finish is None else -NEVER_H
    stretch = math.prod(min(r.stretch, 1.0) for r in site.risks if r.name in task.risks)
    least_h = begin_h + (task.duration_h or 0.0) * stretch
    late_h = task.slip_h
    if task.finish is None:
        return max(least_h + late_h, begin_h)
    return max(_end_h(task.finish) - HOURS_PER_DAY + late_h, least_h)


def _whole_racks(order: Order, site: Site) -> int:
    return _rounded_to_racks(order.gpus, order, site)


def _rounded_to_racks(gpus: int, order: Order, site: Site) -> int:
    size = next(p.rack_size for p in site.products if p.name == order.product)
    return -(-gpus // size) * size


def _start_h(day: datetime.date | None) -> float:
    return -NEVER_H if day is None else float((day - _EPOCH).days * HOURS_PER_DAY)


def _end_h(day: datetime.date) -> float:
    return _start_h(day) + HOURS_PER_DAY


def _date_at(hours: float) -> datetime.date:
    return _EPOCH + datetime.timedelta(hours=hours)


_EPOCH = datetime.date(1970, 1, 1)
