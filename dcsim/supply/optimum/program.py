"""Linear programs put together block by block and solved by HiGHS.

References
----------
Q. Huangfu and J. A. J. Hall, "Parallelizing the dual revised simplex method", Mathematical
Programming Computation 10 (2018) 119-142: the solver, reached through SciPy.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from dcsim.clock import Floats, Integers
from dcsim.errors import ModelError

TOLERANCE = 1e-9
"""How far a row or a bound may be missed, in the units of the program."""
_SIMPLEX, _INFEASIBLE = "highs-ds", 2


class Term(NamedTuple):
    """Coefficients by which a block of variables enters rows."""

    coefficient: ArrayLike
    """One for each variable, or one for all."""
    columns: Integers
    """The variables, as `Program.variables` returned them."""
    rows: Integers | None = None
    """Row each stands in; without them the first stands in the first row, and so on."""


class InfeasibleError(ModelError):
    """No values keep all rows and bounds."""


@dataclass
class _Rows:
    """Rows of one kind as triplets of row, column and coefficient."""

    row: list[Integers] = field(default_factory=list)
    column: list[Integers] = field(default_factory=list)
    value: list[Floats] = field(default_factory=list)
    side: list[Floats] = field(default_factory=list)
    n_rows: int = 0

    def add(self, side: Floats, terms: tuple[Term, ...]) -> None:
        for coefficient, columns, rows in terms:
            own = np.arange(columns.size) if rows is None else rows
            self.row.append(self.n_rows + own)
            self.column.append(columns)
            self.value.append(np.broadcast_to(np.asarray(coefficient, float), columns.shape))
        self.side.append(side)
        self.n_rows += side.size


class Program:
    """Least cost over variables in bounds that keep rows; every block is added once."""

    def __init__(self) -> None:
        self._cost: list[Floats] = []
        self._lower: list[Floats] = []
        self._upper: list[Floats] = []
        self._n_columns = 0
        self._equal = _Rows()
        self._at_most = _Rows()

    def variables(
        self,
        n: int,
        *,
        cost: ArrayLike = 0.0,
        lower: ArrayLike = 0.0,
        upper: ArrayLike = np.inf,
    ) -> Integers:
        """Add variables and return their columns.

        Parameters
        ----------
        n : int
            Number of variables.
        cost, lower, upper : array_like, shape (n,) or scalar
            Cost a unit, least and highest value of each.

        Returns
        -------
        ndarray, shape (n,)
            Columns, to be named in the terms of rows.
        """
        for block, value in ((self._cost, cost), (self._lower, lower), (self._upper, upper)):
            block.append(np.broadcast_to(np.asarray(value, dtype=float), (n,)))
        self._n_columns += n
        return np.arange(self._n_columns - n, self._n_columns)

    def equal(self, side: Floats, *terms: Term) -> None:
        """Let the terms of each row add up to `side`, shape ``(n_rows,)``."""
        self._equal.add(side, terms)

    def at_most(self, side: Floats, *terms: Term) -> None:
        """Let the terms of each row add up to `side` or less, shape ``(n_rows,)``."""
        self._at_most.add(side, terms)

    def solve(self, method: str = _SIMPLEX) -> Floats:
        """Return the values at the least cost, shape ``(n_columns,)``.

        Raises
        ------
        InfeasibleError
            If no values keep all rows and bounds.
        ModelError
            If the solver gives up for another reason, such as a cost without a lower end.
        """
        from scipy.optimize import linprog  # noqa: PLC0415  (only a run that optimizes needs it)

        sides = {}
        for name, rows in (("eq", self._equal), ("ub", self._at_most)):
            if rows.n_rows:
                sides[f"A_{name}"] = _matrix(rows, self._n_columns)
                sides[f"b_{name}"] = np.concatenate(rows.side)
        found = linprog(
            np.concatenate(self._cost),
            bounds=np.stack([np.concatenate(self._lower), np.concatenate(self._upper)], axis=1),
            method=method,
            options={
                "primal_feasibility_tolerance": TOLERANCE,
                "dual_feasibility_tolerance": TOLERANCE,
            },
            **sides,
        )
        if found.status == _INFEASIBLE:
            raise InfeasibleError("no values keep all rows and bounds")
        if not found.success:
            raise ModelError(f"the linear program was not solved: {found.message}")
        return np.asarray(found.x, dtype=np.float64)


def _matrix(rows: _Rows, n_columns: int) -> object:
    from scipy.sparse import csc_array  # noqa: PLC0415  (only a run that optimizes needs it)

    place = np.concatenate(rows.row), np.concatenate(rows.column)
    return csc_array((np.concatenate(rows.value), place), shape=(rows.n_rows, n_columns))
