"""Reach of inputs: a scenario in, the uncertain inputs that cannot move its dates, or it, out.

A sensitivity analysis that tests inputs which stand in no order, or prices for a date, only finds
chance correlations, and makes those of the others harder to tell from chance.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dcsim.accounts.gpu.milestones import LOAD_METRICS
from dcsim.scenario.scenario import Scenario
from dcsim.scenario.schema.assets.registry import kind_of
from dcsim.scenario.schema.fleet import Order
from dcsim.scenario.schema.part import key_of
from dcsim.scenario.schema.site import Site
from dcsim.stage_cache import stage_reads

DATING_FIELDS = frozenset(
    ("name", "power_kw", "server_size", "rack_size", "peak_frac", "liquid_frac", "life_years")
)
"""Fields of a product that the ramp reads."""


def input_reach(scenario: Scenario) -> dict[str, Any]:
    """Return which inputs move nothing, which no date, and which milestones are dates of the ramp.

    Returns
    -------
    dict
        Plain data for a manifest: lists ``unused``, ``no_date`` and ``dated_milestones``.
    """
    site, keys = scenario.site, list(scenario.plan().inputs)
    products = ordered_products(site)
    unused = [
        key for key in keys if key.startswith("products.") and key.split(".")[1] not in products
    ]
    plugged = site.extension.milestone_metrics
    return {
        "unused": unused,
        "no_date": [key for key in keys if not may_move_dates(key)],
        "dated_milestones": [
            one.name
            for one in site.milestones
            if one.metric not in LOAD_METRICS and one.metric not in plugged
        ],
    }


def ordered_products(site: Site) -> set[str]:
    """Return the products that stand in an order, or that replace one at the end of its life."""
    orders = [*site.orders, *(order for block in site.expansion for order in block.orders)]
    return {name for order in orders for name in _products_of(order)}


def _products_of(order: Order) -> Iterator[str]:
    yield order.product
    if order.refresh is not None:
        yield order.refresh.product


def may_move_dates(key: str) -> bool:
    """Tell whether the ramp reads an input, so that it may move dates of works and GPUs.

    >>> may_move_dates("works.hall.duration"), may_move_dates("money.costs.staff")
    (True, False)
    """
    section, _, rest = key.partition(".")
    ramp = stage_reads()["ramp"]
    field = rest.partition(".")[2].partition(".")[0]
    if section not in ramp.sections:
        return False
    if section == "products":
        return field in {key_of(name) for name in DATING_FIELDS}
    if section == "grid":
        return rest.partition(".")[0] == "outages"
    kind = kind_of(key)
    if kind is None:
        return True
    return field in {key_of(name) for name in ramp.fields[kind.schema]}
