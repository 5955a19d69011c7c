from __future__ import annotations

import numpy as np
import pytest

from dcsim.study.sensitivity.prim import Box, find_box, quasi_p_value

N = 1000


def unit_cube(seed, n=N, n_columns=10):
    return np.random.default_rng(seed).random((n, n_columns))


@pytest.mark.parametrize("seed", range(4))
def test_a_planted_box_is_found(seed):
    points = unit_cube(seed)
    hit = (points[:, 2] > 0.6) & (points[:, 7] < 0.5)
    box = find_box(points, hit)
    assert box.restricted == [2, 7]
    assert box.low[2] == pytest.approx(0.6, abs=0.02)
    assert box.high[7] == pytest.approx(0.5, abs=0.02)
    inside = box.holds(points)
    assert hit[inside].mean() > 0.97
    assert hit[inside].sum() > 0.97 * hit.sum()


def test_one_telling_input_is_found_among_many_and_beside_a_rare_event():
    # 85 of 200 runs have the telling input below 0.4; nine in ten of them miss, half of the others.
    random = np.random.default_rng(3)
    points = random.random((200, 60))
    hit = random.random(200) < np.where(points[:, 28] < 0.4, 0.92, 0.48)
    points[:, 57] = 0.0
    points[np.flatnonzero(hit)[:10], 57] = 1.0  # ten runs with an event, all of which miss
    box = find_box(points, hit)
    assert 28 in box.restricted
    assert box.high[28] == pytest.approx(0.4, abs=0.1)
    assert hit[box.holds(points)].mean() > 0.85


@pytest.mark.parametrize("n_columns", [1, 60])
def test_a_cut_that_tells_little_is_not_named_for_being_one_of_many(n_columns):
    random = np.random.default_rng(11)
    found = 0
    for _ in range(20):
        hit = random.random(200) < 0.67
        found += bool(find_box(random.random((200, n_columns)), hit).restricted)
    assert found <= 6


def test_a_planted_band_has_both_bounds():
    points = unit_cube(5)
    box = find_box(points, (points[:, 3] > 0.3) & (points[:, 3] < 0.6))
    assert box.restricted == [3]
    assert (box.low[3], box.high[3]) == pytest.approx((0.3, 0.6), abs=0.03)


@pytest.mark.parametrize("seed", range(4))
def test_a_planted_box_is_found_under_noise(seed):
    points = unit_cube(seed)
    hit = (points[:, 2] > 0.6) & (points[:, 7] < 0.5)
    hit ^= np.random.default_rng(seed + 100).random(N) < 0.1
    box = find_box(points, hit)
    assert box.restricted == [2, 7]
    assert box.low[2] == pytest.approx(0.6, abs=0.06)
    assert box.high[7] == pytest.approx(0.5, abs=0.06)


def test_where_nothing_but_chance_is_at_work_hardly_ever_a_box_is_seen():
    found = 0
    for seed in range(10):
        hit = np.random.default_rng(seed + 100).random(300) < 0.3
        found += bool(find_box(unit_cube(seed, 300, 20), hit).restricted)
    assert found <= 2


def test_an_input_of_two_values_is_cut_between_them():
    points = unit_cube(1)
    points[:, 4] = points[:, 4] > 0.7
    box = find_box(points, points[:, 4] > 0.5)
    assert box.restricted == [4]
    assert box.low[4] == 0.5


def test_all_or_nothing_leaves_nothing_to_find():
    points = unit_cube(1, 50, 3)
    for hit in (np.ones(50, dtype=bool), np.zeros(50, dtype=bool)):
        assert find_box(points, hit).restricted == []


def test_a_quasi_p_value_is_the_binomial_tail():
    points = np.arange(10.0)[:, None]
    hit = points[:, 0] >= 5
    box = Box(np.array([4.5]), np.array([np.inf]))
    # Five of five at the rate one half of the box without the bound.
    assert quasi_p_value(box, 0, points, hit) == pytest.approx(0.5**5)
