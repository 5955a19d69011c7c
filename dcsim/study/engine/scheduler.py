"""The scheduler: give batches of jobs to the workers of a Dask cluster, and blame the right job.

Dask retries nothing here and queues nothing on a worker: each worker has at most one batch. So at
every moment it is known which jobs a worker has, since when, and which jobs go with it when it
dies. The life of a job:

1. Short jobs go out in batches, long ones alone (`BATCH_S`).
2. If a worker dies, hangs or runs out of memory with a batch of several jobs, any of them may be to
   blame: they are queued again, one by one.
3. A job that was alone when its worker broke is a *suspect*. It may still be innocent, as a
   neighbor may have used up the memory of the machine.
4. When everything else is done, suspects run again one after the other with nothing beside them.
   A job that breaks its worker again is `Lost`.

Example: of jobs a, b, c in one batch, b kills its process. The three are queued one by one; a and c
are done, b becomes a suspect, runs again at the end, kills its process again, and is lost with the
cause "its worker died (out of memory, or killed), twice".
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
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from distributed import Client, Future, KilledWorker

from dcsim.errors import OutputError
from dcsim.log import logger_of
from dcsim.study.engine.batch import JobStatus, run_batch, unpack_batch
from dcsim.study.engine.cluster import CONNECT_S
from dcsim.study.engine.interrupt import raise_if_lost
from dcsim.study.engine.jobs import OUT_OF_MEMORY, Done, Job, JobFunction, JobOutcomes, Lost

_LOG = logger_of(__name__)

POLL_S = 0.2
"""Time between two looks at which workers are there and which of them hang. [s]"""
PATIENCE_S = 60.0
"""Longest time a cluster may be without any worker, and a worker without a first answer. [s]"""
BATCH_S = 0.2
"""Shorter jobs travel in batches of about this length: handing over costs milliseconds. [s]"""
MAX_BATCH_JOBS = 32
"""Most jobs of a batch, as all of them are run again if their worker dies."""
DIED = "its worker died (out of memory, or killed)"


def schedule(
    cluster: AbstractContextManager[Client],
    jobs: Iterable[Job],
    function: JobFunction,
    *,
    limit_s: float | None,
    identity: Callable[[], str],
) -> JobOutcomes:
    """Run jobs on the workers of a cluster, see `dcsim.study.engine.engine.run_jobs`.

    Parameters
    ----------
    cluster : context manager of Client
        Entered at the first outcome asked for, left when the generator ends or is closed.
    jobs : iterable of Job
    function : JobFunction
    limit_s : float or None
        Time after which a batch counts as hung; None waits for ever. [s]
    identity : callable
        Called here and on each worker; a worker must return what this process does.

    Returns
    -------
    generator of Done or Lost
    """
    with cluster as client:
        scheduler = _Scheduler(client, function, limit_s, identity)
        yield from scheduler.run(iter(jobs))
        # A copy: `retry` clears the list to see whether its own job comes back.
        for job, cause in list(scheduler.suspects):
            yield from scheduler.retry(job, cause)


@dataclass(frozen=True)
class _Batch:
    """The batch that a worker has."""

    jobs: tuple[Job, ...]
    """Empty while the worker is only asked for its identity, and once it is given up."""
    future: Future | None
    """None once the worker is given up."""
    begin_s: float


class _Scheduler:
    """The workers of a cluster and the batch of each."""

    def __init__(
        self,
        client: Client,
        function: JobFunction,
        limit_s: float | None,
        identity: Callable[[], str],
    ) -> None:
        self._client = client
        self._function = function
        self._limit_s = limit_s
        self._identity = identity
        self._own_identity = identity()
        self._batches: dict[str, _Batch | None] = {}
        """By address of the worker; None is free."""
        self._ended: queue.SimpleQueue[tuple[str, Future]] = queue.SimpleQueue()
        """Filled from Dask's thread, read from this one."""
        self._single: deque[Job] = deque()
        """Jobs of a batch that broke its worker: they go one by one."""
        self.suspects: list[tuple[Job, str]] = []
        """Jobs that were alone when their worker broke, and the cause."""
        self._names = (f"dcsim-{uuid.uuid4().hex}-{n}" for n in itertools.count())
        self._mean_job_s = BATCH_S
        self._checked_s = 0.0
        self._last_worker_s = time.monotonic()

    def run(self, jobs: Iterator[Job]) -> Iterator[Done | Lost]:
        """Run jobs; those that break their worker are left in `suspects`."""
        while self._assign(jobs) or any(batch and batch.jobs for batch in self._batches.values()):
            yield from self._wait()

    def retry(self, job: Job, cause: str) -> Iterator[Done | Lost]:
        """Run a suspect with nothing beside it, and give it up if it breaks its worker again."""
        self.suspects.clear()
        yield from self.run(iter([job]))
        for _, second in self.suspects:
            same = second == cause
            yield Lost(job.key, f"{cause}, twice" if same else f"{cause}; then {second}")

    def _assign(self, jobs: Iterator[Job]) -> bool:
        """Give a batch to each free worker; return False if there were no jobs left to give.

        While no worker is free it returns True: only taking a job would show if one is left.
        """
        for worker in [name for name, batch in self._batches.items() if batch is None]:
            batch = self._next_batch(jobs)
            if not batch:
                return False
            payloads = [job.payload for job in batch]
            self._submit(worker, batch, run_batch, self._function, payloads)
        return True

    def _next_batch(self, jobs: Iterator[Job]) -> tuple[Job, ...]:
        if self._single:
            return (self._single.popleft(),)
        n_jobs = min(MAX_BATCH_JOBS, max(1, int(BATCH_S / max(self._mean_job_s, 1e-6))))
        return tuple(itertools.islice(jobs, n_jobs))

    def _submit(self, worker: str, jobs: tuple[Job, ...], *call: Any) -> None:
        with self._connected():
            # Not pure and with a name of its own: Dask must not return an older result for an equal
            # payload. No retries: it would repeat a job that kills its worker on all of them.
            future = self._client.submit(
                *call, key=next(self._names), workers=[worker], pure=False, retries=0
            )
            future.add_done_callback(lambda ended: self._ended.put((worker, ended)))
        self._batches[worker] = _Batch(jobs, future, time.monotonic())

    def _wait(self) -> Iterator[Done | Lost]:
        """Wait up to `POLL_S` for a batch to end, and check all workers that often."""
        raise_if_lost()
        with contextlib.suppress(queue.Empty):
            worker, future = self._ended.get(timeout=POLL_S)
            batch = self._batches.get(worker)
            # A batch that was given up may end after all; its jobs are queued again by then.
            if batch is not None and batch.future is future:
                yield from self._collect(worker, batch, future)
        if time.monotonic() - self._checked_s >= POLL_S:
            self._check_workers()
            self._checked_s = time.monotonic()

    def _collect(self, worker: str, batch: _Batch, future: Future) -> Iterator[Done | Lost]:
        answer = self._answer(worker, future)
        if answer is None:
            self._batches.pop(worker, None)
            _LOG.warning("worker %s is lost with %d jobs", worker, len(batch.jobs))
            self._blame(batch.jobs, DIED)
            return
        self._batches[worker] = None
        if not batch.jobs:
            self._check_identity(worker, answer)
            return
        try:
            results = unpack_batch(answer)
        except ValueError as error:
            raise OutputError(f"the results of {batch.jobs[0].key}: {error}") from None
        for job, result in zip(batch.jobs, results, strict=True):
            if result.status is JobStatus.OUT_OF_MEMORY:
                self._blame((job,), OUT_OF_MEMORY)
            elif result.status is JobStatus.RAISED:
                yield Lost(job.key, result.data.decode())
            else:
                yield Done(job.key, result.data, result.seconds)
        # A moving mean, so that batches shrink when jobs become longer in the course of a study.
        batch_mean_s = sum(result.seconds for result in results) / len(results)
        self._mean_job_s = (self._mean_job_s + batch_mean_s) / 2

    def _answer(self, worker: str, future: Future) -> Any:
        """Return the value of an ended future; None if its worker is gone."""
        with self._connected():
            if future.status == "error":
                error = future.exception(timeout=CONNECT_S)
                if isinstance(error, KilledWorker):
                    return None
                # `run_batch` turns what a job raises into a result, so this is an error of the
                # installation, such as a module that the worker cannot import: fatal for all jobs.
                reason = f"{type(error).__name__}: {error}".splitlines()[0]
                raise OutputError(f"worker {worker} cannot do this work: {reason}")
            # The worker may die between the end of its batch and the transfer of the result. Then
            # no answer ever comes, hence the short timeout and the look at who is still there.
            while future.status == "finished":
                with contextlib.suppress(TimeoutError):
                    return future.result(timeout=1)
                if worker not in self._client.nthreads():
                    return None
        return None

    def _check_identity(self, worker: str, identity: str) -> None:
        if identity != self._own_identity:
            raise OutputError(
                f"worker {worker} has dcsim {identity}, this is {self._own_identity}; "
                "install the same"
            )

    def _check_workers(self) -> None:
        """Ask new workers for their identity, and give up those that are gone or hang."""
        with self._connected():
            present = self._client.nthreads()
        now_s = time.monotonic()
        for worker in self._batches.keys() - present.keys():
            batch = self._batches.pop(worker)
            _LOG.warning("worker %s is lost", worker)
            self._blame(batch.jobs if batch else (), DIED)
        for worker in present.keys() - self._batches.keys():
            _LOG.info("worker %s is there", worker)
            # It gets its first jobs only after its identity was compared, see `_collect`.
            self._submit(worker, (), _identify, self._identity, self._function)
        for worker, batch in list(self._batches.items()):
            limit_s = self._limit_s if batch and batch.jobs else PATIENCE_S
            if batch and batch.future and limit_s and now_s - batch.begin_s > limit_s:
                self._give_up(worker, batch, f"it took longer than {limit_s:g} s")
        if present:
            self._last_worker_s = now_s
        elif now_s - self._last_worker_s > PATIENCE_S:
            raise OutputError(f"no worker has been there for {PATIENCE_S:g} s")

    def _give_up(self, worker: str, batch: _Batch, cause: str) -> None:
        """Kill a worker that hangs; its nanny starts another one under another address."""
        _LOG.warning("worker %s is given up: %s", worker, cause)
        # An empty batch without a future: this worker gets no jobs and cannot time out again.
        self._batches[worker] = _Batch((), None, time.monotonic())
        self._blame(batch.jobs, cause)
        # It may just have ended, or have no nanny; if it survives, it merely stays without jobs.
        with contextlib.suppress(Exception):
            if batch.future is not None:
                batch.future.cancel(force=True)
            # A hung worker does not answer, its nanny does. Without a nanny, ask the worker itself.
            if not self._client.run(_end_worker, workers=[worker], nanny=True, on_error="ignore"):
                self._client.run(os._exit, 1, workers=[worker], wait=False, on_error="ignore")

    def _blame(self, jobs: tuple[Job, ...], cause: str) -> None:
        if len(jobs) == 1:
            self.suspects.append((jobs[0], cause))
        else:
            self._single.extend(jobs)

    @contextlib.contextmanager
    def _connected(self) -> Iterator[None]:
        """Turn any error that Dask raises when its scheduler is gone into one `OutputError`."""
        try:
            if self._client.status == "running":
                yield
                return
        except OutputError:
            raise
        except Exception:
            # Dask has a dozen errors for this; what counts is whether the connection stands.
            if self._client.status == "running" and self._scheduler_answers():
                raise
        raise OutputError("the scheduler of the workers is gone; what was done is kept")

    def _scheduler_answers(self) -> bool:
        try:
            self._client.nthreads()
        except Exception:
            return False
        return True


def _identify(identity: Callable[[], str], function: JobFunction) -> str:
    """Return the identity of the worker that runs this.

    `function` is an argument only so that unpickling it imports everything the jobs will need.
    """
    del function
    return identity()


def _end_worker(dask_worker: Any) -> bool:
    """Kill the process of a nanny; Dask requires the name of the argument."""
    os.kill(dask_worker.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    return True
