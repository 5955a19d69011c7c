"""Merging of stores: the units and manifests of one store copied into another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from dcsim.study.store.damage import Damage
from dcsim.study.store.files import DamagedError
from dcsim.study.store.store import PutStatus, ResultStore


class MergeReport(NamedTuple):
    """Counts and names of a merge."""

    copied: int
    """Units that were not there."""
    unchanged: int
    """Units that were there already."""
    differing: list[str]
    """Names of units and studies that both stores hold with different content; the target keeps
    its own."""
    damaged: list[Damage]
    """Files of the source that were left out."""


def merge_store(target: ResultStore, source: ResultStore) -> MergeReport:
    """Copy the units and manifests that a store lacks from another one, each of them verified.

    Shards of a study that ran on several machines become one store by merging all of them into a
    new one, in any order: units are named by what they are a function of, so equal names hold equal
    results unless a replication failed on one machine only.

    Raises
    ------
    OutputError
        If the target cannot be written or the source cannot be read.
    """
    names: dict[PutStatus, list[str]] = {"written": [], "unchanged": [], "differs": []}
    damaged: list[Damage] = []
    for key in source.keys():  # noqa: SIM118  (a store is no mapping)
        try:
            names[target.put_file(key, source.get_file(key)[1])].append(key)
        except DamagedError as error:
            damaged.append(Damage(error.key, error.path, error.reason))
    for name in source.manifests():
        try:
            manifest = source.manifest(name)
        except DamagedError as error:
            damaged.append(Damage(error.key, error.path, error.reason))
        else:
            names["differs"] += _merge_manifest(target, name, manifest)
    return MergeReport(len(names["written"]), len(names["unchanged"]), names["differs"], damaged)


def _merge_manifest(target: ResultStore, name: str, manifest: Mapping[str, Any]) -> list[str]:
    """Add a manifest unless one of its name is there; return the name if that one differs."""
    try:
        present = target.manifest(name)
    except DamagedError:  # or it is not there
        target.remember(name, manifest)
        return []
    return [] if present == manifest else [name]
