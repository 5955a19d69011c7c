"""Claims on units: keys in, those that this process shall compute out.

Several processes may fill one store, from one machine or many. If two of them compute a unit, they
get the same unit twice, which costs time and harms nothing. So claims need not be certain; they
only have to make double work rare, and a claim of a dead process must not block a unit for ever.

A claim is a file ``KEY.N`` in the folder ``claims`` with the id of its writer. The claim with the
highest N counts. There is no lock: creating a file that must not exist yet succeeds for exactly one
process, on local and on network file systems.

Example: process A claims unit u by creating ``u.0`` and is killed. Processes B and C find ``u.0``,
see that A is dead (its lock is free), and both try to create ``u.1``. B succeeds, C fails and sees
that B is alive, so C leaves u to B. Deleting ``u.0`` instead would not be safe: C might delete it
after B has created it anew. B removes ``u.0`` and ``u.1`` when it has stored u.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from dcsim.study.store.files import names_in, remove
from dcsim.study.store.writers import Peers, Writer, signer


class ClaimResult(NamedTuple):
    """Answer to a request for units, each list in the order of the request."""

    mine: list[str]
    """Units that the caller has claimed and shall compute."""
    elsewhere: list[str]
    """Units that another process computes; to be requested again later."""
    stored: list[str]
    """Units that are finished by now."""


class Claims:
    """The claims of one writer in a store."""

    def __init__(
        self, folder: Path, writer: Writer, peers: Peers, is_stored: Callable[[str], bool]
    ) -> None:
        self._folder = folder
        self._writer = writer
        self._peers = peers
        self._is_stored = is_stored
        self._held: dict[str, int] = {}
        """N of the claims of this process, by key."""

    def take(self, keys: Iterable[str]) -> ClaimResult:
        """Claim units, without waiting for any.

        Parameters
        ----------
        keys : iterable of str
            Names of units, no more than are computed soon, so that other processes get theirs.

        Returns
        -------
        ClaimResult

        Raises
        ------
        OutputError
            If the store cannot be written.
        """
        self._writer.beat()
        result = ClaimResult([], [], [])
        for key in keys:
            if self._is_stored(key):
                result.stored.append(key)
            elif not self._claim(key):
                result.elsewhere.append(key)
            # Looked at again: its last owner may have stored it and released its claim between
            # the first look and our claim.
            elif self._is_stored(key):
                self.release(key)
                result.stored.append(key)
            else:
                result.mine.append(key)
        return result

    def _claim(self, key: str) -> bool:
        """Create the next claim on a unit; return False if a live writer has one."""
        if key in self._held:
            return True
        for number in itertools.count():
            path = self._folder / f"{key}.{number}"
            if self._writer.sign(path):
                self._held[key] = number
                return True
            if not self._is_void(path):
                return False
            # A void claim is left in place and the next number is tried.
        raise AssertionError  # the count has no end

    def _is_void(self, path: Path) -> bool:
        """Tell whether the writer of a claim is dead."""
        owner = signer(path)
        if owner is not None:
            return self._peers.are_dead(owner)
        # No name in it: its writer is about to put it in, or was killed before. Only time tells.
        return self._peers.is_stale(path)

    def beat(self) -> None:
        """Show that this process is alive, see `dcsim.study.store.writers.Writer.beat`."""
        self._writer.beat()

    def release(self, key: str) -> None:
        """Remove a claim, after its unit was stored or when it will not be computed."""
        # The lower numbers too: they belong to dead writers from which this claim was taken over.
        for number in range(self._held.pop(key, -1) + 1):
            remove(self._folder / f"{key}.{number}")

    def release_all(self) -> None:
        """Remove all claims of this process."""
        for key in list(self._held):
            self.release(key)

    def find_own(self) -> None:
        """Note the claims on the disk that an interrupt kept this process from noting."""
        for name in names_in(self._folder):
            key, _, number = name.rpartition(".")
            is_known = key in self._held or not number.isdecimal()
            if not is_known and signer(self._folder / name) == self._writer.id:
                self._held[key] = int(number)

    def clear(self) -> None:
        """Remove claims of dead writers on stored units; those on others are taken over in time."""
        for name in names_in(self._folder):
            key = name.rpartition(".")[0]
            if self._is_stored(key) and self._is_void(self._folder / name):
                remove(self._folder / name)
