"""The result store: finished units in, the same units out, verified, after any kill.

The folder of a store::

    STORE/
      cases/DIGEST.000001-000010.unit   a finished unit: replications 1 to 10 of a case
      studies/NAME.json                 manifest of a study; can be rebuilt from the units
      claims/DIGEST.000001-000010.0     a claim: some writer computes this unit now
      writers/HOST-PID-RANDOM           a process that writes; it holds a lock on this file
      cases/.tmp-WRITER-XXXXXXXX        a file that is being written

Only ``cases`` and ``studies`` hold results. ``claims`` and ``writers`` are advice between processes
that fill one store at the same time: without them, units would be computed twice, no more. Three
rules keep results safe:

- A name in ``cases`` stands for a whole file, because `dcsim.study.store.files.write_file` writes
  under a temporary name, syncs, and renames.
- Nothing is changed in place. A unit is replaced only if its file is damaged, or by one in which
  more replications finished.
- Every read verifies checksum, name, size and rows; no decision depends on the time of a file.

Worked example: what a kill leaves at each step of storing a unit.

=================================  ==================================================
killed after                       left behind
=================================  ==================================================
the claim                          the claim; its writer's lock is free, so the next
                                   process that wants the unit takes the claim over
some bytes of the temporary file   also a part; no reader looks at it, and the next
                                   writer that opens the store removes it
the sync of the content            the same, a part
the rename                         the unit. If the machine crashes now, the name may
                                   be lost and the unit is computed again; a name
                                   without content cannot be, as the sync came first
the sync of the folder             the unit, whatever happens to the machine, and the
                                   claim, which is removed by the next writer
=================================  ==================================================

>>> import tempfile
>>> import numpy as np
>>> from dcsim.study.records.case import Case
>>> from dcsim.study.records.rows import Rows, text_column, to_bytes
>>> unit = Unit(Case("base", {"site": "example"}), 1, 2)
>>> rows = Rows({
...     "replication": np.array([1.0, 2.0]),
...     "status": text_column(["ok", "failed"]),
...     "cause": text_column([None, "hall: too small"]),
... })
>>> with tempfile.TemporaryDirectory() as folder, ResultStore.open(folder, create=True) as store:
...     store.put(unit, to_bytes(rows), seconds=0.5)
...     store.put(unit, to_bytes(rows), seconds=0.7)
...     head = store.get(unit.key).head
...     (head.case, head.n_ok, head.n_failed, head.seconds)
'written'
'unchanged'
('base', 1, 1, 0.5)
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import weakref
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from dcsim.errors import OutputError
from dcsim.study.records.case import Unit, split_key
from dcsim.study.records.joined import joined, logical_digest
from dcsim.study.records.rows import Rows
from dcsim.study.records.unit_file import Head, Stored, pack, unpack, unpack_head
from dcsim.study.store.claims import Claims
from dcsim.study.store.damage import Damage, damage_named, damages_of
from dcsim.study.store.files import DamagedError, names_in, read_file, remove, write_file
from dcsim.study.store.layout import CASES, CLAIMS, STUDIES, WRITERS, guard_store, make_store
from dcsim.study.store.manifest import (
    STUDY_NAME,
    check_name,
    manifest_bytes,
    manifest_of,
    read_manifest,
)
from dcsim.study.store.writers import Peers, Writer

UNIT_SUFFIX, STUDY_SUFFIX = ".unit", ".json"
MAX_MANIFEST_BYTES = 64 * 2**20
NO_LAST = 10**9
"""A replication after every last one."""

PutStatus = Literal["written", "unchanged", "differs"]

_KEY = re.compile(r"[0-9a-f]{64}\.[0-9]{6,9}-[0-9]{6,9}", re.ASCII)


@dataclass
class ResultStore:
    """A folder of finished units; use `ResultStore.open`."""

    path: Path
    _ranges: dict[str, dict[str, tuple[int, int]]] = field(default_factory=dict, repr=False)
    _writer: Writer | None = field(default=None, init=False, repr=False)
    _peers: Peers = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._peers = Peers(self.path / WRITERS)

    @classmethod
    def open(cls, path: str | Path, *, create: bool) -> Self:
        """Open a store.

        Parameters
        ----------
        path : path
            Folder of the store.
        create : bool
            True creates it if it is not there, and makes sure at once that it can be written.
            False leaves it untouched until something is put into it.

        Raises
        ------
        OutputError
            If the folder is no store, is not safe, or cannot be read or written.
        """
        store = cls(Path(path))
        if create:
            make_store(store.path)
        guard_store(store.path)
        store.refresh()
        if create:
            store.enter()
        return store

    def enter(self) -> Writer:
        """Return this process as a writer; the first call removes what dead writers left."""
        if self._writer is None:
            make_store(self.path)
            writer = Writer(self.path / WRITERS)
            writer.enter()
            # For a store that is never closed. The callback must not refer to the store itself,
            # which would keep it alive.
            weakref.finalize(self, _leave_quietly, writer)
            self._writer = writer
            # After entering: parts of this process must not look like those of a dead writer.
            self._peers.clear(self.path / CASES, self.path / STUDIES, self.path)
            self.claims.clear()
        return self._writer

    @functools.cached_property
    def claims(self) -> Claims:
        """The claims of this process; the first access makes it a writer."""
        return Claims(self.path / CLAIMS, self.enter(), self._peers, self.has)

    def close(self) -> None:
        """Release all claims and leave as a writer.

        A process that ends without it does no harm: its lock is free then, and others see that.
        """
        if self._writer is not None:
            self.claims.release_all()
            self._writer.leave()
            self._writer = None
            del self.__dict__["claims"]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # An error while leaving must not hide the one that ended the block.
        with contextlib.suppress(OutputError) if error else contextlib.nullcontext():
            if error and self._writer is not None:
                # An interrupt may have come between the creation of a claim and the note of it.
                with contextlib.suppress(OutputError):
                    self.claims.find_own()
            self.close()

    def refresh(self) -> None:
        """Read again which units are there; this reads names only, no contents."""
        self._ranges.clear()
        for name in names_in(self.path / CASES):
            key = name.removesuffix(UNIT_SUFFIX)
            if key != name and _KEY.fullmatch(key):
                self._note(key)

    def _note(self, key: str) -> None:
        digest, first, last = split_key(key)
        if first <= last:
            self._ranges.setdefault(digest, {})[key] = (first, last)

    def keys(self) -> list[str]:
        """Return the names of all units, sorted, as of the last `refresh`."""
        return sorted(key for ranges in self._ranges.values() for key in ranges)

    def digests(self) -> list[str]:
        """Return the digests of all cases with at least one unit, sorted."""
        return sorted(self._ranges)

    def covered(self, digest: str) -> list[tuple[int, int]]:
        """Return the stored ranges of replications of a case, as of the last `refresh`."""
        return sorted(self._ranges.get(digest, {}).values())

    def has(self, key: str) -> bool:
        """Tell whether a unit is there now, without reading it."""
        return bool(_KEY.fullmatch(key)) and os.path.lexists(self._path(key))

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise ValueError(f"{key!r} names no unit")
        return self.path / CASES / f"{key}{UNIT_SUFFIX}"

    def put(self, unit: Unit, payload: bytes, *, seconds: float) -> PutStatus:
        """Store the results of a unit.

        Parameters
        ----------
        unit : Unit
        payload : bytes
            The rows of the unit, see `dcsim.study.records.rows.manifest_bytes`.
        seconds : float
            Time it took. [s]

        Returns
        -------
        {"written", "unchanged", "differs"}
            ``unchanged``: equal rows were there already. ``differs``: other rows were there, of
            which at least as many finished; they stay.

        Raises
        ------
        ValueError
            If the payload does not hold exactly the rows of that unit.
        OutputError
            If the system refuses; the store is as before then.
        """
        return self.put_file(unit.key, pack(unit, payload, seconds))

    def put_file(self, key: str, data: bytes) -> PutStatus:
        """Store a unit as the bytes of its file, see `put`; they are not verified here."""
        path = self._path(key)
        writer = self.enter()
        writer.beat()
        if self.has(key):
            try:
                there = self.get(key)
            except DamagedError:
                remove(path)  # a folder of that name cannot be replaced by renaming a file to it
            else:
                self._note(key)
                new, payload = unpack_head(key, data)
                if payload == there.payload:
                    return "unchanged"
                # Two processes may compute one unit, and one of them may have had less memory: the
                # unit with more finished replications wins, so the order of arrival does not count.
                if new.n_ok <= there.head.n_ok:
                    return "differs"
        write_file(path, data, writer.id)
        self._note(key)
        return "written"

    def get(self, key: str) -> Stored:
        """Return a unit, verified wholly.

        Raises
        ------
        DamagedError
            If its file is not what was written there.
        OutputError
            If it cannot be read, or is from a later version.
        """
        return self.get_file(key)[0]

    def get_file(self, key: str) -> tuple[Stored, bytes]:
        """Return a unit and the bytes of its file; raises as `get`."""
        path = self._path(key)
        with damage_named(key, path):
            data = read_file(path)
            return unpack(key, data), data

    def drop(self, key: str) -> None:
        """Remove a unit, so that it is computed again."""
        self.enter()
        remove(self._path(key))
        ranges = self._ranges.get(split_key(key)[0], {})
        ranges.pop(key, None)
        if not ranges:
            self._ranges.pop(split_key(key)[0], None)

    def check(self, keys: Iterable[str] | None = None) -> list[Damage]:
        """Verify units, by default all of them and all manifests; return the damaged files."""
        if keys is not None:
            return list(damages_of(self.get, keys))
        return [*damages_of(self.get, self.keys()), *self.check_manifests()]

    def check_manifests(self) -> list[Damage]:
        """Verify the manifests of all studies; return the damaged ones."""
        return list(damages_of(self.manifest, self.manifests()))

    def rows_of(self, digest: str, first: int = 0, last: int = NO_LAST) -> Rows:
        """Return the stored replications of a case in order, each once.

        Parameters
        ----------
        digest : str
            Digest of the case.
        first, last : int
            Range of replications; all by default.

        Returns
        -------
        Rows
            Those of the range that are stored.

        Raises
        ------
        DamagedError
            If the file of a unit is damaged.
        """
        ranges = self._ranges.get(digest, {})
        wanted = [key for key, (a, b) in ranges.items() if a <= last and b >= first]
        # The widest first. Units overlap if a study was cut in another way before; any fixed order
        # gives reproducible rows, and this one draws on the fewest units.
        wanted.sort(key=lambda key: (ranges[key][0] - ranges[key][1], key))
        return joined([self.get(key).rows for key in wanted], first, last)

    def heads(self) -> Iterator[Head]:
        """Yield the verified head of each unit, in order of their names."""
        for key in self.keys():
            path = self._path(key)
            with damage_named(key, path):
                head, _ = unpack_head(key, read_file(path))
            yield head

    def digest(self, cases: Iterable[str] | None = None) -> str:
        """Return a hash of the results of cases, by default all, see `logical_digest`."""
        selected = self.digests() if cases is None else sorted(set(cases))
        return logical_digest((digest, self.rows_of(digest)) for digest in selected)

    def _manifest_path(self, name: str) -> Path:
        return self.path / STUDIES / f"{check_name(name)}{STUDY_SUFFIX}"

    def remember(self, name: str, manifest: Mapping[str, Any]) -> None:
        """Write the manifest of a study, plain data for JSON, unless it is there already."""
        path = self._manifest_path(name)
        content = manifest_bytes(name, manifest)
        with contextlib.suppress(ValueError):
            if read_file(path, MAX_MANIFEST_BYTES) == content:
                return
        if path.is_dir() and not path.is_symlink():
            remove(path)
        write_file(path, content, self.enter().id)

    def manifest(self, name: str) -> dict[str, Any]:
        """Return the manifest of a study; raises as `get`."""
        path = self._manifest_path(name)
        with damage_named(name, path):
            return read_manifest(name, read_file(path, MAX_MANIFEST_BYTES))

    def manifests(self) -> list[str]:
        """Return the names of the studies that have a manifest, sorted."""
        names = names_in(self.path / STUDIES)
        stems = (name.removesuffix(STUDY_SUFFIX) for name in names if name.endswith(STUDY_SUFFIX))
        return sorted(name for name in stems if STUDY_NAME.fullmatch(name))

    def rebuild(self) -> dict[str, Any]:
        """Return a manifest of all units, in place of a lost one."""
        return manifest_of(self.heads())


def _leave_quietly(writer: Writer) -> None:
    with contextlib.suppress(OutputError):
        writer.leave()
