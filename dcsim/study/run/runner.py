"""From cases to stored results: only what is missing is computed, and nothing finished is lost."""

from __future__ import annotations

import contextlib
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from dcsim.study.engine.engine import Done, Engine, Job, Lost, run_jobs
from dcsim.study.engine.work import compute_unit, unpack_unit_answer
from dcsim.study.records.case import BLOCK, Case, Unit, missing_units, unit_key
from dcsim.study.records.joined import no_rows
from dcsim.study.records.measure import failed, rows_of
from dcsim.study.records.rows import (
    FAILED,
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

SWEEP_BLOCK = 4
"""Replications of a unit where there are many cases: a worker keeps the stages of that many, so
that the next case finds them again."""
MANY = 20
"""Replications from which it pays to load the compiled dispatch, which takes half a second."""
WAIT_FOR_OTHERS_S = 0.5


class RunProgress(NamedTuple):
    """How far a study is, for who watches."""

    n_total: int
    """Replications of all cases."""
    n_done: int
    """Those that are stored, the ones from before included."""
    n_failed: int
    """Those of them that failed."""
    left_s: float | None
    """Time left; None before anything is known. [s]"""


ProgressCallback = Callable[[RunProgress], None]


@dataclass
class RunReport:
    """What a study came to."""

    n_total: int
    n_asked: int = 0
    """Replications to compute now."""
    n_computed: int = 0
    """Replications computed now."""
    n_found: int = 0
    """Replications that were stored already."""
    n_failed: int = 0
    seconds: float = 0.0
    made: Counter[str] = field(default_factory=Counter)
    """How often each stage was computed."""
    reused: Counter[str] = field(default_factory=Counter)
    """How often a stage was found again."""
    peak_mb: float = 0.0
    """Most memory of a worker."""
    uncompiled: bool = False
    """Whether there was much to dispatch and no compiler."""
    damaged: list[str] = field(default_factory=list)
    """Files of the store that were damaged and are computed again."""

    def add(self, other: RunReport) -> None:
        """Add what a further round came to; what it found again is not counted twice."""
        self.n_found = other.n_found if not self.n_computed else self.n_found
        for name in ("n_asked", "n_computed", "n_failed", "seconds", "made", "reused", "damaged"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.peak_mb = max(self.peak_mb, other.peak_mb)
        self.uncompiled |= other.uncompiled


@dataclass(frozen=True)
class RunRequest:
    """What is to be there in the end."""

    name: str
    """Of the study, for its manifest."""
    cases: Sequence[Case]
    first: int
    last: int
    """Replications `first` to `last` of each case."""
    about: Mapping[str, Any] = field(default_factory=dict)
    """What figures and tables want to know of the study: its axes, its design."""
    shard: tuple[int, int] = (1, 1)
    """Which part of how many is computed here: every k-th case from the i-th."""

    @property
    def mine(self) -> Sequence[Case]:
        """The cases that are computed here."""
        part, n_parts = self.shard
        return self.cases[part - 1 :: n_parts]

    @property
    def n_replications(self) -> int:
        """Replications of the cases that are computed here."""
        return len(self.mine) * (self.last - self.first + 1)

    def manifest(self) -> dict[str, Any]:
        """Return what a store remembers of the study."""
        return {
            "about": dict(self.about),
            "cases": [case_entry(case, self.first, self.last) for case in self.cases],
        }


def run_study(
    work: RunRequest,
    store: ResultStore,
    engine: Engine,
    *,
    watch: ProgressCallback | None = None,
    retry_failed: bool = False,
    fail_fast: bool = False,
    limit: int | None = None,
) -> RunReport:
    """Compute what is missing of a study and store it.

    Parameters
    ----------
    work : RunRequest
    store : ResultStore
        Finished units in it are not computed again, whoever computed them.
    engine : Engine
        Where it runs.
    watch : callable, optional
        Told the state after each unit.
    retry_failed : bool
        Whether units with failed replications are computed again.
    fail_fast : bool
        Whether the first failure ends the study; what is finished stays.
    limit : int, optional
        Most replications to compute now.

    Returns
    -------
    RunReport
    """
    store.remember(work.name, work.manifest())
    outcome = RunReport(work.n_replications)
    outcome.damaged = _drop_unfit(work, store, failed_too=retry_failed)
    begun = time.monotonic()
    missing = list(_missing(work, store))
    outcome.n_found = work.n_replications - sum(unit.n_replications for unit in missing)
    pending = deque(_limited(missing, limit))
    outcome.n_asked = sum(unit.n_replications for unit in pending)
    while pending:
        deferred: list[Unit] = []
        how = {"reuse": len(work.mine) > 1, "compiled": outcome.n_asked >= MANY}
        answers = _computed(pending, deferred, store, engine, outcome, how=how)
        for unit, answer in answers:
            pending.extend(_keep(unit, answer, store, outcome))
            store.claims.release(unit.key)
            if watch is not None:
                watch(_state(outcome, time.monotonic() - begun))
            if fail_fast and outcome.n_failed:
                pending.clear()
                deferred.clear()
                answers.close()
                break
        pending.extend(_still_missing(deferred, store, outcome))
    outcome.seconds = time.monotonic() - begun
    return outcome


def _missing(work: RunRequest, store: ResultStore) -> Iterator[Unit]:
    """Yield what is to be computed, all cases of a replication one after the other."""
    block = BLOCK if len(work.mine) == 1 else SWEEP_BLOCK
    units = [
        (unit.first, index, unit)
        for index, case in enumerate(work.mine)
        for unit in missing_units(
            case, (work.first, work.last), store.covered(case.digest), block=block
        )
    ]
    yield from (unit for _, _, unit in sorted(units, key=lambda entry: entry[:2]))


def _limited(units: Sequence[Unit], limit: int | None) -> Iterator[Unit]:
    n_left = float("inf") if limit is None else limit
    for unit in units:
        if n_left <= 0:
            return
        taken = unit._replace(last=int(min(unit.last, unit.first + n_left - 1)))
        n_left -= taken.n_replications
        yield taken


def _computed(
    pending: deque[Unit],
    deferred: list[Unit],
    store: ResultStore,
    engine: Engine,
    outcome: RunReport,
    *,
    how: Mapping[str, bool],
) -> Generator[tuple[Unit, Done | Lost], None, None]:
    """Compute what nobody else is computing; put the rest in `deferred`."""
    units: dict[str, Unit] = {}

    def jobs() -> Iterator[Job]:
        while pending:
            unit = pending.popleft()
            taken = store.claims.take([unit.key])
            if taken.mine:
                units[unit.key] = unit
                yield Job(unit.key, unit.payload(**how))
            elif taken.stored:
                outcome.n_found += unit.n_replications
            else:
                deferred.append(unit)

    with contextlib.closing(run_jobs(jobs(), compute_unit, engine)) as answers:
        for answer in answers:
            yield units.pop(answer.key), answer


def _keep(unit: Unit, answer: Done | Lost, store: ResultStore, outcome: RunReport) -> list[Unit]:
    """Store an answer; return what is to be tried in smaller parts instead."""
    if isinstance(answer, Lost):
        if unit.n_replications > 1:  # one of them is to blame, the others shall not pay for it
            return [Unit(unit.case, n, n) for n in range(unit.first, unit.last + 1)]
        told: Mapping[str, Any] = {}
        rows, seconds = rows_of([failed(unit.first, answer.cause)]), 0.0
        data = to_bytes(rows)
    else:
        told, data = unpack_unit_answer(answer.data)
        rows, seconds = from_bytes(data), answer.seconds
    n_failed = int((rows.columns["status"] == FAILED).sum())
    store.put(unit, data, seconds=seconds)
    outcome.n_computed += rows.n_rows
    outcome.n_failed += n_failed
    outcome.made.update(told.get("made", {}))
    outcome.reused.update(told.get("reused", {}))
    outcome.peak_mb = max(outcome.peak_mb, told.get("peak_mb", 0.0))
    outcome.uncompiled |= bool(told.get("uncompiled"))
    return []


def _still_missing(deferred: list[Unit], store: ResultStore, outcome: RunReport) -> Iterator[Unit]:
    """Wait a little for what others compute, and yield what is not there yet."""
    if not deferred:
        return
    time.sleep(WAIT_FOR_OTHERS_S)
    store.refresh()
    for unit in deferred:
        missing = list(
            missing_units(
                unit.case, (unit.first, unit.last), store.covered(unit.case.digest), block=10**9
            )
        )
        outcome.n_found += unit.n_replications - sum(part.n_replications for part in missing)
        yield from missing


def _state(outcome: RunReport, passed_s: float) -> RunProgress:
    n_done = outcome.n_found + outcome.n_computed
    n_left = outcome.n_asked - outcome.n_computed
    left_s = passed_s / outcome.n_computed * n_left if outcome.n_computed else None
    return RunProgress(outcome.n_total, n_done, outcome.n_failed, left_s)


def _drop_unfit(work: RunRequest, store: ResultStore, *, failed_too: bool) -> list[str]:
    """Drop what is damaged, and on request what failed; return the names of damaged files."""
    damaged = []
    for case in work.mine:
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


def table(store: ResultStore, manifest: Mapping[str, Any]) -> Rows:
    """Return all that is stored of a study as one table, parameters in every row.

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
