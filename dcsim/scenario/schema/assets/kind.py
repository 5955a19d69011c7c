"""The record of a kind of source or store: all that other stages need to know of it, as data.

A stage iterates the records of `dcsim.scenario.schema.assets.registry` and reads their properties;
no stage asks for a kind by its name. What one asset can give in each step is the one thing that is
no data: a function in `dcsim.supply.assets`, found by the section's name. The record of a plug-in
holds its function itself.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

from dcsim.scenario.schema.assets.asset import Asset
from dcsim.scenario.schema.outages import Maintenance, Outages
from dcsim.scenario.schema.quantity import Price, Series

DispatchClass = Literal["variable", "dispatchable", "storage", "backup"]
"""Taken as it comes; made to follow what is left of the load; storage; only for what nothing else
can serve."""
DISPATCH_CLASSES: tuple[DispatchClass, ...] = ("variable", "dispatchable", "storage", "backup")
"""In the order in which accounts list them."""


class ClassByDate(NamedTuple):
    """Dispatch class that depends on the asset and the date, as of a plant that ends as backup."""

    classes: tuple[DispatchClass, ...]
    """All that an asset may ever be of."""
    on: Callable[[Any, datetime.date], DispatchClass]
    """Class of an asset on a local date."""


class Cleanliness(NamedTuple):
    """Class of the energy of an asset, and its emission factor."""

    name: Literal["renewable", "carbon-free", "emitting"]
    """Class of the energy."""
    kg_per_mwh: float = 0.0
    """Emission factor of what the asset makes, whatever its class. [kg/MWh]"""


RENEWABLE = Cleanliness("renewable")
"""Energy that counts as renewable and as carbon-free."""
CARBON_FREE = Cleanliness("carbon-free")
"""Energy that counts as carbon-free and not as renewable, as nuclear power does."""


class EnergyPrice(NamedTuple):
    """Price of each MWh that an asset makes: one of the three."""

    by_year: Series | None = None
    """By calendar year of delivery."""
    fixed: Price | None = None
    """The same in all years, as that of fuel."""
    tariff_discount_frac: float | None = None
    """Discount on the mean price of grid energy; no price where the site has no tariff. [1]"""


class PlannedStop(NamedTuple):
    """A stop that comes by the calendar or by the time in service."""

    cause: str
    """Name of the outage."""
    rule: Maintenance
    """Calendar of the stops, or time in service between them."""


class HoldsAssets(Protocol):
    """A site, as far as the records look at it."""

    def assets(self, section: str) -> tuple[Any, ...]:
        """Return the assets of a section."""


def _none(_asset: Any) -> None:
    return None


@dataclass(frozen=True, kw_only=True, eq=False)
class AssetKind:
    """One kind of source or store."""

    section: str
    """Section of the file, field of `Site`, and head of the keys of its assets."""
    schema: type[Asset]
    """Class of one asset in a scenario."""
    about: str
    """Content of the section, for the reference."""
    sample_keys: Mapping[str, Any]
    """The least a file says of one such asset of a few MW, for documentation and contract tests."""
    label: str
    """Name in figures and tables."""
    color: str
    """Its color in figures."""
    dispatch_class: DispatchClass | ClassByDate
    """One for all assets and dates, or a function of the asset and the local date."""
    rated_mw: Callable[[Any], float]
    """Rated power of an asset. [MW]"""
    figure: str
    """Stem of its figures and columns, as in ``FIGURE_mwh`` and ``FIGURE_generation_mw``."""
    column_of_each: bool = False
    """True if each asset has a column by its own name in the place of one for the kind."""
    kept_column: bool = False
    """True if column and figure stand in a result also where the site has no such asset."""
    cleanliness: Cleanliness | Callable[[Any], Cleanliness] = CARBON_FREE
    """One for all assets, or a function of the asset; of no account for a store."""
    wheeled: Callable[[Any], bool] = lambda _asset: False
    """True if its energy comes through the grid connection."""
    forced_outages: Callable[[Any], Outages | None] = _none
    """Random outages of an asset."""
    planned_stops: Callable[[Any], Iterable[PlannedStop]] = lambda _asset: ()
    """Planned stops of an asset."""
    efficiency: Callable[[Any], float | None] = _none
    """Energy of an asset over its fuel, lower heating value; None where no fuel is counted. [1]"""
    dated_fields: frozenset[str] = frozenset()
    """Fields, besides name and work, that decide when it is there: those of its outages."""
    price: Callable[[Any], EnergyPrice | None] = _none
    """Price of its energy; None where it costs nothing."""
    ledger_kind: str = ""
    """Kind of the lines of its energy in the ledger."""
    also_called: tuple[str, ...] = ()
    """Words that people write in the place of its section; messages suggest the section."""
    key_synonyms: Mapping[str, str] = field(default_factory=dict)
    """Keys of its section by words that people write in their place."""
    ledger_label: str = ""
    """Name of these lines in figures of money; kinds with one ledger kind have one label."""
    ledger_color: str = ""
    """Their color in figures of money."""
    sized_fields: tuple[str, ...] = ()
    """Fields that a search for sizes sets: rated power, for a store power and energy; empty where
    its size is given."""
    gives_cold: bool = False
    """True if its fuel gives cold to a cooling plant while it runs."""
    file_fields: tuple[str, ...] = ()
    """Fields, besides a profile, in which an asset may name a data file, one that ends in .csv."""
    faults: Callable[[Any], Iterable[tuple[tuple[str, ...], str]]] = lambda _site: ()
    """Key path and message of what its assets miss elsewhere in the site."""
    available: Callable[[Any, Any], Any] | None = None
    """Model of the kind of a plug-in: takes an asset and its `Conditions`, returns what the asset
    can give. Those of dcsim stand in `dcsim.supply.assets`."""

    def key(self, asset: Asset) -> str:
        """Return the key of `asset`, such as ``SECTION.NAME``."""
        return f"{self.section}.{asset.name}"

    def sample(self) -> Asset:
        """Return the asset of `sample_keys`."""
        return self.schema.model_validate(dict(self.sample_keys))

    def columns(self, assets: Iterable[Asset]) -> list[str]:
        """Return the sources that `assets` stand in: their own names, or one stem for all."""
        names = [asset.name for asset in assets]
        return names if self.column_of_each else [self.figure][: len(names)]

    def class_on(self, asset: Asset, day: datetime.date | None) -> DispatchClass:
        """Return the dispatch class of `asset` on the local `day`; None is the first there is."""
        if isinstance(self.dispatch_class, ClassByDate):
            return self.dispatch_class.on(asset, day or datetime.date.min)
        return self.dispatch_class

    @property
    def classes(self) -> tuple[DispatchClass, ...]:
        """All dispatch classes its assets may be of."""
        if isinstance(self.dispatch_class, ClassByDate):
            return self.dispatch_class.classes
        return (self.dispatch_class,)

    def cleanliness_of(self, asset: Asset) -> Cleanliness:
        """Return the class of the energy of `asset`, and its emission factor."""
        return self.cleanliness(asset) if callable(self.cleanliness) else self.cleanliness

    @property
    def is_store(self) -> bool:
        """True if it gives back what it was charged with."""
        return self.classes == ("storage",)

    @property
    def always_renewable(self) -> bool:
        """True if all its assets are renewable, so that they count as renewable capacity."""
        return self.cleanliness == RENEWABLE and not self.is_store
