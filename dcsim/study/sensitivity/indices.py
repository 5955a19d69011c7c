"""Sobol and Morris indices, by SALib: the outputs of a design in, one index an input out."""

from __future__ import annotations

import importlib
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from dcsim.clock import Floats
from dcsim.errors import MissingExtraError, ModelError
from dcsim.study.statistics.samples import CONFIDENCE

RESAMPLES = 200
"""Bootstrap resamples behind an interval, which give its width to about 5 %."""
SEED = 1
"""Of the bootstrap, so that the same outputs give the same intervals."""

SalibProblem = Mapping[str, Any]
"""SALib's problem: ``num_vars``, ``names``, ``bounds``, and ``groups`` if inputs are grouped."""


class SobolIndex(NamedTuple):
    """Share of an output's variance that one input, or group of inputs, accounts for."""

    name: str
    first: float
    """Through it alone. [1]"""
    first_half_width: float
    """Of the interval at 95 %. [1]"""
    total: float
    """Through it alone or together with others. [1]"""
    total_half_width: float


class MorrisIndex(NamedTuple):
    """Effects of one input, or group of inputs, over its whole range, in units of the output."""

    name: str
    mu_star: float
    """Mean of the absolute effects: how much it matters."""
    mu_star_half_width: float
    """Of the interval at 95 %."""
    mu: float
    """Mean effect, with its sign; NaN for a group, whose inputs may pull either way."""
    sigma: float
    """Spread of the effects: how much they depend on the other inputs; NaN for a group."""


def sobol_indices(
    problem: SalibProblem,
    outputs: ArrayLike,
    *,
    second_order: bool = False,
    replacement: float | None = None,
) -> list[SobolIndex]:
    """Return first-order and total indices, in the order of the problem.

    Parameters
    ----------
    problem : mapping
    outputs : array_like, shape (n_points,)
        In the order of ``SALib.sample.sobol.sample``. [unit of the output]
    second_order : bool
        Whether the design was made for second-order indices too, which doubles its points.
    replacement : float, optional
        Stands for an output that is NaN.

    Returns
    -------
    list of SobolIndex
        All NaN if the output does not vary: there is no variance to share out.

    Raises
    ------
    ModelError
        If outputs are NaN and nothing replaces them, or their number is not that of a design.
    MissingExtraError
        If SALib is not installed.

    Notes
    -----
    For an output ``Y`` of independent inputs, the first-order index of input ``i`` is
    ``Var(E(Y | X_i)) / Var(Y)``, the total index ``1 - Var(E(Y | all but X_i)) / Var(Y)`` [1]_.
    Both come from Saltelli's design by the estimators of [2]_, whose error may take them below 0
    or above 1; the half widths are those of a bootstrap over the blocks of the design.

    References
    ----------
    .. [1] I. M. Sobol', "Global sensitivity indices for nonlinear mathematical models and their
       Monte Carlo estimates", Mathematics and Computers in Simulation 55 (2001) 271-280.
    .. [2] A. Saltelli et al., "Variance based sensitivity analysis of model output", Computer
       Physics Communications 181 (2010) 259-270.
    """
    analyze = _salib("sobol")
    values = complete(outputs, replacement)
    names = group_names(problem)
    per_base = (2 if second_order else 1) * len(names) + 2
    _check_count(values.size, per_base)
    if not np.ptp(values):
        return [SobolIndex(name, math.nan, math.nan, math.nan, math.nan) for name in names]
    found = analyze(
        dict(problem),
        values,
        calc_second_order=second_order,
        num_resamples=RESAMPLES,
        conf_level=CONFIDENCE,
        seed=SEED,
    )
    columns = (found[key] for key in ("S1", "S1_conf", "ST", "ST_conf"))
    return [
        SobolIndex(name, *map(float, row))
        for name, row in zip(names, zip(*columns, strict=True), strict=True)
    ]


def morris_indices(
    problem: SalibProblem,
    design: ArrayLike,
    outputs: ArrayLike,
    *,
    n_levels: int = 4,
    replacement: float | None = None,
) -> list[MorrisIndex]:
    """Return the elementary effects of each input, in the order of the problem.

    Parameters
    ----------
    problem : mapping
    design : array_like, shape (n_points, n_inputs)
        As ``SALib.sample.morris.sample`` made it.
    outputs : array_like, shape (n_points,)
        In the order of the design. [unit of the output]
    n_levels : int
        Levels of the design's grid.
    replacement : float, optional
        Stands for an output that is NaN.

    Raises
    ------
    ModelError
        If outputs are NaN and nothing replaces them, or their number is not that of the design.
    MissingExtraError
        If SALib is not installed.

    Notes
    -----
    An elementary effect is the change of the output over one step of one input, divided by the
    step [1]_; each trajectory gives one for each input. Their mean absolute value ``mu_star`` [2]_
    ranks inputs, their spread ``sigma`` tells of bends and of interplay with other inputs.

    References
    ----------
    .. [1] M. D. Morris, "Factorial sampling plans for preliminary computational experiments",
       Technometrics 33 (1991) 161-174.
    .. [2] F. Campolongo, J. Cariboni and A. Saltelli, "An effective screening design for
       sensitivity analysis of large models", Environmental Modelling & Software 22 (2007)
       1509-1518.
    """
    analyze = _salib("morris")
    values = complete(outputs, replacement)
    points = np.asarray(design, dtype=np.float64)
    names = group_names(problem)
    _check_count(values.size, len(names) + 1)
    if len(points) != values.size:
        raise ModelError(
            f"the design has {len(points)} points, but there are {values.size} outputs"
        )
    found = analyze(
        dict(problem),
        points,
        values,
        num_resamples=RESAMPLES,
        conf_level=CONFIDENCE,
        num_levels=n_levels,
        seed=SEED,
    )
    columns = (found[key] for key in ("mu_star", "mu_star_conf", "mu", "sigma"))
    by_name = {
        str(name): MorrisIndex(str(name), *map(float, row))
        for name, row in zip(found["names"], zip(*columns, strict=True), strict=True)
    }
    n_inputs = Counter(map(str, problem.get("groups") or problem["names"]))
    return [
        by_name[name]
        if n_inputs[name] == 1
        else by_name[name]._replace(mu=math.nan, sigma=math.nan)
        for name in names
    ]


def complete(outputs: ArrayLike, replacement: float | None = None) -> Floats:
    """Return outputs without gaps; ModelError where one is missing and nothing stands for it."""
    values = np.array(outputs, dtype=np.float64)
    gaps = ~np.isfinite(values)
    if gaps.any() and replacement is None:
        raise ModelError(
            f"{int(gaps.sum())} of {values.size} points of the design have no output, first point "
            f"{int(np.argmax(gaps)) + 1}: run them again, or state a value that stands for them"
        )
    values[gaps] = replacement
    return values


def group_names(problem: SalibProblem) -> list[str]:
    """Return the groups of a problem's inputs in order, or its inputs if they are not grouped."""
    groups: Sequence[str] | None = problem.get("groups")
    return list(dict.fromkeys(map(str, groups or problem["names"])))


def _check_count(n_points: int, per_base: int) -> None:
    if not n_points or n_points % per_base:
        raise ModelError(
            f"{n_points} outputs are no multiple of the {per_base} that belong together"
        )


def _salib(method: str) -> Any:
    try:
        return importlib.import_module(f"SALib.analyze.{method}").analyze
    except ModuleNotFoundError:
        raise MissingExtraError(
            "Sobol and Morris indices need SALib: pip install 'dcsim[sensitivity]'"
        ) from None
