"""The engine: jobs in, results out, on one worker or many, each once and none lost unsaid."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field
from importlib.util import find_spec

from dcsim.errors import MissingExtraError, Problem, ScenarioError
from dcsim.study.engine.interrupt import raise_if_lost
from dcsim.study.records.identity import model_version

Work = Callable[[bytes], bytes]
"""What is done to a payload: a pure function that stands in a module, so that it has a name on
other machines too."""
Outcomes = Generator["Done | Lost", None, None]
START_METHODS = ("spawn", "forkserver")
"""Ways to start a process that copy none of the locks and threads of this one, as `fork` does."""
OUT_OF_MEMORY = "out of memory"


@dataclass(frozen=True)
class Job:
    """One piece of work."""

    key: str
    """Its name, which no other job has."""
    payload: bytes = field(repr=False)
    """What `Work` is handed."""


@dataclass(frozen=True)
class Done:
    """A job that was done."""

    key: str
    data: bytes = field(repr=False)
    """What `Work` returned."""
    seconds: float
    """How long it took where it was done. [s]"""


@dataclass(frozen=True)
class Lost:
    """A job that was given up: it broke its worker twice, or `Work` raised."""

    key: str
    cause: str
    """Why, in words for the reader of a table."""


@dataclass(frozen=True)
class Engine:
    """Where jobs are done."""

    workers: int = 1
    """Processes on this machine; one is this very process. A cluster has its own number."""
    cluster: str | None = None
    """Address of the scheduler of a Dask cluster that runs, such as ``tls://login1:8786``."""
    unit_timeout_s: float | None = 600.0
    """Time after which a job counts as hung; nobody looks at it in this process. [s]"""
    memory_limit: str = "2 GiB"
    """Memory of each process on this machine, above which it is ended; `auto` is a fair share."""
    start_method: str = "spawn"
    """How processes are started on this machine, one of `START_METHODS`."""
    allow_insecure: bool = False
    """Whether a cluster on other hosts may be spoken to without encryption."""
    identity: Callable[[], str] = model_version
    """What results depend on besides the payload: a worker of a cluster that answers otherwise
    than this process is refused."""


def run_jobs(jobs: Iterable[Job], work: Work, engine: Engine | None = None) -> Outcomes:
    """Do all jobs and yield what came of each, in the order in which they end.

    One worker without a cluster is this process: jobs are done one after the other, and what
    `work` raises is the caller's. More workers are processes of this machine, or those of a
    cluster; there what `work` raises is a job lost. A job that ends its worker or takes too long
    costs no other: it is tried once more when the rest is done, with nothing beside it.

    Whoever stops early closes the iterator, best with ``contextlib.closing``: it ends the workers.

    Parameters
    ----------
    jobs : iterable of Job
        Taken as workers become free, never all at once.
    work : Work
    engine : Engine, optional
        Where it is done; in this process where nothing is said.

    Raises
    ------
    ScenarioError
        If there are no workers, or the address is none to connect to.
    MissingExtraError
        If Dask is needed and not installed.
    OutputError
        While running: if workers cannot be started, or a cluster is lost or of another version.
    """
    engine = engine or Engine()
    if engine.cluster is None and engine.workers == 1:
        return _in_this_process(jobs, work)
    if engine.workers < 1:
        raise ScenarioError([Problem("--workers", "", f"{engine.workers}: must be at least 1")])
    if find_spec("distributed") is None:
        who = "a cluster" if engine.cluster else "more than one worker"
        raise MissingExtraError(f"{who} needs the extra 'cluster': pip install 'dcsim[cluster]'")
    return _on_workers(jobs, work, engine)


def _in_this_process(jobs: Iterable[Job], work: Work) -> Outcomes:
    for job in jobs:
        raise_if_lost()
        begin_s = time.perf_counter()
        try:
            data = work(job.payload)
        except MemoryError:
            yield Lost(job.key, OUT_OF_MEMORY)
        else:
            yield Done(job.key, data, time.perf_counter() - begin_s)


def _on_workers(jobs: Iterable[Job], work: Work, engine: Engine) -> Outcomes:
    # Dask takes half a second to import, which one worker need not pay.
    from dcsim.study.engine.cluster import check_address, existing_cluster  # noqa: PLC0415
    from dcsim.study.engine.local import local_cluster  # noqa: PLC0415
    from dcsim.study.engine.scheduler import dispatch  # noqa: PLC0415

    if engine.cluster is None:
        place = local_cluster(
            engine.workers, memory_limit=engine.memory_limit, start_method=engine.start_method
        )
    else:
        check_address(engine.cluster, allow_insecure=engine.allow_insecure)
        place = existing_cluster(engine.cluster)
    return dispatch(place, jobs, work, limit_s=engine.unit_timeout_s, identity=engine.identity)
