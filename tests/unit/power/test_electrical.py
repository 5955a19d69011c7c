from __future__ import annotations

import numpy as np
import pytest

from dcsim.errors import ModelError
from dcsim.power.electrical import electrical_loss_mw
from dcsim.scenario.schema.power import Electrical


def loss_mw(it_mw: float, hall_mw: float, **changes: object) -> float:
    fields = Electrical.model_validate(changes).model_dump()
    return float(electrical_loss_mw(np.array([it_mw]), np.array([hall_mw]), **fields)[0])


@pytest.mark.parametrize(
    ("load", "efficiency"), [(0.1, 0.90), (0.5, 0.965), (0.625, 0.9675), (1.0, 0.968), (0.02, 0.90)]
)
def test_ups_loses_what_its_curve_says_at_its_load(load: float, efficiency: float) -> None:
    assert loss_mw(100 * load, 100) == pytest.approx(100 * load * (1 / efficiency - 1))


def test_redundancy_lowers_the_load_of_each_ups() -> None:
    assert loss_mw(100, 100, ups_redundancy=2) == pytest.approx(100 * (1 / 0.965 - 1))


def test_distribution_loses_its_share_of_what_enters_it() -> None:
    lossless = {"ups_load": [1], "ups_efficiency": [1]}
    assert loss_mw(99, 200, distribution=0.01, **lossless) == pytest.approx(1.0)


def test_transformer_loses_without_load_and_with_its_square() -> None:
    lossless = {"ups_load": [1], "ups_efficiency": [1]}
    losses = {"transformer_no_load": 0.002, "transformer_load": 0.008}
    assert loss_mw(50, 100, **lossless, **losses) == pytest.approx(0.2 + 0.8 * 0.25)


def test_open_halls_have_house_load_without_servers() -> None:
    assert loss_mw(0, 100, house=0.005) == pytest.approx(0.5)


@pytest.mark.parametrize("hall_mw", [0.0, 1e-200, 9.0])
def test_power_beyond_the_halls_counts_as_full_load(hall_mw: float) -> None:
    assert loss_mw(10, hall_mw) == pytest.approx(10 * (1 / 0.968 - 1))


def test_nothing_on_loses_nothing() -> None:
    assert loss_mw(0, 0, house=0.01, transformer_no_load=0.01) == 0


def test_busways_that_pass_nothing_are_refused() -> None:
    with pytest.raises(ModelError, match="distribution_frac below 1"):
        loss_mw(1, 1, distribution=1)
