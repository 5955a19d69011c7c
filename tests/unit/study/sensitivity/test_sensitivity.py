from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from dcsim.errors import ModelError
from dcsim.study.records.rows import text_column
from dcsim.study.sensitivity.sensitivity import partial_correlations, rank_effects, tornado_of

N = 500


@pytest.fixture(scope="module")
def noisy(rows_of):
    """Output 3 a - b + noise; c says nothing, same does not vary, choice shifts it by 10."""
    rng = np.random.default_rng(1)
    a, b, c, noise = rng.random((4, N))
    choice = np.array(["slow", "fast"])[rng.integers(0, 2, N)]
    return rows_of(
        {
            "input.a": a,
            "input.b": b,
            "input.c": c,
            "input.same": np.ones(N),
            "input.word": text_column(["one"] * N),
            "input.choice": text_column(choice.tolist()),
            "input.sometimes": np.where(np.arange(N) < 9, np.nan, a),
            "npv": 3 * a - b + 0.3 * noise + 10 * (choice == "slow"),
            "plain": 3 * a - b + 0.3 * noise,
        }
    )


def test_rank_correlations_are_those_of_the_library(noisy):
    found = {one.name: one for one in rank_effects(noisy, "plain").effects}
    for key in ("a", "b", "c"):
        expected = spearmanr(noisy.columns[f"input.{key}"], noisy.columns["plain"])
        assert found[key].correlation == pytest.approx(expected.statistic, abs=1e-12)
        assert found[key].p_value == pytest.approx(expected.pvalue, rel=1e-6)
        assert found[key].low < expected.statistic < found[key].high
        assert found[key].p_value <= found[key].false_discovery


def test_the_strongest_comes_first_and_noise_does_not_stand_out(noisy):
    effects = rank_effects(noisy, "plain").effects
    assert [one.name for one in effects] == ["a", "b", "c"]
    assert effects[-1].low < 0 < effects[-1].high


def test_text_has_no_ranks(noisy):
    assert rank_effects(noisy, "npv").skipped["choice"] == "is text, which has no ranks"


def test_a_monotone_bend_does_not_change_a_rank_correlation(noisy, rows_of):
    bent = rows_of({**noisy.columns, "plain": np.exp(4 * noisy.columns["plain"])})
    assert [e.correlation for e in rank_effects(bent, "plain").effects] == [
        e.correlation for e in rank_effects(noisy, "plain").effects
    ]


def test_an_outcome_that_is_constant_follows_nothing(noisy, rows_of):
    ranking = rank_effects(rows_of({**noisy.columns, "plain": np.ones(N)}), "plain")
    assert ranking.effects == ()
    assert ranking.skipped["a"] == "the outcome is constant"


def test_a_partial_correlation_sees_through_a_companion():
    rng = np.random.default_rng(2)
    a = rng.standard_normal(2000)
    companion = a + 0.5 * rng.standard_normal(2000)
    of = a + rng.standard_normal(2000)
    found = partial_correlations(np.column_stack([a, companion]), of)
    assert abs(found[1]) < 0.06
    # Three variables have a closed form: (r12 - r13 r23) / sqrt((1 - r13²)(1 - r23²)).
    r = np.corrcoef([a, of, companion])
    closed = (r[0, 1] - r[0, 2] * r[1, 2]) / np.sqrt((1 - r[0, 2] ** 2) * (1 - r[1, 2] ** 2))
    assert found[0] == pytest.approx(closed, abs=1e-12)


def test_inputs_that_repeat_one_another_have_no_partial_correlation():
    a = np.arange(20.0)
    assert np.isnan(partial_correlations(np.column_stack([a, a]), a**2)).all()
    assert np.isnan(partial_correlations(np.eye(3), np.arange(3.0))).all()


def test_a_swing_is_the_change_of_the_median_between_the_outer_fifths(rows_of):
    a = np.arange(100.0)
    found = tornado_of(rows_of({"input.a": a, "npv": -2 * a}), "npv")
    # Lowest fifth 0 to 19, highest 80 to 99.
    assert found.swings == (("a", 9.5, 89.5, 20, 20, -19.0, -179.0),)
    assert found.swings[0].swing == -160.0
    assert found.median == -99.0


def test_the_widest_swing_comes_first_and_choices_are_compared(noisy):
    swings = tornado_of(noisy, "npv").swings
    assert [swing.name for swing in swings][:1] == ["choice"]
    assert (swings[0].at_low, swings[0].at_high) == ("fast", "slow")
    assert swings[0].swing == pytest.approx(10, abs=0.5)
    assert sum((swings[0].n_low, swings[0].n_high)) == N


def test_a_swing_downwards_is_as_wide_as_one_upwards(rows_of):
    up, down = np.random.default_rng(1).random((2, 200))
    rows = rows_of({"input.up": up, "input.down": down, "npv": up - 3 * down})
    assert [swing.name for swing in tornado_of(rows, "npv").swings] == ["down", "up"]


def test_an_event_is_compared_with_its_absence(rows_of):
    happens = np.array([0.0] * 90 + [1.0] * 10)
    for values in (happens, 1 - happens):
        (swing,) = tornado_of(rows_of({"input.x": values, "npv": 5 * happens}), "npv").swings
        assert {swing.n_low, swing.n_high} == {10, 90}
        assert abs(swing.swing) == 5.0


def test_choices_that_make_no_difference_have_no_swing(rows_of):
    rows = rows_of({"input.x": text_column(["a", "b"]), "npv": [1.0, 1.0]})
    (swing,) = tornado_of(rows, "npv").swings
    assert {swing.at_low, swing.at_high} == {"a", "b"}
    assert swing.swing == 0


def test_never_moves_a_tornado_only_as_far_as_stated(rows_of, milestone_columns):
    slip = np.arange(100.0)
    day = np.datetime64("2030-01-01") + slip.astype(int)
    day[60:] = np.datetime64("NaT", "D")
    rows = rows_of({**milestone_columns(day, "2030-01-01"), "input.slip": slip})
    found = tornado_of(rows, "milestone.all", never_days=365)
    assert (found.outcome.n_never, found.outcome.never_days) == (40, 365)
    assert found.swings[0].high == 365


def test_ends_beyond_the_middle_are_refused(noisy):
    with pytest.raises(ModelError, match=r"up to 0\.5"):
        tornado_of(noisy, "npv", outer=0.6)
