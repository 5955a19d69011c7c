"""Sweeps on which faults are tried, and what must be true of a store whatever befell it.

Three kinds: the program's own; the program with made-up runs, so that its time goes into the store
and the workers; and a tiny loop around the store alone, of which every system call can be hit.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from dcsim.study.store.store import ResultStore

ROOT = Path(__file__).parents[3]
PROGRAMS = Path(__file__).parent / "programs"
STUDY = ROOT / "tests" / "faults" / "data" / "kill.yaml"
MANY = STUDY.with_name("kill-many.yaml")
TIMEOUT_S = 180


@dataclass(frozen=True)
class Sweep:
    """A command that fills a store and can go on with one."""

    name: str
    command: tuple[str, ...]
    option: str = ""
    """Before the path of the store."""
    resume: str = ""
    """Said where the store is there already."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Of its environment."""

    def argv(self, store: Path) -> list[str]:
        place = [self.option, str(store)] if self.option else [str(store)]
        again = [self.resume] if self.resume and store.is_dir() else []
        return [*self.command, *place, *again]

    def saying(self, *words: str, **settings: str) -> Sweep:
        """Return it with further options or settings."""
        return replace(
            self, command=(*self.command, *words), settings={**self.settings, **settings}
        )

    def start(self, store: Path, *before: str) -> subprocess.Popen[str]:
        """Start it in a session of its own, as a terminal would."""
        own = {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0", **self.settings}
        return subprocess.Popen(
            [*before, *self.argv(store)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            # With the same hash seed the calls come in the same order each time.
            env={**os.environ, **own},
            start_new_session=True,
        )

    def run(self, store: Path, *before: str) -> subprocess.CompletedProcess[str]:
        process = self.start(store, *before)
        try:
            out, err = process.communicate(timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired:
            kill_group(process)
            raise
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def tiny(seconds: float = 0.0, first: int = 0, last: int = 5, model: str = "tiny") -> Sweep:
    """A sweep in which nothing but the store takes time; `last` is the case after the last."""
    options = ("--seconds", f"{seconds}", "--cases", f"{first}", f"{last}", "--model", model)
    return Sweep("tiny", (sys.executable, str(PROGRAMS / "tiny_sweep.py"), *options))


def program(workers: int = 1, study: Path = STUDY) -> Sweep:
    """The sweep of the program itself."""
    command = (sys.executable, "-m", "dcsim", *_sweep(workers, study))
    return Sweep(f"dcsim-{workers}", command, "--store", "--resume")


def uncompiled(study: Path = STUDY) -> Sweep:
    """The sweep of the program where there is no compiler, which begins its work sooner."""
    code = "import sys; sys.modules['numba'] = None; from dcsim.cli import main; main()"
    command = (sys.executable, "-c", code, *_sweep(1, study))
    return Sweep("uncompiled", command, "--store", "--resume")


def made_up(workers: int = 1, study: Path = STUDY, seconds: float = 0.03) -> Sweep:
    """The sweep of the program, with runs that are made up and take so long each."""
    command = (sys.executable, str(PROGRAMS / "made_up.py"), *_sweep(workers, study))
    settings = {"MADE_UP_SECONDS": str(seconds)}
    return Sweep(f"made-up-{workers}", command, "--store", "--resume", settings)


def _sweep(workers: int, study: Path) -> tuple[str, ...]:
    return ("sweep", str(study), "--json", "--workers", str(workers))


class Clean(NamedTuple):
    """A sweep that nothing befell."""

    digest: str
    opened_s: float
    """When its store was there."""
    first_s: float
    """When its first unit was."""
    seconds: float
    """When it ended."""
    store: Path

    def moment_s(self, store: Path, rng: random.Random) -> float:
        """Return a random moment while a sweep works that finds that store."""
        left = 1 - len(units_of(store)) / len(units_of(self.store))
        return rng.uniform(self.opened_s, self.first_s + left * (self.seconds - self.first_s))


def clean(sweep: Sweep, store: Path) -> Clean:
    """Run a sweep and let nothing befall it."""
    begun = time.monotonic()
    process = sweep.start(store)
    moments = []
    for is_there in ((store / "writers").is_dir, lambda: units_of(store)):
        while not is_there() and process.poll() is None:
            time.sleep(0.005)
        moments.append(time.monotonic() - begun)
    _, errors = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 0, errors
    return Clean(digest_of(store), *moments, time.monotonic() - begun, store)


def kill_group(process: subprocess.Popen[str]) -> None:
    """Kill a sweep and all it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=TIMEOUT_S)


def members(group: int) -> list[int]:
    """Return the processes of a group that still run."""
    import psutil

    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, ProcessLookupError):
            if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
    return found


def are_gone_within(group: int, seconds: float) -> bool:
    """Tell whether all processes of a group end in time."""
    until_s = time.monotonic() + seconds
    while members(group) and time.monotonic() < until_s:
        time.sleep(0.02)
    return not members(group)


def digest_of(store: Path) -> str:
    """Return the digest of all results, after everything was verified."""
    return ResultStore.open(store, create=False).digest()


def units_of(store: Path) -> set[str]:
    """Return the names of the finished units."""
    return {path.name for path in (store / "cases").glob("*.unit")}


def parts(store: Path) -> list[str]:
    """Return the files that were being written, units and tables."""
    return [path.name for path in [*store.glob(".tmp-*"), *store.glob("*/.tmp-*")]]


def assert_only_whole_files(store: Path) -> None:
    """Whatever befell the sweep: a name stands for the whole content."""
    if (store / "cases").is_dir():
        assert ResultStore.open(store, create=False).check() == []


def assert_recovers(sweep: Sweep, store: Path, expected: str) -> dict[str, object]:
    """The sweep goes on, comes to the same results, and leaves nothing of what befell it."""
    done = sweep.run(store)
    assert done.returncode == 0, done.stderr
    assert digest_of(store) == expected
    assert left_over(store) == []
    said: dict[str, object] = json.loads(done.stdout)
    return said


def left_over(store: Path) -> list[str]:
    """Return what a finished sweep does not leave: parts of files, writers, claims."""
    found = parts(store)
    for folder in ("writers", "claims"):
        found += [path.name for path in (store / folder).iterdir()]
    return found
