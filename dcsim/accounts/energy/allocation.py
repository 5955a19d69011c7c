"""What the site takes of each class of source, once surplus is set aside.

`Flows` says how much every source generated and how much was curtailed or exported in all, not
whose energy that was. By its definition that is energy of solar, wind and contracts: CHP and
gensets run because they must, so what they make is used, and renewables that stand beside a plant
at its minimum serve that much less. Surplus is taken off contracts with emissions first, then
carbon-free ones, then renewables that come through the connection, and renewables on the site
last, since what the connection cannot carry was never theirs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dcsim.clock import Floats
from dcsim.scenario.schema.site import Site
from dcsim.types import Flows


@dataclass(frozen=True, slots=True)
class Taken:
    """Energy by class of source, shape ``(n_hours,)`` each. [MW]"""

    renewable_generated_mw: Floats
    """All that solar, wind and renewable contracts made."""
    renewable_mw: Floats
    """What the site took of it."""
    carbon_free_mw: Floats
    """What it took of contracts that are carbon-free and not renewable."""
    emitting_mw: Floats
    """What it took of all other contracts."""
    emitting_kg_per_mwh: Floats
    """Their mean emission factor, zero where there are none."""
    delivered_mw: Floats
    """What came of all these through the grid connection."""


def take(site: Site, flows: Flows) -> Taken:
    """Return what the site takes of each class of source.

    A contract is renewable if it says so, carbon-free if it is renewable or its factor is zero.

    Raises
    ------
    AssertionError
        If the generation by asset and by source do not add up to the same.
    """
    _check(flows)
    zero = np.zeros_like(flows.grid_import_mw)
    onsite, renewable, carbon_free, emitting, emitted_kg = (zero.copy() for _ in range(5))
    for section in ("solar", "wind"):
        for plant in getattr(site, section):
            into = onsite if plant.delivery == "onsite" else renewable
            into += flows.asset_generation_mw.get(f"{section}.{plant.name}", zero)
    for contract in site.contracts:
        made = flows.asset_generation_mw.get(f"contracts.{contract.name}", zero)
        if contract.renewable:
            renewable += made
        elif contract.carbon_kg_per_mwh == 0:
            carbon_free += made
        else:
            emitting += made
            emitted_kg += made * contract.carbon_kg_per_mwh
    surplus = flows.curtailed_mw + flows.grid_export_mw
    emitting_taken, surplus = _less(emitting, surplus)
    carbon_free_taken, surplus = _less(carbon_free, surplus)
    renewable_taken, surplus = _less(renewable, surplus)
    onsite_taken, _ = _less(onsite, surplus)
    return Taken(
        renewable_generated_mw=renewable + onsite,
        renewable_mw=renewable_taken + onsite_taken,
        carbon_free_mw=carbon_free_taken,
        emitting_mw=emitting_taken,
        emitting_kg_per_mwh=share(emitted_kg, emitting),
        delivered_mw=renewable_taken + carbon_free_taken + emitting_taken,
    )


def share(part: Floats, whole: Floats) -> Floats:
    """Return `part` over `whole`, zero where the whole is zero."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _less(made: Floats, surplus: Floats) -> tuple[Floats, Floats]:
    off = np.minimum(made, surplus)
    return made - off, surplus - off


def _check(flows: Flows) -> None:
    by_source = sum(float(made.sum()) for made in flows.generation_mw.values())
    by_asset = sum(float(made.sum()) for made in flows.asset_generation_mw.values())
    assert abs(by_source - by_asset) <= 1e-9 * max(1.0, by_source), (
        f"generation by source adds up to {by_source} MW-steps, by asset to {by_asset}"
    )
