"""Who writes to a store: each process under its name, locked as long as it lives."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import secrets
import socket
import time
from pathlib import Path

from dcsim.study.store.files import PART, create_file, names_in, read_file, remove, writing

STALE_S = 60.0
"""A writer that gave no sign of life for so long is taken for dead. [s]"""
BEAT_S = 10.0
"""A writer gives a sign of life at most so often. [s]"""

WRITER_NAME = re.compile(r"[0-9a-f]{12}-[0-9]{1,10}-[0-9a-f]{8}", re.ASCII)

_MAX_CARD = 4096

_locks: set[int] = set()


def _forget_locks() -> None:
    """Close, in a forked child, what would keep its parent's locks after the parent's death."""
    while _locks:
        with contextlib.suppress(OSError):
            os.close(_locks.pop())


os.register_at_fork(after_in_child=_forget_locks)


def this_host() -> str:
    """Return a mark that all have in common who see each other's locks: this boot of a machine."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
    except OSError:
        boot = socket.gethostname()
    return hashlib.sha256(boot.strip().encode()).hexdigest()[:12]


class Writer:
    """A process that writes, namely the one it is made in: it holds a file of its name locked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.id = ""
        """Its name once it has entered: machine, process, chance."""
        self._lock: int | None = None
        self._beaten = time.monotonic()

    def enter(self) -> None:
        """Put up the file; raises OutputError if the store cannot be written."""
        while not self._entered():
            pass

    def _entered(self) -> bool:
        self.id = f"{this_host()}-{os.getpid()}-{secrets.token_hex(4)}"
        path = self.path
        create_file(path, self._card())
        with writing(path):
            lock = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        _locks.add(lock)
        self._lock = lock
        # Where a file system knows no locks, the signs of life must do.
        with contextlib.suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX)
        # Before it was locked, another may have taken the file for that of a dead writer.
        if path.exists():
            return True
        self._unlock()
        return False

    @property
    def path(self) -> Path:
        """Its file."""
        return self.folder / self.id

    def _card(self) -> bytes:
        said = {"id": self.id, "host": socket.gethostname(), "pid": os.getpid()}
        return json.dumps({**said, "start": time.time()}).encode()

    def sign(self, path: Path) -> bool:
        """Create a file that names this writer; False if there is one of that name already."""
        try:
            # A link is there with all that is in it, or not at all: a writer that is killed just
            # now leaves no nameless claim for which others would have to wait.
            os.link(self.path, path)
        except FileExistsError:
            return False
        except OSError:
            return create_file(path, self._card())
        return True

    def beat(self) -> None:
        """Give a sign of life; cheap, to be called in every round of a waiting loop."""
        now = time.monotonic()
        if self._lock is not None and now - self._beaten > BEAT_S:
            self._beaten = now
            with contextlib.suppress(OSError):
                os.utime(self._lock)

    def leave(self) -> None:
        """Take the file down, unless this is a forked child, whose parent still needs it."""
        if self._lock in _locks:
            try:
                remove(self.path)
            finally:
                self._unlock()

    def _unlock(self) -> None:
        if self._lock in _locks:
            _locks.discard(self._lock)
            os.close(self._lock)
        self._lock = None


def signer(path: Path) -> str | None:
    """Return the name of the writer that signed a file, if that can be read."""
    try:
        name = json.loads(read_file(path, _MAX_CARD))["id"]
    except (ValueError, KeyError, TypeError):
        return None
    return name if isinstance(name, str) and WRITER_NAME.fullmatch(name) else None


class Peers:
    """What this process knows of the other writers of a store."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._seen: dict[Path, tuple[int, float]] = {}

    def are_dead(self, writer: str) -> bool:
        """Tell whether a writer has left, was killed, or gave no sign of life for long.

        What is certain to be the file of a dead one is removed.
        """
        path = self.folder / writer
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            lock = os.open(path, flags)
        except FileNotFoundError:
            return True
        except OSError:
            return self.is_stale(path)
        try:
            local = writer.startswith(f"{this_host()}-")
            stale = self.is_stale(path)
            if (local and _free(lock)) or (stale and not local):
                # Still under the lock, so that nobody enters under this name meanwhile.
                remove(path)
                return True
            return stale
        finally:
            os.close(lock)

    def is_stale(self, path: Path) -> bool:
        """Tell whether a file's time has stood still while this process watched it for long.

        The time is never compared with a clock: those of two machines need not agree.
        """
        now = time.monotonic()
        try:
            mark = path.stat(follow_symlinks=False).st_mtime_ns
        except OSError:
            return True
        seen, since = self._seen.get(path, (None, now))
        if seen != mark:
            self._seen[path] = (mark, now)
            return False
        return now - since > STALE_S

    def clear(self, *folders: Path) -> None:
        """Remove what dead writers left: their own files, and those they were about to finish."""
        for name in names_in(self.folder):
            if WRITER_NAME.fullmatch(name):
                self.are_dead(name)
        for folder in folders:
            # First the parts, then who is alive: a part seen without its writer is a dead one's.
            parts = [name for name in names_in(folder) if name.startswith(PART)]
            alive = set(names_in(self.folder)) if parts else set()
            for name in parts:
                if name.removeprefix(PART).rpartition("-")[0] not in alive:
                    remove(folder / name)


def _free(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
