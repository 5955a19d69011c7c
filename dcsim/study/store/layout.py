"""The folders of a store: created with it, and checked for safety whenever it is opened.

The checks keep others on the machine from planting results: a store is refused if its folder, or
one in it, belongs to another user, may be written by everyone, or is a link to somewhere else.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from dcsim.errors import OutputError, cut
from dcsim.results.output_files import make_default_folder, refuse_path_without_text
from dcsim.study.store.files import FOLDER_MODE, names_in, reading, sync_folder, writing

CASES, STUDIES, CLAIMS, WRITERS = "cases", "studies", "claims", "writers"
FOLDERS = (CASES, STUDIES, CLAIMS, WRITERS)


def make_store(path: Path) -> None:
    """Create the missing folders of a store; an empty folder may become one.

    Two processes may do this at the same time, hence ``exist_ok`` everywhere.

    Raises
    ------
    OutputError
        If the folder holds something else, cannot be written, or has a path that is no text.
    """
    refuse_path_without_text(path)
    make_default_folder(path)
    with writing(path):
        if not path.exists():
            path.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
            sync_folder(path.parent)
        _guard_folder(path, follow=True)
        # A folder with `cases` is a store already. One without it and with other files is likely a
        # mistyped path, such as a home folder, which must not be littered.
        missing = [name for name in FOLDERS if not os.path.lexists(path / name)]
        if CASES in missing and set(names_in(path)) - set(FOLDERS):
            raise OutputError(f"{cut(str(path), 400)}: is not empty and holds no store")
        for name in missing:
            (path / name).mkdir(mode=FOLDER_MODE, exist_ok=True)
        if missing:
            sync_folder(path)


def guard_store(path: Path) -> None:
    """Refuse a folder that is no store, or one into which others may have put files.

    Raises
    ------
    OutputError
        If there is no store, or its folder or one in it is a link, belongs to another user, or can
        be written by anyone.
    """
    shown = cut(str(path), 400)
    if not path.exists():
        raise OutputError(f"{shown}: there is no store of this name")
    _guard_folder(path, follow=True)
    if not os.path.lexists(path / CASES):
        raise OutputError(f"{shown}: is no store: it holds no folder {CASES!r}")
    for name in FOLDERS:
        if os.path.lexists(path / name):
            _guard_folder(path / name, follow=False)


def _guard_folder(folder: Path, *, follow: bool) -> None:
    with reading(folder):
        status = folder.stat(follow_symlinks=follow)
    shown = cut(str(folder), 400)
    if not stat.S_ISDIR(status.st_mode):
        raise OutputError(f"{shown}: is not a folder")
    if status.st_uid != os.geteuid():
        raise OutputError(f"{shown}: belongs to another user; copy it to use it")
    # The sticky bit, as on /tmp, keeps others from replacing files that are not theirs.
    if status.st_mode & stat.S_IWOTH and not status.st_mode & stat.S_ISVTX:
        raise OutputError(f"{shown}: anyone may write to it; take that right away first")
