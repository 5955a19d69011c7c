"""Workers on this machine: processes that only this one can reach and that end with it."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import logging
import os
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from multiprocessing import resource_tracker
from typing import Any

import dask
from distributed import Client, Nanny, Scheduler, Security

from dcsim.errors import OutputError
from dcsim.study.engine.cluster import connected, quiet

_HOST = "127.0.0.1"
_START_S = 120.0
"""Workers that have not come by then will not; a slow file system may need a minute."""
_END_S = 4.0
_TICK_S = 0.02
_ENVIRONMENT = {
    # One core each: libraries that start a thread a core would fight over them.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    # A worker whose driver is gone has nobody to complain to.
    "DASK_LOGGING__DISTRIBUTED": "critical",
}
_SET_BY_DASK = (
    "MALLOC_TRIM_THRESHOLD_",
    "MALLOC_MMAP_THRESHOLD_",
    "PYTHONHASHSEED",
    "__DASK_PARENT_PID",
)
"""What it leaves in the environment of whoever starts its workers."""
_KEPT_BYTES = 64 << 20
_MAPPED_BYTES = 4 << 20
_WORKER_SETTINGS: Mapping[str, Any] = {
    # Dask gives each freed page back to the system at once; a run that frees and takes arrays all
    # the time then waits for the system half of its time.
    "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": _KEPT_BYTES,
    "distributed.nanny.pre-spawn-environ.MALLOC_MMAP_THRESHOLD_": _MAPPED_BYTES,
    "distributed.nanny.pre-spawn-environ.MALLOC_ARENA_MAX": 1,
    # Results leave a worker at once: there is nothing to spill, and a pause would never end.
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": 0.95,
    "distributed.worker.profile.enabled": False,
    "distributed.worker.use-file-locking": False,
    "distributed.worker.http.routes": [],
    "distributed.worker.preload": [],
    "distributed.nanny.preload": [],
    "distributed.scheduler.http.routes": [],
    "distributed.scheduler.preload": [],
    "distributed.scheduler.work-stealing": False,
    "distributed.scheduler.active-memory-manager.start": False,
    "scheduler-address": None,
}


@contextlib.contextmanager
def local_cluster(
    n_workers: int, *, memory_limit: str = "auto", start_method: str = "spawn"
) -> Iterator[Client]:
    """Start workers and connect to them; none of them outlives this, nor this process.

    Raises
    ------
    OutputError
        If they cannot be started.
    """
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(
            tempfile.TemporaryDirectory(prefix="dcsim-workers-", ignore_cleanup_errors=True)
        )
        settings = {
            **_WORKER_SETTINGS,
            "temporary-directory": folder,
            "distributed.worker.multiprocessing-method": start_method,
        }
        stack.enter_context(dask.config.set(settings))
        stack.enter_context(_environment())
        stack.enter_context(quiet())
        host = _Host(n_workers, folder, memory_limit)
        # First the end, then the start: an interrupt may come in between.
        stack.callback(host.end)
        address = host.start()
        yield stack.enter_context(connected(address, host.security, direct=True))


@contextlib.contextmanager
def _environment() -> Iterator[None]:
    before = {name: os.environ.get(name) for name in (*_ENVIRONMENT, *_SET_BY_DASK)}
    os.environ.update(_ENVIRONMENT)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _security() -> Security:
    """Return certificates for this one run, where they can be made.

    Loopback is open to everyone with an account on the machine. The extra brings what is needed to
    shut them out; an installation of Dask alone does not.
    """
    try:
        return Security.temporary()
    except ImportError:
        return Security()


class _Host:
    """A scheduler and the keepers of the workers, in a thread that no interrupt reaches."""

    def __init__(self, n_workers: int, folder: str, memory_limit: str) -> None:
        self.security = _security()
        self._n_workers = n_workers
        self._folder = folder
        self._memory_limit = memory_limit
        self._address: concurrent.futures.Future[str] = concurrent.futures.Future()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="dcsim-workers", daemon=True)

    def start(self) -> str:
        """Return the address of the scheduler as soon as all workers are there."""
        self._thread.start()
        try:
            return self._address.result(_START_S)
        except Exception as error:
            first = error
            while isinstance(first.__cause__, Exception):
                first = first.__cause__
            why = f"{type(first).__name__}: {first}".splitlines()[0]
            raise OutputError(
                f"no workers could be started ({why}); a script must ask for them below "
                "`if __name__ == '__main__':`"
            ) from None

    def end(self) -> None:
        """End all workers, whatever they are at."""
        self._ending.set()
        if self._thread.ident is not None:
            self._thread.join(_END_S)

    def _run(self) -> None:
        _leave_signals_to_driver()
        try:
            asyncio.run(self._serve())
        except Exception as error:
            if not self._address.done():
                self._address.set_exception(error)

    async def _serve(self) -> None:
        scheduler = Scheduler(
            host=_HOST,
            port=0,
            protocol=self._protocol,
            security=self.security,
            dashboard=False,
            dashboard_address=f"{_HOST}:0",
        )
        async with scheduler:
            nannies = [self._nanny(scheduler.address, i) for i in range(self._n_workers)]
            starting = asyncio.gather(*nannies, return_exceptions=True)
            try:
                await self._until(starting.done)
                if starting.done():
                    _raise_first(starting.result())
                    self._address.set_result(scheduler.address)
                await self._until(lambda: False)
            finally:
                # A keeper that is told to end while it starts its worker would lose sight of it.
                await _kill_until(starting, nannies)
                closing = (nanny.close(timeout=1) for nanny in nannies)
                await _kill_until(asyncio.gather(*closing, return_exceptions=True), nannies)

    @property
    def _protocol(self) -> str:
        return "tls" if self.security.require_encryption else "tcp"

    def _nanny(self, address: str, index: int) -> Nanny:
        return Nanny(
            address,
            name=index,
            nthreads=1,
            host=_HOST,
            protocol=self._protocol,
            security=self.security,
            memory_limit=self._memory_limit,
            local_directory=self._folder,
            silence_logs=logging.CRITICAL,
            dashboard=False,
        )

    async def _until(self, reached: Callable[[], bool]) -> None:
        while not (self._ending.is_set() or reached()):
            await asyncio.sleep(_TICK_S)


def _leave_signals_to_driver() -> None:
    """Keep from children of this thread what a terminal sends to all of its processes."""
    if hasattr(signal, "pthread_sigmask"):
        numbers = {signal.SIGINT, signal.SIGHUP}
        signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
        # The first child is the tracker of semaphores, whose start unblocks some of them again.
        resource_tracker.ensure_running()
        signal.pthread_sigmask(signal.SIG_BLOCK, numbers)


def _raise_first(results: list[Any]) -> None:
    for result in results:
        if isinstance(result, BaseException):
            raise result


async def _kill_until(done: asyncio.Future[Any], nannies: list[Nanny]) -> None:
    """Kill workers: they hold nothing, and one that hangs would not hear a request."""
    for _ in range(round(_END_S / 2 / _TICK_S)):
        if done.done():
            return
        for nanny in nannies:
            if nanny.pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(nanny.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
        await asyncio.wait([done], timeout=_TICK_S)
