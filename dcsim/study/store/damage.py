"""Damage of stores: errors of readers in, the damaged files with their reasons out."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from dcsim.errors import OutputError, cut
from dcsim.study.records.unit_file import NewerFormatError
from dcsim.study.store.files import DamagedError


class Damage(NamedTuple):
    """A damaged file of a store."""

    key: str
    """Name of the unit, or of the study whose manifest it is."""
    path: Path
    reason: str
    """Fault of the file."""


@contextlib.contextmanager
def damage_named(key: str, path: Path) -> Iterator[None]:
    """Turn the ValueError of a reader into a `DamagedError` with key and path of the file.

    A file of a later format is whole, so it is an error of the installation and not damage: damaged
    units are dropped and computed again, which must not happen to it.
    """
    try:
        yield
    except NewerFormatError as error:
        raise OutputError(f"{cut(str(path), 400)}: {error}; use a later dcsim") from None
    except ValueError as error:
        raise DamagedError(key, path, str(error)) from None


def damages_of(read: Callable[[str], object], names: Iterable[str]) -> Iterator[Damage]:
    """Read files by their names and yield the damaged ones."""
    for name in names:
        try:
            read(name)
        except DamagedError as error:
            yield Damage(error.key, error.path, error.reason)
