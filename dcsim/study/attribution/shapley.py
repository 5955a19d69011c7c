"""Shapley values: the worth of sets of groups in, the share of each group in the change out.

The worth of a set of groups is the metric of the scenario that takes them from one side and all
others from the other. A group's share is the mean of what it adds over all orders in which groups
may change, so equal groups get equal shares, a group that changes nothing gets nothing, and the
shares add up to the whole change.

References
----------
L. S. Shapley, "A value for n-person games", Contributions to the Theory of Games II (1953) 307-317.
E. Song, B. L. Nelson and J. Staum, "Shapley effects for global sensitivity analysis", SIAM/ASA
Journal on Uncertainty Quantification 4 (2016) 1060-1083: shares from random orders.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from dcsim import streams
from dcsim.clock import Floats

Worth = Callable[[frozenset[int]], Floats]
"""From a set of groups to the metric of each run, shape ``(n_runs,)``."""
MOST_EXACT = 8
"""Groups up to which all orders are used: 2^8 sets."""
ROUNDING_FRAC = 1e-12


class Shares(NamedTuple):
    """Share of each group in a change, in order."""

    share: Floats
    """Mean over the runs, shape ``(n_groups,)``; they add up to the mean change."""
    error: Floats
    """Standard error of each, over runs and orders; zero where there is one run and all orders."""
    exact: bool
    """All orders were used, not a sample of them."""
    n_orders: int


def exact_shares(n_groups: int, worth: Worth) -> Shares:
    """Return the shares over all orders, from the worth of all sets.

    >>> shares = exact_shares(3, lambda held: np.array([float({0, 1} <= held)]))
    >>> shares.share  # two that are needed together, and one that does nothing
    array([0.5, 0.5, 0. ])
    """
    total = np.zeros((n_groups, worth(frozenset()).size))
    for group in range(n_groups):
        others = [other for other in range(n_groups) if other != group]
        for size in range(n_groups):
            weight = 1.0 / (n_groups * math.comb(n_groups - 1, size))
            for chosen in itertools.combinations(others, size):
                held = frozenset(chosen)
                total[group] += weight * (worth(held | {group}) - worth(held))
    return _whole_shares(total, worth, n_groups, math.factorial(n_groups), exact=True)


def sampled_shares(n_groups: int, worth: Worth, *, n_orders: int, seed: int) -> Shares:
    """Return the shares over some orders, each with its reverse.

    Parameters
    ----------
    n_groups : int
    worth : callable
        From a set of groups to the metric of each run.
    n_orders : int
        Orders, an even number; half of them are the others backwards.
    seed : int
        Selects the orders.

    Returns
    -------
    Shares
        Errors over the runs and over the pairs of orders.
    """
    n_runs = worth(frozenset()).size
    gains = np.zeros((n_orders, n_groups, n_runs))
    for pair in range(n_orders // 2):
        order = np.argsort(streams.uniforms(seed, "explain", "order", pair, n_groups))
        for place, one in enumerate((order.tolist(), order[::-1].tolist())):
            gains[2 * pair + place] = _gains(one, worth, n_runs)
    total = gains.mean(axis=0)
    pairs = gains.reshape(n_orders // 2, 2, n_groups, n_runs).mean(axis=(1, 3))
    spread = pairs.std(axis=0, ddof=1) / math.sqrt(len(pairs)) if len(pairs) > 1 else np.nan
    shares = _whole_shares(total, worth, n_groups, n_orders, exact=False)
    return shares._replace(error=np.sqrt(shares.error**2 + np.square(spread)))


def _gains(order: Sequence[int], worth: Worth, n_runs: int) -> Floats:
    found = np.zeros((len(order), n_runs))
    held: frozenset[int] = frozenset()
    for group in order:
        now = held | {group}
        found[group] = worth(now) - worth(held)
        held = now
    return found


def _whole_shares(
    total: Floats, worth: Worth, n_groups: int, n_orders: int, *, exact: bool
) -> Shares:
    n_runs = total.shape[1]
    share = np.array([math.fsum(row) / n_runs for row in total.tolist()])
    # Terms that cancel may leave a rest of rounding.
    share[np.abs(share) < ROUNDING_FRAC * np.abs(share).max(initial=0.0)] = 0.0
    whole = worth(frozenset(range(n_groups))) - worth(frozenset())
    # What rounding leaves goes to the largest, so that the parts add up to the whole exactly.
    if n_groups:
        largest = int(np.argmax(np.abs(share)))
        change = math.fsum(whole.tolist()) / n_runs
        share[largest] += change - math.fsum(share.tolist())
    error = np.zeros(n_groups)
    if n_runs > 1:
        error = total.std(axis=1, ddof=1) / math.sqrt(n_runs)
    return Shares(share, error, exact, n_orders)
