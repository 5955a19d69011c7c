"""Patient rule induction method (PRIM): points and hits in, the box in which hits gather out.

After Friedman and Fisher [1]_: slices are peeled off a box a few runs at a time, then bounds are
pasted outwards again. Of the boxes on the way, the one of the largest weighted relative accuracy is
kept [2]_: its share of the runs times the surplus of its hit rate over that of all runs. Bounds
that say nothing are dropped by their quasi-p-value [3]_. Among many inputs each takes peels by luck
until none of them says enough, and a rare event whose runs all are hits takes nearly all runs at
once; so a second box is made of the inputs of which a cut alone tells hits, by steady peels.

An example: of 1,000 runs with two inputs from 0 to 1, the 200 with the first above 0.8 miss a
milestone. Peeling takes the lowest 5 % of the first input, time after time, since these slices hold
no miss; after some 30 peels the box is ``first > 0.8``. No peel of the second input raises the rate
of misses, so the box has one bound. Its accuracy is ``200 / 1000 × (1 - 0.2) = 0.16``, and its
quasi-p-value the chance of 200 hits in 200 runs at a rate of 0.2.

References
----------
.. [1] J. H. Friedman and N. I. Fisher, "Bump hunting in high-dimensional data", Statistics and
   Computing 9 (1999) 123-143.
.. [2] N. Lavrač, P. Flach and B. Zupan, "Rule evaluation measures: a unifying view", Inductive
   Logic Programming, LNCS 1634 (1999) 174-185.
.. [3] B. P. Bryant and R. J. Lempert, "Thinking inside the box", Technological Forecasting and
   Social Change 77 (2010) 34-49.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dcsim.clock import Floats

Mask = NDArray[np.bool_]
PEELED = 0.05
"""Share of the runs in a box that one peel takes at least: the patience of [1]_. [1]"""
PASTED = 0.01
"""Share by which a bound moves when it is pasted, out as in [1]_ or back in. [1]"""
STEADY = 2.0
"""Steady peels leave slices of more than so many times a peel alone: many equal values. [1]"""
SUPPORT = 0.05
"""Share of all runs below which nothing is peeled off any more. [1]"""
SIGNIFICANT = 0.05
"""Quasi-p-value above which a bound says nothing. [1]"""


@dataclass(frozen=True)
class Box:
    """Bounds on columns, infinite where there is none; what lies on a bound is inside."""

    low: Floats
    high: Floats

    @property
    def restricted(self) -> list[int]:
        """Columns that have a bound."""
        return np.flatnonzero(np.isfinite(self.low) | np.isfinite(self.high)).tolist()

    def holds(self, points: Floats) -> Mask:
        """Return a mask of the points inside, shape ``(n,)``."""
        columns = self.restricted
        inside = points[:, columns]
        found = (inside >= self.low[columns]) & (inside <= self.high[columns])
        return np.asarray(found.all(axis=1), dtype=np.bool_)

    def with_bound(self, column: int, bound: float, *, upper: bool) -> Box:
        """Return the box with one bound replaced.

        Parameters
        ----------
        column : int
        bound : float
            In the unit of the column; an infinite one frees that side.
        upper : bool
            Whether it is the upper bound of the column.
        """
        low, high = self.low.copy(), self.high.copy()
        (high if upper else low)[column] = bound
        return Box(low, high)


def find_box(points: Floats, hit: Mask) -> Box:
    """Return the box in which hits gather most.

    Parameters
    ----------
    points : ndarray, shape (n, n_columns)
        Numbers without gaps.
    hit : ndarray of bool, shape (n,)

    Returns
    -------
    Box
        Without a bound if no box is better than all runs.
    """
    everything = _narrowed(points, hit, np.arange(points.shape[1]), steady=False)
    telling = _narrowed(points, hit, _telling_alone(points, hit), steady=True)
    return max(everything, telling, key=lambda box: _quality(box.holds(points), hit))


def _narrowed(points: Floats, hit: Mask, columns: NDArray[np.int64], *, steady: bool) -> Box:
    """Return the best box over some columns, searched again until each of its bounds counts."""
    while True:
        box = _search(points[:, columns], hit, steady=steady)
        if len(box.restricted) in (0, columns.size):
            return _over_all_columns(box, columns, points.shape[1])
        # Slices peeled off columns that say nothing were lost to those that do: search again
        # without such columns.
        columns = columns[box.restricted]


def _telling_alone(points: Floats, hit: Mask) -> NDArray[np.int64]:
    """Return the columns of which a cut alone tells hits, each cut counted as a test of its own."""
    n_cuts = points.shape[1] * 2 / PEELED
    telling = []
    for column in range(points.shape[1]):
        alone = points[:, [column]]
        best = _best(alone, hit, steady=True)
        if quasi_p_value(best, 0, alone, hit) <= SIGNIFICANT / n_cuts:
            telling.append(column)
    return np.array(telling, dtype=np.int64)


def _search(points: Floats, hit: Mask, *, steady: bool) -> Box:
    """Return the best box of one peeling, pasted and rid of bounds that say nothing."""
    return _drop(_paste(_best(points, hit, steady=steady), points, hit), points, hit)


def _best(points: Floats, hit: Mask, *, steady: bool) -> Box:
    """Return the best box of one peeling; the first of equals is the largest."""
    peeled = _peel(points, hit, steady=steady)
    return max(peeled, key=lambda box: _quality(box.holds(points), hit))


def _over_all_columns(box: Box, columns: NDArray[np.int64], n_columns: int) -> Box:
    """Return a box over some columns as one over all, free in the others."""
    low, high = np.full(n_columns, -np.inf), np.full(n_columns, np.inf)
    low[columns], high[columns] = box.low, box.high
    return Box(low, high)


def quasi_p_value(box: Box, column: int, points: Floats, hit: Mask) -> float:
    """Return the chance that a box is as pure as it is though its bounds on one column say nothing.

    Parameters
    ----------
    box : Box
    column : int
        The column whose bounds are tested.
    points : ndarray, shape (n, n_columns)
    hit : ndarray of bool, shape (n,)

    Notes
    -----
    The binomial chance of at least as many hits among the runs in the box, at the rate that holds
    in the box without these bounds [3]_. "Quasi", since the bounds were chosen by the same runs.

    References
    ----------
    .. [3] B. P. Bryant and R. J. Lempert, "Thinking inside the box", Technological Forecasting and
       Social Change 77 (2010) 34-49.
    """
    from scipy.stats import binom  # noqa: PLC0415 - heavy

    inside, wider = box.holds(points), _freed(box, column).holds(points)
    return float(binom.sf(hit[inside].sum() - 1, inside.sum(), hit[wider].mean()))


def _quality(inside: Mask, hit: Mask) -> float:
    """Return the weighted relative accuracy of a box: hits in it beyond the expected, a run."""
    return float(hit[inside].sum() - inside.sum() * hit.mean()) / hit.size


def _freed(box: Box, column: int) -> Box:
    """Return the box without bounds on one column."""
    return box.with_bound(column, -np.inf, upper=False).with_bound(column, np.inf, upper=True)


def _peel(points: Floats, hit: Mask, *, steady: bool) -> Iterator[Box]:
    """Yield ever smaller boxes, from all runs on: each peel removes the slice poorest in hits.

    Parameters
    ----------
    points : ndarray, shape (n, n_columns)
    hit : ndarray of bool, shape (n,)
    steady : bool
        Take no slice much larger than a peel, and go on where none of them raises the rate.
    """
    n, n_columns = points.shape
    box = Box(np.full(n_columns, -np.inf), np.full(n_columns, np.inf))
    inside, hits = points, hit.astype(np.int64)  # a product of truths would not count them
    yield box
    while n_columns and 0 < hits.sum() < hits.size:
        n_off = max(int(PEELED * hits.size), 1)
        parted = np.partition(inside, (n_off - 1, hits.size - n_off), axis=0)
        # Columns 0 to n_columns - 1 of `kept` peel off the low end of an input, the others its high
        # end. Equal values go at once, so that a slice may hold more than n_off runs.
        kept = np.hstack([inside > parted[n_off - 1], inside < parted[hits.size - n_off]])
        n_kept = kept.sum(axis=0)
        rate = (hits @ kept) / np.maximum(n_kept, 1)
        # The best slice raises the rate of hits most for each run it removes: without this
        # division, an input of two values would win by removing half of the runs at once.
        fits = n_kept >= max(SUPPORT * n, 1)
        if steady:
            fits &= (hits.size - n_kept) <= STEADY * n_off
        gain = np.where(fits, rate - hits.mean(), -np.inf)
        best = int(np.argmax(gain / (hits.size - n_kept)))
        if gain[best] <= (-np.inf if steady else 0.0):
            return
        column, upper, stay = best % n_columns, best >= n_columns, kept[:, best]
        ins, outs = inside[stay, column], inside[~stay, column]
        # Halfway between the last run inside and the first one outside.
        bound = (ins.max() + outs.min()) / 2 if upper else (ins.min() + outs.max()) / 2
        box = box.with_bound(column, float(bound), upper=upper)
        inside, hits = inside[stay], hits[stay]
        yield box


def _paste(box: Box, points: Floats, hit: Mask) -> Box:
    """Move bounds a little, out or in, as long as that makes the box better."""
    quality = _quality(box.holds(points), hit)
    while True:
        moved = [
            _moved(box, column, points, upper=upper, outward=outward)
            for column in box.restricted
            for upper in (False, True)
            for outward in (True, False)
            if np.isfinite((box.high if upper else box.low)[column])
        ]
        best = max(moved, key=lambda one: _quality(one.holds(points), hit), default=box)
        new_quality = _quality(best.holds(points), hit)
        if new_quality <= quality:
            return box
        box, quality = best, new_quality


def _moved(box: Box, column: int, points: Floats, *, upper: bool, outward: bool) -> Box:
    """Return the box with one bound moved by a few runs; it is freed where none are beyond."""
    # A low bound is a high bound of the negated column, so that one text serves both.
    sign = 1.0 if upper else -1.0
    free = box.with_bound(column, sign * np.inf, upper=upper)
    values = np.sort(sign * points[free.holds(points), column])
    step = max(int(PASTED * values.size), 1)
    bound = sign * (box.high if upper else box.low)[column]
    n_inside = int(np.searchsorted(values, bound, side="right")) + (step if outward else -step)
    if n_inside >= values.size:
        return free
    if n_inside < 1:
        return box
    between = (values[n_inside - 1] + values[n_inside]) / 2
    return box.with_bound(column, float(sign * between), upper=upper)


def _drop(box: Box, points: Floats, hit: Mask) -> Box:
    """Free the columns whose bounds chance alone explains, the least telling first."""
    while box.restricted:
        p_values = {column: quasi_p_value(box, column, points, hit) for column in box.restricted}
        worst = max(p_values, key=p_values.__getitem__)
        if p_values[worst] <= SIGNIFICANT:
            return box
        box = _freed(box, worst)
    return box
