"""Every kind of source and store, in the order in which they are listed and dispatched.

A new kind is one line here, its class and record in a module beside this one, and what it can give
in `dcsim.supply.assets`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any

from dcsim.scenario.schema.assets.kind import (
    DISPATCH_CLASSES,
    AssetKind,
    DispatchClass,
    HoldsAssets,
)

MODULES = (
    "solar",
    "wind",
    "reactors",
    "chp",
    "contracts",
    "batteries",
    "gensets",
)
"""Modules beside this one, each with the class and the record, ``KIND``, of one kind: the only
list of them. Each is named like its section."""
KINDS: tuple[AssetKind, ...] = tuple(
    import_module(f"{__package__}.{name}").KIND for name in MODULES
)


def kind_of(key: str) -> AssetKind | None:
    """Return the kind of an asset by its key such as ``SECTION.NAME``; None if it is of none."""
    section = key.partition(".")[0]
    return next((kind for kind in KINDS if kind.section == section), None)


def kinds_of(*classes: DispatchClass) -> tuple[AssetKind, ...]:
    """Return the kinds whose assets may be of one of the dispatch classes, class by class.

    A kind whose assets change their class stands once, where its first class does.

    >>> [kind.section for kind in kinds_of("backup", "storage")]
    ['gensets', 'batteries']
    """
    found = (kind for wanted in classes for kind in KINDS if wanted in kind.classes)
    return tuple(dict.fromkeys(found))


def kinds_by_class() -> tuple[AssetKind, ...]:
    """Return all kinds in the order of the dispatch classes: the order of accounts."""
    return kinds_of(*DISPATCH_CLASSES)


def assets_of(
    site: HoldsAssets, kinds: Iterable[AssetKind] = KINDS
) -> Iterator[tuple[AssetKind, Any]]:
    """Yield each asset of a site with its kind, of the kinds that are given."""
    for kind in kinds:
        for asset in site.assets(kind.section):
            yield kind, asset


def cold_sources() -> Iterator[AssetKind]:
    """Yield the kinds whose fuel gives cold while they run."""
    return (kind for kind in KINDS if kind.gives_cold)


def gives_cold(key: str) -> bool:
    """Return True if an asset may give cold, by its key such as ``SECTION.NAME``."""
    kind = kind_of(key)
    return kind is not None and kind.gives_cold


def is_renewable_capacity(key: str) -> bool:
    """Return True if an asset counts as renewable capacity, by its key."""
    kind = kind_of(key)
    return kind is not None and kind.always_renewable
