from __future__ import annotations

import numpy as np
import pytest

from dcsim.errors import ModelError
from tests.validation.calibrate import share_up_to, two_states


def test_idle_and_busy_together_have_the_mean_of_the_distribution() -> None:
    rng = np.random.default_rng(2)
    value = np.sort(np.concatenate((rng.normal(60, 5, 400), rng.normal(350, 60, 600))))
    cumulative = np.linspace(0, 1, value.size)
    mean = float(((value[1:] + value[:-1]) / 2 * np.diff(cumulative)).sum())
    for limit in (75.0, 200.0, 340.0):
        states = two_states(value, cumulative, limit)
        assert states.mean == pytest.approx(mean)
        assert states.idle < limit < states.busy


def test_the_share_of_two_states_is_that_above_the_limit() -> None:
    states = two_states(np.array([10.0, 10.0, 90.0, 90.0]), np.array([0.0, 0.3, 0.3, 1.0]), 50.0)
    assert states.idle == pytest.approx(10)
    assert states.busy == pytest.approx(90)
    assert states.busy_frac == pytest.approx(0.7)


@pytest.mark.parametrize(
    ("value", "cumulative", "limit"),
    [
        ([1.0, 2.0], [0.0, 0.9], 1.5),
        ([2.0, 1.0], [0.0, 1.0], 1.5),
        ([1.0, 2.0], [0.0, 1.0], 5.0),
        ([1.0], [1.0], 1.0),
    ],
)
def test_what_is_no_distribution_is_refused(value, cumulative, limit) -> None:
    with pytest.raises(ModelError):
        two_states(np.array(value), np.array(cumulative), limit)


def test_shares_end_at_none_and_all() -> None:
    value, cumulative = np.array([1.0, 3.0]), np.array([0.0, 1.0])
    assert [share_up_to(value, cumulative, at) for at in (0.0, 2.0, 9.0)] == [0.0, 0.5, 1.0]
