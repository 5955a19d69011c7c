from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from dcsim.errors import MissingExtraError, ModelError
from dcsim.scenario.draws.correlation import Pair, groups_of
from dcsim.study.definition.design import (
    Design,
    gaussian_copula,
    iman_conover,
    latin_hypercube,
    power_of_two,
)

TARGET = ((1.0, 0.7, -0.4), (0.7, 1.0, 0.0), (-0.4, 0.0, 1.0))
PAIRS = (Pair("a", "b", 0.7), Pair("a", "c", -0.4))


def factor_of(pairs):
    """The square factor of the only group of some pairs, and its names."""
    (group,) = groups_of(pairs)
    n = len(group.keys)
    return np.array([[*row, *[0.0] * (n - len(row))] for row in group.factor]), group.keys


laws = settings(max_examples=30, deadline=None, derandomize=True)


@laws
@given(n=st.integers(1, 60), n_names=st.integers(1, 6), seed=st.integers(0, 2**31))
def test_a_latin_hypercube_has_one_point_in_each_slice_of_each_column(n, n_names, seed):
    points = latin_hypercube([f"k{i}" for i in range(n_names)], n, seed)
    slices = np.sort(np.floor(points * n).astype(int), axis=0)
    np.testing.assert_array_equal(slices, np.tile(np.arange(n)[:, None], n_names))
    assert points.min() > 0
    assert points.max() < 1


def test_a_further_value_moves_no_other_in_a_latin_hypercube():
    small, large = latin_hypercube(["a", "c"], 9, 1), latin_hypercube(["a", "b", "c"], 9, 1)
    np.testing.assert_array_equal(small, large[:, [0, 2]])
    assert not np.array_equal(latin_hypercube(["a", "c"], 9, 2), small)


def test_the_mean_of_a_latin_hypercube_is_closer_than_that_of_draws():
    means = [latin_hypercube(["a"], 50, seed).mean() for seed in range(40)]
    # One in each slice: the deviation of a mean is 1/sqrt(12)/n^1.5, against 1/sqrt(12)/n^0.5.
    assert np.std(means) == pytest.approx(1 / np.sqrt(12) / 50**1.5, rel=0.4)


@laws
@given(n=st.integers(12, 80), seed=st.integers(0, 2**31))
def test_iman_and_conover_leave_each_column_its_values(n, seed):
    points = latin_hypercube(["a", "b", "c"], n, seed)
    factor, _ = factor_of(PAIRS)
    np.testing.assert_array_equal(
        np.sort(iman_conover(points, factor), axis=0), np.sort(points, axis=0)
    )


@pytest.mark.parametrize("n", [50, 200, 1000])
def test_iman_and_conover_reach_the_rank_correlation(n):
    factor, names = factor_of(PAIRS)
    found = spearmanr(iman_conover(latin_hypercube(names, n, 3), factor)).statistic
    np.testing.assert_allclose(found, TARGET, atol=0.6 / np.sqrt(n))


def test_iman_and_conover_undo_what_is_correlated_by_chance():
    points = latin_hypercube(["a", "b"], 200, 1)
    tied = np.column_stack([points[:, 0], 1 - points[:, 0] + 0.1 * points[:, 1]])
    assert spearmanr(tied).statistic < -0.95
    found = iman_conover(tied, np.eye(2))
    # Their scores are uncorrelated exactly before the ranks are taken.
    assert abs(spearmanr(found).statistic) < 0.05


def test_columns_that_follow_from_one_another_cannot_be_correlated():
    column = latin_hypercube(["a"], 20, 1)[:, 0]
    with pytest.raises(ModelError, match="take more points or another seed"):
        iman_conover(np.column_stack([column, 1 - column]), np.eye(2))


def test_iman_and_conover_by_hand():
    # Independent scores: two columns of four, correlated by a factor that copies the first one.
    points = np.array([[0.1, 0.4], [0.3, 0.1], [0.6, 0.9], [0.9, 0.6]])
    factor = np.array([[1.0, 0.0], [0.999, np.sqrt(1 - 0.999**2)]])
    np.testing.assert_array_equal(
        iman_conover(points, factor), [[0.1, 0.1], [0.3, 0.4], [0.6, 0.6], [0.9, 0.9]]
    )


def test_too_few_points_cannot_be_correlated():
    factor, _ = factor_of(PAIRS)
    with pytest.raises(ModelError, match="4 points are too few to correlate 3 values"):
        iman_conover(latin_hypercube(["a", "b", "c"], 4, 1), factor)


def test_the_copula_reaches_the_rank_correlation_and_stays_uniform():
    points = Design("sobol-sequence", ("a", "b", "c"), 1024).quantiles
    factor, _ = factor_of(PAIRS)
    found = gaussian_copula(points, factor)
    np.testing.assert_allclose(spearmanr(found).statistic, TARGET, atol=0.03)
    np.testing.assert_allclose(np.sort(found, axis=0)[:, 1], np.linspace(0, 1, 1024), atol=0.03)
    np.testing.assert_allclose(found[:, 0], points[:, 0], atol=1e-12)


@laws
@given(u=st.lists(st.floats(0, 1), min_size=3, max_size=3))
def test_the_copula_moves_each_point_by_itself_and_stays_inside(u):
    factor, _ = factor_of(PAIRS)
    alone = gaussian_copula(np.array([u]), factor)
    beside = gaussian_copula(np.array([[0.2, 0.9, 0.5], u]), factor)[1:]
    np.testing.assert_allclose(alone, beside, atol=1e-12)
    assert np.all((alone >= 0) & (alone <= 1))


@pytest.mark.parametrize(
    ("design", "n_rows"),
    [
        (Design("latin-hypercube", ("a", "b", "c"), 10), 10),
        (Design("sobol-sequence", ("a", "b", "c"), 16), 16),
        (Design("sobol", ("a", "b", "c"), 8), 8 * 5),
        (Design("sobol", ("a", "b", "c"), 8, second_order=True), 8 * 8),
        (Design("sobol", ("a", "b", "c"), 8, groups={"x": ("a",), "y": ("b", "c")}), 8 * 4),
        (Design("morris", ("a", "b", "c"), 5), 5 * 4),
        (Design("morris", ("a", "b", "c"), 5, groups={"x": ("a",), "y": ("b", "c")}), 5 * 3),
        (Design("morris", ("a",), 5, levels=6), 5 * 2),
    ],
)
def test_a_design_has_as_many_rows_as_it_says_before_it_is_made(design, n_rows):
    assert design.n_rows == n_rows
    assert design.quantiles.shape == (n_rows, len(design.names))
    assert design.quantiles.min() >= 0
    assert design.quantiles.max() <= 1


@pytest.mark.parametrize("method", ["latin-hypercube", "sobol-sequence", "sobol", "morris"])
def test_the_seed_makes_the_design(method):
    one, same, other = (Design(method, ("a", "b"), 16, seed=s).quantiles for s in (5, 5, 6))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_a_sobol_sequence_has_one_point_in_each_slice():
    points = Design("sobol-sequence", ("a", "b"), 64).quantiles
    assert (np.sort(np.floor(points * 64), axis=0) == np.arange(64)[:, None]).all()


def test_saltelli_swaps_one_group_at_a_time():
    design = Design(
        "sobol", ("a", "b", "c", "d"), 16, groups={"x": ("a", "c"), "y": ("b",), "z": ("d",)}
    )
    blocks = design.quantiles.reshape(16, 5, 4)
    first, *swapped, last = np.moveaxis(blocks, 1, 0)
    for mine, block in zip([[0, 2], [1], [3]], swapped, strict=True):
        rest = [column for column in range(4) if column not in mine]
        np.testing.assert_array_equal(block[:, mine], last[:, mine])
        np.testing.assert_array_equal(block[:, rest], first[:, rest])


def test_correlated_values_of_a_group_keep_the_structure_of_saltelli():
    design = Design(
        "sobol", ("a", "b", "c"), 64, groups={"x": ("a", "b"), "y": ("c",)},
        correlations=(Pair("a", "b", 0.8),),
    )  # fmt: skip
    first, x, y, last = np.moveaxis(design.quantiles.reshape(64, 4, 3), 1, 0)
    np.testing.assert_array_equal(x[:, :2], last[:, :2])
    np.testing.assert_array_equal(x[:, 2], first[:, 2])
    np.testing.assert_array_equal(y[:, :2], first[:, :2])
    assert spearmanr(first[:, 0], first[:, 1]).statistic == pytest.approx(0.8, abs=0.1)


def test_trajectories_move_one_group_at_a_time_by_the_same_step():
    design = Design("morris", ("a", "b", "c"), 10, groups={"x": ("a", "c"), "y": ("b",)})
    steps = np.diff(design.quantiles.reshape(10, 3, 3), axis=1)
    moved = np.abs(steps) > 0
    assert {tuple(row) for row in moved.reshape(-1, 3)} == {
        (True, False, True),
        (False, True, False),
    }
    np.testing.assert_allclose(np.abs(steps[moved]), 2 / 3)


def test_sobol_indices_come_back_from_the_design():
    # Y = 4 a + 2 b: shares of the variance 16/20 and 4/20.
    from SALib.analyze import sobol

    design = Design("sobol", ("a", "b", "c"), 256)
    found = sobol.analyze(design.problem, design.quantiles @ [4.0, 2.0, 0.0], False, seed=1)
    np.testing.assert_allclose(found["S1"], [0.8, 0.2, 0.0], atol=0.02)
    np.testing.assert_allclose(found["ST"], [0.8, 0.2, 0.0], atol=0.02)


def test_elementary_effects_come_back_from_the_design():
    from SALib.analyze import morris

    design = Design("morris", ("a", "b"), 8, levels=4)
    found = morris.analyze(
        design.problem, design.quantiles, design.quantiles @ [3.0, -1.0], num_levels=4, seed=1
    )
    np.testing.assert_allclose(found["mu"], [3.0, -1.0])
    np.testing.assert_allclose(found["sigma"], [0.0, 0.0], atol=1e-12)


def test_correlations_reach_a_latin_hypercube():
    design = Design("latin-hypercube", ("c", "x", "a", "b"), 300, correlations=PAIRS)
    apart = Design("latin-hypercube", ("c", "x", "a", "b"), 300)
    found = spearmanr(design.quantiles[:, [2, 3, 0]]).statistic
    np.testing.assert_allclose(found, TARGET, atol=0.04)
    np.testing.assert_array_equal(design.quantiles[:, 1], apart.quantiles[:, 1])


def test_trajectories_cannot_be_correlated():
    with pytest.raises(ModelError, match="one by one"):
        _ = Design("morris", ("a", "b", "c"), 4, correlations=PAIRS).quantiles


def test_quantiles_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        Design("latin-hypercube", ("a",), 4).quantiles[0, 0] = 1.0


@pytest.mark.parametrize("method", ["sobol", "morris"])
def test_without_salib_one_line_says_how_to_get_it(method, monkeypatch):
    for module in ("SALib", "SALib.sample", "SALib.sample.sobol", "SALib.sample.morris"):
        monkeypatch.setitem(sys.modules, module, None)
    design = Design(method, ("a", "b"), 4)
    assert design.n_rows > 4
    with pytest.raises(MissingExtraError) as caught:
        _ = design.quantiles
    assert str(caught.value) == (f"method {method} needs SALib: pip install 'dcsim[sensitivity]'")


def test_powers_of_two_are_told():
    assert [power_of_two(n) for n in (1, 2, 64)] == [0, 1, 6]
    with pytest.raises(ModelError, match="such as 64 or 128"):
        power_of_two(100)


def test_a_design_tells_the_analysis_all_it_needs():
    design = Design("sobol", ("a", "b"), 4, seed=2, groups={"x": ("a",), "y": ("b",)})
    assert design.about() == {
        "method": "sobol", "names": ["a", "b"], "n": 4, "n_rows": 16, "seed": 2,
        "groups": {"x": ["a"], "y": ["b"]}, "levels": 4, "second_order": False,
        "correlations": [],
        "problem": {
            "num_vars": 2, "names": ["a", "b"], "bounds": [[0.0, 1.0], [0.0, 1.0]],
            "groups": ["x", "y"],
        },
    }  # fmt: skip
