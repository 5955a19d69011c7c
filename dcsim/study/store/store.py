"""The store of a study: finished units in files, whole and verified, and what may be lost.

``cases/`` holds one file a finished unit, ``studies/`` what each study consists of, which can be
made again from the units; ``claims/`` and ``writers/`` are advice between sweeps that run at the
same time. Nothing is ever changed in place, and no file's time says anything.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, NamedTuple, Self

from dcsim.errors import OutputError, cut
from dcsim.study.records.case import Unit, split_key
from dcsim.study.records.joined import joined, logical_digest
from dcsim.study.records.rows import Rows
from dcsim.study.records.unit_file import Head, NewerFormatError, Stored, pack, unpack, unpack_head
from dcsim.study.store import manifest as manifests_
from dcsim.study.store.claims import Claims
from dcsim.study.store.files import DamagedError, names_in, read_file, remove, write_file
from dcsim.study.store.layout import CASES, CLAIMS, STUDIES, WRITERS, guard_store, make_store
from dcsim.study.store.writers import Peers, Writer

UNIT_SUFFIX, STUDY_SUFFIX = ".unit", ".json"
MAX_MANIFEST = 64 * 2**20
NO_LAST = 10**9

Put = Literal["written", "kept", "differs"]

_KEY = re.compile(r"[0-9a-f]{64}\.[0-9]{6,9}-[0-9]{6,9}", re.ASCII)


class Damage(NamedTuple):
    """What is wrong with which file of a store."""

    key: str
    """Name of the unit, or of the study whose manifest it is."""
    path: Path
    what: str


class MergeReport(NamedTuple):
    """What came of taking the results of another store over."""

    copied: int
    """Units that were not there."""
    kept: int
    """Units that were there already."""
    differing: list[str]
    """Names of what both stores hold, but not alike; what was there is kept."""
    damaged: list[Damage]
    """Files of the other store that were left out."""


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
        create : bool
            Make it if it is not there, and make sure at once that it can be written. Without, it
            is only read until something is put into it.

        Raises
        ------
        OutputError
            If it is no store, is not safe, cannot be read, or shall and cannot be written.
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
        """Return this process as a writer; the first time, what dead ones left is cleared up."""
        if self._writer is None:
            make_store(self.path)
            writer = Writer(self.path / WRITERS)
            writer.enter()
            weakref.finalize(self, _leave, writer)
            self._writer = writer
            self._peers.clear(self.path / CASES, self.path / STUDIES, self.path)
            self.claims.clear()
        return self._writer

    @functools.cached_property
    def claims(self) -> Claims:
        """Who works on what; asking for it makes this process a writer."""
        return Claims(self.path / CLAIMS, self.enter(), self._peers, self.has)

    def close(self) -> None:
        """Give up all claims and leave; at the end of the process, others see that anyway."""
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
        # It is the first error that is to be told.
        with contextlib.suppress(OutputError) if error else contextlib.nullcontext():
            if error and self._writer is not None:
                with contextlib.suppress(OutputError):
                    self.claims.find_own()
            self.close()

    def refresh(self) -> None:
        """Look again at what is there; reads names only."""
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
        """Return the names of all units that are there, sorted, as of the last look."""
        return sorted(key for ranges in self._ranges.values() for key in ranges)

    def digests(self) -> list[str]:
        """Return the digests of all cases of which something is there, sorted."""
        return sorted(self._ranges)

    def covered(self, digest: str) -> list[tuple[int, int]]:
        """Return the ranges of replications of a case that are there, as of the last look."""
        return sorted(self._ranges.get(digest, {}).values())

    def has(self, key: str) -> bool:
        """Tell whether a unit is there now."""
        return bool(_KEY.fullmatch(key)) and os.path.lexists(self._path(key))

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise ValueError(f"{key!r} names no unit")
        return self.path / CASES / f"{key}{UNIT_SUFFIX}"

    def put(self, unit: Unit, payload: bytes, *, seconds: float) -> Put:
        """Store the results of a unit.

        Parameters
        ----------
        unit : Unit
        payload : bytes
            Its rows, see `dcsim.study.records.rows.to_bytes`.
        seconds : float
            Time it took. [s]

        Returns
        -------
        {"written", "kept", "differs"}
            ``kept``: the same rows were there already. ``differs``: other rows were there of which
            at least as many finished; they stay.

        Raises
        ------
        ValueError
            If the payload does not hold just the rows of that unit.
        OutputError
            If the system refuses; the store is as before then.
        """
        return self._place(unit.key, pack(unit, payload, seconds))

    def _place(self, key: str, data: bytes) -> Put:
        path = self._path(key)
        writer = self.enter()
        writer.beat()
        if self.has(key):
            try:
                there = self.get(key)
            except DamagedError:
                remove(path)  # a folder would be in the way
            else:
                self._note(key)
                new, payload = unpack_head(key, data)
                if payload == there.payload:
                    return "kept"
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
        return self._verified(key)[0]

    def _verified(self, key: str) -> tuple[Stored, bytes]:
        """Return a unit and the bytes of its file."""
        path = self._path(key)
        with _judging(key, path):
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
        """Verify units, by default all that are there and all manifests; name what is damaged."""
        if keys is not None:
            return list(_damages(self.get, keys))
        return [*_damages(self.get, self.keys()), *_damages(self.manifest, self.manifests())]

    def rows_of(self, digest: str, first: int = 0, last: int = NO_LAST) -> Rows:
        """Return replications of a case in their order, each once, as far as they are there.

        Parameters
        ----------
        digest : str
            Of the case.
        first, last : int
            The replications wanted; all by default.

        Raises
        ------
        DamagedError
            If a unit is not what was written.
        """
        ranges = self._ranges.get(digest, {})
        wanted = [key for key, (a, b) in ranges.items() if a <= last and b >= first]
        # The widest first: where units overlap, the fewest of them count.
        wanted.sort(key=lambda key: (ranges[key][0] - ranges[key][1], key))
        return joined([self.get(key).rows for key in wanted], first, last)

    def heads(self) -> Iterator[Head]:
        """Yield what each unit says of itself, verified, in order of their names."""
        for key in self.keys():
            path = self._path(key)
            with _judging(key, path):
                head, _ = unpack_head(key, read_file(path))
            yield head

    def digest(self, cases: Iterable[str] | None = None) -> str:
        """Return a hash of the results of cases, by default all, see `logical_digest`."""
        chosen = self.digests() if cases is None else sorted(set(cases))
        return logical_digest((digest, self.rows_of(digest)) for digest in chosen)

    def _study(self, name: str) -> Path:
        return self.path / STUDIES / f"{manifests_.check_name(name)}{STUDY_SUFFIX}"

    def remember(self, name: str, manifest: Mapping[str, Any]) -> None:
        """Write what a study consists of; `manifest` is plain data for JSON."""
        path = self._study(name)
        content = manifests_.to_bytes(name, manifest)
        with contextlib.suppress(ValueError):
            if read_file(path, MAX_MANIFEST) == content:
                return
        if path.is_dir() and not path.is_symlink():
            remove(path)
        write_file(path, content, self.enter().id)

    def manifest(self, name: str) -> dict[str, Any]:
        """Return what a study consists of; raises as `get`."""
        path = self._study(name)
        with _judging(name, path):
            return manifests_.from_bytes(name, read_file(path, MAX_MANIFEST))

    def manifests(self) -> list[str]:
        """Return the names of the studies that are known, sorted."""
        names = names_in(self.path / STUDIES)
        found = (name.removesuffix(STUDY_SUFFIX) for name in names if name.endswith(STUDY_SUFFIX))
        return sorted(name for name in found if manifests_.STUDY_NAME.fullmatch(name))

    def rebuild(self) -> dict[str, Any]:
        """Return a manifest of all that is there, for when that of the study is lost."""
        return manifests_.manifest_of(self.heads())

    def merge(self, other: ResultStore) -> MergeReport:
        """Take over what another store holds and this one does not; each unit is verified."""
        done: dict[str, list[str]] = {"written": [], "kept": [], "differs": []}
        damaged: list[Damage] = []
        for key in other.keys():  # noqa: SIM118  (a store is no mapping)
            try:
                done[self._place(key, other._verified(key)[1])].append(key)
            except DamagedError as error:
                damaged.append(Damage(error.key, error.path, error.what))
        for name in other.manifests():
            try:
                theirs = other.manifest(name)
            except DamagedError as error:
                damaged.append(Damage(error.key, error.path, error.what))
            else:
                done["differs"] += self._merge_manifest(name, theirs)
        return MergeReport(len(done["written"]), len(done["kept"]), done["differs"], damaged)

    def _merge_manifest(self, name: str, theirs: Mapping[str, Any]) -> list[str]:
        try:
            ours = self.manifest(name)
        except DamagedError:  # or it is not there
            self.remember(name, theirs)
            return []
        return [] if ours == theirs else [name]


def _leave(writer: Writer) -> None:
    with contextlib.suppress(OutputError):
        writer.leave()


@contextlib.contextmanager
def _judging(key: str, path: Path) -> Iterator[None]:
    """Turn what is wrong with a file into a `DamagedError`, unless it is only too new."""
    try:
        yield
    except NewerFormatError as error:
        raise OutputError(f"{cut(str(path), 400)}: {error}; use a later dcsim") from None
    except ValueError as error:
        raise DamagedError(key, path, str(error)) from None


def _damages(read: Callable[[str], object], names: Iterable[str]) -> Iterator[Damage]:
    for name in names:
        try:
            read(name)
        except DamagedError as error:
            yield Damage(error.key, error.path, error.what)
