"""How much work a scenario asks for, told before any of it is done.

A file may say a hundred million GPUs in racks of one, sixty years of minutes, or a failure a day of
each GPU; each is sound by itself and none would come to an end. What is asked for is estimated from
the file alone and refused above these limits unless its writer says that he means it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dcsim.scenario.checks.relations import Fault
from dcsim.scenario.schema.site import Site
from dcsim.units import DAYS_PER_YEAR, HOURS_PER_DAY, HOURS_PER_YEAR

MOST_STEPS = 8_000_000
"""Steps of power and supply: seventy years of five minutes."""
MOST_RACKS = 1_000_000
"""Racks that are delivered, those of blocks and of refreshes included: thirty gigawatts."""
MOST_FAILURES = 100_000_000
"""Failures that are drawn."""
MOST_THINGS = 50_000
"""Works, halls, orders and steps of power, those of copied blocks included."""
HINT = "; --allow-large runs it all the same"


def overruns(site: Site) -> Iterator[Fault]:
    """Yield what is more than a run of reasonable length can do."""
    hours = (site.end - site.start).days * HOURS_PER_DAY
    n_steps = round(hours / site.step_h)
    if n_steps > MOST_STEPS:
        said = f"makes {n_steps:,} steps of the run; at most {MOST_STEPS:,}{HINT}"
        yield Fault(("step",), said)
    n_things = _things(site)
    if n_things > MOST_THINGS:
        said = f"makes {n_things:,} works, halls, orders and steps; at most {MOST_THINGS:,}{HINT}"
        yield Fault(("expansion",), said)
    n_racks, n_gpus = _racks(site), _gpus(site)
    if n_racks > MOST_RACKS:
        said = f"makes {n_racks:,.0f} racks; at most {MOST_RACKS:,}{HINT}"
        yield Fault(("orders",), said)
    if site.fleet is not None:
        years = hours / HOURS_PER_YEAR
        worst = max(1.0, site.fleet.early_factor)
        n_failures = site.fleet.failure_rate_per_gpu_year * n_gpus * years * worst
        if n_failures > MOST_FAILURES:
            said = f"makes {n_failures:,.0f} failures; at most {MOST_FAILURES:,}{HINT}"
            yield Fault(("fleet", "failure_rate"), said)


def _things(site: Site) -> int:
    own = len(site.works) + len(site.halls) + len(site.orders) + len(site.power.steps)
    blocks = sum(
        block.repeat * (len(block.works) + len(block.halls) + len(block.orders) + len(block.power))
        for block in site.expansion
    )
    return own + blocks


def _gpus(site: Site) -> float:
    own = sum(float(order.gpus) for order in site.orders)
    return own + sum(
        block.repeat * sum(float(order.gpus) for order in block.orders) for block in site.expansion
    )


def _racks(site: Site) -> float:
    size: Mapping[str, int] = {product.name: product.rack_size for product in site.products}
    life: Mapping[str, float] = {product.name: product.life_years for product in site.products}
    years = (site.end - site.start).days / DAYS_PER_YEAR
    total = 0.0
    blocks = [(1, site.orders), *((block.repeat, block.orders) for block in site.expansion)]
    for repeat, orders in blocks:
        for order in orders:
            if order.product not in size:
                continue
            racks = order.gpus / size[order.product]
            rounds = 1.0
            if order.refresh is not None and order.refresh.product in size:
                least = min(life[order.product], life[order.refresh.product])
                rounds += years / least * size[order.product] / size[order.refresh.product]
            total += repeat * racks * rounds
    return total
