"""Profile cache: hourly profiles held in memory by what they are a function of."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

from dcsim.clock import Floats
from dcsim.log import logger_of

_LOG = logger_of(__name__)


class ProfileCache:
    """Cache of profiles by key; when it is full, the one unused longest goes.

    ``functools.lru_cache`` would also hold the weather a profile was computed from, many times its
    size.
    """

    def __init__(self, n_profiles: int) -> None:
        self._n_profiles = n_profiles
        self._profiles: OrderedDict[Hashable, Floats] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, compute: Callable[[], Floats]) -> Floats:
        """Return the profile of `key`, by `compute` if it is not in the cache; it is read-only."""
        with self._lock:
            if key in self._profiles:
                _LOG.debug("a profile is in the profile cache, which holds %d", len(self._profiles))
                self._profiles.move_to_end(key)
                return self._profiles[key]
        # Outside the lock: two threads may compute the same profile, which costs only time.
        _LOG.debug("a profile is computed")
        profile = compute()
        profile.setflags(write=False)
        with self._lock:
            self._profiles[key] = profile
            while len(self._profiles) > self._n_profiles:
                self._profiles.popitem(last=False)
        return profile
