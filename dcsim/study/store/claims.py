"""Who works on what: advice that saves work, which nothing needs to be right.

Several sweeps may fill one store, from one machine or many. A unit that two of them compute is the
same unit twice, so a claim need not be certain; it need only make that rare.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from dcsim.study.store.files import names_in, remove
from dcsim.study.store.writers import Peers, Writer, signer


class ClaimResult(NamedTuple):
    """What came of asking for units, in the order of asking."""

    mine: list[str]
    """To be computed by who asked."""
    elsewhere: list[str]
    """Being computed by another; to be asked for again later."""
    stored: list[str]
    """Finished by now."""


class Claims:
    """The claims of one writer.

    A claim is a file ``KEY.N`` signed by its writer. Who finds that the writer of the
    highest N is dead makes ``KEY.N+1``; only one can, without any lock.
    """

    def __init__(
        self, folder: Path, writer: Writer, peers: Peers, is_stored: Callable[[str], bool]
    ) -> None:
        self._folder = folder
        self._writer = writer
        self._peers = peers
        self._is_stored = is_stored
        self._held: dict[str, int] = {}

    def take(self, keys: Iterable[str]) -> ClaimResult:
        """Claim units; never waits.

        Parameters
        ----------
        keys : iterable of str
            Names of units. Ask for as many as can be worked on soon, so that others get theirs.

        Raises
        ------
        OutputError
            If the store cannot be written.
        """
        self._writer.beat()
        taken = ClaimResult([], [], [])
        for key in keys:
            if self._is_stored(key):
                taken.stored.append(key)
            elif not self._claim(key):
                taken.elsewhere.append(key)
            # Its last owner may have finished it between the two looks.
            elif self._is_stored(key):
                self.release(key)
                taken.stored.append(key)
            else:
                taken.mine.append(key)
        return taken

    def _claim(self, key: str) -> bool:
        if key in self._held:
            return True
        for number in itertools.count():
            path = self._folder / f"{key}.{number}"
            if self._writer.sign(path):
                self._held[key] = number
                return True
            if not self._is_void(path):
                return False
        raise AssertionError  # the count has no end

    def _is_void(self, path: Path) -> bool:
        owner = signer(path)
        if owner is not None:
            return self._peers.are_dead(owner)
        # Its writer is just about to put its name in, or was killed before it did.
        return self._peers.is_stale(path)

    def beat(self) -> None:
        """Give a sign of life, see `dcsim.study.store.writers.Writer.beat`."""
        self._writer.beat()

    def release(self, key: str) -> None:
        """Give up a claim, after the unit was stored or when it will not be computed."""
        for number in range(self._held.pop(key, -1) + 1):
            remove(self._folder / f"{key}.{number}")

    def release_all(self) -> None:
        """Give up all claims."""
        for key in list(self._held):
            self.release(key)

    def find_own(self) -> None:
        """Take note of claims again that an interrupt came too early, or too late, to note."""
        for name in names_in(self._folder):
            key, _, number = name.rpartition(".")
            is_known = key in self._held or not number.isdecimal()
            if not is_known and signer(self._folder / name) == self._writer.id:
                self._held[key] = int(number)

    def clear(self) -> None:
        """Remove claims of dead writers on what is stored; the others are taken over in time."""
        for name in names_in(self._folder):
            key = name.rpartition(".")[0]
            if self._is_stored(key) and self._is_void(self._folder / name):
                remove(self._folder / name)
