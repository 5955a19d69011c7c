"""Run studies: cases in, their rows in a store out; only what is missing is computed.

One round of `run_study`: find the units that the store lacks, claim each just before a worker gets
it, store its answer, release the claim. Units that another process has claimed are deferred; after
the round it is looked again which of them are still missing. A kill at any point loses the units in
work and nothing else, because a unit is either whole in the store or not there.
"""

from __future__ import annotations

import contextlib
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from dcsim.log import logger_of
from dcsim.study.engine.engine import Engine, run_jobs
from dcsim.study.engine.jobs import Done, Job, Lost
from dcsim.study.engine.unit_job import compute_unit, unpack_unit_answer
from dcsim.study.records.case import UNIT_BLOCK, Case, Unit, missing_units, unit_key
from dcsim.study.records.joined import no_rows
from dcsim.study.records.measure import failed, rows_of
from dcsim.study.records.rows import (
    RUN_FAILED,
    RowColumn,
    Rows,
    concat,
    from_bytes,
    text_column,
    to_bytes,
)
from dcsim.study.store.files import DamagedError
from dcsim.study.store.manifest import case_entry
from dcsim.study.store.store import ResultStore

_LOG = logger_of(__name__)

SWEEP_UNIT_BLOCK = 4
"""Replications of a unit if there are many cases. A worker's stage cache holds about that many
replications, so the next case with the same ones finds their stages there."""
MANY = 20
"""Least replications for which compiled dispatch pays: loading it takes half a second."""
WAIT_FOR_OTHERS_S = 0.5
"""Pause before looking again for units that other processes compute. [s]"""


class RunProgress(NamedTuple):
    """State of a running study, for a progress display."""

    n_total: int
    """Replications of all cases."""
    n_done: int
    """Replications stored, those from earlier runs included."""
    n_failed: int
    """Replications that failed in this run."""
    left_s: float | None
    """Estimated time left; None before the first unit is done. [s]"""


ProgressCallback = Callable[[RunProgress], None]
"""Called with the state of the study after each unit."""


_SUMMED = (
    *("n_requested", "n_computed", "n_failed", "seconds"),
    *("computed_stages", "cached_stages", "damaged"),
)


@dataclass
class RunReport:
    """Counts of one call that computes many runs, or of several added up."""

    n_total: int
    """Replications of all cases."""
    n_requested: int = 0
    """Replications to compute now."""
    n_computed: int = 0
    """Replications computed now."""
    n_stored: int = 0
    """Replications that were stored already."""
    n_failed: int = 0
    """Replications that failed."""
    seconds: float = 0.0
    """Time that it took. [s]"""
    computed_stages: Counter[str] = field(default_factory=Counter)
    """Number of times each stage was computed."""
    cached_stages: Counter[str] = field(default_factory=Counter)
    """Number of times each stage came from a stage cache."""
    peak_mb: float = 0.0
    """Most memory of a worker. [MB]"""
    uncompiled: bool = False
    """True if there was enough dispatch for compiled loops and they are not installed."""
    damaged: list[str] = field(default_factory=list)
    """Files of the store that were damaged and are computed again."""

    def add(self, other: RunReport) -> None:
        """Add `other`, a later report; replications of this one that it found stored count once."""
        self.n_stored = other.n_stored if not self.n_computed else self.n_stored
        for name in _SUMMED:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.peak_mb = max(self.peak_mb, other.peak_mb)
        self.uncompiled |= other.uncompiled


@dataclass(frozen=True)
class RunRequest:
    """The cases and replications that the store shall hold in the end."""

    name: str
    """Name of the study, for its manifest."""
    cases: Sequence[Case]
    first: int
    last: int
    """Replications `first` to `last` of each case."""
    about: Mapping[str, Any] = field(default_factory=dict)
    """Axes and design of the study, for figures and tables; plain data for JSON."""
    shard: tuple[int, int] = (1, 1)
    """``(i, k)``: every k-th case from the i-th is computed here, the others elsewhere."""

    @property
    def own_cases(self) -> Sequence[Case]:
        """Cases that are computed here."""
        part, n_parts = self.shard
        return self.cases[part - 1 :: n_parts]

    @property
    def n_replications(self) -> int:
        """Number of replications of the cases that are computed here."""
        return len(self.own_cases) * (self.last - self.first + 1)

    def manifest(self) -> dict[str, Any]:
        """Return the manifest of the study for its store."""
        return {
            "about": dict(self.about),
            "cases": [case_entry(case, self.first, self.last) for case in self.cases],
        }


def run_study(
    request: RunRequest,
    store: ResultStore,
    engine: Engine,
    *,
    watch: ProgressCallback | None = None,
    retry_failed: bool = False,
    fail_fast: bool = False,
    limit: int | None = None,
) -> RunReport:
    """Compute the missing units of a study and store them.

    Parameters
    ----------
    request : RunRequest
        The cases and replications wanted.
    store : ResultStore
        Finished units in it are not computed again, whichever process computed them.
    engine : Engine
        Where units are computed.
    watch : callable, optional
        Called with the state after each unit.
    retry_failed : bool
        True computes units with failed replications again.
    fail_fast : bool
        True ends the study at the first failure; finished units stay.
    limit : int, optional
        Most replications to compute now.

    Returns
    -------
    RunReport
    """
    store.remember(request.name, request.manifest())
    report = RunReport(request.n_replications)
    report.damaged = _drop_unfit(request, store, failed_too=retry_failed)
    begun = time.monotonic()
    missing = list(_missing_in_store(request, store))
    report.n_stored = request.n_replications - sum(unit.n_replications for unit in missing)
    pending = deque(_limited(missing, limit))
    report.n_requested = sum(unit.n_replications for unit in pending)
    _log_state(request, report)
    options = {"cache_stages": len(request.own_cases) > 1, "compiled": report.n_requested >= MANY}
    while pending:
        deferred: list[Unit] = []
        outcomes = _computed(pending, deferred, store, engine, report, options=options)
        for unit, outcome in outcomes:
            pending.extend(_store_outcome(unit, outcome, store, report))
            # Only now: a claim released before its unit is stored would be claimed by another.
            store.claims.release(unit.key)
            if watch is not None:
                watch(_progress(report, time.monotonic() - begun))
            if fail_fast and report.n_failed:
                pending.clear()
                deferred.clear()
                outcomes.close()
                break
        pending.extend(_still_missing(deferred, store, report))
    report.seconds = time.monotonic() - begun
    _log_state(request, report)
    return report


def _log_state(request: RunRequest, report: RunReport) -> None:
    state = "%s: %d replications, %d were stored, %d of %d missing ones computed in %.1f s"
    counts = (report.n_total, report.n_stored, report.n_computed, report.n_requested)
    _LOG.info(state, request.name, *counts, report.seconds)


def _missing_in_store(request: RunRequest, store: ResultStore) -> Iterator[Unit]:
    """Yield the units to be computed, all cases of a replication one after the other.

    In this order the stages of a replication are in the stage cache when the next case needs them;
    case by case, each would be dropped from the cache before it is needed again.
    """
    block = UNIT_BLOCK if len(request.own_cases) == 1 else SWEEP_UNIT_BLOCK
    units = [
        (unit.first, index, unit)
        for index, case in enumerate(request.own_cases)
        for unit in missing_units(
            case, (request.first, request.last), store.covered(case.digest), block=block
        )
    ]
    yield from (unit for _, _, unit in sorted(units, key=lambda entry: entry[:2]))


def _limited(units: Sequence[Unit], limit: int | None) -> Iterator[Unit]:
    n_left = float("inf") if limit is None else limit
    for unit in units:
        if n_left <= 0:
            return
        shortened = unit._replace(last=int(min(unit.last, unit.first + n_left - 1)))
        n_left -= shortened.n_replications
        yield shortened


def _computed(
    pending: deque[Unit],
    deferred: list[Unit],
    store: ResultStore,
    engine: Engine,
    report: RunReport,
    *,
    options: Mapping[str, bool],
) -> Generator[tuple[Unit, Done | Lost], None, None]:
    """Compute the units that no other process is computing; put the others in `deferred`."""
    units: dict[str, Unit] = {}

    def jobs() -> Iterator[Job]:
        # The engine reads this as workers become free, so units are claimed late and one at a
        # time: other processes find unclaimed ones until the end. Units that are appended to
        # `pending` meanwhile are read too.
        while pending:
            unit = pending.popleft()
            claim = store.claims.take([unit.key])
            owner = "here" if claim.mine else "stored meanwhile" if claim.stored else "elsewhere"
            _LOG.debug("unit %s is claimed: %s", unit.key, owner)
            if claim.mine:
                units[unit.key] = unit
                yield Job(unit.key, unit.payload(**options))
            elif claim.stored:
                report.n_stored += unit.n_replications
            else:
                deferred.append(unit)

    with contextlib.closing(run_jobs(jobs(), compute_unit, engine)) as outcomes:
        for outcome in outcomes:
            yield units.pop(outcome.key), outcome


def _store_outcome(
    unit: Unit, outcome: Done | Lost, store: ResultStore, report: RunReport
) -> list[Unit]:
    """Store the outcome of a unit; return the smaller units to be computed in its place."""
    if isinstance(outcome, Lost):
        _LOG.warning("unit %s is lost: %s", unit.key, outcome.cause)
        # One replication is to blame; the others must not fail with it.
        if unit.n_replications > 1:
            return [Unit(unit.case, n, n) for n in range(unit.first, unit.last + 1)]
        statistics: Mapping[str, Any] = {}
        rows, seconds = rows_of([failed(unit.first, outcome.cause)]), 0.0
        data = to_bytes(rows)
    else:
        statistics, data = unpack_unit_answer(outcome.data)
        rows, seconds = from_bytes(data), outcome.seconds
    store.put(unit, data, seconds=seconds)
    _LOG.debug("unit %s is stored, %d replications in %.2f s", unit.key, rows.n_rows, seconds)
    report.n_computed += rows.n_rows
    report.n_failed += int((rows.columns["status"] == RUN_FAILED).sum())
    report.computed_stages.update(statistics.get("computed", {}))
    report.cached_stages.update(statistics.get("cached", {}))
    report.peak_mb = max(report.peak_mb, statistics.get("peak_mb", 0.0))
    report.uncompiled |= bool(statistics.get("uncompiled"))
    return []


def _still_missing(deferred: list[Unit], store: ResultStore, report: RunReport) -> Iterator[Unit]:
    """Wait a little for other processes, and yield the deferred units that are still missing.

    The units of another process may be cut otherwise than ours, hence the look at replications.
    """
    if not deferred:
        return
    time.sleep(WAIT_FOR_OTHERS_S)
    store.refresh()
    for unit in deferred:
        covered = store.covered(unit.case.digest)
        missing = list(missing_units(unit.case, (unit.first, unit.last), covered, block=10**9))
        report.n_stored += unit.n_replications - sum(part.n_replications for part in missing)
        yield from missing


def _progress(report: RunReport, passed_s: float) -> RunProgress:
    n_done = report.n_stored + report.n_computed
    n_left = report.n_requested - report.n_computed
    left_s = passed_s / report.n_computed * n_left if report.n_computed else None
    return RunProgress(report.n_total, n_done, report.n_failed, left_s)


def _drop_unfit(request: RunRequest, store: ResultStore, *, failed_too: bool) -> list[str]:
    """Drop damaged units, and on request failed ones; return the names of damaged files."""
    damaged = []
    for case in request.own_cases:
        for first, last in store.covered(case.digest):
            key = unit_key(case.digest, first, last)
            try:
                stored = store.get(key)
            except DamagedError as error:
                damaged.append(str(error))
                store.drop(key)
                continue
            if failed_too and not stored.rows.ok.all():
                store.drop(key)
    return damaged


def study_table(store: ResultStore, manifest: Mapping[str, Any]) -> Rows:
    """Return the stored rows of a study as one table, with the parameters of the case in each row.

    Cases stand in the order of the study, replications in theirs.

    Raises
    ------
    OutputError
        If a file of the store is damaged; it is named.
    """
    keys = list(dict.fromkeys(key for case in manifest["cases"] for key in case["parameters"]))
    numeric = {
        key
        for key in keys
        if all(isinstance(c["parameters"].get(key, 0.0), float | int) for c in manifest["cases"])
    }
    parts = []
    for case in manifest["cases"]:
        rows = store.rows_of(case["digest"], case["first"], case["last"])
        if not rows.n_rows:
            continue
        columns = {"case": text_column([case["id"]] * rows.n_rows)}
        columns |= {
            key: _constant(case["parameters"].get(key), rows.n_rows, key in numeric) for key in keys
        }
        parts.append(Rows({**columns, **rows.columns}, rows.series, rows.months))
    return concat(parts) if parts else no_rows()


def _constant(value: str | float | None, n_rows: int, as_number: bool) -> RowColumn:
    if as_number:
        return np.full(n_rows, np.nan if value is None else float(value))
    return text_column([None if value is None else str(value)] * n_rows)
