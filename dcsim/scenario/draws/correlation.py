"""Correlated draws: independent uniform numbers and rank correlations in, correlated numbers out.

Each value keeps its own random stream. Its uniform number becomes a normal score, the scores are
mixed by the Cholesky factor of their correlation matrix, and go back to uniform numbers: a Gaussian
copula, "normal to anything" [1]_. A replication is therefore drawn without the others, and a new
pair changes no draw outside its group.

An example: two lead times with a rank correlation of 0.8, whose streams give 0.9 and 0.3. Their
scores are 1.2816 and -0.5244. The correlation of scores that has this rank correlation is
r = 2 sin(0.8 pi / 6) = 0.8135, and the second row of the factor is (r, sqrt(1 - r^2)) = (0.8135,
0.5816). The first value keeps its number; the second has the score
0.8135 * 1.2816 - 0.5816 * 0.5244 = 0.7376, which is the number 0.7696: it is drawn high because the
first one is.

>>> pair = Pair("works.transformer.duration", "works.switchgear.duration", 0.8)
>>> u = {"works.transformer.duration": 0.9, "works.switchgear.duration": 0.3}
>>> correlated(u, groups_of([pair]))["works.switchgear.duration"].__round__(4)
0.7696

References
----------
.. [1] Cario, M. C. and Nelson, B. L. (1997), "Modeling and generating random vectors with
   arbitrary marginal distributions and correlation matrix", Northwestern University.
.. [2] Pearson, K. (1907), "On further methods of determining correlation", Drapers' Company
   Research Memoirs, Biometric Series IV: rank correlation of a bivariate normal distribution.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import NormalDist
from typing import Annotated, NamedTuple

from pydantic import Field

from dcsim.errors import MAX_KEY
from dcsim.scenario.schema.part import Part
from dcsim.scenario.schema.quantity import Real

Key = Annotated[str, Field(min_length=1, max_length=MAX_KEY)]
Matrix = tuple[tuple[float, ...], ...]
"""Rows of a square matrix."""

_NORMAL = NormalDist()
_LEAST_PIVOT = 1e-9
"""Below it a matrix counts as singular: what rounding may leave of zero."""
_BELOW_ONE = 1 - 2.0**-53
"""Largest number below 1: the score of 1 itself is infinite."""


class Correlation(Part):
    """Uncertain values that tend to come out high together, or one high and one low."""

    between: Annotated[tuple[Key, ...], Field(min_length=2)]
    """Key paths of two or more uncertain values; each pair of them has the same `rank`."""
    rank: Annotated[Real, Field(gt=-1, lt=1)]
    """Rank correlation (Spearman)."""


class Pair(NamedTuple):
    """Two uncertain values and the rank correlation of their draws."""

    one: str
    """Key path of the first."""
    other: str
    """Key path of the second."""
    rank: float
    """Correlation of their ranks, from -1 to 1. [1]"""


class Group(NamedTuple):
    """Values that are correlated with one another, directly or through others."""

    keys: tuple[str, ...]
    """In the order the scenario names them; the first keeps its own draw."""
    factor: Matrix
    """Lower Cholesky factor of the correlations of their normal scores."""


def pairs_of(correlations: Iterable[Correlation]) -> tuple[Pair, ...]:
    """Return all pairs, in the order of the scenario."""
    return tuple(
        Pair(one, other, entry.rank)
        for entry in correlations
        for one, other in itertools.combinations(entry.between, 2)
    )


def groups_of(pairs: Sequence[Pair]) -> tuple[Group, ...]:
    """Return the groups of values that pairs connect, each with its Cholesky factor.

    Raises
    ------
    ValueError
        If no draws can have these correlations.
    """
    return tuple(Group(keys, cholesky(score_matrix(keys, pairs))) for keys in _connected(pairs))


def score_matrix(keys: Sequence[str], pairs: Iterable[Pair]) -> Matrix:
    """Return the correlations of the normal scores of `keys`; pairs not given count as zero.

    Notes
    -----
    A bivariate normal distribution of correlation r has the rank correlation
    rho = 6 / pi * asin(r / 2) [2]_, so r = 2 sin(pi rho / 6).

    >>> score_matrix(["a", "b"], [Pair("a", "b", 1 / 2)])[0][1].__round__(4)
    0.5176
    """
    # Ranks survive any ascending map, so what is set between the scores holds between the values,
    # whatever their distributions. A plain (Pearson) correlation would not survive it.
    scores = {frozenset(pair[:2]): 2 * math.sin(math.pi * pair.rank / 6) for pair in pairs}
    return tuple(
        tuple(1.0 if one == other else scores.get(frozenset((one, other)), 0.0) for other in keys)
        for one in keys
    )


def cholesky(matrix: Matrix) -> Matrix:
    """Return the lower factor L of a symmetric matrix, L L' = matrix; 1 on its diagonal.

    Parameters
    ----------
    matrix : tuple of tuple of float, shape (n, n)
        Correlations.

    Returns
    -------
    tuple of tuple of float
        Row i has i + 1 entries.

    Raises
    ------
    ValueError
        If the matrix is not positive definite; ``args[0]`` is the first row at which it shows.
    """
    # Plain arithmetic in a fixed order and exact sums, not LAPACK: its results differ in the last
    # bit between machines, and the same seed must draw the same numbers everywhere.
    rows: list[list[float]] = []
    for i, given in enumerate(matrix):
        row: list[float] = []
        for j in range(i):
            # L L' = A at (i, j): the products of earlier columns are known, L[j][j] divides.
            known = math.fsum(a * b for a, b in zip(row, rows[j][:j], strict=True))
            row.append((given[j] - known) / rows[j][j])
        # Variance of score i that the scores before it do not explain. Zero means it follows from
        # them, less than zero that no numbers have these correlations.
        pivot = given[i] - math.fsum(a * a for a in row)
        if pivot < _LEAST_PIVOT:
            raise ValueError(i)
        rows.append([*row, math.sqrt(pivot)])
    return tuple(tuple(row) for row in rows)


def correlated(u: Mapping[str, float], groups: Iterable[Group]) -> dict[str, float]:
    """Return uniform numbers, those of each group correlated.

    Parameters
    ----------
    u : mapping of str to float
        Independent uniform number of each uncertain value. [1]
    groups : iterable of Group
        Groups of correlated values, each with its factor.

    Returns
    -------
    dict of str to float
        As many, in the same order; a value in no group, or first in one, keeps its number.
    """
    joined = dict(u)
    for keys, factor in groups:
        scores = [_NORMAL.inv_cdf(min(u[key], _BELOW_ONE)) for key in keys]
        for key, row in zip(keys, factor, strict=True):
            # A row without correlations would only send the number to its score and back, which
            # may move its last bit: a value whose pairs are all zero keeps its number.
            if any(row[:-1]):
                mixed = math.fsum(a * z for a, z in zip(row, scores, strict=False))
                joined[key] = _NORMAL.cdf(mixed)
    return joined


def conflicts(correlations: Sequence[Correlation]) -> Iterator[tuple[int, str]]:
    """Yield the conflicts between the entries of a scenario: number of the entry, message."""
    first: dict[frozenset[str], int] = {}
    for index, entry in enumerate(correlations):
        if len(set(entry.between)) < len(entry.between):
            yield index, "between names a value twice"
        for one, other in itertools.combinations(dict.fromkeys(entry.between), 2):
            before = first.setdefault(frozenset((one, other)), index)
            if before != index:
                yield index, f"{one} and {other} are correlated by correlations.{before} already"
    pairs = pairs_of(correlations)
    for keys in _connected(pairs):
        try:
            cholesky(score_matrix(keys, pairs))
        except ValueError as error:
            yield from _infeasible(keys[: error.args[0] + 1], correlations)


def _infeasible(
    keys: Sequence[str], correlations: Sequence[Correlation]
) -> Iterator[tuple[int, str]]:
    """Yield the message for keys whose correlations cannot hold together, at the last entry."""
    about = [i for i, entry in enumerate(correlations) if len(set(entry.between) & set(keys)) > 1]
    named = ", ".join(f"correlations.{i} ({correlations[i].rank:g})" for i in about)
    rest = "; pairs that are not given count as 0" if len(keys) > 2 else ""
    yield about[-1], f"no draws have all these ranks: {named}; make one of them weaker{rest}"


def _connected(pairs: Sequence[Pair]) -> list[tuple[str, ...]]:
    """Return the keys that pairs connect, each group and its keys in order of first mention."""
    order = dict.fromkeys(key for pair in pairs for key in pair[:2])
    # Each key points at the first key of its group; a pair joins two groups by pointing all of the
    # second at the first. There are at most some tens of keys, so no ranks or path halving.
    root = {key: key for key in order}
    for one, other, _ in pairs:
        first, second = root[one], root[other]
        root = {key: first if above == second else above for key, above in root.items()}
    groups: dict[str, list[str]] = {}
    for key in order:
        groups.setdefault(root[key], []).append(key)
    return [tuple(keys) for keys in groups.values()]
