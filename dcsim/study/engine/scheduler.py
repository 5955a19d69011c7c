"""Who does which job, and who is to blame when a worker dies: the driver of a Dask cluster.

Every worker has one handful of jobs at a time and no queue, so that it is known at every moment
what it is at, since when, and what it takes with it. Dask itself retries nothing.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import queue
import signal
import time
import uuid
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from distributed import Client, Future, KilledWorker

from dcsim.errors import OutputError
from dcsim.study.engine.batch import JobStatus, run_batch, unpack_batch
from dcsim.study.engine.cluster import CONNECT_S
from dcsim.study.engine.engine import OUT_OF_MEMORY, Done, Job, Lost, Work
from dcsim.study.engine.interrupt import raise_if_lost

POLL_S = 0.2
"""How often it is looked which workers are there, and which of them hang."""
PATIENCE_S = 60.0
"""How long a cluster may be without any worker, and a worker without a first answer."""
HANDFUL_S = 0.2
"""Jobs shorter than this travel together: to hand over one costs some milliseconds."""
MOST_JOBS = 32
DIED = "its worker died (out of memory, or killed)"


def dispatch(
    place: AbstractContextManager[Client],
    jobs: Iterable[Job],
    work: Work,
    *,
    limit_s: float | None,
    identity: Callable[[], str],
) -> Generator[Done | Lost, None, None]:
    """Do jobs on the workers of a cluster, see `dcsim.study.engine.engine.run_jobs`."""
    with place as client:
        crew = _Crew(client, work, limit_s, identity)
        yield from crew.do(iter(jobs))
        # With nothing beside it, as its neighbors may have been what it could not stand.
        for job, cause in list(crew.suspects):
            yield from crew.do_again(job, cause)


@dataclass(frozen=True)
class _Turn:
    """What a worker is at."""

    jobs: tuple[Job, ...]
    """Empty while it is only asked who it is, and once it is given up."""
    future: Future | None
    begin_s: float


class _Crew:
    """The workers of a cluster and what each is at."""

    def __init__(
        self, client: Client, work: Work, limit_s: float | None, identity: Callable[[], str]
    ) -> None:
        self._client = client
        self._work = work
        self._limit_s = limit_s
        self._identity = identity
        self._mine = identity()
        self._turns: dict[str, _Turn | None] = {}
        """By address of the worker; None is free."""
        self._ended: queue.SimpleQueue[tuple[str, Future]] = queue.SimpleQueue()
        self._single: deque[Job] = deque()
        """Of a handful one of which broke its worker: they go one by one."""
        self.suspects: list[tuple[Job, str]] = []
        """What broke its worker, and how."""
        self._names = (f"dcsim-{uuid.uuid4().hex}-{n}" for n in itertools.count())
        self._job_s = HANDFUL_S
        self._looked_s = 0.0
        self._seen_s = time.monotonic()

    def do(self, jobs: Iterator[Job]) -> Iterator[Done | Lost]:
        """Do jobs; what breaks its worker is left to `suspects`."""
        while self._fill(jobs) or any(turn and turn.jobs for turn in self._turns.values()):
            yield from self._next()

    def do_again(self, job: Job, cause: str) -> Iterator[Done | Lost]:
        """Do one job that broke its worker before, and give it up if it does again."""
        self.suspects.clear()
        yield from self.do(iter([job]))
        for _, second in self.suspects:
            same = second == cause
            yield Lost(job.key, f"{cause}, twice" if same else f"{cause}; then {second}")

    def _fill(self, jobs: Iterator[Job]) -> bool:
        """Give jobs to all who are free; return False if there were none left to give."""
        for worker in [name for name, turn in self._turns.items() if turn is None]:
            handful = self._handful(jobs)
            if not handful:
                return False
            payloads = [job.payload for job in handful]
            self._begin(worker, handful, run_batch, self._work, payloads)
        return True

    def _handful(self, jobs: Iterator[Job]) -> tuple[Job, ...]:
        if self._single:
            return (self._single.popleft(),)
        n_jobs = min(MOST_JOBS, max(1, int(HANDFUL_S / max(self._job_s, 1e-6))))
        return tuple(itertools.islice(jobs, n_jobs))

    def _begin(self, worker: str, jobs: tuple[Job, ...], *call: Any) -> None:
        with self._reached():
            future = self._client.submit(
                *call, key=next(self._names), workers=[worker], pure=False, retries=0
            )
            future.add_done_callback(lambda ended: self._ended.put((worker, ended)))
        self._turns[worker] = _Turn(jobs, future, time.monotonic())

    def _next(self) -> Iterator[Done | Lost]:
        """Wait a moment for a worker to end its turn, and look after all of them."""
        raise_if_lost()
        with contextlib.suppress(queue.Empty):
            worker, future = self._ended.get(timeout=POLL_S)
            turn = self._turns.get(worker)
            if turn is not None and turn.future is future:
                yield from self._collect(worker, turn, future)
        if time.monotonic() - self._looked_s >= POLL_S:
            self._look()
            self._looked_s = time.monotonic()

    def _collect(self, worker: str, turn: _Turn, future: Future) -> Iterator[Done | Lost]:
        answer = self._answer(worker, future)
        if answer is None:
            self._turns.pop(worker, None)
            self._blame(turn.jobs, DIED)
            return
        self._turns[worker] = None
        if not turn.jobs:
            self._compare(worker, answer)
            return
        try:
            pieces = unpack_batch(answer)
        except ValueError as error:
            raise OutputError(f"the results of {turn.jobs[0].key}: {error}") from None
        for job, piece in zip(turn.jobs, pieces, strict=True):
            if piece.how is JobStatus.OUT_OF_MEMORY:
                self._blame((job,), OUT_OF_MEMORY)
            elif piece.how is JobStatus.RAISED:
                yield Lost(job.key, piece.data.decode())
            else:
                yield Done(job.key, piece.data, piece.seconds)
        self._job_s = (self._job_s + sum(p.seconds for p in pieces) / len(pieces)) / 2

    def _answer(self, worker: str, future: Future) -> Any:
        """Return what a turn came to; None if its worker is gone."""
        with self._reached():
            if future.status == "error":
                error = future.exception(timeout=CONNECT_S)
                if isinstance(error, KilledWorker):
                    return None
                what = f"{type(error).__name__}: {error}".splitlines()[0]
                raise OutputError(f"worker {worker} cannot do this work: {what}")
            # The worker may end before it is asked for its result: then nobody ever answers.
            while future.status == "finished":
                with contextlib.suppress(TimeoutError):
                    return future.result(timeout=1)
                if worker not in self._client.nthreads():
                    return None
        return None

    def _compare(self, worker: str, theirs: str) -> None:
        if theirs != self._mine:
            raise OutputError(
                f"worker {worker} has dcsim {theirs}, this is {self._mine}; install the same"
            )

    def _look(self) -> None:
        """Welcome workers that are new, and see to those that are gone or hang."""
        with self._reached():
            present = self._client.nthreads()
        now_s = time.monotonic()
        for worker in self._turns.keys() - present.keys():
            turn = self._turns.pop(worker)
            self._blame(turn.jobs if turn else (), DIED)
        for worker in present.keys() - self._turns.keys():
            self._begin(worker, (), _introduce, self._identity, self._work)
        for worker, turn in list(self._turns.items()):
            limit_s = self._limit_s if turn and turn.jobs else PATIENCE_S
            if turn and turn.future and limit_s and now_s - turn.begin_s > limit_s:
                self._give_up(worker, turn, f"it took longer than {limit_s:g} s")
        if present:
            self._seen_s = now_s
        elif now_s - self._seen_s > PATIENCE_S:
            raise OutputError(f"no worker has been there for {PATIENCE_S:g} s")

    def _give_up(self, worker: str, turn: _Turn, cause: str) -> None:
        """End a worker that hangs; its keeper starts another, under another address."""
        self._turns[worker] = _Turn((), None, time.monotonic())
        self._blame(turn.jobs, cause)
        # It may just have ended, or have no keeper; if it stays, it only gets nothing to do.
        with contextlib.suppress(Exception):
            if turn.future is not None:
                turn.future.cancel(force=True)
            if not self._client.run(_end_worker, workers=[worker], nanny=True, on_error="ignore"):
                self._client.run(os._exit, 1, workers=[worker], wait=False, on_error="ignore")

    def _blame(self, jobs: tuple[Job, ...], cause: str) -> None:
        if len(jobs) == 1:
            self.suspects.append((jobs[0], cause))
        else:
            self._single.extend(jobs)

    @contextlib.contextmanager
    def _reached(self) -> Iterator[None]:
        """Turn whatever Dask raises when its scheduler is gone into one error."""
        try:
            if self._client.status == "running":
                yield
                return
        except OutputError:
            raise
        except Exception:
            # Dask has a dozen errors for this; what counts is whether the connection stands.
            if self._client.status == "running" and self._answers():
                raise
        raise OutputError("the scheduler of the workers is gone; what was done is kept")

    def _answers(self) -> bool:
        try:
            self._client.nthreads()
        except Exception:
            return False
        return True


def _introduce(identity: Callable[[], str], work: Work) -> str:
    """Say who the worker is; that it was handed `work` has imported all that it needs."""
    del work
    return identity()


def _end_worker(dask_worker: Any) -> bool:
    """End the process that a keeper keeps; Dask names the argument."""
    os.kill(dask_worker.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    return True
