"""Emissions of the energy the site uses, by the two accounts of the GHG Protocol.

Location-based: all energy through the grid connection at the grid's mean factor, whatever was
contracted. Market-based: contracts at their own factor, renewable or not, which is zero unless it
is stated, the rest of the import at the grid's mean factor. The protocol would put a residual mix
there, the grid without what others have contracted; no such factor is published for Korea, so the
market-based figure is a lower bound. What plants on the site emit counts the same in both. Exported
energy earns no credit.

References
----------
WRI and WBCSD, GHG Protocol Scope 2 Guidance (2015).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dcsim.accounts.energy.allocation import AllocatedEnergy
from dcsim.accounts.months import hourly_value
from dcsim.clock import Calendar, Floats
from dcsim.scenario.schema.assets.registry import assets_of
from dcsim.scenario.schema.site import Site
from dcsim.types import Flows
from dcsim.units import KG_PER_TONNE


@dataclass(frozen=True, slots=True)
class Carbon:
    """Emissions in each step, shape ``(n_hours,)`` each. [t]"""

    location_t: Floats
    """By the location-based account."""
    market_t: Floats
    """By the market-based account."""
    onsite_t: dict[str, Floats]
    """Part of both that plants emit, by asset key such as ``SECTION.NAME``."""


def emissions(
    site: Site,
    calendar: Calendar,
    flows: Flows,
    allocated: AllocatedEnergy,
    *,
    grid_kg_per_mwh: Floats | None = None,
) -> Carbon:
    """Return the emissions of each step.

    Parameters
    ----------
    site : Site
        Emission factors of the grid by calendar year, of plants and of contracts.
    calendar : Calendar
    flows : Flows
    allocated : AllocatedEnergy
        What `allocate` returns.
    grid_kg_per_mwh : ndarray, shape (n_hours,), optional
        Factor of the grid in each step; by default that of the calendar year. [kg/MWh]

    Returns
    -------
    Carbon
    """
    t_per_mw = calendar.step_h / KG_PER_TONNE  # of a mean power over the step, at 1 kg/MWh
    if grid_kg_per_mwh is None:
        grid_kg_per_mwh = hourly_value(site.grid.carbon_kg_per_mwh, calendar)
    grid_t_per_mw = grid_kg_per_mwh * t_per_mw
    import_t = flows.grid_import_mw * grid_t_per_mw
    onsite_t = {}
    for kind, asset in assets_of(site):
        key, cleanliness = kind.key(asset), kind.cleanliness_of(asset)
        made_mw = flows.asset_generation_mw.get(key)
        emits = cleanliness.name == "emitting" or cleanliness.kg_per_mwh > 0
        if emits and not kind.wheeled(asset) and made_mw is not None:
            onsite_t[key] = made_mw * (cleanliness.kg_per_mwh * t_per_mw)
    all_onsite_t = sum(onsite_t.values(), np.zeros(calendar.n_hours))
    return Carbon(
        location_t=import_t + allocated.delivered_mw * grid_t_per_mw + all_onsite_t,
        market_t=import_t + allocated.contracted_kg_per_h * t_per_mw + all_onsite_t,
        onsite_t=onsite_t,
    )
