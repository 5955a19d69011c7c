"""Files that a command writes: a path in, refused before the work or written whole after it.

What cannot be written in the end is known at the beginning: a folder in the place of the file, no
permission, a path that libraries cannot take since it is no text. Nothing is made before there is
something to write.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import sys
from pathlib import Path

from dcsim.errors import OutputError, cut


def cannot_write(folder: Path, error: OSError) -> OutputError:
    """Return the error for a folder that the system does not let us write."""
    reason = os.strerror(error.errno) if error.errno else str(error)
    return OutputError(f"{cut(str(folder), 200)}: cannot be written: {reason}")


def refuse_unwritable_file(path: Path | None) -> None:
    """Refuse a file that could not be written in the end; nothing is refused where there is none.

    Raises
    ------
    OutputError
        If it is a folder, if its folder cannot be made or written, or if its path is no text.
    """
    if path is None:
        return
    try:
        if path.is_dir():
            raise OutputError(f"{cut(str(path), 200)}: is a folder; name a file")
        if _is_special(path):
            return
    except OSError as error:
        raise cannot_write(path, error) from None
    refuse_unwritable_place(path)


def refuse_unwritable_place(path: Path) -> None:
    """Refuse a file or folder that cannot be made where it is named.

    Raises
    ------
    OutputError
        If the folder it lies in cannot be made or written, or its path is no text.
    """
    refuse_path_without_text(path)
    try:
        parent = path.absolute().parent
        while not parent.exists():
            parent = parent.parent
    except OSError as error:
        raise cannot_write(path, error) from None
    if not parent.is_dir():
        raise OutputError(f"{path}: cannot be written: {parent} is not a folder")
    if not os.access(parent, os.W_OK | os.X_OK):
        raise OutputError(f"{path}: cannot be written: no permission in {parent}")


def refuse_path_without_text(path: Path) -> None:
    """Refuse a path that is no text in the encoding of the file system.

    The system takes any bytes, DuckDB and JSON only text: a run was lost at its end for it.

    Raises
    ------
    OutputError
        If a part of it, or of the folder it is relative to, is no text.
    """
    for place in (path, path.absolute(), path.resolve()):
        text = str(place)
        try:
            text.encode()
        except UnicodeEncodeError:
            encoding = sys.getfilesystemencoding()
            hint = "" if encoding == "utf-8" else "set PYTHONUTF8=1 or "
            message = f"{cut(text, 200)}: the path is not {encoding.upper()} text"
            raise OutputError(f"{message}; {hint}name another one") from None


DEFAULT_FOLDER = Path("runs")
"""Folder in which commands put results if no other is named."""


def make_default_folder(path: Path) -> None:
    """Make the default folder of results, if `path` is to lie in it and it is not there.

    A file in it keeps git from adding results to a commit. A folder that somebody else made gets
    none.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    if DEFAULT_FOLDER not in path.parents or DEFAULT_FOLDER.exists():
        return
    write_output_file(DEFAULT_FOLDER / ".gitignore", b"# made by dcsim: results stay here\n*\n")


def write_output_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, with the folders it lies in.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    try:
        if _is_special(path):  # such as /dev/stdout, which must not be replaced
            path.write_bytes(content)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.part")
        try:
            with part.open("xb") as file:  # never through a link that somebody else put there
                file.write(content)
            part.replace(path)
        finally:
            with contextlib.suppress(OSError):
                part.unlink()
    except OSError as error:
        raise cannot_write(path, error) from None


def _is_special(path: Path) -> bool:
    """Return whether a path is a pipe or a device, which is written to and not replaced."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))
