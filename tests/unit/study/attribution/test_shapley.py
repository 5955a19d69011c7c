from __future__ import annotations

import itertools

import numpy as np
import pytest

from dcsim.study.attribution.shapley import exact_shares, sampled_shares


def game(table):
    """A worth that looks a set up, one run."""
    return lambda held: np.array([float(table(held))])


def by_orders(n, worth):
    """The definition: the mean over all orders."""
    total = np.zeros(n)
    orders = list(itertools.permutations(range(n)))
    for order in orders:
        held = frozenset()
        for group in order:
            total[group] += worth(held | {group})[0] - worth(held)[0]
            held |= {group}
    return total / len(orders)


def test_groups_that_add_up_get_what_they_add() -> None:
    worth = game(lambda held: sum((1.0, -2.0, 5.0)[i] for i in held))
    np.testing.assert_allclose(exact_shares(3, worth).share, [1, -2, 5])


def test_the_glove_game() -> None:
    # One left glove, two right ones: a pair is worth 1.
    worth = game(lambda held: 0 in held and bool({1, 2} & held))
    np.testing.assert_allclose(exact_shares(3, worth).share, [2 / 3, 1 / 6, 1 / 6])


def test_equal_groups_share_equally_and_a_null_group_gets_nothing() -> None:
    worth = game(lambda held: len(held - {3}) ** 2)
    share = exact_shares(4, worth).share
    np.testing.assert_allclose(share, [3, 3, 3, 0])
    assert share[3] == 0.0


@pytest.mark.parametrize("seed", range(5))
def test_sets_give_the_mean_over_all_orders_and_add_up_exactly(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = {
        frozenset(s): rng.normal() for k in range(6) for s in itertools.combinations(range(5), k)
    }
    worth = game(values.__getitem__)
    found = exact_shares(5, worth)
    np.testing.assert_allclose(found.share, by_orders(5, worth))
    whole = values[frozenset(range(5))] - values[frozenset()]
    assert float(np.sum(found.share)) == pytest.approx(whole, rel=1e-14)
    assert found.exact


def test_some_orders_come_within_their_errors_of_all() -> None:
    rng = np.random.default_rng(9)
    n = 9
    single, pair = rng.normal(size=n), rng.normal(size=(n, n))
    worth = game(
        lambda held: (
            sum(single[i] for i in held) + sum(pair[i, j] for i in held for j in held if i < j)
        )
    )
    exact = exact_shares(n, worth).share
    found = sampled_shares(n, worth, n_orders=400, seed=1)
    assert (np.abs(found.share - exact) <= 4 * found.error + 1e-12).all()
    assert found.error.max() < 0.2
    whole = (worth(frozenset(range(n))) - worth(frozenset()))[0]
    assert found.share.sum() == pytest.approx(whole, rel=1e-12)
    assert not found.exact


def test_many_runs_have_errors_of_their_own() -> None:
    rng = np.random.default_rng(3)
    draws = rng.normal(1.0, 0.5, size=100)
    found = exact_shares(2, lambda held: draws * len(held))
    np.testing.assert_allclose(found.share, draws.mean())
    np.testing.assert_allclose(found.error, draws.std(ddof=1) / 10)
