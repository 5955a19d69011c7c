from __future__ import annotations

import math

import pytest

from dcsim.supply.kernels.level import walk_level


def walk(change: float, start: float, *, must: float = 0, refill: float = 0) -> float:
    return walk_level([change], [must], [refill], start, (2.0, 10.0))[-1]


@pytest.mark.parametrize(
    ("change", "start", "end"),
    [
        (3.0, 5.0, 8.0),  # room for all of it
        (7.0, 5.0, 10.0),  # full
        (-2.0, 5.0, 3.0),  # above the reserve
        (-4.0, 5.0, 2.0),  # the reserve stays
        (-1.0, 1.5, 1.5),  # below the reserve already
        (0.0, 5.0, 5.0),
    ],
)
def test_level_moves_by_what_is_asked_within_reserve_and_energy(
    change: float, start: float, end: float
) -> None:
    assert walk(change, start) == end


@pytest.mark.parametrize(
    ("must", "start", "end"), [(1.0, 3.0, 2.0), (1.0, 2.5, 1.5), (4.0, 5.0, 1.0), (6.0, 5.0, 0.0)]
)
def test_what_must_be_covered_may_take_the_reserve(must: float, start: float, end: float) -> None:
    assert walk(-8.0, start, must=must) == end


@pytest.mark.parametrize(("refill", "end"), [(0.3, 1.3), (5.0, 2.0), (0.0, 1.0)])
def test_grid_refills_up_to_the_reserve_and_no_further(refill: float, end: float) -> None:
    assert walk(-1.0, 1.0, refill=refill) == pytest.approx(end)


def test_refill_leaves_a_battery_above_its_reserve_alone() -> None:
    assert walk(0.0, 5.0, refill=3.0) == 5.0


def test_missing_power_makes_the_level_missing() -> None:
    assert math.isnan(walk(math.nan, 5.0))


def test_levels_stand_on_the_edges() -> None:
    assert walk_level([], [], [], 4.0, (0.0, 10.0)) == [4.0]
    assert walk_level([1.0, 1.0], [0, 0], [0, 0], 4.0, (0.0, 10.0)) == [4.0, 5.0, 6.0]
