"""Relations between the parts of a scenario: names that exist, dates in order, no circles."""

from __future__ import annotations

import difflib
import graphlib
import re
import zoneinfo
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from dcsim.scenario.schema.assets.registry import all_kinds, assets_of, cold_sources
from dcsim.scenario.schema.fleet import Hall, Order
from dcsim.scenario.schema.part import Named
from dcsim.scenario.schema.power import PhysicalCooling
from dcsim.scenario.schema.site import Block, Site
from dcsim.scenario.schema.works import Task


class Fault(NamedTuple):
    """A broken relation, by key path."""

    path: tuple[str, ...]
    message: str


def faults(site: Site) -> Iterator[Fault]:
    """Yield everything that is wrong between the parts of a site."""
    yield from _repeated(site)
    yield from _zones(site)
    works = [task.name for task in site.works]
    yield from _works(site, site.works, works, ("works",))
    yield from _orders(site, site.orders, works, ("orders",), [hall.name for hall in site.halls])
    for kind, asset in assets_of(site):
        yield from _known(asset.works, works, (kind.section, asset.name, "works"), "work")
    yield from _places(site.halls, works, ("halls",))
    if isinstance(site.cooling, PhysicalCooling) and site.cooling.cold is not None:
        plants = [asset.name for _, asset in assets_of(site, cold_sources())]
        yield from _known(site.cooling.cold.plant, plants, ("cooling", "cold", "plant"), "plant")
    for step in site.power.steps:
        yield from _known(step.works, works, ("power", "steps", step.name, "works"), "work")
    for block in site.expansion:
        yield from _block(site, block, works)
    yield from _dates(site)
    yield from _circle(site.works, ("works",))
    for kind in all_kinds():
        # Kinds of a plug-in that another scenario has loaded have no say here.
        if kind.section not in type(site).model_fields:
            continue
        yield from (Fault(path, message) for path, message in kind.faults(site))
    yield from _money(site, works)
    yield from _dispatch(site)
    yield from _expectations(site, works)


def _known(
    name: str | None, known: Iterable[str], path: tuple[str, ...], kind: str
) -> Iterator[Fault]:
    names = list(known)
    if name is None or name in names:
        return
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    listed = f"; known are {', '.join(names[:12])}" if names else ""
    hint = f"; did you mean {close[0]}?" if close else listed
    yield Fault(path, f"there is no {kind} named {name}{hint}")


def _repeated(site: Site) -> Iterator[Fault]:
    for section in type(site).model_fields:
        items = getattr(site, section)
        if isinstance(items, tuple) and items and isinstance(items[0], Named):
            seen: set[str] = set()
            for item in items:
                if item.name.casefold() in seen:
                    yield Fault(
                        (section, item.name), "stands twice; a name is unique, whatever its case"
                    )
                seen.add(item.name.casefold())
    reserved = {"grid", *(k.figure for k in all_kinds() if k.kept_column or site.assets(k.section))}
    for kind, asset in assets_of(site, [kind for kind in all_kinds() if kind.column_of_each]):
        if asset.name.casefold() in reserved - {kind.figure}:
            message = f"{asset.name} is the name of a kind of source"
            yield Fault((kind.section, asset.name), message)


def _zones(site: Site) -> Iterator[Fault]:
    named: list[tuple[tuple[str, ...], str]] = [(("time_zone",), site.time_zone)]
    if not site.time_zone and "time_zone" not in site.model_fields_set:
        message = (
            f"is missing: no zone is known at {site.latitude_deg:g}, {site.longitude_deg:g}; write "
            "the site's, for example 'time_zone: Europe/Berlin'"
        )
        yield Fault(("time_zone",), message)
        named.pop()
    named += [
        (("demand", segment.name, "time_zone"), segment.time_zone)
        for segment in site.demand
        if segment.time_zone is not None
    ]
    for path, zone in named:
        try:
            zoneinfo.ZoneInfo(zone)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            yield Fault(path, f"{zone} is not a time zone such as America/Chicago or Europe/Berlin")


def _works(
    site: Site, tasks: tuple[Task, ...], known: list[str], path: tuple[str, ...]
) -> Iterator[Fault]:
    risks = [risk.name for risk in site.risks]
    crews = [crew.name for crew in site.crews]
    for task in tasks:
        for name in task.after:
            yield from _known(name, known, (*path, task.name, "after"), "work")
        for name in task.risks:
            yield from _known(name, risks, (*path, task.name, "risks"), "risk")
        yield from _known(task.crew, crews, (*path, task.name, "crew"), "crew")


def _orders(
    site: Site, orders: tuple[Order, ...], works: list[str], path: tuple[str, ...], halls: list[str]
) -> Iterator[Fault]:
    products = {product.name: product for product in site.products}
    risks = [risk.name for risk in site.risks]
    for order in orders:
        here = (*path, order.name)
        yield from _known(order.product, products, (*here, "product"), "product")
        yield from _known(order.after, works, (*here, "after"), "work")
        if order.refresh:
            yield from _known(
                order.refresh.product, products, (*here, "refresh", "product"), "product"
            )
        for name in order.risks:
            yield from _known(name, risks, (*here, "risks"), "risk")
        for hall in order.halls:
            yield from _known(hall, halls, (*here, "halls"), "hall")
        product = products.get(order.product)
        if product and order.gpus % product.server_size:
            message = (
                f"{order.gpus} GPU is not a whole number of servers of {product.server_size} GPU"
            )
            yield Fault((*here, "gpus"), message)
        if order.placed and order.placed >= site.end:
            yield Fault((*here, "placed"), f"{order.placed} is not before the end {site.end}")


def _places(halls: tuple[Hall, ...], works: list[str], path: tuple[str, ...]) -> Iterator[Fault]:
    for hall in halls:
        yield from _known(hall.works, works, (*path, hall.name, "works"), "work")
        yield from _known(hall.cooling_works, works, (*path, hall.name, "cooling_works"), "work")


def _block(site: Site, block: Block, works: list[str]) -> Iterator[Fault]:
    here = ("expansion", block.name)
    known = [*works, *(task.name for task in block.works)]
    halls = [hall.name for hall in (*site.halls, *block.halls)]
    yield from _works(site, block.works, known, (*here, "works"))
    yield from _orders(site, block.orders, known, (*here, "orders"), halls)
    yield from _places(block.halls, known, (*here, "halls"))
    for step in block.power:
        yield from _known(step.works, known, (*here, "power", step.name, "works"), "work")
    yield from _circle(block.works, (*here, "works"))


def _dates(site: Site) -> Iterator[Fault]:
    finish = {task.name: task.finish for task in site.works}
    for task in site.works:
        for name in task.after:
            before = finish.get(name)
            if task.finish and before and task.finish < before:
                message = (
                    f"{task.finish} is before the finish of {name}, which it comes after ({before})"
                )
                yield Fault(("works", task.name, "finish"), message)
    for milestone in site.milestones:
        if not site.start <= milestone.by < site.end:
            message = f"{milestone.by} is outside the run from {site.start} to {site.end}"
            yield Fault(("milestones", milestone.name, "by"), message)
    for segment in site.demand:
        if segment.begins and segment.begins > site.end:
            yield Fault(
                ("demand", segment.name, "begins"), f"{segment.begins} is after the end {site.end}"
            )


def _circle(tasks: tuple[Task, ...], path: tuple[str, ...]) -> Iterator[Fault]:
    graph = {task.name: list(task.after) for task in tasks}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        circle = list(reversed(error.args[1]))
        message = f"works wait for one another in a circle: {' -> '.join(circle)}"
        yield Fault((*path, circle[0], "after"), message)


def _expectations(site: Site, works: list[str]) -> Iterator[Fault]:
    milestones = [milestone.name for milestone in site.milestones]
    for gate in site.expect:
        kind, _, rest = gate.metric.partition(".")
        name = rest.split(".")[0]
        known = {"milestone": milestones, "work": works}.get(kind)
        if known is not None and name not in known and not _is_of_block(kind, name):
            message = f"there is no {kind} {name}; known are {', '.join(known) or 'none'}"
            yield Fault(("expect", gate.name, "metric"), message)


def _is_of_block(kind: str, name: str) -> bool:
    """Tell whether a work belongs to a block: its name is known once that is released."""
    return kind == "work" and bool(re.match(r".+-\d+$", name))


def _dispatch(site: Site) -> Iterator[Fault]:
    by_cost = site.dispatch.policy == "optimal" and site.dispatch.objective == "cost"
    if by_cost and (site.money is None or site.money.tariff is None):
        message = "cost needs money.tariff; give it, or choose import or carbon"
        yield Fault(("dispatch", "objective"), message)
    if site.dispatch.policy == "arbitrage" and (site.money is None or site.money.tariff is None):
        message = "arbitrage needs money.tariff; give it, or choose another policy"
        yield Fault(("dispatch", "policy"), message)


def _money(site: Site, works: list[str]) -> Iterator[Fault]:
    if site.money is None:
        return
    halls = [hall.name for hall in site.halls]
    in_blocks = [
        f"{block.name}-{number}.{task.name}"
        for block in site.expansion
        for number in range(1, block.repeat + 1)
        for task in block.works
    ]
    yield from _performances(site)
    for cost in site.money.capital:
        here = ("money", "capital", cost.name)
        yield from _known(cost.works, [*works, *in_blocks], (*here, "works"), "work")
        for hall in cost.halls:
            yield from _known(hall, halls, (*here, "halls"), "hall")


def _performances(site: Site) -> Iterator[Fault]:
    """Yield the products that are ordered and cannot be compared with that of the rental."""
    costs = site.money.costs if site.money else None
    if costs is None or costs.rental_per_gpu_h is None or costs.rental_reference_pflops is None:
        return
    orders = [*site.orders, *(order for block in site.expansion for order in block.orders)]
    ordered = {order.product for order in orders}
    ordered |= {order.refresh.product for order in orders if order.refresh}
    for product in site.products:
        if product.name in ordered and product.performance_pflops is None:
            message = (
                "is missing: money.costs.rental_reference compares it; write for example "
                "'performance: 2.5 PFLOPS', or leave rental_reference out"
            )
            yield Fault(("products", product.name, "performance"), message)
