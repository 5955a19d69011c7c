"""Stages kept by what they are a function of, so that a sweep computes only what changed.

A sweep of batteries finds ramp, weather and load of the case before it again: `READS` says what of
a scenario each stage looks at, and a test that watches every access proves it.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

import numpy as np

from dcsim.scenario.plan import Plan
from dcsim.scenario.scenario import file_digest
from dcsim.scenario.schema.part import Part

StageOutput = TypeVar("StageOutput")

_CLOCK = frozenset(("start", "end", "time_zone", "step_h", "seed"))
_SUPPLY = frozenset(("solar", "wind", "chp", "contracts", "batteries", "gensets", "grid"))


class Reads(NamedTuple):
    """What a stage looks at."""

    sections: frozenset[str]
    """Fields of the site."""
    fields: Mapping[str, frozenset[str]]
    """Of these parts only some fields, by class; of all other parts, all."""
    after: tuple[str, ...] = ()
    """Stages whose outcome it is handed."""
    files: bool = False
    """Whether it reads data files."""


_DATED = frozenset(("name", "works"))
READS: Mapping[str, Reads] = {
    "ramp": Reads(
        _CLOCK
        | _SUPPLY
        | frozenset(
            (
                "works",
                "risks",
                "crews",
                "power",
                "halls",
                "products",
                "orders",
                "deployment",
                "fleet",
                "demand",
                "expansion",
            )
        ),
        {
            "Solar": _DATED,
            "Wind": _DATED,
            "Contract": _DATED,
            "Battery": _DATED,
            "Gensets": _DATED,
            "Chp": _DATED | {"outages", "maintenance"},
            "Grid": frozenset(("outages",)),
        },
    ),
    "weather": Reads(
        _CLOCK | {"latitude_deg", "longitude_deg", "elevation_m", "weather"}, {}, files=True
    ),
    "power": Reads(
        frozenset(("products", "demand", "power", "electrical", "cooling")),
        {},
        after=("ramp", "weather"),
        files=True,
    ),
}
"""Supply and accounts are computed in every run: a sweep has no two cases with equal ones."""


class StageCache:
    """Outcomes of stages, the ones unused longest dropped once they take too much memory."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._kept: OrderedDict[str, tuple[Any, int]] = OrderedDict()
        self._n_bytes = 0
        self.made: Counter[str] = Counter()
        """How often each stage was computed."""
        self.reused: Counter[str] = Counter()
        """How often it was found again."""

    def get(self, stage: str, key: str, make: Callable[[], StageOutput]) -> StageOutput:
        """Return the outcome of a stage, made by `make` if it is not there."""
        if key in self._kept:
            self.reused[stage] += 1
            self._kept.move_to_end(key)
            found: StageOutput = self._kept[key][0]
            return found
        self.made[stage] += 1
        made = make()
        size = n_bytes(made)
        if size <= self._most_bytes:
            self._kept[key] = (made, size)
            self._n_bytes += size
        while self._n_bytes > self._most_bytes:
            _, (_, freed) = self._kept.popitem(last=False)
            self._n_bytes -= freed
        return made


def stage_keys(plan: Plan) -> dict[str, str]:
    """Return a name for the outcome of each stage in `READS`: equal names, equal outcomes."""
    keys: dict[str, str] = {}
    for stage, reads in READS.items():
        hashed = hashlib.blake2b(f"{stage}:{plan.replication}".encode(), digest_size=16)
        for before in reads.after:
            hashed.update(keys[before].encode())
        for section in sorted(reads.sections):
            hashed.update(f";{section}=".encode())
            for text in _said(getattr(plan.site, section), reads.fields):
                hashed.update(text.encode())
        if reads.files:
            for name, path in sorted(plan.files.items()):
                hashed.update(f";{name}:{file_digest(path)}".encode())
        keys[stage] = hashed.hexdigest()
    return keys


def _said(value: object, fields: Mapping[str, frozenset[str]]) -> Iterator[str]:
    """Yield what a stage can see of a value, as text that differs where it does."""
    if isinstance(value, tuple):
        yield "("
        for item in value:
            yield from _said(item, fields)
            yield ","
        yield ")"
    elif isinstance(value, Part):
        names = fields.get(type(value).__name__)
        yield f"{type(value).__name__}{{"
        for name, inner in value:
            if names is None or name in names:
                yield f"{name}="
                yield from _said(inner, fields)
                yield ","
        yield "}"
    else:
        yield repr(value)


def n_bytes(value: object) -> int:
    """Return about how much memory an outcome takes: its arrays, and some for each other thing."""
    if isinstance(value, np.ndarray):
        return int(value.nbytes)
    if isinstance(value, Mapping):
        return sum(n_bytes(item) for item in value.values())
    if isinstance(value, tuple | list):
        return sum(n_bytes(item) for item in value) + 64
    if dataclasses.is_dataclass(value):
        return sum(n_bytes(getattr(value, f.name)) for f in dataclasses.fields(value))
    return 64
