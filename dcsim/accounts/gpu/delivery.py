"""When delivery is what holds GPUs back: they are on order, and a place is ready for them."""

from __future__ import annotations

import numpy as np

from dcsim.accounts.gpu.days import product_stocks
from dcsim.clock import Floats, Integers
from dcsim.gpu_states import STATES
from dcsim.scenario.provision import design_it_kw, it_share_mw
from dcsim.scenario.schema.site import Site
from dcsim.types import Steps, Timeline
from dcsim.units import KW_PER_MW, MINUTES_PER_DAY

DELIVERED = tuple(state for state in STATES if state not in ("on_order", "retired"))


def held_by_delivery(site: Site, timeline: Timeline, edges_min: Integers) -> Integers:
    """Return the GPU-minutes that delivery alone held back between edges.

    A GPU on order is held back by its delivery only as far as the energized power and the open
    halls could carry it already: one that arrives in time for a later step loses nothing by it.

    Parameters
    ----------
    site : Site
    timeline : Timeline
    edges_min : ndarray of int, shape (n + 1,)
        Edges on the event clock; levels are taken at the start of each day. [min]

    Returns
    -------
    ndarray of int, shape (n,)
        GPU-minutes between one edge and the next. [min]
    """
    days = np.arange(0, timeline.calendar.n_minutes, MINUTES_PER_DAY, dtype=np.int64)
    kw = np.array([design_it_kw(product, site.power) for product in site.products])
    on_order = np.stack([stock.before(days + 1) for stock in product_stocks(timeline, "on_order")])
    placed = np.stack([stock.before(days + 1) for stock in product_stocks(timeline, *DELIVERED)])
    energized = _levels_at(timeline.capacity["energized"], days)
    power_mw = np.array([it_share_mw(level, site.power) for level in energized])
    ready_mw = np.minimum(power_mw, _levels_at(timeline.capacity["halls"], days))
    free_kw = np.maximum(ready_mw * KW_PER_MW - kw @ placed, 0.0)
    wanted_kw = kw @ on_order
    share = np.minimum(np.divide(free_kw, wanted_kw, where=wanted_kw > 0, out=0 * free_kw), 1.0)
    gpus = np.floor(share * on_order.sum(axis=0) + 1e-9).astype(np.int64)
    day = np.searchsorted(days, edges_min, side="left")
    total = np.concatenate(([0], np.cumsum(gpus))) * MINUTES_PER_DAY
    return np.asarray(np.diff(total[day]))


def _levels_at(steps: Steps, time_min: Integers) -> Floats:
    levels = np.concatenate(([0.0], steps.level))
    return np.asarray(levels[np.searchsorted(steps.time_min, time_min, side="right")])
