"""Files of untrusted input: a path in, its bytes out, if it is a regular file of bounded size.

A path of such a tree may lead to a pipe that nobody writes to, to a device that has no end, to a
sparse file larger than the disk, or into ``/proc``, where what claims to be an empty regular file
gives gigabytes or waits for ever. What it is shows before it is opened, and no more is read than
the file says it holds.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from dcsim.errors import DcsimError

# O_NONBLOCK: a pipe may have taken the place of the file since it was looked at.
_OPEN_UNTRUSTED = (
    os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
)


class FileRefusedError(DcsimError):
    """A file that is not read; its text says why, without the name of the file."""


def read_untrusted_file(path: Path, most_bytes: int) -> bytes:
    """Return the content of a regular file.

    Parameters
    ----------
    path : Path
        Links are followed; whether the end of them lies where it should is the caller's to say.
    most_bytes : int
        Size of the largest file that is read. [B]

    Raises
    ------
    FileRefusedError
        If it is not there, is no regular file, is too large or cannot be read.
    """
    try:
        if not _checked_size(path.stat(), most_bytes):
            return b""  # also what /proc says of its files, whatever a read of them would give
        descriptor = os.open(path, _OPEN_UNTRUSTED)
        with os.fdopen(descriptor, "rb") as file:
            # The opened file is judged again: the path may name another one by now.
            size = _checked_size(os.fstat(descriptor), most_bytes)
            return file.read(size)
    except (OSError, ValueError) as error:
        raise FileRefusedError(_refusal_reason(path, error)) from None


def refuse_unless_small(path: Path, most_bytes: int) -> int:
    """Return the size of a regular file, for those that hand its path to a library. [B]

    Parameters
    ----------
    path : Path
    most_bytes : int
        Size of the largest file that is accepted. [B]

    Raises
    ------
    FileRefusedError
        As `read_untrusted_file`.
    """
    try:
        str(path.absolute()).encode()  # libraries take text, the system any bytes
        return _checked_size(path.stat(), most_bytes)
    except UnicodeEncodeError:
        raise FileRefusedError("lies in a folder whose name is no UTF-8 text") from None
    except (OSError, ValueError) as error:
        raise FileRefusedError(_refusal_reason(path, error)) from None


def _checked_size(status: os.stat_result, most_bytes: int) -> int:
    if not stat.S_ISREG(status.st_mode):
        raise FileRefusedError("is not a file")
    if status.st_size > most_bytes:
        raise FileRefusedError(f"is larger than {most_bytes / (1 << 20):,.6g} MiB")
    return status.st_size


def _refusal_reason(path: Path, error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return "is not a file" if path.is_symlink() else "does not exist"
    if isinstance(error, OSError) and error.errno:
        return f"cannot be read: {os.strerror(error.errno)}"
    return "is not a file"  # such as a name that holds a zero byte
