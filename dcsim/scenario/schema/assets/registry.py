"""Every kind of source and store, in the order in which they are listed and dispatched.

A new kind is one line here, its class and record in a module beside this one, and what it can give
in `dcsim.supply.assets`. Kinds of plug-ins come after those of dcsim, by the name of their section:
their order does not depend on which scenario was read first. A site without assets of a kind is
never changed by it.
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


_PLUGGED: dict[str, AssetKind] = {}


def add_kind(kind: AssetKind) -> None:
    """Add the kind of a plug-in, which has been checked to clash with no other."""
    _PLUGGED[kind.section] = kind


def all_kinds() -> tuple[AssetKind, ...]:
    """Return the kinds of dcsim, then those of the plug-ins that were loaded."""
    return (*KINDS, *(_PLUGGED[section] for section in sorted(_PLUGGED)))


def kind_of(key: str) -> AssetKind | None:
    """Return the kind of an asset by its key such as ``SECTION.NAME``; None if it is of none."""
    section = key.partition(".")[0]
    return next((kind for kind in all_kinds() if kind.section == section), None)


def kinds_of(*classes: DispatchClass) -> tuple[AssetKind, ...]:
    """Return the kinds whose assets may be of one of the dispatch classes, class by class.

    A kind whose assets change their class stands once, where its first class does.

    >>> [kind.section for kind in kinds_of("backup", "storage")]
    ['gensets', 'batteries']
    """
    found = (kind for wanted in classes for kind in all_kinds() if wanted in kind.classes)
    return tuple(dict.fromkeys(found))


def kinds_by_class() -> tuple[AssetKind, ...]:
    """Return all kinds in the order of the dispatch classes: the order of accounts."""
    return kinds_of(*DISPATCH_CLASSES)


def assets_of(
    site: HoldsAssets, kinds: Iterable[AssetKind] | None = None
) -> Iterator[tuple[AssetKind, Any]]:
    """Yield each asset of a site with its kind, of all kinds or of those that are given."""
    for kind in all_kinds() if kinds is None else kinds:
        for asset in site.assets(kind.section):
            yield kind, asset


def cold_sources() -> Iterator[AssetKind]:
    """Yield the kinds whose fuel gives cold while they run."""
    return (kind for kind in all_kinds() if kind.gives_cold)


def gives_cold(key: str) -> bool:
    """Return True if an asset may give cold, by its key such as ``SECTION.NAME``."""
    kind = kind_of(key)
    return kind is not None and kind.gives_cold


def is_renewable_capacity(key: str) -> bool:
    """Return True if an asset counts as renewable capacity, by its key."""
    kind = kind_of(key)
    return kind is not None and kind.always_renewable
