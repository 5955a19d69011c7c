"""K2, K3: kill a sweep at a given system call, or let the system refuse that call."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import sweeps
from sweeps import Sweep

CALLS = ("openat", "write", "fsync", "rename", "link", "unlink")
ERRORS = (
    ("write", "ENOSPC"),
    ("fsync", "EIO"),
    ("rename", "EXDEV"),
    ("openat", "EMFILE"),
    ("openat", "ENOSPC"),
    ("write", "EIO"),
)
"""What the system may say to which call, the likely ones first."""
STRACE = shutil.which("strace")
FASTER = "--seccomp-bpf"
"""Other calls do not stop the process; signals are not injected then."""
_NUMBER = {"ENOSPC": 28, "EIO": 5, "EXDEV": 18, "EMFILE": 24}


def can_tamper(folder: Path) -> bool:
    """Whether this system lets one process tamper with another's calls."""
    if STRACE is None:
        return False
    file = folder / "tampered"
    command = [*_strace("fsync", os.devnull, FASTER), "-e", "inject=fsync:error=EIO"]
    code = f"import os; os.fsync(os.open({str(file)!r}, os.O_CREAT | os.O_WRONLY))"
    done = subprocess.run([*command, sys.executable, "-c", code], capture_output=True, check=False)
    return done.returncode == 1 and b"Errno 5" in done.stderr


def _strace(call: str, log: str, *options: str) -> list[str]:
    assert STRACE is not None
    return [STRACE, *options, "-f", "-qq", "-o", log, "-e", f"trace={call}"]


def points(sweep: Sweep, store: Path) -> dict[str, list[int]]:
    """Which of all calls of each kind a clean sweep makes in its store, counted from 1."""
    log = store.with_suffix(".strace")
    done = sweep.run(store, *_strace(",".join(CALLS), str(log), FASTER, "-y"))
    assert done.returncode == 0, done.stderr
    main = None
    found: dict[str, list[int]] = {call: [] for call in CALLS}
    count: Counter[str] = Counter()
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        thread, _, said = line.partition(" ")
        main = main or thread
        call = said.strip().partition("(")[0]
        # Each thread has its own count; the first one writes to the store.
        if thread == main and call in found:
            count[call] += 1
            if str(store) in said:
                found[call].append(count[call])
    shutil.rmtree(store)
    log.unlink()
    return found


def _tampered(sweep: Sweep, store: Path, call: str, effect: str, *options: str):
    before = _strace(call, os.devnull, *options)
    return sweep.run(store, *before, "-e", f"inject={call}:{effect}")


def kill_at(sweep: Sweep, folder: Path, call: str, n: int, expected: str) -> None:
    """K2: kill the sweep at its n-th call of one kind, then let it finish."""
    store = folder / f"{call}-{n}"
    done = _tampered(sweep, store, call, f"signal=SIGKILL:when={n}")
    assert done.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL), (n, done.stderr)
    sweeps.assert_only_whole_files(store)
    assert len(sweeps.parts(store)) <= 1
    sweeps.assert_recovers(sweep, store, expected)
    shutil.rmtree(store)


def fail_at(sweep: Sweep, folder: Path, refusal: tuple[str, str], when: str, expected: str) -> int:
    """K3: let a call fail, once (``N``) or from then on (``N+``); return the exit code."""
    call, error = refusal
    store = folder / f"{call}-{error}-{when}"
    done = _tampered(sweep, store, call, f"error={error}:when={when}", FASTER)
    assert "Traceback" not in done.stderr, done.stderr
    # Who cannot write cannot complain either; but he does not claim to have succeeded.
    is_mute = call == "write" and when.endswith("+")
    assert is_mute or done.returncode in (0, 3, 4), (when, done.returncode, done.stderr)
    assert not is_mute or done.returncode != 0
    if done.returncode == 4 and not is_mute:
        assert str(store) in done.stderr, done.stderr
        assert os.strerror(_NUMBER[error]) in done.stderr, done.stderr
    sweeps.assert_only_whole_files(store)
    assert sweeps.parts(store) == []
    sweeps.assert_recovers(sweep, store, expected)
    shutil.rmtree(store)
    return done.returncode
