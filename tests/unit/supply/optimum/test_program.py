"""Linear programs solved by hand."""

from __future__ import annotations

import numpy as np
import pytest

from dcsim.errors import ModelError
from dcsim.supply.optimum.program import InfeasibleError, Program, Term


def test_a_program_solved_by_hand() -> None:
    # Least x + 2 y with x + y = 4 and x <= 3.
    program = Program()
    x = program.variables(1, cost=1.0, upper=3.0)
    y = program.variables(1, cost=2.0)
    program.equal(np.array([4.0]), Term(1, x), Term(1, y))
    np.testing.assert_allclose(program.solve(), [3, 1])


def test_blocks_follow_one_another() -> None:
    program = Program()
    assert program.variables(2).tolist() == [0, 1]
    assert program.variables(3).tolist() == [2, 3, 4]


def test_terms_stand_in_the_rows_they_name() -> None:
    # Two rows over three variables: x0 + x1 <= 5 and x2 <= 2; most of all three.
    program = Program()
    x = program.variables(3, cost=-1.0)
    program.at_most(np.array([5.0, 2.0]), Term(1, x, np.array([0, 0, 1])))
    values = program.solve()
    assert (values[0] + values[1], values[2]) == pytest.approx((5.0, 2.0))


def test_each_variable_may_have_a_coefficient_and_bounds_of_its_own() -> None:
    # 2 x0 = 6 and 4 x1 = 6, with x1 at least 1.
    program = Program()
    x = program.variables(2, cost=1.0, lower=[0.0, 1.0], upper=[9.0, 2.0])
    program.equal(np.array([6.0, 6.0]), Term([2.0, 4.0], x))
    np.testing.assert_allclose(program.solve(), [3.0, 1.5])


def test_a_program_without_an_answer_says_so() -> None:
    program = Program()
    x = program.variables(1, upper=1.0)
    program.equal(np.array([4.0]), Term(1, x))
    with pytest.raises(InfeasibleError):
        program.solve()


def test_a_cost_without_a_lower_end_is_no_infeasible_program() -> None:
    program = Program()
    program.variables(1, cost=-1.0)
    with pytest.raises(ModelError, match="was not solved"):
        program.solve()
