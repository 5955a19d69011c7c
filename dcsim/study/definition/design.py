"""Designs of experiments: sampled values and a method in, their quantiles case by case out."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dcsim import streams
from dcsim.clock import Floats
from dcsim.errors import MissingExtraError, ModelError
from dcsim.scenario.draws.correlation import Group, Matrix, Pair, cholesky, groups_of

Method = Literal["latin-hypercube", "sobol-sequence", "sobol", "morris"]


@dataclass(frozen=True)
class Design:
    """The quantiles of the sampled values in each case, and all that indices are computed from."""

    method: Method
    """Latin hypercube or Sobol sequence, whose points fill the space; Saltelli's design for Sobol
    indices (``sobol``) or trajectories for elementary effects (``morris``)."""
    names: tuple[str, ...]
    """Key paths of the sampled values, one a column."""
    n: int
    """Points, base points of Saltelli's design, or trajectories."""
    seed: int = 1
    """Root of its random numbers, apart from those of the scenario."""
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Key paths that move together, by the name of their group; none if each moves alone."""
    levels: int = 4
    """Levels of the grid on which trajectories run."""
    second_order: bool = False
    """True if Saltelli's design has the cases for indices of pairs, too."""
    correlations: tuple[Pair, ...] = ()
    """Pairs of correlated values."""

    @property
    def n_rows(self) -> int:
        """Number of cases.

        Saltelli's design has blocks of ``k + 2`` points for ``k`` factors, ``2 k + 2`` with second
        order; Morris's has trajectories of ``k + 1`` points. A group counts as one factor.
        """
        n_factors = len(self.groups) or len(self.names)
        if self.method == "sobol":
            return self.n * ((2 * n_factors if self.second_order else n_factors) + 2)
        return self.n * (n_factors + 1) if self.method == "morris" else self.n

    @property
    def problem(self) -> dict[str, Any]:
        """SALib's problem: names, bounds, and for each name its group."""
        problem: dict[str, Any] = {
            "num_vars": len(self.names),
            "names": list(self.names),
            "bounds": [[0.0, 1.0]] * len(self.names),
        }
        if self.groups:
            group_of = {name: group for group, names in self.groups.items() for name in names}
            problem["groups"] = [group_of[name] for name in self.names]
        return problem

    @functools.cached_property
    def quantiles(self) -> Floats:
        """Quantile of each value in each case, shape ``(n_rows, n_names)``, in the order of cases.

        From 0 to 1, which stand for the ends of what is ever drawn.

        Raises
        ------
        ModelError
            If the method cannot make such a design.
        MissingExtraError
            If it needs SALib and that is not installed.
        """
        found = _POINTS[self.method](self)
        found.setflags(write=False)
        return found

    def about(self) -> dict[str, Any]:
        """Return the design as plain data, for the analysis of its cases."""
        return {
            "method": self.method,
            "names": list(self.names),
            "n": self.n,
            "n_rows": self.n_rows,
            "seed": self.seed,
            "groups": {group: list(names) for group, names in self.groups.items()},
            "levels": self.levels,
            "second_order": self.second_order,
            "correlations": [list(pair) for pair in self.correlations],
            "problem": self.problem,
        }


def latin_hypercube(names: Sequence[str], n: int, seed: int) -> Floats:
    """Return `n` points in the unit cube, in each column one in each of `n` equal slices.

    Each column has a stream of its own by its name, so that a further value moves no other.

    Parameters
    ----------
    names : sequence of str
        One for each column.
    n : int
        How many points.
    seed : int
        Root of the streams.

    Returns
    -------
    ndarray, shape (n, n_names)
        Above 0 and below 1. [1]

    References
    ----------
    .. [1] M. D. McKay, R. J. Beckman and W. J. Conover, "A comparison of three methods for
       selecting values of input variables in the analysis of output from a computer code",
       Technometrics 21 (1979) 239-245.

    Examples
    --------
    Four points: each column has one in each quarter.

    >>> points = latin_hypercube(["a", "b"], 4, seed=1)
    >>> np.sort(np.floor(4 * points), axis=0).T
    array([[0., 1., 2., 3.],
           [0., 1., 2., 3.]])
    """
    points = np.empty((n, len(names)))
    for column, name in enumerate(names):
        # The first half of the stream ranks the slices, the second places each point in its slice.
        u = streams.uniforms(seed, name, "latin-hypercube", 0, 2 * n)
        points[:, column] = (np.argsort(u[:n], kind="stable") + u[n:]) / n
    return points


def iman_conover(points: Floats, factor: Floats) -> Floats:
    """Return the points with their columns reordered so that they have a rank correlation.

    Each column keeps its values, so a Latin hypercube remains one.

    Parameters
    ----------
    points : ndarray, shape (n, n_names)
        Independent columns without ties.
    factor : ndarray, shape (n_names, n_names)
        Lower Cholesky factor of the correlation wanted of their normal scores, see
        `dcsim.scenario.draws.correlation.groups_of`. [1]

    Returns
    -------
    ndarray, shape (n, n_names)
        The same values in each column.

    Raises
    ------
    ModelError
        If there are too few points, or columns that follow from one another.

    Notes
    -----
    After [1]_, with van der Waerden scores: each value becomes the normal score of its rank,
    ``Φ⁻¹(rank / (n + 1))``. Let the scores ``S`` have the sample correlation ``Q Qᵀ`` and let
    ``P Pᵀ`` be the wanted one, both as Cholesky factors. Then ``S Q⁻ᵀ Pᵀ`` has exactly the
    correlation ``P Pᵀ``, and each column of points is sorted into the ranks of that column. The
    rank correlation comes out near, not equal to, the one wanted, as ranks are whole numbers.

    References
    ----------
    .. [1] R. L. Iman and W. J. Conover, "A distribution-free approach to inducing rank correlation
       among input variables", Communications in Statistics B 11 (1982) 311-334.

    Examples
    --------
    Five points in shuffled order become perfectly aligned at a correlation of 0.999:

    >>> points = np.array([[0.1, 0.5], [0.3, 0.9], [0.5, 0.1], [0.7, 0.7], [0.9, 0.3]])
    >>> iman_conover(points, np.array([[1, 0], [0.999, (1 - 0.999**2) ** 0.5]]))[:, 1]
    array([0.1, 0.3, 0.5, 0.7, 0.9])
    """
    n, n_names = points.shape
    if n < n_names + 2:
        raise ModelError(f"{n} points are too few to correlate {n_names} values")
    from scipy.special import ndtri  # noqa: PLC0415  (scipy only when values are correlated)

    scores = ndtri((_ranks(points) + 1) / (n + 1))
    # By chance the scores are slightly correlated already: dividing by the factor of their sample
    # correlation undoes it, without which the error would be of the order of 1 / sqrt(n).
    try:
        by_chance = _square_factor(cholesky(np.corrcoef(scores, rowvar=False).tolist()))
    except ValueError:
        message = "values repeat one another by chance; take more points or another seed"
        raise ModelError(message) from None
    correlated = scores @ np.linalg.solve(by_chance.T, np.asarray(factor).T)
    return np.asarray(np.take_along_axis(np.sort(points, axis=0), _ranks(correlated), axis=0))


def _ranks(table: Floats) -> NDArray[np.intp]:
    """Return the rank of each value in its column, from 0."""
    order = np.argsort(table, axis=0, kind="stable")
    return np.argsort(order, axis=0, kind="stable")


def gaussian_copula(points: Floats, factor: Floats) -> Floats:
    """Return the points, each by itself moved so that columns have a rank correlation.

    Parameters
    ----------
    points : ndarray, shape (n, n_names)
        From 0 to 1. [1]
    factor : ndarray, shape (n_names, n_names)
        Lower Cholesky factor of the correlation wanted of their normal scores. [1]

    Returns
    -------
    ndarray, shape (n, n_names)
        From 0 to 1. [1]

    Notes
    -----
    ``Φ(P Φ⁻¹(u))`` for each point ``u`` and the Cholesky factor ``P`` [1]_. Unlike with
    `iman_conover`, a row depends on itself alone: two rows that are equal in all these columns
    remain equal, so the structure of Saltelli's design is kept; but strata of a column are not.

    References
    ----------
    .. [1] R. B. Nelsen, "An Introduction to Copulas", 2nd ed. (2006), 2.3 and 3.1.

    Examples
    --------
    At a correlation of 0.8, a high first value lifts the second from its median:

    >>> gaussian_copula(np.array([[0.9, 0.5]]), np.array([[1, 0], [0.8, 0.6]])).round(3)
    array([[0.9  , 0.847]])
    """
    from scipy.special import ndtr, ndtri  # noqa: PLC0415  (scipy only when values are correlated)

    # The normal quantiles of 0 and 1 are infinite, and a product of infinity and 0 is no number.
    inner = np.clip(points, 2.0**-54, 1 - 2.0**-53)
    return np.asarray(ndtr(ndtri(inner) @ np.asarray(factor).T))


def _latin_hypercube(design: Design) -> Floats:
    points = latin_hypercube(design.names, design.n, design.seed)
    for group in groups_of(design.correlations):
        columns = _columns_of_group(design, group)
        points[:, columns] = iman_conover(points[:, columns], _square_factor(group.factor))
    return points


def _sobol_sequence(design: Design) -> Floats:
    from scipy.stats import qmc  # noqa: PLC0415  (takes half a second)

    engine = qmc.Sobol(len(design.names), scramble=True, seed=np.random.default_rng(design.seed))
    return _with_copula(design, engine.random_base2(power_of_two(design.n)))


def _saltelli(design: Design) -> Floats:
    """Return the points of Saltelli's design, in blocks ``A, AB_1, ..., AB_k, (BA_i,) B``.

    ``AB_i`` is point ``A`` with the values of factor ``i`` from ``B``: the differences between the
    outputs of a block give the share of factor ``i`` in the variance [1]_. A correlation inside a
    group is put on each point by itself, which keeps equal values of two points equal.

    References
    ----------
    .. [1] A. Saltelli et al., "Variance based sensitivity analysis of model output", Computer
       Physics Communications 181 (2010) 259-270.
    """
    try:
        from SALib.sample import sobol  # noqa: PLC0415  (an extra, and takes a second)
    except ImportError:
        raise _salib_missing("sobol") from None
    power_of_two(design.n)
    points = sobol.sample(
        design.problem, design.n, calc_second_order=design.second_order, seed=design.seed
    )
    return _with_copula(design, points)


def _trajectories(design: Design) -> Floats:
    """Return the points of Morris's trajectories, each point one factor's step from the last [1]_.

    References
    ----------
    .. [1] M. D. Morris, "Factorial sampling plans for preliminary computational experiments",
       Technometrics 33 (1991) 161-174.
    """
    try:
        from SALib.sample import morris  # noqa: PLC0415  (an extra, and takes a second)
    except ImportError:
        raise _salib_missing("morris") from None
    if design.correlations:
        raise ModelError("morris moves values one by one: they cannot be correlated")
    points = morris.sample(design.problem, design.n, num_levels=design.levels, seed=design.seed)
    return np.array(points, dtype=np.float64)


_POINTS: dict[Method, Callable[[Design], Floats]] = {
    "latin-hypercube": _latin_hypercube,
    "sobol-sequence": _sobol_sequence,
    "sobol": _saltelli,
    "morris": _trajectories,
}


def _salib_missing(method: str) -> MissingExtraError:
    return MissingExtraError(f"method {method} needs SALib: pip install 'dcsim[sensitivity]'")


def power_of_two(n: int) -> int:
    """Return the power of two that `n` is; ModelError if it is none."""
    power = n.bit_length() - 1
    if n != 1 << power:
        near = f"{1 << power} or {2 << power}"
        raise ModelError(f"must be a power of two for a Sobol sequence, such as {near}")
    return power


def _with_copula(design: Design, points: Floats) -> Floats:
    points = np.array(points, dtype=np.float64)
    for group in groups_of(design.correlations):
        columns = _columns_of_group(design, group)
        points[:, columns] = gaussian_copula(points[:, columns], _square_factor(group.factor))
    return points


def _columns_of_group(design: Design, group: Group) -> list[int]:
    return [design.names.index(key) for key in group.keys]


def _square_factor(rows: Matrix) -> Floats:
    """Return a lower factor whose rows end at the diagonal as a square array."""
    factor = np.zeros((len(rows), len(rows)))
    for i, row in enumerate(rows):
        factor[i, : len(row)] = row
    return factor
