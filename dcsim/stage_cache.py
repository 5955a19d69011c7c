"""The stage cache: outputs of stages, found again by a hash of everything they depend on.

A sweep over batteries computes ramp, weather and load once and finds them in the cache for all
further cases. `stage_reads` lists the parts of a scenario that each stage reads; a test that
records every access proves that the list is complete.

Example: case 2 of a sweep changes only ``batteries.battery.energy``. No stage in `stage_reads`
reads that field, so the keys of case 2 equal those of case 1 and only supply and accounts are
computed.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from dcsim.limits import whole_number
from dcsim.log import logger_of
from dcsim.scenario.plan import Plan
from dcsim.scenario.schema.assets.registry import all_kinds
from dcsim.scenario.schema.grid import Grid
from dcsim.scenario.schema.part import Part
from dcsim.scenario.text.named_files import file_digest

_LOG = logger_of(__name__)

StageOutput = TypeVar("StageOutput")
MEBIBYTE = 1 << 20
DEFAULT_BYTES = 512 * MEBIBYTE
"""Memory of a cache unless it is said: the stages of a few variants of a gigawatt site. [B]"""

_CLOCK = frozenset(("start", "end", "time_zone", "step_h", "seed"))


class Reads(NamedTuple):
    """The parts of a scenario that a stage reads."""

    sections: frozenset[str]
    """Fields of the site."""
    fields: Mapping[type[Part], frozenset[str]]
    """Fields that it reads of some parts, by their class; of all other parts it may read any."""
    after: tuple[str, ...] = ()
    """Stages whose output is its input."""
    files: bool = False
    """True if it reads data files."""


_DATED = frozenset(("name", "works"))
_RAMP = _CLOCK | frozenset(
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
        "grid",
    )
)
_WEATHER = Reads(
    _CLOCK | {"latitude_deg", "longitude_deg", "elevation_m", "weather"}, {}, files=True
)
_POWER = Reads(
    frozenset(("products", "demand", "power", "electrical", "cooling")),
    {},
    after=("ramp", "weather"),
    files=True,
)


def stage_reads() -> Mapping[str, Reads]:
    """Return what each stage reads, in the order of the stages.

    Supply and accounts are computed in every run: a sweep has no two cases with equal ones.
    """
    kinds = all_kinds()
    ramp = Reads(
        _RAMP | {kind.section for kind in kinds},
        {
            **{kind.schema: _DATED | kind.dated_fields for kind in kinds},
            Grid: frozenset(("outages",)),
        },
    )
    return {"ramp": ramp, "weather": _WEATHER, "power": _POWER}


class StageCache:
    """Cache of the outputs of stages, bounded by their memory; the least recently used go first.

    `dcsim.simulate` takes one. Variants of a scenario that differ in their batteries share ramp,
    weather and load; the results are those of runs without a cache. Outputs are shared between
    runs, never copied, and so their arrays cannot be written to.

    Parameters
    ----------
    max_bytes : int
        Most memory that the outputs take. [B]

    Examples
    --------
    >>> import dcsim
    >>> scenario = dcsim.load("scenarios/ulsan-103mw.yaml")
    >>> cache = dcsim.StageCache()
    >>> for energy in ("100 MWh", "300 MWh"):
    ...     variant = scenario.with_overrides({"batteries.battery.energy": energy})
    ...     result = dcsim.simulate(variant, stage_cache=cache)
    >>> cache.computed["ramp"], cache.cached["ramp"]
    (1, 1)
    """

    def __init__(self, max_bytes: int = DEFAULT_BYTES) -> None:
        self._max_bytes = whole_number(max_bytes, "max_bytes")
        self._entries: OrderedDict[str, tuple[Any, int]] = OrderedDict()
        """Output and size by key, the least recently used first."""
        self._n_bytes = 0
        self.computed: Counter[str] = Counter()
        """Number of times each stage was computed."""
        self.cached: Counter[str] = Counter()
        """Number of times it was found in the cache."""

    def __repr__(self) -> str:
        used, most = (n / MEBIBYTE for n in (self._n_bytes, self._max_bytes))
        n_computed, n_cached = self.computed.total(), self.cached.total()
        return f"<StageCache {used:.0f} of {most:.0f} MiB, {n_cached} found, {n_computed} computed>"

    def get(self, stage: str, key: str, compute: Callable[[], StageOutput]) -> StageOutput:
        """Return the output of a stage from the cache, or compute and cache it.

        Parameters
        ----------
        stage : str
            Name of the stage, for the counters.
        key : str
            Key of the output; equal keys mean equal outputs.
        compute : callable
            Computes the output if it is not cached.

        Returns
        -------
        object
            The output; an output larger than the whole cache is returned and not cached.
        """
        if key in self._entries:
            _LOG.debug("%s is in the stage cache", stage)
            self.cached[stage] += 1
            self._entries.move_to_end(key)
            entry: StageOutput = self._entries[key][0]
            return entry
        self.computed[stage] += 1
        output = compute()
        make_read_only(output)
        if not self._max_bytes:  # without a cache nobody needs to know how large it is
            return output
        size = n_bytes(output)
        if size <= self._max_bytes:
            self._entries[key] = (output, size)
            self._n_bytes += size
        while self._n_bytes > self._max_bytes:
            _, (_, freed) = self._entries.popitem(last=False)
            self._n_bytes -= freed
        return output


def stage_keys(plan: Plan) -> dict[str, str]:
    """Return the cache key of each stage in `stage_reads`: equal keys mean equal outputs.

    A key is a hash over the replication, the keys of the stages before, the fields that the stage
    reads, and the content of data files. Values enter by their `repr`, which for floats is exact.
    """
    keys: dict[str, str] = {}
    for stage, reads in stage_reads().items():
        hashed = hashlib.blake2b(f"{stage}:{plan.replication}".encode(), digest_size=16)
        for before in reads.after:
            hashed.update(keys[before].encode())
        for section in sorted(reads.sections):
            hashed.update(f";{section}=".encode())
            # A site has no section of a plug-in that another scenario has loaded.
            for text in _read_texts(getattr(plan.site, section, ()), reads.fields):
                hashed.update(text.encode())
        if reads.files:
            for name, path in sorted(plan.files.items()):
                hashed.update(f";{name}:{file_digest(path)}".encode())
        keys[stage] = hashed.hexdigest()
    return keys


def _read_texts(value: object, fields: Mapping[type[Part], frozenset[str]]) -> Iterator[str]:
    """Yield the fields of a value that a stage reads, as texts that differ whenever they do."""
    if isinstance(value, tuple):
        yield "("
        for item in value:
            yield from _read_texts(item, fields)
            yield ","
        yield ")"
    elif isinstance(value, Part):
        names = fields.get(type(value))
        yield f"{type(value).__name__}{{"
        for name, inner in value:
            if names is None or name in names:
                yield f"{name}="
                yield from _read_texts(inner, fields)
                yield ","
        yield "}"
    else:
        yield repr(value)


def make_read_only(output: object) -> None:
    """Make the arrays in an output read-only: who changed one would change later runs.

    The calendar and the weather of a run are those of all later runs with the same days and place.
    """
    for array in _arrays_in(output):
        array.flags.writeable = False


def _arrays_in(value: object) -> Iterator[NDArray[Any]]:
    if isinstance(value, np.ndarray):
        yield value
    else:
        for part in _parts_of(value):
            yield from _arrays_in(part)


def _parts_of(value: object) -> Iterable[object]:
    """Return the values that may hold arrays inside another one."""
    if isinstance(value, Mapping):
        return value.values()
    if isinstance(value, tuple | list):
        return () if _is_list_of_plain_records(value) else value
    if dataclasses.is_dataclass(value):
        return [getattr(value, one.name) for one in dataclasses.fields(value)]
    return ()


def _is_list_of_plain_records(value: Sequence[object]) -> bool:
    """Return True for records of one class, such as racks, the first of which has no array.

    There are tens of thousands of them in a run, and to look into each takes a tenth of its time.
    """
    if not value or isinstance(value[0], np.ndarray | Mapping | list):
        return False
    return len(set(map(type, value))) == 1 and next(_arrays_in(value[0]), None) is None


def n_bytes(value: object) -> int:
    """Return the approximate memory of a stage output. [B].

    Arrays count with their data, found through mappings, tuples, lists and dataclasses; every
    other value, and each tuple or list itself, counts as 64 bytes, and each of many records of one
    class without arrays, such as racks, like the first of them. Arrays that share memory count
    each: the estimate is for bounding the cache, and too much is the safe side.

    >>> n_bytes({"stored_mwh": np.zeros(8761), "policy": "self_consumption"})
    70152
    """
    if isinstance(value, np.ndarray):
        return int(value.nbytes)
    if isinstance(value, Mapping):
        return sum(n_bytes(item) for item in value.values())
    if isinstance(value, tuple | list):
        if _is_list_of_plain_records(value) and type(value[0]) is not tuple:
            return len(value) * n_bytes(value[0]) + 64
        return sum(n_bytes(item) for item in value) + 64
    if dataclasses.is_dataclass(value):
        return sum(n_bytes(getattr(value, f.name)) for f in dataclasses.fields(value))
    return 64
