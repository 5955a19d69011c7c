from __future__ import annotations

import numpy as np
import pytest

from dcsim.power.cooling.chiller import chiller_cop, economizer_frac

COP_TABLE = {
    0.3: (9.96, 7.83, 6.14, 4.90, 4.09),
    0.5: (10.82, 8.78, 7.18, 6.02, 5.30),
    0.7: (11.01, 9.05, 7.53, 6.45, 5.82),
    0.9: (10.51, 8.63, 7.20, 6.21, 5.66),
}


@pytest.mark.parametrize("load_frac", COP_TABLE)
def test_chiller_cop_is_the_published_table_to_its_digits(load_frac: float) -> None:
    cop = chiller_cop(np.array([15.0, 20.0, 25.0, 30.0, 35.0]), load_frac)
    assert tuple(f"{value:.2f}" for value in cop) == tuple(f"{v:.2f}" for v in COP_TABLE[load_frac])


def test_chiller_cop_holds_its_value_outside_the_fit() -> None:
    cop = chiller_cop(np.array([-10.0, 15.0, 35.0, 60.0]), 0.5)
    assert cop[0] == cop[1]
    assert cop[2] == cop[3]
    assert chiller_cop(np.array([20.0]), 1.0) == chiller_cop(np.array([20.0]), 0.9)


def test_economizer_carries_all_below_supply_and_nothing_above_return() -> None:
    sink_c = np.array([19.9, 20.0, 22.0, 28.0, 28.1])
    np.testing.assert_allclose(economizer_frac(sink_c, 20.0, 8.0), [1, 1, 0.75, 0, 0])
