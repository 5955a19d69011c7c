"""Where units are computed: in this process, or by workers of a Dask cluster.

Units go out and come back as bytes, and only the driver writes. A worker that dies, hangs or runs
out of memory costs its unit alone: that is tried once more when nothing else runs.
"""

from __future__ import annotations

import contextlib
import hashlib
import signal
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from types import FrameType
from typing import NamedTuple

from dcsim.errors import cut

Work = Callable[[bytes], bytes]
"""A function of a module, from the payload of a unit to its answer."""
MAX_CAUSE = 300


class Job(NamedTuple):
    """A unit as the engine sees it."""

    key: str
    payload: bytes


class Done(NamedTuple):
    """A unit that was computed."""

    key: str
    data: bytes
    seconds: float


class Lost(NamedTuple):
    """A unit that took its worker down twice."""

    key: str
    cause: str


@dataclass(frozen=True)
class Engine:
    """Where units are computed."""

    workers: int = 1
    """Processes on this machine; one computes in this very process."""
    cluster: str | None = None
    """Address of a Dask scheduler that runs already."""
    unit_timeout_s: float = 600.0
    """Time after which a unit counts as hung. [s]"""
    allow_insecure: bool = False
    """Whether a scheduler on another machine may be spoken to without tls."""
    memory_limit: str = "2 GiB"
    """Of each worker on this machine."""


def run_jobs(jobs: Iterable[Job], work: Work, engine: Engine) -> Generator[Done | Lost, None, None]:
    """Compute jobs and yield what came of each, as it comes.

    Jobs are taken from the iterable as workers become free. What a job computes does not depend on
    where it runs or on what ran before.

    Raises
    ------
    MissingExtraError
        If more than one worker is wanted and Dask is not installed.
    OutputError
        If the scheduler of a cluster cannot be reached any more.
    """
    if engine.workers == 1 and engine.cluster is None:
        yield from _here(jobs, work)
        return
    from dcsim.study.crowd import run_on_cluster  # noqa: PLC0415  (Dask only for many workers)

    yield from run_on_cluster(jobs, work, engine)


def _here(jobs: Iterable[Job], work: Work) -> Iterator[Done | Lost]:
    for job in jobs:
        begun = time.monotonic()
        try:
            data = work(job.payload)
        except MemoryError:
            yield Lost(job.key, "out of memory")
            continue
        yield Done(job.key, data, time.monotonic() - begun)


def timed(work: Work, payload: bytes) -> tuple[str, float, bytes]:
    """Run work on a worker; return a checksum of its answer, the seconds it took, the answer."""
    begun = time.monotonic()
    data = work(payload)
    return hashlib.sha256(data).hexdigest(), time.monotonic() - begun, data


def cause_of(error: BaseException | None) -> str:
    """Return the reason for which a unit was lost, in words."""
    if error is None or type(error).__name__ in ("KilledWorker", "CancelledError"):
        return "the worker died (out of memory, or killed)"
    if isinstance(error, MemoryError):
        return "out of memory"
    return cut(f"{type(error).__name__}: {error}", MAX_CAUSE)


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end what runs as Ctrl-C does: `KeyboardInterrupt`, once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    names = ("SIGTERM", "SIGHUP", "SIGINT")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    told = False

    def tell(_number: int, _frame: FrameType | None) -> None:
        nonlocal told
        if not told:  # a second one must not break off the clearing up
            told = True
            raise KeyboardInterrupt

    before = {number: signal.signal(number, tell) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
