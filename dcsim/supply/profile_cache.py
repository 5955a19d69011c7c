"""A few results kept by what they are a function of."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

from dcsim.clock import Floats


class ProfileCache:
    """Profiles by key; when it is full, the one unused longest goes.

    ``functools.lru_cache`` would also keep the weather a profile was made from, many times its
    size.
    """

    def __init__(self, n_kept: int) -> None:
        self._n_kept = n_kept
        self._kept: OrderedDict[Hashable, Floats] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], Floats]) -> Floats:
        """Return the profile of `key`, made by `make` if it is not there; it is read-only."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        made.setflags(write=False)
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > self._n_kept:
                self._kept.popitem(last=False)
        return made
