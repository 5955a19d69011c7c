from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from dcsim.supply.kernels.battery import BatteryConstants, StorageRequest
from dcsim.supply.kernels.compiled import compiled_kernel, prefer_compiled, prefer_plain
from dcsim.supply.kernels.levels import battery_levels


@pytest.fixture(params=["plain", "compiled"])
def _kind(request: pytest.FixtureRequest) -> Iterator[None]:
    if request.param == "compiled" and not prefer_compiled():
        pytest.skip("needs the extra speed")
    yield
    prefer_plain()


def request_of(change: list[float]) -> StorageRequest:
    nothing = np.broadcast_to(0.0, (len(change),))
    return StorageRequest(np.array(change), nothing, nothing, nothing, nothing)


@pytest.mark.usefixtures("_kind")
def test_a_battery_that_does_not_change_by_itself_begins_a_step_where_it_ended_the_last() -> None:
    levels = battery_levels(request_of([1.0, 1.0, -3.0]), BatteryConstants(4.0, 5.5))
    np.testing.assert_array_equal(levels.before_mwh, [4, 5, 5.5])
    np.testing.assert_array_equal(levels.after_mwh, [5, 5.5, 2.5])


@pytest.mark.usefixtures("_kind")
def test_self_discharge_and_renewals_come_with_the_levels() -> None:
    battery = BatteryConstants(
        8.0, 8.0, remaining_frac=0.5, fade_per_step_frac=0.25, renew_below_frac=0.6
    )
    levels = battery_levels(request_of([4.0, 4.0, 4.0]), battery)
    np.testing.assert_array_equal(levels.before_mwh, [4, 4, 3])
    np.testing.assert_array_equal(levels.after_mwh, [8, 6, 7])
    np.testing.assert_array_equal(levels.renewed, [0, 0, 1])


@pytest.mark.usefixtures("_kind")
def test_no_steps_have_no_levels() -> None:
    assert battery_levels(request_of([]), BatteryConstants(4.0, 5.0)).after_mwh.shape == (0,)


def test_the_kernel_is_compiled_for_one_kind_of_array_whatever_it_is_handed() -> None:
    kernel = compiled_kernel()
    if kernel is None:
        pytest.skip("needs the extra speed")
    frozen = np.ones(4)
    frozen.setflags(write=False)
    every_other = np.arange(8)[::2]
    columns = StorageRequest(every_other, frozen, np.broadcast_to(1.0, (4,)), frozen, every_other)
    prefer_compiled()
    try:
        battery_levels(columns, BatteryConstants(1.0, 2.0))
        battery_levels(request_of([1.0, 2.0]), BatteryConstants(1.0, 2.0))
    finally:
        prefer_plain()
    assert len(kernel.signatures) == 1
