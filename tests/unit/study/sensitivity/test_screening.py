"""Indices of a study and its independent draws, from the design in its manifest."""

from __future__ import annotations

import numpy as np
import pytest

from dcsim.errors import ModelError
from dcsim.study.definition.design import Design
from dcsim.study.sensitivity.screening import design_indices, independent_rows

SOBOL = Design("sobol", ("a", "b"), 256)
MORRIS = Design("morris", ("a", "b"), 20)


def about_of(design: Design) -> dict:
    """Return the entry of a manifest; the case of each point is named by its number."""
    cases = [f"c{number}" for number in range(design.n_rows)]
    return {"design": design.about() | {"cases": cases, "points": design.quantiles.tolist()}}


@pytest.fixture
def line_of(rows_of):
    """Rows of a design in reverse order, whose output is 2 a + b."""

    def make(design: Design):
        points = design.quantiles[::-1]
        return rows_of(
            {
                "case": [f"c{number}" for number in reversed(range(design.n_rows))],
                "input.a": points[:, 0],
                "input.b": points[:, 1],
                "npv": 2 * points[:, 0] + points[:, 1],
            },
            replications=np.zeros(design.n_rows),
        )

    return make


def test_sobol_indices_of_a_line_are_its_squared_slopes(line_of) -> None:
    pytest.importorskip("SALib")
    a, b = design_indices(line_of(SOBOL), "npv", about_of(SOBOL))
    assert (a.name, b.name) == ("a", "b")
    assert (a.first, a.total) == pytest.approx((0.8, 0.8), abs=0.03)
    assert (b.first, b.total) == pytest.approx((0.2, 0.2), abs=0.03)


def test_morris_effects_of_a_line_are_its_slopes(line_of) -> None:
    pytest.importorskip("SALib")
    effects = design_indices(line_of(MORRIS), "npv", about_of(MORRIS))
    assert [one.mu_star for one in effects] == pytest.approx([2.0, 1.0])
    assert [one.sigma for one in effects] == pytest.approx([0.0, 0.0], abs=1e-9)


def test_a_failed_point_stands_at_the_median(line_of) -> None:
    pytest.importorskip("SALib")
    rows = line_of(SOBOL)
    rows.columns["status"][3] = "failed"
    a, _ = design_indices(rows, "npv", about_of(SOBOL))
    assert a.total == pytest.approx(0.8, abs=0.03)


def test_a_design_that_fills_the_space_has_no_indices(line_of) -> None:
    design = Design("latin-hypercube", ("a", "b"), 12)
    assert design_indices(line_of(design), "npv", about_of(design)) == ()
    assert design_indices(line_of(design), "npv", {"design": None}) == ()


def test_points_that_are_not_computed_are_counted(line_of) -> None:
    pytest.importorskip("SALib")
    rows = line_of(MORRIS)
    some = rows.where(np.arange(rows.n_rows) > 4)
    with pytest.raises(ModelError, match="5 of 60 points of the design are not computed yet"):
        design_indices(some, "npv", about_of(MORRIS))


def test_the_two_drawn_points_of_each_block_of_saltelli_are_independent(line_of) -> None:
    pytest.importorskip("SALib")
    kept = independent_rows(line_of(SOBOL), about_of(SOBOL))
    numbers = sorted(int(case[1:]) for case in kept.columns["case"])
    # Blocks of four: A, A with a of B, A with b of B, B.
    assert numbers == [n for n in range(SOBOL.n_rows) if n % 4 in (0, 3)]
    assert len(np.unique(kept.columns["input.a"])) == kept.n_rows


def test_only_the_first_point_of_a_trajectory_is_independent(line_of) -> None:
    pytest.importorskip("SALib")
    kept = independent_rows(line_of(MORRIS), about_of(MORRIS))
    assert sorted(int(case[1:]) for case in kept.columns["case"]) == list(range(0, 60, 3))


def test_of_equal_draws_in_several_cases_one_is_kept(rows_of) -> None:
    rows = rows_of(
        {
            "case": ["x", "x", "y", "y"],
            "input.a": [0.1, 0.2, 0.1, 0.2],
            "input.b": [np.nan, 0.5, np.nan, 0.6],
        },
        replications=[1, 2, 1, 2],
    )
    kept = independent_rows(rows, {})
    assert kept.columns["case"].tolist() == ["x", "x", "y"]


def test_rows_without_inputs_are_all_kept(rows_of) -> None:
    assert independent_rows(rows_of({"npv": [1.0, 1.0]}), {}).n_rows == 2
