"""Stores for the length of a call: a folder or none in, an open store out."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from dcsim.errors import OutputError
from dcsim.limits import path_from
from dcsim.study.store.store import ResultStore


@contextlib.contextmanager
def store_at(folder: str | os.PathLike[str] | None) -> Iterator[ResultStore]:
    """Open the store in a folder, or a temporary one that is removed afterwards.

    Parameters
    ----------
    folder : str or Path, optional
        Created if it is not there; what is finished stays in it. None takes a temporary folder.

    Yields
    ------
    ResultStore

    Raises
    ------
    OutputError
        If the folder is no store, is not safe, or cannot be read or written.

    Examples
    --------
    >>> with store_at(None) as store:
    ...     folder = store.path
    >>> folder.exists()
    False
    """
    if folder is not None:
        with ResultStore.open(path_from(folder, "store"), create=True) as store:
            yield store
        return
    try:
        place = tempfile.TemporaryDirectory(prefix="dcsim-store-", ignore_cleanup_errors=True)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise OutputError(f"temporary files cannot be written: {reason}") from None
    with place, ResultStore.open(Path(place.name) / "store", create=True) as store:
        yield store
