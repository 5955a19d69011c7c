from __future__ import annotations

import math

import pytest

from dcsim.supply.kernels.battery import (
    BatteryConstants,
    BatteryLevels,
    StorageRequest,
    battery_kernel,
)

RESERVE, ENERGY = 2.0, 10.0


def end_level(change: float, start: float, *, must: float = 0, refill: float = 0) -> float:
    """Level after one step of a battery whose floor and target are its reserve."""
    request = StorageRequest([change], [must], [refill], [RESERVE], [RESERVE])
    levels = BatteryLevels([0.0], [0.0], [0.0])
    battery_kernel(request, BatteryConstants(start, ENERGY), levels)
    return levels.after_mwh[0]


def run(battery: BatteryConstants, changes: list[float]) -> BatteryLevels:
    """Levels under changes all of which have to be covered, with no grid to charge from."""
    n = len(changes)
    must = [max(-change, 0.0) for change in changes]
    request = StorageRequest(changes, must, [0.0] * n, [battery.minimum_mwh] * n, [0.0] * n)
    levels = BatteryLevels([0.0] * n, [0.0] * n, [0.0] * n)
    battery_kernel(request, battery, levels)
    return levels


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
    assert end_level(change, start) == end


@pytest.mark.parametrize(
    ("must", "start", "end"), [(1.0, 3.0, 2.0), (1.0, 2.5, 1.5), (4.0, 5.0, 1.0), (6.0, 5.0, 0.0)]
)
def test_what_must_be_covered_may_take_the_reserve(must: float, start: float, end: float) -> None:
    assert end_level(-8.0, start, must=must) == end


@pytest.mark.parametrize(("refill", "end"), [(0.3, 1.3), (5.0, 2.0), (0.0, 1.0)])
def test_grid_refills_up_to_the_reserve_and_no_further(refill: float, end: float) -> None:
    assert end_level(-1.0, 1.0, refill=refill) == pytest.approx(end)


def test_refill_leaves_a_battery_above_its_reserve_alone() -> None:
    assert end_level(0.0, 5.0, refill=3.0) == 5.0


def test_a_battery_that_has_given_in_a_step_is_not_refilled_in_it() -> None:
    assert end_level(-4.0, 3.0, must=2.0, refill=3.0) == 1.0


def test_missing_power_makes_the_level_missing() -> None:
    assert math.isnan(end_level(math.nan, 5.0))


def test_nothing_goes_below_the_minimum_and_a_level_below_it_stays() -> None:
    battery = BatteryConstants(start_mwh=4.0, energy_mwh=10.0, minimum_mwh=3.0)
    assert run(battery, [-9.0, -9.0]).after_mwh == [3.0, 3.0]
    assert run(battery._replace(start_mwh=1.0), [-9.0, 1.0]).after_mwh == [1.0, 2.0]


def test_age_counts_from_the_second_step_and_use_from_the_step_after() -> None:
    battery = BatteryConstants(10.0, 10.0, fade_per_step_frac=0.1)
    assert run(battery, [0.0] * 3).before_mwh == pytest.approx([10, 9, 8])
    battery = BatteryConstants(10.0, 10.0, fade_per_cycle_frac=0.2)
    levels = run(battery, [-5.0, 99.0, -9.0, 99.0])
    assert levels.after_mwh == pytest.approx([5, 9, 0, 7.2])


def test_a_renewed_battery_is_as_good_as_new_and_keeps_its_level() -> None:
    battery = BatteryConstants(10.0, 10.0, fade_per_step_frac=0.1, renew_below_frac=0.85)
    levels = run(battery, [0.0, 0.0, 5.0, 0.0])
    assert levels.renewed == [0.0, 0.0, 1.0, 0.0]
    assert levels.after_mwh == pytest.approx([10, 9, 10, 9])


def test_only_a_battery_that_leaks_or_fades_says_that_it_changes_by_itself() -> None:
    request = StorageRequest(*([1.0] for _ in range(5)))
    plain = BatteryConstants(0.0, 10.0, minimum_mwh=1.0, renew_below_frac=0.5)
    found = [
        battery_kernel(request, battery, BatteryLevels([0.0], [0.0], [0.0]))
        for battery in (
            plain,
            plain._replace(remaining_frac=0.9),
            plain._replace(fade_per_step_frac=0.1),
            plain._replace(fade_per_cycle_frac=0.1),
        )
    ]
    assert found == [False, True, True, True]
