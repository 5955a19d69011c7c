"""Files of a store: written whole or not at all, read bounded and never through a link."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from dcsim.errors import OutputError, cut
from dcsim.results.run_folder import cannot_write

MAX_FILE_BYTES = 256 * 2**20
"""Largest file that is read; a unit takes a fifth of a megabyte."""
PART = ".tmp-"
"""Files that begin with this are being written: ``.tmp-WRITER-XXXXXXXX``."""
FOLDER_MODE = 0o700
FILE_MODE = 0o666
"""Before the umask, which is the user's to choose."""

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
# Without O_NONBLOCK, opening a pipe that was put in place of a file would wait for ever.
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

_FAULT_OF_THE_FILE = {
    errno.ENOENT: "is not there",
    errno.ELOOP: "is a symbolic link",
    errno.EACCES: "may not be read",
    errno.EPERM: "may not be read",
    errno.ENXIO: "is not a regular file",
}
"""Errors that condemn one file; all others, such as too many open files, are the system's."""


class DamagedError(OutputError):
    """A file of a store is not what was written there."""

    def __init__(self, key: str, path: Path, what: str) -> None:
        super().__init__(key, path, what)
        self.key = key
        """Name of the unit, or of the study whose manifest it is."""
        self.path = path
        self.what = what
        """What is wrong with it."""

    def __str__(self) -> str:
        return f"{cut(str(self.path), 400)}: is damaged: {self.what}"


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the system refuses into an `OutputError` that names the path."""
    try:
        yield
    except OSError as error:
        raise cannot_write(path, error) from None


@contextlib.contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what the system refuses into an `OutputError` that names the path."""
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise OutputError(f"{cut(str(path), 400)}: cannot be read: {reason}") from None


def read_file(path: Path, most: int = MAX_FILE_BYTES) -> bytes:
    """Return the content of a regular file.

    Raises
    ------
    ValueError
        Says what is wrong with the file: not there, a link, a folder, too large.
    OutputError
        If the system cannot read now.
    """
    with reading(path):
        try:
            descriptor = os.open(path, _READ)
        except OSError as error:
            if error.errno in _FAULT_OF_THE_FILE:
                raise ValueError(_FAULT_OF_THE_FILE[error.errno]) from None
            raise
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise ValueError("is not a regular file")
            if found.st_size > most:
                raise ValueError(f"is larger than {most} bytes")
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                return file.read(most)
        finally:
            os.close(descriptor)


def write_file(path: Path, content: bytes, writer: str) -> None:
    """Write a file so that its name stands for the whole content at every moment, or not at all.

    A file of that name is replaced. `writer` names who writes, so that what a killed writer left
    can be told from what a live one is about to finish.

    Raises
    ------
    OutputError
        If the system refuses; nothing is left behind then.
    """
    part = path.with_name(f"{PART}{writer}-{secrets.token_hex(4)}")
    with writing(path):
        # An interrupt may come between any two lines.
        try:
            descriptor = os.open(part, _CREATE, FILE_MODE)
            try:
                _write_all(descriptor, content)
                # Without it a crash of the machine may keep the name and lose the content.
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            part.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def _write_all(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def create_file(path: Path, content: bytes) -> bool:
    """Create a small advisory file; False if there is one of that name already."""
    with writing(path):
        try:
            descriptor = os.open(path, _CREATE, FILE_MODE)
        except FileExistsError:
            return False
        try:
            _write_all(descriptor, content)
        finally:
            os.close(descriptor)
    return True


def sync_folder(folder: Path) -> None:
    """Have the system write the names in a folder to the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network file systems know no fsync of a folder.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


def names_in(folder: Path) -> list[str]:
    """Return the names in a folder, none if it is not there, unsorted."""
    with reading(folder):
        try:
            with os.scandir(folder) as entries:
                return [entry.name for entry in entries]
        except FileNotFoundError:
            return []


def remove(path: Path) -> None:
    """Remove a file, a link (not what it points to) or an empty folder, if it is there."""
    with writing(path):
        try:
            path.unlink(missing_ok=True)
        except (IsADirectoryError, PermissionError):
            # Some systems say that unlinking a folder is not permitted.
            path.rmdir()
