"""The switch to the compiled kernel, for a process that does many dispatches.

Importing the compiler takes about half a second, so a single run never does. What is compiled is
kept beside the source, or where ``NUMBA_CACHE_DIR`` says, for the next process.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable

from dcsim.supply.kernels.battery import (
    BatteryConstants,
    BatteryLevels,
    StorageRequest,
    battery_kernel,
)

NOT_COMPILED = "dispatch runs uncompiled, many times slower: pip install 'dcsim[speed]'"
"""What to tell a user once where `prefer_compiled` returns False."""

OLDEST = (0, 68)
"""Oldest version of the compiler whose cache goes by the content of a file, not by its date."""

BatteryKernel = Callable[[StorageRequest, BatteryConstants, BatteryLevels], bool]


class _Choice:
    """The compiled kernel, in a process that prefers it."""

    kernel: BatteryKernel | None = None


def prefer_compiled() -> bool:
    """Let all further dispatches of this process run compiled; return whether they do.

    Compiling takes seconds once an installation; after that, every process loads it in a fraction
    of one.
    """
    _Choice.kernel = compiled_kernel()
    return _Choice.kernel is not None


def prefer_plain() -> None:
    """Go back to the plain text."""
    _Choice.kernel = None


def preferred_kernel() -> BatteryKernel | None:
    """Return the compiled kernel where it is preferred."""
    return _Choice.kernel


@functools.cache
def compiled_kernel() -> BatteryKernel | None:
    """Return the compiled kernel, or None where the compiler is missing or too old."""
    try:
        numba = importlib.import_module("numba")
    except ImportError:
        return None
    if tuple(int(part) for part in numba.__version__.split(".")[:2]) < OLDEST:
        return None
    # No fastmath and no parallel: the compiled text does what the plain text does, in its order.
    # A division by zero gives infinity, as in arrays; a test for it would cost time in every step.
    try:
        kernel = numba.njit(battery_kernel, cache=True, error_model="numpy")
    except RuntimeError:  # no folder in which the compiler could keep it
        kernel = numba.njit(battery_kernel, error_model="numpy")
    return kernel  # type: ignore[no-any-return]
