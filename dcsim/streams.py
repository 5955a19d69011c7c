"""Random numbers by name: seed, thing, purpose and replication in, one stream of them out.

A new battery therefore never moves the draw of a transformer, and two scenarios are compared on
common random numbers.
Values come by inverse transform from raw words, so a stream gives the same numbers on every
platform and a longer draw begins with the shorter one.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray


def uniforms(seed: int, thing: str, purpose: str, replication: int, n: int) -> NDArray[np.float64]:
    """Return the first `n` numbers of a stream, each above 0 and below 1, shape ``(n,)``.

    Parameters
    ----------
    seed : int
        Seed of the scenario.
    thing : str
        Name of what the numbers are for, such as an asset.
    purpose : str
        Quantity that is drawn of it.
    replication : int
        Number of the replication.
    n : int
        How many; more begin with the same ones.

    Notes
    -----
    The key of the Philox generator [1]_ is a hash of the four names. The upper 53 bits of a word
    ``w`` give ``(w >> 11) 2**-53 + 2**-54``: the middle of its cell, so never 0 and never 1, which
    a quantile function could not take.

    References
    ----------
    .. [1] Salmon, Moraes, Dror and Shaw (2011), "Parallel random numbers: as easy as 1, 2, 3",
       SC '11.
    """
    text = "\x1f".join((str(seed), thing, purpose, str(replication)))
    key = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest(), "little")
    words = np.random.Philox(key=key).random_raw(n)
    return (np.asarray(words, dtype=np.uint64) >> np.uint64(11)).astype(
        np.float64
    ) * 2.0**-53 + 2.0**-54


def uniform(seed: int, thing: str, purpose: str, replication: int) -> float:
    """Return the first number of a stream.

    Parameters
    ----------
    seed : int
        Seed of the scenario.
    thing : str
        Name of what the number is for, such as an asset.
    purpose : str
        Quantity that is drawn of it.
    replication : int
        Number of the replication.

    Returns
    -------
    float
        Above 0 and below 1, equal to ``uniforms(..., n)[0]`` for every n.
    """
    return float(uniforms(seed, thing, purpose, replication, 1)[0])


def exponentials(u: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return exponential numbers of mean 1, ``-ln(1 - u)`` for uniform `u`."""
    return -np.log1p(-u)
