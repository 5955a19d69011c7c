"""What a worker does: replay the replications of one unit, and answer with their rows.

A unit comes in and goes out as bytes that hold no code, so it can cross to another machine.
"""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from dcsim.errors import ModelError, Problem, ScenarioError, cut
from dcsim.pipeline import replay
from dcsim.scenario.scenario import Scenario, file_digest, from_plain
from dcsim.stage_cache import StageCache
from dcsim.study.records.measure import Measured, failed, measure, rows_of
from dcsim.study.records.rows import to_bytes
from dcsim.supply.kernels.compiled import prefer_compiled

STAGE_CACHE_BYTES = 96 << 20
"""Memory of a worker for outcomes of stages: that of a few replications."""
MAX_CAUSE = 300


class UnitAnswer(NamedTuple):
    """The rows of a unit, as bytes, and what is told of how they came about."""

    told: Mapping[str, Any]
    """``made`` and ``reused`` stages, ``peak_mb`` of the process, ``uncompiled`` where the loops
    were to be compiled and were not: in no digest."""
    rows: bytes


@functools.cache
def worker_stage_cache() -> StageCache:
    """Return the outcomes of stages that this process keeps."""
    return StageCache(STAGE_CACHE_BYTES)


def compute_unit(payload: bytes) -> bytes:
    """Compute a unit; the inverse of `unpack_unit_answer` on what it returns.

    A replication whose drawn values do not go together is a row that failed, with its cause; only
    a lack of memory raises.
    """
    said = json.loads(payload)
    uncompiled = said["compiled"] and not prefer_compiled()
    shelf = worker_stage_cache() if said["reuse"] else StageCache(0)
    made, reused = shelf.made.copy(), shelf.reused.copy()
    numbers = range(said["first"], said["last"] + 1)
    try:
        scenario = _scenario(payload_key(said))
        rows = rows_of([_replication(scenario, number, shelf) for number in numbers])
    except ScenarioError as error:
        rows = rows_of([failed(number, _cause(error)) for number in numbers])
    told = {
        "made": dict(shelf.made - made),
        "reused": dict(shelf.reused - reused),
        "peak_mb": peak_mb(),
        "uncompiled": uncompiled,
    }
    return json.dumps(told).encode() + b"\n" + to_bytes(rows)


def unpack_unit_answer(data: bytes) -> UnitAnswer:
    """Return what `compute_unit` answered."""
    head, _, rows = data.partition(b"\n")
    return UnitAnswer(json.loads(head), rows)


def _replication(scenario: Scenario, number: int, shelf: StageCache) -> Measured:
    try:
        return measure(replay(scenario, number, kept=shelf))
    except (ScenarioError, ModelError) as error:
        return failed(number, _cause(error))
    except MemoryError:
        raise
    except Exception as error:  # a defect in one case must not cost the others
        return failed(number, f"internal error: {type(error).__name__}: {_cause(error)}")


def _cause(error: Exception) -> str:
    return cut((str(error).splitlines() or [""])[0], MAX_CAUSE)


class PayloadKey(NamedTuple):
    """What the scenario of a unit is a function of, as text that can be looked up."""

    case: str
    resolved: str
    quantiles: str
    files: str
    file_digests: str


def payload_key(said: Mapping[str, Any]) -> PayloadKey:
    """Return the part of a payload that says which scenario it is."""
    parts = (said[name] for name in ("resolved", "quantiles", "files", "file_digests"))
    return PayloadKey(said["case"], *(json.dumps(part) for part in parts))


@functools.lru_cache(maxsize=2)
def _scenario(key: PayloadKey) -> Scenario:
    files = {name: Path(path) for name, path in json.loads(key.files).items()}
    for name, digest in json.loads(key.file_digests).items():
        path = files[name]
        if not path.is_file():
            raise _unfit(key.case, f"{name}: not found on this machine as {path}")
        if file_digest(path) != digest:
            raise _unfit(key.case, f"{name}: has changed since the study was read")
    scenario = from_plain(json.loads(key.resolved), files=files, name=key.case, check=False)
    return scenario.fixed(json.loads(key.quantiles))


def _unfit(case: str, message: str) -> ScenarioError:
    return ScenarioError([Problem(case, "", message)])


def peak_mb() -> float:
    """Return the most memory this process has held, 0 where the system does not say. [MB]."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return _peak_of_usage_mb()
    # What `getrusage` says on Linux counts the parent in, as it was when this process was started.
    found = next((line for line in lines if line.startswith("VmHWM:")), "VmHWM: 0 kB")
    return int(found.split()[1]) * 1024 / 1e6


def _peak_of_usage_mb() -> float:
    try:
        import resource  # noqa: PLC0415  (not on every system)
    except ImportError:
        return 0.0
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size / 1e6 if sys.platform == "darwin" else size * 1024 / 1e6
