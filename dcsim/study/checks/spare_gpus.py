"""Spare GPUs: a scenario in, the milestones whose target leaves too few for repair out."""

from __future__ import annotations

from collections.abc import Iterator

from dcsim.scenario.schema.fleet import Fleet, Product
from dcsim.scenario.schema.site import Site
from dcsim.units import HOURS_PER_YEAR

FROM_ALL_ORDERS = "gpus_online"
"""Metric of milestones that GPUs in repair do not count for."""
IN_SERVICE_METRIC = "gpus_in_service"
"""Metric of milestones that they do count for."""


def no_spare_notes(site: Site) -> Iterator[str]:
    """Yield a sentence for each milestone that needs more GPUs online than repair leaves.

    Parameters
    ----------
    site : Site
        With uncertain values at their medians. Nothing is said of a site whose expansion or refresh
        may bring further GPUs.

    Notes
    -----
    A server fails ``rate * server_size`` times a year and is down for the mean of a recovery and a
    repair, so that the share ``rate * server_size * down_h / 8760`` of all GPUs is out of service
    at any time, waits for technicians and spares not counted.
    """
    if site.fleet is None or site.expansion or any(o.refresh is not None for o in site.orders):
        return
    sizes = {product.name: product for product in site.products}
    ordered = sum(
        -(-o.gpus // sizes[o.product].rack_size) * sizes[o.product].rack_size for o in site.orders
    )
    down = sum(o.gpus * down_frac(site.fleet, sizes[o.product]) for o in site.orders)
    for milestone in site.milestones:
        if milestone.metric != FROM_ALL_ORDERS or not ordered - down < milestone.target <= ordered:
            continue
        spare = ordered - milestone.target
        left = "ordered = promised: no spare" if not spare else f"{spare:,.0f} are spare"
        yield (
            f"{milestone.title}: {milestone.target:,.0f} GPUs online of {ordered:,} that are "
            f"ordered ({left}), and about {down:,.0f} ({down / ordered:.2%}) are in repair at any "
            f"time; order more, aim for fewer, or let the milestone count {IN_SERVICE_METRIC}"
        )


def down_frac(fleet: Fleet, product: Product) -> float:
    """Return the share of the GPUs of a product that is out of service at any time. [1]

    >>> from dcsim.scenario.load import load
    >>> site = load("scenarios/ulsan-103mw.yaml").site
    >>> 0 < down_frac(site.fleet, site.products[0]) < 0.05
    True
    """
    down_h = fleet.hands_frac * fleet.repair_h + (1 - fleet.hands_frac) * fleet.recovery_h
    rate = fleet.failure_rate_per_gpu_year * product.server_size
    return rate * down_h / HOURS_PER_YEAR
