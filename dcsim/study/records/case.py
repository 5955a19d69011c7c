"""Cases and units: a scenario of a study, and the blocks of replications that it is cut into."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

UNIT_BLOCK = 10
"""Replications of a unit: some seconds of work, which is the most a killed sweep loses."""


class Resolved(dict[str, Any]):
    """A resolved scenario that many cases share, so that its hash is computed once for all."""

    @functools.cached_property
    def digest(self) -> str:
        """Hash of it, 64 hexadecimal digits."""
        return digest_of(self)


def digest_of(plain: Mapping[str, Any]) -> str:
    """Return the SHA-256 of plain data, whatever the order of its keys."""
    text = json.dumps(plain, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Case:
    """One scenario of a study, as plain data that can cross to another machine."""

    id: str
    """Id that spells its values, such as ``grid-103mw.slip=6-months,order.product=gb300``."""
    resolved: Mapping[str, Any] = field(repr=False)
    """The scenario after layering and overrides, as plain data."""
    parameters: Mapping[str, str | float] = field(default_factory=dict)
    """Values that distinguish it from the other cases, by key path, as written."""
    quantiles: Mapping[str, float] = field(default_factory=dict)
    """Uncertain values that stand at a given quantile in every replication, by key path."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Absolute path of each data file by the name the scenario gives it."""
    file_digests: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of their content."""
    model: str = ""
    """Version of the model and of its code, see `dcsim.study.records.identity`."""
    profile: str = ""
    """Numeric profile: versions and processor features that numbers may depend on."""

    @functools.cached_property
    def digest(self) -> str:
        """Hash of everything that its results are a function of, 64 hexadecimal digits.

        Id, parameters and the paths of files are not in it: equal scenarios of two studies share
        their units.
        """
        resolved = self.resolved
        parts = {
            "resolved": resolved.digest if isinstance(resolved, Resolved) else digest_of(resolved),
            "quantiles": dict(self.quantiles),
            "files": dict(self.file_digests),
            "model": self.model,
            "profile": self.profile,
        }
        return digest_of(parts)


class Unit(NamedTuple):
    """Replications `first` to `last` of a case, both included: one job, and one file of a store."""

    case: Case
    first: int
    last: int

    @property
    def key(self) -> str:
        """Name of its results in a store."""
        return unit_key(self.case.digest, self.first, self.last)

    @property
    def n_replications(self) -> int:
        """Number of replications."""
        return self.last - self.first + 1

    def payload(self, *, cache_stages: bool = False, compiled: bool = False) -> bytes:
        """Return the JSON that a worker computes the unit from.

        With `cache_stages` the worker caches stages for later units, with `compiled` it dispatches
        by compiled loops if it can; neither changes a digit.
        """
        payload = {
            "case": self.case.id,
            "resolved": self.case.resolved,
            "quantiles": dict(self.case.quantiles),
            "files": dict(self.case.files),
            "file_digests": dict(self.case.file_digests),
            "model": self.case.model,
            "first": self.first,
            "last": self.last,
            "cache_stages": cache_stages,
            "compiled": compiled,
        }
        return json.dumps(payload, ensure_ascii=True, separators=(",", ":")).encode()


def unit_key(digest: str, first: int, last: int) -> str:
    """Return the name of the results of replications `first` to `last` of a case.

    Parameters
    ----------
    digest : str
        Digest of the case, 64 hexadecimal digits.
    first, last : int
        Both included; at least six digits each, so that names sort by replication.

    Examples
    --------
    >>> unit_key("0" * 64, 1, 10)[-17:]
    '000.000001-000010'
    """
    return f"{digest}.{first:06d}-{last:06d}"


def split_key(key: str) -> tuple[str, int, int]:
    """Return digest, first and last replication of a unit's name; ValueError if it is none."""
    digest, _, numbers = key.partition(".")
    first, dash, last = numbers.partition("-")
    if len(digest) != 64 or not dash or not (first + last).isdigit():
        raise ValueError(f"{key!r} names no unit")
    return digest, int(first), int(last)


def missing_units(
    case: Case,
    wanted: Sequence[int],
    covered: Iterable[tuple[int, int]],
    *,
    block: int = UNIT_BLOCK,
) -> Iterator[Unit]:
    """Yield the units that compute the wanted replications which are not there yet, in order.

    Units begin on a fixed grid of replications, so that a longer study finds the units of a shorter
    one.

    Parameters
    ----------
    case : Case
    wanted : sequence of int
        First and last replication; 0 is the single run at the medians.
    covered : iterable of pairs of int
        Ranges that are stored already.
    block : int
        Most replications of a unit.

    Yields
    ------
    Unit

    Examples
    --------
    >>> units = missing_units(Case("base", {}), (1, 25), [(11, 13)], block=10)
    >>> [(unit.first, unit.last) for unit in units]
    [(1, 10), (14, 20), (21, 25)]
    """
    there = {number for first, last in covered for number in range(first, last + 1)}
    run: list[int] = []
    for number in range(wanted[0], wanted[1] + 1):
        # Replications 1 to `block` make the first unit, 0 stands alone.
        if run and (number in there or (number - 1) % block == 0):
            yield Unit(case, run[0], run[-1])
            run = []
        if number not in there:
            run.append(number)
    if run:
        yield Unit(case, run[0], run[-1])
