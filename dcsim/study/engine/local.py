"""Workers on this machine: processes that only this one can reach and that end with it.

Who starts and ends whom::

    driver (this process, main thread: `local_cluster`)
      └─ thread "dcsim-workers" (`_ClusterThread`): event loop with Dask's scheduler and nannies
           └─ one worker process for each nanny, restarted by it when it dies

Why a thread: a signal interrupts the main thread at any line, and an interrupt inside Dask's event
loop leaves half-started processes behind. Python delivers signals to the main thread only, so the
loop in its own thread is never interrupted; it polls a flag and then ends everything in order.

What an end at any moment leaves: nothing. On a normal end, an exception or an interrupt, the exit
stack sets the flag and waits for the thread, and the temporary folder goes last. If the driver is
killed outright, nothing here runs; each worker then notices that its parent is gone and exits.
"""

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
from dcsim.log import logger_of, timed
from dcsim.study.engine.cluster import connected, quiet
from dcsim.study.engine.without_main import without_main

_LOG = logger_of(__name__)

_HOST = "127.0.0.1"
_START_S = 120.0
"""Longest wait for all workers to start; on a slow file system imports take a minute. [s]"""
_END_S = 4.0
"""Longest wait for the thread to end the workers. [s]"""
_TICK_S = 0.02
"""Time between two looks at the flag of the thread. [s]"""
_ENVIRONMENT = {
    # One thread each: a library that starts a thread for every core would do so in every worker.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    # A worker whose driver is gone would log to a terminal that belongs to others by then.
    "DASK_LOGGING__DISTRIBUTED": "critical",
}
_SET_BY_DASK = (
    "MALLOC_TRIM_THRESHOLD_",
    "MALLOC_MMAP_THRESHOLD_",
    "MALLOC_ARENA_MAX",
    "PYTHONHASHSEED",
    "__DASK_PARENT_PID",
    "DASK_PARENT",  # the same in versions before 2026
)
"""Variables that Dask leaves in the environment of the process that starts its workers."""
_MALLOC_TRIM_BYTES = 64 << 20
_MALLOC_MMAP_BYTES = 4 << 20
_WORKER_SETTINGS: Mapping[str, Any] = {
    # By default Dask makes malloc return freed pages to the system at once. A run allocates and
    # frees arrays all the time and would spend half of it on page faults.
    "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": _MALLOC_TRIM_BYTES,
    "distributed.nanny.pre-spawn-environ.MALLOC_MMAP_THRESHOLD_": _MALLOC_MMAP_BYTES,
    "distributed.nanny.pre-spawn-environ.MALLOC_ARENA_MAX": 1,
    # Results leave a worker at once, so there is nothing to spill, and a worker that Dask pauses
    # for its memory would never resume: only the hard limit remains.
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": 0.95,
    "distributed.worker.profile.enabled": False,
    # Nothing of a user's Dask configuration may open a port or load code into these workers.
    "distributed.worker.use-file-locking": False,
    "distributed.worker.http.routes": [],
    "distributed.worker.preload": [],
    "distributed.nanny.preload": [],
    "distributed.scheduler.http.routes": [],
    "distributed.scheduler.preload": [],
    # `dcsim.study.engine.scheduler` decides which worker gets what; Dask must not move it.
    "distributed.scheduler.work-stealing": False,
    "distributed.scheduler.active-memory-manager.start": False,
    "scheduler-address": None,
}


@contextlib.contextmanager
def local_cluster(
    n_workers: int, *, memory_limit: str = "auto", start_method: str = "spawn"
) -> Iterator[Client]:
    """Start workers on this machine and connect to them; they end with the context.

    Parameters
    ----------
    n_workers : int
        Number of processes.
    memory_limit : str
        Memory of each, such as ``2 GiB``; ``auto`` is a fair share of the machine.
    start_method : str
        One of `dcsim.study.engine.engine.START_METHODS`.

    Yields
    ------
    Client
        Connected to a scheduler with all workers present.

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
        stack.enter_context(_worker_environment())
        stack.enter_context(without_main())
        stack.enter_context(quiet())
        thread = _ClusterThread(n_workers, folder, memory_limit)
        # The end is registered before the start: an interrupt between the two lines would leave
        # workers behind if they stood the other way around. `end` before `start` does nothing.
        stack.callback(thread.end)
        with timed(_LOG, logging.INFO, f"starting {n_workers} workers"):
            address = thread.start()
        yield stack.enter_context(connected(address, thread.security, direct=True))


@contextlib.contextmanager
def _worker_environment() -> Iterator[None]:
    """Set the variables that workers inherit, and restore those of this process at the end."""
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
    """Return certificates for this run alone, if the package that makes them is installed.

    Every account on the machine can connect to a loopback port, and whoever reaches a Dask
    scheduler can run code as its user. The extra `cluster` installs what makes certificates; an
    installation of Dask alone does not.
    """
    try:
        return Security.temporary()
    except ImportError:
        return Security()


class _ClusterThread:
    """A thread with Dask's scheduler and the nannies of the workers; no interrupt reaches it."""

    def __init__(self, n_workers: int, folder: str, memory_limit: str) -> None:
        self.security = _security()
        self._n_workers = n_workers
        self._folder = folder
        self._memory_limit = memory_limit
        self._address: concurrent.futures.Future[str] = concurrent.futures.Future()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="dcsim-workers", daemon=True)

    def start(self) -> str:
        """Start the thread; return the address of the scheduler once all workers are there."""
        self._thread.start()
        try:
            return self._address.result(_START_S)
        except Exception as error:
            # Dask wraps the cause several times; the innermost exception is the informative one.
            first = error
            while isinstance(first.__cause__, Exception):
                first = first.__cause__
            why = f"{type(first).__name__}: {first}".splitlines()[0]
            raise OutputError(f"no workers could be started ({why})") from None

    def end(self) -> None:
        """End all workers, busy or not; a thread that does not end in time is left behind."""
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
                # First let the starts end, helped by killing what they start: a nanny that is
                # closed while it starts its worker loses track of the process, which survives.
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
    """Block terminal signals in this thread, so that the processes it starts ignore them.

    Ctrl-C reaches every process of a terminal. Workers would die at once with tracebacks, while the
    driver is to end them in order; a blocked signal mask is inherited by child processes.
    """
    if hasattr(signal, "pthread_sigmask"):
        numbers = {signal.SIGINT, signal.SIGHUP}
        signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
        # Starting the semaphore tracker of `multiprocessing` unblocks SIGINT in this thread, so it
        # is started here and the mask is set once more, before any worker is started.
        resource_tracker.ensure_running()
        signal.pthread_sigmask(signal.SIG_BLOCK, numbers)


def _raise_first(results: list[Any]) -> None:
    for result in results:
        if isinstance(result, BaseException):
            raise result


async def _kill_until(done: asyncio.Future[Any], nannies: list[Nanny]) -> None:
    """Kill the workers until a future is done, for at most half of `_END_S`.

    Killing loses nothing: the driver has all results, and a hung worker would not obey a request.
    Repeated, because a nanny may just have restarted a worker.
    """
    for _ in range(round(_END_S / 2 / _TICK_S)):
        if done.done():
            return
        for nanny in nannies:
            if nanny.pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(nanny.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
        await asyncio.wait([done], timeout=_TICK_S)
