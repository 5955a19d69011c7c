"""Writers of a store: each process under an id, with a locked file that shows it is alive.

Two signs of life, because neither works everywhere:

- A lock (``flock``) on the writer's file. The system releases it when the process ends, however it
  ends, so on one machine a free lock proves that the writer is dead, at once.
- The time of the file, renewed every `BEAT_S`. Locks are not visible between machines on many
  network file systems; a writer of another machine is taken for dead if its time stands still for
  `STALE_S`. The time is only compared with itself: clocks of two machines may differ.

Example: three processes fill a store, A and B on this machine, C on another. A is killed: B finds
A's lock free, removes A's file and takes its claims over. C's machine loses power: B sees the time
of C's file unchanged for a minute by B's own clock, removes the file and takes over C's claims. If
C was only cut off and comes back, both compute a unit; equal results make that harmless.
"""

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

from dcsim.results.output_files import cannot_write
from dcsim.study.store.files import PART, create_file, names_in, read_file, remove

STALE_S = 60.0
"""Time without a sign of life after which a writer is taken for dead. [s]"""
BEAT_S = 10.0
"""Least time between two signs of life; each is a write to the file system. [s]"""

WRITER_NAME = re.compile(r"[0-9a-f]{12}-[0-9]{1,10}-[0-9a-f]{8}", re.ASCII)

"""Host mark, process number, random digits."""

_MAX_CARD_BYTES = 4096

_locks: set[int] = set()
"""Descriptors of the locked files of this process."""


def _forget_locks() -> None:
    """Close the descriptors of locks in a forked child.

    A lock lasts until every copy of its descriptor is closed: a child that outlives its killed
    parent would make it look alive.
    """
    while _locks:
        with contextlib.suppress(OSError):
            os.close(_locks.pop())


os.register_at_fork(after_in_child=_forget_locks)


def this_host() -> str:
    """Return a mark of this boot of this machine; processes with equal marks share their locks."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
    except OSError:
        boot = socket.gethostname()
    return hashlib.sha256(boot.strip().encode()).hexdigest()[:12]


class Writer:
    """A process that writes to a store: a file of its id in `writers`, which it holds locked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.id = ""
        """Id of the writer once it has entered, see `WRITER_NAME`."""
        self._lock: int | None = None
        self._beat_s = time.monotonic()

    def enter(self) -> None:
        """Create and lock the file; raises OutputError if the store cannot be written."""
        while not self._entered():
            pass

    def _entered(self) -> bool:
        """Try to enter under a new id; return False if the file was removed meanwhile."""
        self.id = f"{this_host()}-{os.getpid()}-{secrets.token_hex(4)}"
        path = self.path
        create_file(path, self._card())
        # Until it is locked, another process may take the file for that of a dead writer.
        try:
            lock = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise cannot_write(path, error) from None
        _locks.add(lock)
        self._lock = lock
        # A file system without locks refuses; then the time of the file must do.
        with contextlib.suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX)
        # Between opening and lock, another process may have found the lock free and removed the
        # file. It locks before it removes, so now it is known.
        if path.exists():
            return True
        self._unlock()
        return False

    @property
    def path(self) -> Path:
        """File of this writer."""
        return self.folder / self.id

    def _card(self) -> bytes:
        """Return the content of the file: the id, and what helps people find the process."""
        card = {"id": self.id, "host": socket.gethostname(), "pid": os.getpid()}
        return json.dumps({**card, "start": time.time()}).encode()

    def sign(self, path: Path) -> bool:
        """Create a file that names this writer; return False if the file exists already."""
        try:
            # A hard link to the file of this writer appears together with its content. Creating a
            # file takes two steps, and a kill between them leaves a claim without a name, which
            # others can only judge after `STALE_S`.
            os.link(self.path, path)
        except FileExistsError:
            return False
        except OSError:  # a file system without hard links
            return create_file(path, self._card())
        return True

    def beat(self) -> None:
        """Renew the time of the file if `BEAT_S` have passed; cheap enough for any loop."""
        now_s = time.monotonic()
        if self._lock is not None and now_s - self._beat_s > BEAT_S:
            self._beat_s = now_s
            with contextlib.suppress(OSError):
                os.utime(self._lock)

    def leave(self) -> None:
        """Remove the file, unless this is a forked child, whose parent still needs it."""
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
    """Return the id of the writer that signed a file; None if it holds no valid one."""
    try:
        name = json.loads(read_file(path, _MAX_CARD_BYTES))["id"]
    except (ValueError, KeyError, TypeError):
        return None
    return name if isinstance(name, str) and WRITER_NAME.fullmatch(name) else None


class Peers:
    """The other writers of a store, as far as this process has observed them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._seen: dict[Path, tuple[int, float]] = {}
        """Last time of each file, and when it was seen first by the clock of this process."""

    def are_dead(self, writer: str) -> bool:
        """Tell whether a writer has left, was killed, or gave no sign of life for `STALE_S`.

        The file of a writer that is certainly dead is removed.
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
            # A stale writer of this machine that holds its lock is alive, perhaps stopped in a
            # debugger: its claims may be taken over, its file stays.
            if (local and _try_lock(lock)) or (stale and not local):
                # While the lock is held: `Writer._entered` finds the file gone and tries again.
                remove(path)
                return True
            return stale
        finally:
            os.close(lock)

    def is_stale(self, path: Path) -> bool:
        """Tell whether the time of a file has not changed for `STALE_S` while this process watched.

        It is never compared with a clock, as those of two machines need not agree.
        """
        now_s = time.monotonic()
        try:
            mark = path.stat(follow_symlinks=False).st_mtime_ns
        except OSError:
            return True
        seen, since_s = self._seen.get(path, (None, now_s))
        if seen != mark:
            self._seen[path] = (mark, now_s)
            return False
        return now_s - since_s > STALE_S

    def clear(self, *folders: Path) -> None:
        """Remove the files of dead writers, and the unfinished parts that they left in folders."""
        for name in names_in(self.folder):
            if WRITER_NAME.fullmatch(name):
                self.are_dead(name)
        for folder in folders:
            # Parts first, then the living: a writer enters before it writes a part, so a part seen
            # now whose writer is not there later belongs to a dead one. In the other order, a
            # writer could enter and begin a part between the two looks.
            parts = [name for name in names_in(folder) if name.startswith(PART)]
            alive = set(names_in(self.folder)) if parts else set()
            for name in parts:
                if name.removeprefix(PART).rpartition("-")[0] not in alive:
                    remove(folder / name)


def _try_lock(lock: int) -> bool:
    """Take the lock of an open file if it is free; a shared one suffices to find that out."""
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
