"""The job of a worker: the payload of one unit in, its rows and statistics of the run out.

Both are bytes that hold no code, so they can cross to another machine: the payload is the JSON of
`dcsim.study.records.case.Unit.payload`, the answer one line of JSON followed by the rows.
"""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from dcsim.errors import ModelError, PluginError, Problem, ScenarioError, cut
from dcsim.pipeline import replay, without_full_collection
from dcsim.scenario.extension import packages_of
from dcsim.scenario.load import from_plain
from dcsim.scenario.scenario import Scenario
from dcsim.scenario.text.named_files import file_digest
from dcsim.stage_cache import StageCache
from dcsim.study.records.identity import model_of
from dcsim.study.records.measure import Measured, failed, measure, rows_of
from dcsim.study.records.rows import to_bytes
from dcsim.supply.kernels.compiled import prefer_compiled

STAGE_CACHE_BYTES = 96 << 20
"""Memory of a worker's stage cache: the stages of a few replications. [B]"""
MAX_CAUSE = 300
"""Longest cause of a failed replication. [characters]"""


class UnitAnswer(NamedTuple):
    """The answer of `compute_unit`."""

    statistics: Mapping[str, Any]
    """Counts of ``computed`` and ``cached`` stages, ``peak_mb`` of the process, ``uncompiled`` if
    compiled loops were requested and are not there. They enter no digest."""
    rows: bytes
    """See `dcsim.study.records.rows.to_bytes`."""


@functools.cache
def worker_stage_cache() -> StageCache:
    """Return the stage cache of this process, one for all units that it computes."""
    return StageCache(STAGE_CACHE_BYTES)


def compute_unit(payload: bytes) -> bytes:
    """Compute the replications of a unit; `unpack_unit_answer` reads the result.

    A replication whose drawn values contradict one another is a failed row with its cause; only
    a lack of memory raises.

    Raises
    ------
    PluginError
        If a plug-in of the scenario is not here as it was where the study was read.
    """
    request = json.loads(payload)
    uncompiled = request["compiled"] and not prefer_compiled()
    cache = worker_stage_cache() if request["cache_stages"] else StageCache(0)
    # The cache outlives the unit, so its counters are compared before and after.
    computed, cached = cache.computed.copy(), cache.cached.copy()
    numbers = range(request["first"], request["last"] + 1)
    _check_plugins(request["case"], request["resolved"], request["model"])
    try:
        scenario = _scenario(payload_key(request))
        with without_full_collection():
            measured = [_replication(scenario, number, cache) for number in numbers]
        rows = rows_of(measured)
    except ScenarioError as error:
        rows = rows_of([failed(number, _cause(error)) for number in numbers])
    statistics = {
        "computed": dict(cache.computed - computed),
        "cached": dict(cache.cached - cached),
        "peak_mb": peak_mb(),
        "uncompiled": uncompiled,
    }
    return json.dumps(statistics).encode() + b"\n" + to_bytes(rows)


def _check_plugins(case: str, resolved: Mapping[str, Any], model: str) -> None:
    """Refuse to compute with other plug-ins than those the results are stored under."""
    packages = packages_of(resolved)
    if packages and model_of(packages) != model:
        raise PluginError(f"{case}: this worker has {model_of(packages)}, the study needs {model}")


def unpack_unit_answer(data: bytes) -> UnitAnswer:
    """Return the parts of an answer of `compute_unit`."""
    head, _, rows = data.partition(b"\n")
    return UnitAnswer(json.loads(head), rows)


def _replication(scenario: Scenario, number: int, cache: StageCache) -> Measured:
    try:
        return measure(replay(scenario, number, stage_cache=cache))
    except (ScenarioError, ModelError, PluginError) as error:
        return failed(number, _cause(error))
    except MemoryError:
        raise
    except Exception as error:  # a defect in one case must not cost the others
        return failed(number, f"internal error: {type(error).__name__}: {_cause(error)}")


def _cause(error: Exception) -> str:
    return cut((str(error).splitlines() or [""])[0], MAX_CAUSE)


class PayloadKey(NamedTuple):
    """Everything that the scenario of a unit is a function of, as hashable texts of JSON."""

    case: str
    resolved: str
    quantiles: str
    files: str
    file_digests: str


def payload_key(request: Mapping[str, Any]) -> PayloadKey:
    """Return the part of a payload that determines its scenario."""
    parts = (request[name] for name in ("resolved", "quantiles", "files", "file_digests"))
    return PayloadKey(request["case"], *(json.dumps(part) for part in parts))


# Units of one case mostly follow one another; reading a scenario takes longer than a short run.
@functools.lru_cache(maxsize=2)
def _scenario(key: PayloadKey) -> Scenario:
    files = {name: Path(path) for name, path in json.loads(key.files).items()}
    for name, digest in json.loads(key.file_digests).items():
        path = files[name]
        if not path.is_file():
            raise _file_error(key.case, f"{name}: not found on this machine as {path}")
        if file_digest(path) != digest:
            raise _file_error(key.case, f"{name}: has changed since the study was read")
    scenario = from_plain(json.loads(key.resolved), files=files, name=key.case, check=False)
    return scenario.fixed(json.loads(key.quantiles))


def _file_error(case: str, message: str) -> ScenarioError:
    return ScenarioError([Problem(case, "", message)])


def peak_mb() -> float:
    """Return the most memory this process has held, 0 on a system that does not report it. [MB]."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return _peak_of_usage_mb()
    # On Linux `getrusage` includes the parent as it was when this process was started.
    peak = next((line for line in lines if line.startswith("VmHWM:")), "VmHWM: 0 kB")
    return int(peak.split()[1]) * 1024 / 1e6


def _peak_of_usage_mb() -> float:
    try:
        import resource  # noqa: PLC0415  (not on every system)
    except ImportError:
        return 0.0
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size / 1e6 if sys.platform == "darwin" else size * 1024 / 1e6
