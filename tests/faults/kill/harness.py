"""Sweeps that are killed, starved of disk and raced against each other, and what must be left.

A `Sweep` is a command that fills a store: the program's own, or a tiny one in which nothing but the
store takes time, so that every system call of it can be hit.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from dcsim.study.store import Store

ROOT = Path(__file__).parents[3]
HERE = Path(__file__).parent
STUDY = ROOT / "tests" / "faults" / "data" / "kill.yaml"
TIMEOUT_S = 120
CALLS = ("openat", "write", "fsync", "rename")
ERRORS = (
    ("write", "ENOSPC"),
    ("write", "EIO"),
    ("fsync", "EIO"),
    ("rename", "EXDEV"),
    ("openat", "EMFILE"),
    ("openat", "ENOSPC"),
)
"""What the system may say to which call."""
STRACE = shutil.which("strace")


@dataclass(frozen=True)
class Sweep:
    """A command that fills a store and can go on with one."""

    name: str
    command: tuple[str, ...]
    option: str = ""
    """Before the path of the store."""
    resume: str = ""
    """Said where the store is there already."""

    def argv(self, store: Path) -> list[str]:
        place = [self.option, str(store)] if self.option else [str(store)]
        again = [self.resume] if self.resume and store.is_dir() else []
        return [*self.command, *place, *again]

    def start(self, store: Path, *before: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*before, *self.argv(store)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            # With the same hash seed the calls come in the same order each time.
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"},
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


def tiny(seconds: float = 0.0) -> Sweep:
    """A sweep in which nothing but the store takes time."""
    command = (sys.executable, str(HERE / "tiny_sweep.py"))
    return Sweep("tiny", command) if not seconds else Sweep("tiny", _with_time(command, seconds))


def _with_time(command: tuple[str, ...], seconds: float) -> tuple[str, ...]:
    code = f"import sys; sys.argv.append('{seconds}'); sys.path.insert(0, {str(HERE)!r})"
    return (command[0], "-c", f"{code}; import tiny_sweep; tiny_sweep.main()")


def program(workers: int = 1, study: Path = STUDY) -> Sweep:
    """The sweep of the program itself."""
    command = (sys.executable, "-m", "dcsim", "sweep", str(study), "--json")
    workers_said = ("--workers", str(workers))
    return Sweep(f"dcsim-{workers}", (*command, *workers_said), "--store", "--resume")


def kill_group(process: subprocess.Popen[str]) -> None:
    """Kill a sweep and all it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=TIMEOUT_S)


def digest_of(store: Path) -> str:
    """The digest of all results, after everything was verified."""
    return Store.open(store, create=False).digest()


class Clean(NamedTuple):
    """A sweep that nothing befell."""

    digest: str
    seconds: float
    store: Path


def clean(sweep: Sweep, store: Path) -> Clean:
    """Run a sweep and let nothing befall it."""
    begun = time.monotonic()
    done = sweep.run(store)
    seconds = time.monotonic() - begun
    assert done.returncode == 0, done.stderr
    return Clean(digest_of(store), seconds, store)


def parts(store: Path) -> list[str]:
    """Files that were being written."""
    return [path.name for path in store.glob("*/.tmp-*")]


def assert_only_whole_files(store: Path) -> None:
    """Whatever befell the sweep: a name stands for the whole content."""
    if (store / "cases").is_dir():
        assert Store.open(store, create=False).check() == []


def assert_recovers(sweep: Sweep, store: Path, expected: str) -> None:
    """The sweep goes on, comes to the same results, and leaves nothing of what befell it."""
    done = sweep.run(store)
    assert done.returncode == 0, done.stderr
    assert digest_of(store) == expected
    assert parts(store) == []
    assert list((store / "writers").iterdir()) == []
    assert list((store / "claims").iterdir()) == []


def kill9(sweep: Sweep, folder: Path, *, kills: int, seed: int, clean_run: Clean) -> None:
    """K1: kill the sweep and all its processes at random moments, then let it finish."""
    luck = random.Random(seed)
    store = folder / f"store-{seed}"
    for _ in range(kills):
        process = sweep.start(store)
        time.sleep(luck.uniform(0, clean_run.seconds))
        kill_group(process)
        assert_only_whole_files(store)
        assert len(parts(store)) <= 1
    assert_recovers(sweep, store, clean_run.digest)
    shutil.rmtree(store)


def points(sweep: Sweep, store: Path, call: str) -> list[int]:
    """Which of all calls of one kind a clean sweep makes in its store, counted from 1."""
    log = store.with_suffix(".strace")
    assert STRACE is not None
    done = sweep.run(store, STRACE, "-f", "-y", "-e", f"trace={call}", "-o", str(log))
    assert done.returncode == 0, done.stderr
    main = None
    found, n = [], 0
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        thread, _, said = line.partition(" ")
        main = main or thread
        # Each thread has its own count; the first one writes to the store.
        if thread == main and re.match(rf"\s*{call}\(", said):
            n += 1
            if str(store) in said:
                found.append(n)
    shutil.rmtree(store)
    log.unlink()
    return found


def injected(sweep: Sweep, store: Path, call: str, effect: str):
    """Run a sweep in which something befalls a system call."""
    assert STRACE is not None
    expression = f"inject={call}:{effect}"
    return sweep.run(
        store, STRACE, "-f", "-qq", "-o", os.devnull, "-e", f"trace={call}", "-e", expression
    )


def can_inject(folder: Path) -> bool:
    """Whether this system lets one process tamper with another's calls."""
    if STRACE is None:
        return False
    file = folder / "tampered"
    command = [STRACE, "-qq", "-e", "trace=fsync", "-e", "inject=fsync:error=EIO", "-o", os.devnull]
    code = f"import os; os.fsync(os.open({str(file)!r}, os.O_CREAT | os.O_WRONLY))"
    done = subprocess.run([*command, sys.executable, "-c", code], capture_output=True, check=False)
    return done.returncode == 1 and b"Errno 5" in done.stderr


def kill_at(sweep: Sweep, folder: Path, call: str, n: int, expected: str) -> None:
    """K2: kill the sweep at its n-th call of one kind, then let it finish."""
    store = folder / f"{call}-{n}"
    done = injected(sweep, store, call, f"signal=SIGKILL:when={n}")
    assert done.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL), (n, done.stderr)
    assert_only_whole_files(store)
    assert len(parts(store)) <= 1
    assert_recovers(sweep, store, expected)
    shutil.rmtree(store)


def fail_at(sweep: Sweep, folder: Path, refusal: tuple[str, str], when: str, expected: str) -> int:
    """K3: let a call fail, once (``N``) or from then on (``N+``); return the exit code."""
    call, error = refusal
    store = folder / f"{call}-{error}-{when}"
    done = injected(sweep, store, call, f"error={error}:when={when}")
    assert "Traceback" not in done.stderr, done.stderr
    is_mute = call == "write" and when.endswith("+")
    assert done.returncode in (0, 3, 4) or is_mute, (when, done.returncode, done.stderr)
    if done.returncode == 4 and not is_mute:
        assert str(store) in done.stderr, done.stderr
        assert os.strerror(_NUMBER[error]) in done.stderr, done.stderr
    assert_only_whole_files(store)
    assert parts(store) == []
    assert_recovers(sweep, store, expected)
    shutil.rmtree(store)
    return done.returncode


_NUMBER = {"ENOSPC": 28, "EIO": 5, "EXDEV": 18, "EMFILE": 24}


def race(sweeps: list[Sweep], store: Path, expected: str) -> tuple[int, int]:
    """K7: let sweeps fill one store at once; return runs computed by all, and runs in the study."""
    running = [sweep.start(store) for sweep in sweeps]
    ended = [process.communicate(timeout=TIMEOUT_S) for process in running]
    assert [process.returncode for process in running] == [0] * len(sweeps), ended
    said = [json.loads(out) for out, _ in ended]
    assert digest_of(store) == expected
    assert parts(store) == []
    assert list((store / "writers").iterdir()) == []
    shutil.rmtree(store)
    return sum(one["computed"] for one in said), max(one["total"] for one in said)


def set_times(store: Path, moment: int) -> None:
    """Give every file of a store the same time."""
    for path in [store, *store.rglob("*")]:
        os.utime(path, (moment, moment))


def clock(sweep: Sweep, clean_run: Clean) -> Iterator[int]:
    """K12: play with the times of all files; yield how many runs were computed again."""
    for moment in (0, 4_102_444_800, 4_102_444_800):
        set_times(clean_run.store, moment)
        done = sweep.run(clean_run.store)
        assert done.returncode == 0, done.stderr
        assert digest_of(clean_run.store) == clean_run.digest
        yield json.loads(done.stdout)["computed"]
