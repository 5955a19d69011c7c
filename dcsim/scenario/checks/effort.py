"""Effort: a site in, what is more than a run of reasonable length can do out.

A file may say a hundred million GPUs in racks of one, sixty years of minutes, or a failure a day of
each GPU; each is sound by itself and none would come to an end. The effort is estimated from the
file alone and refused above these limits unless `--allow-large` is given.
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
MOST_PARTS = 50_000
"""Works, halls, orders and steps of power, those of copied blocks included."""
HINT = "; --allow-large (allow_large=True in Python) runs it all the same"


def overruns(site: Site) -> Iterator[Fault]:
    """Yield each limit that a run of the site would exceed."""
    hours = (site.end - site.start).days * HOURS_PER_DAY
    n_steps = round(hours / site.step_h)
    if n_steps > MOST_STEPS:
        message = f"makes {n_steps:,} steps of the run; at most {MOST_STEPS:,}{HINT}"
        yield Fault(("step",), message)
    n_things = _n_parts(site)
    if n_things > MOST_PARTS:
        message = f"makes {n_things:,} works, halls, orders and steps; at most {MOST_PARTS:,}{HINT}"
        yield Fault(("expansion",), message)
    n_racks, n_gpus = _n_racks(site), _n_gpus(site)
    if n_racks > MOST_RACKS:
        message = f"makes {n_racks:,.0f} racks; at most {MOST_RACKS:,}{HINT}"
        yield Fault(("orders",), message)
    if site.fleet is not None:
        years = hours / HOURS_PER_YEAR
        worst = max(1.0, site.fleet.early_factor)
        n_failures = site.fleet.failure_rate_per_gpu_year * n_gpus * years * worst
        if n_failures > MOST_FAILURES:
            message = f"makes {n_failures:,.0f} failures; at most {MOST_FAILURES:,}{HINT}"
            yield Fault(("fleet", "failure_rate"), message)


def _n_parts(site: Site) -> int:
    own = len(site.works) + len(site.halls) + len(site.orders) + len(site.power.steps)
    blocks = sum(
        block.repeat * (len(block.works) + len(block.halls) + len(block.orders) + len(block.power))
        for block in site.expansion
    )
    return own + blocks


def _n_gpus(site: Site) -> float:
    own = sum(float(order.gpus) for order in site.orders)
    return own + sum(
        block.repeat * sum(float(order.gpus) for order in block.orders) for block in site.expansion
    )


def _n_racks(site: Site) -> float:
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
                shortest = min(life[order.product], life[order.refresh.product])
                rounds += years / shortest * size[order.product] / size[order.refresh.product]
            total += repeat * racks * rounds
    return total
