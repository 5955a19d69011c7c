"""Files of a store: written whole or not at all, read bounded and never through a link.

A store may lie in a folder of a cluster where others write too, and may have been copied from
somebody else: its files are untrusted input. So they are opened without following links, refused if
they are not regular files, and read up to a limit.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from dcsim.errors import OutputError, cut
from dcsim.results.output_files import cannot_write

MAX_FILE_BYTES = 256 * 2**20
"""Largest file that is read; a usual unit takes a fifth of a megabyte. [B]"""
PART = ".tmp-"
"""Prefix of files that are being written: ``.tmp-WRITER-XXXXXXXX``."""
FOLDER_MODE = 0o700
"""Folders are private: whoever may write to a store could put results in."""
FILE_MODE = 0o666
"""Mode of files before the umask of the user applies."""

# O_EXCL: never write into a file that somebody else put there. O_CLOEXEC: worker processes must not
# inherit descriptors.
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
# O_NONBLOCK: opening a named pipe that stands in place of a file would otherwise wait for ever.
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

_FILE_FAULTS = {
    errno.ENOENT: "is not there",
    errno.ELOOP: "is a symbolic link",
    errno.EACCES: "may not be read",
    errno.EPERM: "may not be read",
    errno.ENXIO: "is not a regular file",
}
"""Errors that mean the file is damaged; all others, such as too many open files, say nothing about
it and must not lead to its removal."""


class DamagedError(OutputError):
    """A file of a store differs from what was written there."""

    def __init__(self, key: str, path: Path, reason: str) -> None:
        super().__init__(key, path, reason)
        self.key = key
        """Name of the unit, or of the study whose manifest it is."""
        self.path = path
        self.reason = reason
        """Fault of the file."""

    def __str__(self) -> str:
        return f"{cut(str(self.path), 400)}: is damaged: {self.reason}"


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn an OSError while writing into an `OutputError` that names the path."""
    try:
        yield
    except OSError as error:
        raise cannot_write(path, error) from None


@contextlib.contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn an OSError while reading into an `OutputError` that names the path."""
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise OutputError(f"{cut(str(path), 400)}: cannot be read: {reason}") from None


def read_file(path: Path, max_bytes: int = MAX_FILE_BYTES) -> bytes:
    """Return the content of a regular file.

    Raises
    ------
    ValueError
        With what is wrong with the file: not there, a link, a folder, too large.
    OutputError
        If the system cannot read now.
    """
    with reading(path):
        try:
            descriptor = os.open(path, _READ)
        except OSError as error:
            if error.errno in _FILE_FAULTS:
                raise ValueError(_FILE_FAULTS[error.errno]) from None
            raise
        try:
            # The opened file is judged, not the path, which may name another file by now.
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise ValueError("is not a regular file")
            if status.st_size > max_bytes:
                raise ValueError(f"is larger than {max_bytes} bytes")
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                return file.read(max_bytes)
        finally:
            os.close(descriptor)


def write_file(path: Path, content: bytes, writer: str) -> None:
    """Write a file so that its name stands for the whole content at every moment, or not at all.

    The steps are: create a part under a name of its own, write, sync the content, rename, sync the
    folder. A kill before the rename leaves the part, which no reader looks at; a kill after it
    leaves the file. See `dcsim.study.store.store` for all cases.

    Parameters
    ----------
    path : path
        A file of that name is replaced.
    content : bytes
    writer : str
        Id of the writing process. It is part of the temporary name, so that the part of a killed
        writer can be told from one that a live writer is about to finish.

    Raises
    ------
    OutputError
        If the system refuses; nothing is left behind then.
    """
    part = path.with_name(f"{PART}{writer}-{secrets.token_hex(4)}")
    with writing(path):
        # An interrupt may come between any two lines, so the part is removed for any exception.
        try:
            descriptor = os.open(part, _CREATE, FILE_MODE)
            try:
                _write_all(descriptor, content)
                # Before the rename: a file system may write a name to the disk before the content,
                # and a crash of the machine would then leave an empty file of the final name.
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            part.replace(path)  # atomic: readers see the old file or the new one
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
    """Create a small advisory file; return False if there is one of that name already.

    It is neither synced nor renamed into place: readers of advisory files must cope with partial
    content, and the exclusive creation of the final name is what they rely on.
    """
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
    """Sync the names in a folder to the disk, so that a rename survives a crash of the machine."""
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
    """Return the names in a folder, unsorted; none if it is not there."""
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
            # Linux reports a folder as IsADirectoryError, other systems as PermissionError.
            path.rmdir()
