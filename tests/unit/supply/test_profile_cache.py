"""The cache of profiles: computed once, read-only, the one unused longest goes first."""

from __future__ import annotations

import numpy as np
import pytest

from dcsim.supply.profile_cache import ProfileCache


class Source:
    """Profiles by key, with the keys in the order they were computed."""

    def __init__(self, n_profiles: int) -> None:
        self.cache = ProfileCache(n_profiles)
        self.computed: list[int] = []

    def get(self, key: int) -> np.ndarray:
        def compute() -> np.ndarray:
            self.computed.append(key)
            return np.full(3, float(key))

        return self.cache.get(key, compute)


def test_a_profile_is_computed_once():
    source = Source(2)
    first = source.get(7)
    assert source.get(7) is first
    assert (first.tolist(), source.computed) == ([7.0, 7.0, 7.0], [7])


def test_the_profile_unused_longest_goes():
    source = Source(2)
    for key in (1, 2, 1, 3, 1, 2):
        source.get(key)
    assert source.computed == [1, 2, 3, 2]


def test_what_is_cached_cannot_be_changed():
    profile = Source(1).get(4)
    with pytest.raises(ValueError, match="read-only"):
        profile[0] = 1.0
