"""The engine: run jobs on one worker or many and return each outcome exactly once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.util import find_spec

from dcsim.errors import MissingExtraError, Problem, ScenarioError
from dcsim.study.engine.interrupt import raise_if_lost
from dcsim.study.engine.jobs import OUT_OF_MEMORY, Done, Job, JobFunction, JobOutcomes, Lost
from dcsim.study.records.identity import model_version

START_METHODS = ("spawn", "forkserver")
"""Ways to start a process that copy none of the locks and threads of this one, as `fork` does."""


@dataclass(frozen=True)
class Engine:
    """Choice of the workers that run jobs, and their limits."""

    workers: int = 1
    """Processes on this machine; one is this very process. A cluster has its own number."""
    cluster: str | None = None
    """Address of the scheduler of a running Dask cluster, such as ``tls://login1:8786``."""
    unit_timeout_s: float | None = 600.0
    """Time after which a job counts as hung; not enforced in this process. [s]"""
    memory_limit: str = "2 GiB"
    """Memory of each process on this machine, above which it is ended; `auto` is a fair share."""
    start_method: str = "spawn"
    """Start method of processes on this machine, one of `START_METHODS`."""
    allow_insecure: bool = False
    """Allow an unencrypted connection to a cluster on other hosts."""
    identity: Callable[[], str] = model_version
    """Everything that results depend on besides the payload: a worker of a cluster that returns
    another value than this process is refused."""


def run_jobs(
    jobs: Iterable[Job], function: JobFunction, engine: Engine | None = None
) -> JobOutcomes:
    """Run all jobs and yield the outcome of each, in the order in which they end.

    One worker without a cluster is this process: jobs run one after the other, and an exception of
    `function` is the caller's. More workers are processes of this machine, or those of a cluster;
    there an exception makes the job `Lost`. A job that ends its worker or takes too long costs no
    other: it is tried once more after all others, with nothing beside it.

    A caller that stops early closes the generator, best with ``contextlib.closing``; this ends the
    workers.

    Parameters
    ----------
    jobs : iterable of Job
        Read as workers become free, never all at once.
    function : JobFunction
        Applied to the payload of each job.
    engine : Engine, optional
        Where jobs run; this process by default.

    Returns
    -------
    generator of Done or Lost
        One outcome a job.

    Raises
    ------
    ScenarioError
        If there are no workers, or the address of the cluster is not valid.
    MissingExtraError
        If Dask is needed and not installed.
    OutputError
        While running: if workers cannot be started, or a cluster is lost or of another version.

    Examples
    --------
    >>> jobs = [Job("a", b"rack"), Job("b", b"hall")]
    >>> [(outcome.key, outcome.data) for outcome in run_jobs(jobs, bytes.upper)]
    [('a', b'RACK'), ('b', b'HALL')]
    """
    engine = engine or Engine()
    if engine.cluster is None and engine.workers == 1:
        return _in_this_process(jobs, function)
    if engine.workers < 1:
        raise ScenarioError([Problem("", f"workers {engine.workers}", "must be at least 1")])
    if find_spec("distributed") is None:
        user = "a cluster" if engine.cluster else "more than one worker"
        raise MissingExtraError(f"{user} needs the extra 'cluster': pip install 'dcsim[cluster]'")
    return _on_workers(jobs, function, engine)


def _in_this_process(jobs: Iterable[Job], function: JobFunction) -> JobOutcomes:
    for job in jobs:
        raise_if_lost()
        begin_s = time.perf_counter()
        try:
            data = function(job.payload)
        except MemoryError:
            yield Lost(job.key, OUT_OF_MEMORY)
        else:
            yield Done(job.key, data, time.perf_counter() - begin_s)


def _on_workers(jobs: Iterable[Job], function: JobFunction, engine: Engine) -> JobOutcomes:
    # Dask takes half a second to import, which a single worker need not pay. None of these modules
    # imports this one.
    from dcsim.study.engine.cluster import check_address, existing_cluster  # noqa: PLC0415
    from dcsim.study.engine.local import local_cluster  # noqa: PLC0415
    from dcsim.study.engine.scheduler import schedule  # noqa: PLC0415

    if engine.cluster is None:
        cluster = local_cluster(
            engine.workers, memory_limit=engine.memory_limit, start_method=engine.start_method
        )
    else:
        check_address(engine.cluster, allow_insecure=engine.allow_insecure)
        cluster = existing_cluster(engine.cluster)
    return schedule(
        cluster, jobs, function, limit_s=engine.unit_timeout_s, identity=engine.identity
    )
