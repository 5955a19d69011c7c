"""Units on a Dask cluster: of this machine's processes on loopback, or one that runs already."""

from __future__ import annotations

import contextlib
import hashlib
import ipaddress
import logging
import os
import queue
import re
import signal
import tempfile
import time
from collections.abc import Iterable, Iterator
from typing import Any

from dcsim.errors import MissingExtraError, ModelError, OutputError
from dcsim.study.identity import model_version
from dcsim.study.pool import Done, Engine, Job, Lost, Work, cause_of, timed

TICK_S = 0.2
"""How often it looks for units that hang."""
CONNECT_S = 10.0
_ADDRESS = re.compile(r"(?P<scheme>[a-z]+)://(?P<host>\[[^]]+\]|[^:/]+):(?P<port>\d+)")
_CONFIG = {
    # A unit whose worker died is ours to judge: Dask shall not try it on the next one.
    "distributed.scheduler.allowed-failures": 0,
    "distributed.scheduler.worker-saturation": 1.0,
    "distributed.worker.preload": ["dcsim.study.worker_start"],
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": 0.95,
    "distributed.admin.tick.limit": "1 hour",
    "distributed.comm.timeouts.connect": "10s",
    "logging": {"distributed": "critical", "bokeh": "critical", "tornado": "critical"},
}


def run_on_cluster(jobs: Iterable[Job], work: Work, engine: Engine) -> Iterator[Done | Lost]:
    """Compute jobs on workers, see `dcsim.study.pool.run_jobs`."""
    dask, distributed = _dask()
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with dask.config.set(_CONFIG), contextlib.ExitStack() as stack:
        client = stack.enter_context(_client(distributed, engine))
        n_workers = max(len(client.scheduler_info(n_workers=-1)["workers"]), 1)
        crowd = _Crowd(client, work, engine)
        yield from crowd.run(jobs, n_workers)
        # What took its worker down runs once more, with nothing beside it.
        for job, _ in list(crowd.suspects):
            crowd.suspects.clear()
            yield from crowd.run((job,), 1)
            for again, cause in crowd.suspects:
                yield Lost(again.key, cause)


def _dask() -> tuple[Any, Any]:
    try:
        import dask  # noqa: PLC0415
        import distributed  # noqa: PLC0415
    except ImportError:
        raise MissingExtraError(
            "more than one worker needs Dask: pip install 'dcsim[cluster]'"
        ) from None
    return dask, distributed


@contextlib.contextmanager
def _client(distributed: Any, engine: Engine) -> Iterator[Any]:
    if engine.cluster is None:
        with _own_cluster(distributed, engine) as client:
            yield client
        return
    check_address(engine.cluster, allow_insecure=engine.allow_insecure)
    try:
        client = distributed.Client(engine.cluster, timeout=CONNECT_S, set_as_default=False)
    except OSError:
        raise OutputError(f"--cluster {engine.cluster}: no scheduler answers there") from None
    with client:
        _same_model(client)
        yield client


@contextlib.contextmanager
def _own_cluster(distributed: Any, engine: Engine) -> Iterator[Any]:
    """Start workers on loopback; whatever happens, none of them outlives this."""
    with tempfile.TemporaryDirectory(prefix="dcsim-workers-") as folder:
        cluster = distributed.LocalCluster(
            n_workers=engine.workers,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
            memory_limit=engine.memory_limit,
            silence_logs=logging.CRITICAL,
            local_directory=folder,
        )
        client = distributed.Client(cluster, set_as_default=False)
        try:
            yield client
        except BaseException:
            _kill(cluster)
            raise
        finally:
            with contextlib.suppress(Exception):
                client.close(timeout=2)
            with contextlib.suppress(Exception):
                cluster.close(timeout=3)


def _kill(cluster: Any) -> None:
    """End workers at once: what they are at is not wanted any more."""
    for nanny in list(cluster.workers.values()):
        with contextlib.suppress(Exception):
            os.kill(nanny.pid, signal.SIGKILL)


def check_address(address: str, *, allow_insecure: bool) -> None:
    """Refuse the address of a scheduler that is none, or that is spoken to without tls.

    Raises
    ------
    ModelError
        With what to write instead.
    """
    match = _ADDRESS.fullmatch(address)
    if match is None:
        raise ModelError(f"--cluster {address}: write it as tls://HOST:PORT or tcp://HOST:PORT")
    if match["scheme"] == "tls" or allow_insecure or _is_loopback(match["host"]):
        return
    raise ModelError(
        f"--cluster {address}: whoever reaches that port can run code there; use tls://, or say "
        "--i-know-insecure on a network you trust"
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _same_model(client: Any) -> None:
    mine = model_version()
    others = {str(theirs) for theirs in client.run(model_version).values()} - {mine}
    if others:
        raise OutputError(f"the workers have dcsim {min(others)}, this is {mine}; install the same")


def _gone() -> OutputError:
    return OutputError("the scheduler of the cluster is gone; what is done is stored")


class _Crowd:
    """The workers of a client, each with one unit at a time."""

    def __init__(self, client: Any, work: Work, engine: Engine) -> None:
        self.client = client
        self.work = work
        self.engine = engine
        self.running: dict[str, tuple[Any, Job, float]] = {}
        self.finished: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.suspects: list[tuple[Job, str]] = []
        """Units that took their worker down, and how."""
        self.n_sent = 0

    def run(self, jobs: Iterable[Job], most: int) -> Iterator[Done | Lost]:
        """Compute jobs, at most so many at once."""
        waiting = iter(jobs)
        exhausted = False
        while True:
            while not exhausted and len(self.running) < most:
                job = next(waiting, None)
                if job is None:
                    exhausted = True
                else:
                    self._send(job)
            if not self.running:
                return
            answer = self._next()
            if answer is not None:
                yield answer

    def _send(self, job: Job) -> None:
        self.n_sent += 1
        future = self.client.submit(
            timed, self.work, job.payload, key=f"{job.key}/{self.n_sent}", pure=False
        )
        self.running[future.key] = (future, job, time.monotonic())
        future.add_done_callback(self.finished.put)

    def _next(self) -> Done | None:
        try:
            future = self.finished.get(timeout=TICK_S)
        except queue.Empty:
            self._stop_hung()
            if self.client.status != "running" or not self.client.scheduler.comm:
                raise _gone() from None
            return None
        held = self.running.pop(future.key, None)
        if held is None:  # it hung, and was told off before
            return None
        return self._judge(future, held[1])

    def _judge(self, future: Any, job: Job) -> Done | None:
        if future.status == "finished":
            digest, seconds, data = future.result(timeout=CONNECT_S)
            if hashlib.sha256(data).hexdigest() == digest:
                return Done(job.key, data, seconds)
            self.suspects.append((job, "its answer was damaged on the way"))
            return None
        if future.status == "cancelled":
            raise _gone()
        self.suspects.append((job, cause_of(future.exception(timeout=CONNECT_S))))
        return None

    def _stop_hung(self) -> None:
        """Replace the workers of units that take too long."""
        limit_s = self.engine.unit_timeout_s
        for key, (future, job, begun) in list(self.running.items()):
            if time.monotonic() - begun < limit_s:
                continue
            del self.running[key]
            self.suspects.append((job, f"took longer than {limit_s:g} s"))
            at = [name for name, keys in self.client.processing().items() if key in keys]
            future.cancel(force=True)
            with contextlib.suppress(Exception):
                self.client.restart_workers(at, timeout=CONNECT_S, raise_for_error=False)
