"""Random numbers by name: one stream for each (seed, thing, purpose, replication).

A new battery therefore never moves the draw of a transformer, and two scenarios meet the same luck.
Values come by inverse transform from raw words, so a stream gives the same numbers on every
platform and a longer draw begins with the shorter one.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray


def uniforms(seed: int, thing: str, purpose: str, replication: int, n: int) -> NDArray[np.float64]:
    """Return the first `n` numbers of a stream, each above 0 and below 1, shape ``(n,)``.

    The key of the Philox generator is a hash of the four names; 53 bits of each word are used.
    """
    text = "\x1f".join((str(seed), thing, purpose, str(replication)))
    key = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest(), "little")
    words = np.random.Philox(key=key).random_raw(n)
    return (np.asarray(words, dtype=np.uint64) >> np.uint64(11)).astype(
        np.float64
    ) * 2.0**-53 + 2.0**-54


def uniform(seed: int, thing: str, purpose: str, replication: int) -> float:
    """Return the first number of a stream."""
    return float(uniforms(seed, thing, purpose, replication, 1)[0])


def exponentials(u: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return exponential numbers of mean 1 for uniform `u`, by inverse transform."""
    return -np.log1p(-u)
