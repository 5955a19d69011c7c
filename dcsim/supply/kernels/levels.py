"""Levels of a battery over arrays, by the kernel that this process prefers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats
from dcsim.supply.kernels.battery import (
    BatteryConstants,
    BatteryLevels,
    StepValues,
    StorageRequest,
    battery_kernel,
)
from dcsim.supply.kernels.compiled import preferred_kernel


class LevelArrays(NamedTuple):
    """Levels that the kernel has written, as arrays of shape ``(n_steps,)``."""

    before_mwh: Floats
    after_mwh: Floats
    renewed: Floats


def battery_levels(request: StorageRequest, store: BatteryConstants) -> LevelArrays:
    """Return the levels of a battery, by the compiled kernel where this process prefers it.

    The two do the same operations in the same order, so the levels are equal to the bit.

    Parameters
    ----------
    request : StorageRequest
        Arrays of shape ``(n_steps,)``; a number that is the same in all steps may be broadcast.
        [MWh]
    store : BatteryConstants

    Returns
    -------
    LevelArrays
    """
    n_steps = len(request.change_mwh)
    before_mwh, after_mwh, renewed = np.zeros((3, n_steps))
    kernel = preferred_kernel()
    if kernel is not None:
        written = BatteryLevels(before_mwh, after_mwh, renewed)
        changes = kernel(StorageRequest(*map(_as_array, request)), store, written)
    else:
        # Plain Python reads and writes lists several times faster than arrays.
        lists = BatteryLevels([0.0] * n_steps, [0.0] * n_steps, [0.0] * n_steps)
        changes = battery_kernel(StorageRequest(*map(_as_list, request)), store, lists)
        after_mwh[:] = lists.after_mwh
        if changes:
            before_mwh[:], renewed[:] = lists.before_mwh, lists.renewed
    if not changes:
        before_mwh[:1], before_mwh[1:] = store.start_mwh, after_mwh[:-1]
    return LevelArrays(before_mwh, after_mwh, renewed)


def _as_array(column: StepValues) -> Floats:
    """Return the one kind of array the kernel is compiled for; any other would compile it again."""
    return np.require(column, np.float64, ["C", "W"])


def _as_list(column: StepValues) -> list[float]:
    """Return a list; of one object for all steps where that will do, which takes no time."""
    array = np.asarray(column)
    if not array.any():
        return [0.0] * array.size
    if array.strides == (0,):  # broadcast
        return [float(array[0])] * array.size
    return array.tolist()  # type: ignore[no-any-return]
