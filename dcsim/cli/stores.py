"""Stores of runs as commands name and read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dcsim.errors import ModelError

if TYPE_CHECKING:
    from dcsim.study.store.damage import Damage
    from dcsim.study.store.store import ResultStore


def study_manifest(store: ResultStore, study: str | None) -> Mapping[str, Any]:
    """Return the manifest of a study in a store, of its only one if none is named.

    Where that is lost, it is rebuilt from the runs that are stored.

    Raises
    ------
    ModelError
        If it holds none, none of that name, or several and none is named.
    """
    names = store.manifests()
    if not names and study is None and store.keys():
        return store.rebuild()
    if not names:
        raise ModelError(f"{store.path}: holds no study yet")
    if study is None and len(names) == 1:
        return store.manifest(names[0])
    if study not in names:
        wanted = "name one with --study" if study is None else f"holds no study {study!r}"
        raise ModelError(f"{store.path}: {wanted}; it holds {', '.join(names)}")
    return store.manifest(study)


def damage_text(damage: Damage) -> str:
    """Return a damaged file and what is wrong with it.

    >>> from pathlib import Path
    >>> from dcsim.study.store.damage import Damage
    >>> damage_text(Damage("a-1", Path("a-1.rows"), "is cut short"))
    'a-1.rows: is cut short'
    """
    return f"{damage.path}: {damage.reason}"
