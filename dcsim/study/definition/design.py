"""Designs: at which quantiles the sampled values of a study stand, case by case."""

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
    """Where the sampled values of each case stand; from it indices are computed afterwards."""

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
    """Whether Saltelli's design has the cases for indices of pairs, too."""
    correlations: tuple[Pair, ...] = ()
    """Pairs of values that go together."""

    @property
    def n_rows(self) -> int:
        """How many cases it has."""
        n_factors = len(self.groups) or len(self.names)
        if self.method == "sobol":
            return self.n * ((2 * n_factors if self.second_order else n_factors) + 2)
        return self.n * (n_factors + 1) if self.method == "morris" else self.n

    @property
    def problem(self) -> dict[str, Any]:
        """What SALib calls a problem: names, bounds, and for each name its group."""
        said: dict[str, Any] = {
            "num_vars": len(self.names),
            "names": list(self.names),
            "bounds": [[0.0, 1.0]] * len(self.names),
        }
        if self.groups:
            group_of = {name: group for group, names in self.groups.items() for name in names}
            said["groups"] = [group_of[name] for name in self.names]
        return said

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
        """Return what the analysis of its cases needs, as plain data."""
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
    .. [1] McKay, Beckman and Conover, "A comparison of three methods for selecting values of input
       variables", Technometrics 21 (1979).
    """
    points = np.empty((n, len(names)))
    for column, name in enumerate(names):
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

    References
    ----------
    .. [1] Iman and Conover, "A distribution-free approach to inducing rank correlation among input
       variables", Communications in Statistics B 11 (1982).
    """
    n, n_names = points.shape
    if n < n_names + 2:
        raise ModelError(f"{n} points are too few to correlate {n_names} values")
    from scipy.special import ndtri  # noqa: PLC0415  (scipy only when values are correlated)

    scores = ndtri((_ranks(points) + 1) / (n + 1))
    # By chance the scores are slightly correlated already: that is undone first.
    try:
        chance = _square(cholesky(np.corrcoef(scores, rowvar=False).tolist()))
    except ValueError:
        message = "values repeat one another by chance; take more points or another seed"
        raise ModelError(message) from None
    mixed = scores @ np.linalg.solve(chance.T, np.asarray(factor).T)
    return np.asarray(np.take_along_axis(np.sort(points, axis=0), _ranks(mixed), axis=0))


def _ranks(table: Floats) -> NDArray[np.intp]:
    """Return the rank of each value in its column, from 0."""
    order = np.argsort(table, axis=0, kind="stable")
    return np.argsort(order, axis=0, kind="stable")


def gaussian_copula(points: Floats, factor: Floats) -> Floats:
    """Return the points, each by itself moved so that columns have a rank correlation.

    A row is a function of itself alone: two rows that are equal in all the columns given here are
    so afterwards, and the structure of Saltelli's design is kept.

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
    """
    from scipy.special import ndtr, ndtri  # noqa: PLC0415  (scipy only when values are correlated)

    inner = np.clip(points, 2.0**-54, 1 - 2.0**-53)
    return np.asarray(ndtr(ndtri(inner) @ np.asarray(factor).T))


def _latin_hypercube(design: Design) -> Floats:
    points = latin_hypercube(design.names, design.n, design.seed)
    for group in groups_of(design.correlations):
        columns = _columns(design, group)
        points[:, columns] = iman_conover(points[:, columns], _square(group.factor))
    return points


def _sobol_sequence(design: Design) -> Floats:
    from scipy.stats import qmc  # noqa: PLC0415  (takes half a second)

    engine = qmc.Sobol(len(design.names), scramble=True, seed=np.random.default_rng(design.seed))
    return _with_copula(design, engine.random_base2(power_of_two(design.n)))


def _saltelli(design: Design) -> Floats:
    try:
        from SALib.sample import sobol  # noqa: PLC0415  (an extra, and takes a second)
    except ImportError:
        raise _no_salib("sobol") from None
    power_of_two(design.n)
    points = sobol.sample(
        design.problem, design.n, calc_second_order=design.second_order, seed=design.seed
    )
    return _with_copula(design, points)


def _trajectories(design: Design) -> Floats:
    try:
        from SALib.sample import morris  # noqa: PLC0415  (an extra, and takes a second)
    except ImportError:
        raise _no_salib("morris") from None
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


def _no_salib(method: str) -> MissingExtraError:
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
        columns = _columns(design, group)
        points[:, columns] = gaussian_copula(points[:, columns], _square(group.factor))
    return points


def _columns(design: Design, group: Group) -> list[int]:
    return [design.names.index(key) for key in group.keys]


def _square(rows: Matrix) -> Floats:
    """Return a lower factor whose rows end at the diagonal as a square array."""
    factor = np.zeros((len(rows), len(rows)))
    for i, row in enumerate(rows):
        factor[i, : len(row)] = row
    return factor
