from __future__ import annotations

import sys

import numpy as np
import pytest

from dcsim.errors import MissingExtraError, ModelError
from dcsim.study.sensitivity.indices import complete, group_names, morris_indices, sobol_indices

pytest.importorskip("SALib")

A, B = 7.0, 0.1
ISHIGAMI = {
    "num_vars": 3,
    "names": ["x1", "x2", "x3"],
    "bounds": [[-np.pi, np.pi]] * 3,
}


def ishigami(x):
    return np.sin(x[:, 0]) + A * np.sin(x[:, 1]) ** 2 + B * x[:, 2] ** 4 * np.sin(x[:, 0])


def analytic():
    """First and total indices of the Ishigami function, by integration."""
    v1 = 0.5 * (1 + B * np.pi**4 / 5) ** 2
    v2 = A**2 / 8
    v13 = B**2 * np.pi**8 * (1 / 18 - 1 / 50)
    v = v1 + v2 + v13
    return np.array([v1, v2, 0.0]) / v, np.array([v1 + v13, v2, v13]) / v


@pytest.mark.parametrize("second_order", [False, True])
def test_sobol_indices_of_the_ishigami_function_are_the_analytic_ones(second_order):
    from SALib.sample import sobol

    points = sobol.sample(ISHIGAMI, 2048, calc_second_order=second_order, seed=1)
    found = sobol_indices(ISHIGAMI, ishigami(points), second_order=second_order)
    first, total = analytic()
    assert first == pytest.approx([0.3139, 0.4424, 0.0], abs=5e-5)
    assert [one.name for one in found] == ["x1", "x2", "x3"]
    np.testing.assert_allclose([one.first for one in found], first, atol=0.03)
    np.testing.assert_allclose([one.total for one in found], total, atol=0.03)
    for one, total_index in zip(found, total, strict=True):
        assert abs(one.total - total_index) < one.total_half_width < 0.1


def test_indices_of_groups_are_those_of_their_inputs_together():
    from SALib.sample import sobol

    problem = {**ISHIGAMI, "groups": ["pair", "alone", "pair"]}
    points = sobol.sample(problem, 2048, calc_second_order=False, seed=1)
    found = sobol_indices(problem, ishigami(points))
    first, total = analytic()
    assert [one.name for one in found] == ["pair", "alone"] == group_names(problem)
    # x1 and x3 interact with one another only, so the pair has no share with x2.
    np.testing.assert_allclose([one.first for one in found], [total[0], first[1]], atol=0.03)
    np.testing.assert_allclose([one.total for one in found], [total[0], first[1]], atol=0.03)


def test_the_same_outputs_have_the_same_intervals():
    from SALib.sample import sobol

    outputs = ishigami(sobol.sample(ISHIGAMI, 64, calc_second_order=False, seed=1))
    assert sobol_indices(ISHIGAMI, outputs) == sobol_indices(ISHIGAMI, outputs)


def test_an_output_that_does_not_vary_has_no_variance_to_share():
    found = sobol_indices(ISHIGAMI, np.ones(5 * 8))
    assert np.isnan([one[1:] for one in found]).all()


def linear(x):
    return 3 * x[:, 0] - 2 * x[:, 1] + 0 * x[:, 2]


UNIT = {"num_vars": 3, "names": ["b", "a", "c"], "bounds": [[0, 1]] * 3}


def test_elementary_effects_of_a_line_are_its_slopes():
    from SALib.sample import morris

    design = morris.sample(UNIT, 20, num_levels=4, seed=1)
    found = morris_indices(UNIT, design, linear(design))
    assert [one.name for one in found] == ["b", "a", "c"]
    np.testing.assert_allclose([one.mu for one in found], [3, -2, 0], atol=1e-12)
    np.testing.assert_allclose([one.mu_star for one in found], [3, 2, 0], atol=1e-12)
    np.testing.assert_allclose([one.sigma for one in found], 0, atol=1e-12)


def test_screening_ranks_the_ishigami_function_as_its_formula_says():
    from SALib.sample import morris

    design = morris.sample(ISHIGAMI, 200, num_levels=4, seed=1)
    x1, x2, x3 = morris_indices(ISHIGAMI, design, ishigami(design))
    # On a grid of four levels sin² (x2) takes two values, so each effect of x2 is the same size.
    assert x2.mu_star == pytest.approx(A * 0.75 / (2 / 3), rel=1e-9)
    assert x2.mu == pytest.approx(0, abs=1.5)
    # x3 acts through x1 alone: effects of either sign that cancel out.
    assert abs(x3.mu) < 0.3 * x3.mu_star
    assert min(x1.sigma, x3.sigma) > 1


def test_elementary_effects_of_a_group_have_a_size_but_no_sign():
    from SALib.sample import morris

    problem = {**UNIT, "groups": ["z", "z", "y"]}
    design = morris.sample(problem, 20, num_levels=4, seed=1)
    z, y = morris_indices(problem, design, linear(design))
    assert (z.name, y.name) == ("z", "y")
    assert z.mu_star > 0.9
    assert y.mu_star == pytest.approx(0, abs=1e-12)
    assert np.isnan([z.mu, z.sigma]).all()
    assert (y.mu, y.sigma) == pytest.approx((0, 0), abs=1e-12)


# What can be wrong ------------------------------------------------------------------------------


def test_a_point_without_output_is_named_unless_something_stands_for_it():
    with pytest.raises(ModelError, match=r"2 of 3 points .* first point 2: run them again"):
        complete([1.0, np.nan, np.inf])
    assert complete([1.0, np.nan], 9.0).tolist() == [1.0, 9.0]


def test_outputs_handed_in_are_not_changed():
    outputs = np.array([1.0, np.nan])
    complete(outputs, 9.0)
    assert np.isnan(outputs[1])


def test_outputs_of_another_design_are_refused():
    with pytest.raises(ModelError, match="9 outputs are no multiple of the 5"):
        sobol_indices(ISHIGAMI, np.arange(9.0))
    with pytest.raises(ModelError, match="has 4 points, but there are 8"):
        morris_indices(UNIT, np.zeros((4, 3)), np.arange(8.0))
    with pytest.raises(ModelError, match="no multiple"):
        sobol_indices(ISHIGAMI, [])


def test_without_salib_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "SALib.analyze.sobol", None)
    with pytest.raises(MissingExtraError, match=r"dcsim\[sensitivity\]"):
        sobol_indices(ISHIGAMI, np.arange(5.0))
