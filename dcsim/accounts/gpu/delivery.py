"""GPU-minutes held back by delivery alone: on order, while power and halls are ready."""

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

    Notes
    -----
    At the start of each day, with IT power in kW::

        ready = min(energized, halls)
        free  = max(ready - provisioned for delivered GPUs, 0)
        held  = floor(GPUs on order * min(free / provisioned for GPUs on order, 1))

    Provisioned power is the design draw by product, so a mixed order is held back in proportion.
    """
    days = np.arange(0, timeline.calendar.n_minutes, MINUTES_PER_DAY, dtype=np.int64)
    kw = np.array([design_it_kw(product, site.power) for product in site.products])
    on_order = np.stack([stock.before(days + 1) for stock in product_stocks(timeline, "on_order")])
    on_site = np.stack([stock.before(days + 1) for stock in product_stocks(timeline, *DELIVERED)])
    energized = _levels_at(timeline.capacity["energized"], days)
    power_mw = np.array([it_share_mw(level, site.power) for level in energized])
    ready_mw = np.minimum(power_mw, _levels_at(timeline.capacity["halls"], days))
    free_kw = np.maximum(ready_mw * KW_PER_MW - kw @ on_site, 0.0)
    ordered_kw = kw @ on_order
    share = np.minimum(np.divide(free_kw, ordered_kw, where=ordered_kw > 0, out=0 * free_kw), 1.0)
    # A share that is one but for rounding must not cost a GPU.
    gpus = np.floor(share * on_order.sum(axis=0) + 1e-9).astype(np.int64)
    day = np.searchsorted(days, edges_min, side="left")
    total = np.concatenate(([0], np.cumsum(gpus))) * MINUTES_PER_DAY
    return np.asarray(np.diff(total[day]))


def _levels_at(steps: Steps, time_min: Integers) -> Floats:
    """Return the level at each time; 0 before the first step."""
    levels = np.concatenate(([0.0], steps.level))
    return np.asarray(levels[np.searchsorted(steps.time_min, time_min, side="right")])
