"""Energy that the site takes of each class of source, once surplus is set aside.

`Flows` says how much every source generated and how much was curtailed or exported in all, not
whose energy that was. By its definition that is energy of variable sources first: dispatchable
units and backup run because they must, and a variable source that stands beside a unit at its
minimum serves that much less. Surplus is taken off wheeled sources that emit first, then wheeled
carbon-free ones, then renewables that come through the connection, and renewables on the site,
since what the connection cannot carry was never theirs; what is left after all of these is surplus
of dispatchable units at their minimum, of those that emit first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dcsim.clock import Floats
from dcsim.scenario.schema.assets.registry import all_kinds, assets_of
from dcsim.scenario.schema.site import Site
from dcsim.types import Flows


@dataclass(frozen=True, slots=True)
class AllocatedEnergy:
    """Energy by class of source, shape ``(n_hours,)`` each. [MW]"""

    renewable_generated_mw: Floats
    """All that renewable sources made."""
    renewable_mw: Floats
    """Part of it that the site took."""
    carbon_free_mw: Floats
    """Energy it took of sources that are carbon-free and not renewable."""
    emitting_mw: Floats
    """Energy it took of sources that emit and come through the connection."""
    emitting_kg_per_mwh: Floats
    """Their mean emission factor, zero where there are none."""
    contracted_kg_per_h: Floats
    """Emissions of the energy it took through the connection, each class by the mean factor of its
    sources. [kg/h]"""
    delivered_mw: Floats
    """Part of these that came through the grid connection."""


def allocate(site: Site, flows: Flows) -> AllocatedEnergy:
    """Return what the site takes of each class of source.

    Raises
    ------
    AssertionError
        If the generation by asset and by source do not add up to the same.
    """
    _check_sources_add_up(flows)
    made = _generated(site, flows)
    surplus = flows.curtailed_mw + flows.grid_export_mw
    emitting_taken, surplus = _less(made.of(WHEELED, "emitting"), surplus)
    carbon_free_taken, surplus = _less(made.of(WHEELED, "carbon-free"), surplus)
    renewable_taken, surplus = _less(made.of(WHEELED, "renewable"), surplus)
    onsite_clean_taken, surplus = _less(made.of(ONSITE, "carbon-free"), surplus)
    onsite_taken, surplus = _less(made.of(ONSITE, "renewable"), surplus)
    # What emits on the site is counted by its fuel, so only clean units are of interest here.
    _, surplus = _less(made.of(FOLLOWING, "emitting"), surplus)
    clean_taken, surplus = _less(made.of(FOLLOWING, "carbon-free"), surplus)
    renewable_following_taken, _ = _less(made.of(FOLLOWING, "renewable"), surplus)
    taken = {
        "emitting": emitting_taken,
        "carbon-free": carbon_free_taken,
        "renewable": renewable_taken,
    }
    return AllocatedEnergy(
        renewable_generated_mw=made.of(WHEELED, "renewable")
        + made.of(ONSITE, "renewable")
        + made.of(FOLLOWING, "renewable"),
        renewable_mw=renewable_taken + onsite_taken + renewable_following_taken,
        carbon_free_mw=carbon_free_taken + onsite_clean_taken + clean_taken,
        emitting_mw=emitting_taken,
        emitting_kg_per_mwh=made.wheeled_factor("emitting"),
        contracted_kg_per_h=sum(
            (mw * made.wheeled_factor(name) for name, mw in taken.items()), np.zeros_like(surplus)
        ),
        delivered_mw=renewable_taken + carbon_free_taken + emitting_taken,
    )


WHEELED, ONSITE, FOLLOWING = "wheeled", "onsite", "following"
"""Ways in which energy comes: through the connection, as it comes on the site, following load."""


@dataclass(frozen=True, slots=True)
class _Generated:
    """Generation by way and class of cleanliness, shape ``(n_hours,)`` each. [MW]"""

    by_way: dict[tuple[str, str], Floats]
    zero: Floats
    emitted_kg: dict[str, Floats]
    """Emissions of what comes through the connection, by class of cleanliness. [kg/h]"""

    def of(self, way: str, cleanliness: str) -> Floats:
        """Return what came in a way, of a class of cleanliness."""
        return self.by_way.get((way, cleanliness), self.zero)

    def wheeled_factor(self, cleanliness: str) -> Floats:
        """Return the mean emission factor of a class that comes through the connection."""
        emitted_kg = self.emitted_kg.get(cleanliness, self.zero)
        return share(emitted_kg, self.of(WHEELED, cleanliness))


def _generated(site: Site, flows: Flows) -> _Generated:
    zero = np.zeros_like(flows.grid_import_mw)
    by_way: dict[tuple[str, str], Floats] = {}
    emitted_kg: dict[str, Floats] = {}
    for kind, asset in assets_of(site, (kind for kind in all_kinds() if not kind.is_store)):
        made_mw = flows.asset_generation_mw.get(kind.key(asset), zero)
        cleanliness, wheeled = kind.cleanliness_of(asset), kind.wheeled(asset)
        way = WHEELED if wheeled else ONSITE if kind.classes == ("variable",) else FOLLOWING
        by_way.setdefault((way, cleanliness.name), zero.copy())
        by_way[way, cleanliness.name] += made_mw
        if wheeled and cleanliness.kg_per_mwh:
            before_kg = emitted_kg.get(cleanliness.name, zero)
            emitted_kg[cleanliness.name] = before_kg + made_mw * cleanliness.kg_per_mwh
    return _Generated(by_way, zero, emitted_kg)


def share(part: Floats, whole: Floats) -> Floats:
    """Return `part` over `whole`, zero where the whole is zero."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _less(made: Floats, surplus: Floats) -> tuple[Floats, Floats]:
    off = np.minimum(made, surplus)
    return made - off, surplus - off


def _check_sources_add_up(flows: Flows) -> None:
    by_source = sum(float(made.sum()) for made in flows.generation_mw.values())
    by_asset = sum(float(made.sum()) for made in flows.asset_generation_mw.values())
    assert abs(by_source - by_asset) <= 1e-9 * max(1.0, by_source), (
        f"generation by source adds up to {by_source} MW-steps, by asset to {by_asset}"
    )
