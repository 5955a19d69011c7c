"""The switch to compiled loops, for a process that does many dispatches.

Importing the compiler takes about half a second, so a single run never does. What is compiled is
kept beside the source, or where ``NUMBA_CACHE_DIR`` says, for the next process.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from types import ModuleType
from typing import NamedTuple

from dcsim.supply.kernels import battery as walk
from dcsim.supply.kernels import dispatch as loops

MISSING = "dispatch runs uncompiled, many times slower: pip install 'dcsim[speed]'"
"""What to tell a user once where `prefer_compiled` returns False."""

OLDEST = (0, 68)
"""Oldest version of the compiler whose cache goes by the content of a file, not by its date."""

CALLED = (
    loops.split,
    loops.after_battery,
    loops.battery_step,
    loops.must_run,
    loops.follow,
    loops.run_stores,
    loops.begin_step,
    loops.move_battery,
    loops.end_step,
    loops.call_gensets,
)
"""What the loops call."""


class Loops(NamedTuple):
    """Loops of the kernels of a dispatch and of a battery, plain or compiled."""

    dispatch_steps: Callable[..., None]
    sum_cases: Callable[..., None]
    walk_store: Callable[..., None] = walk.walk_store


class _Choice:
    """Whether this process dispatches by compiled loops."""

    loops: Loops | None = None


def prefer_compiled() -> bool:
    """Let all further dispatches of this process run compiled; return whether they do.

    Compiling takes seconds once an installation; after that, every process loads it in a fraction
    of one.
    """
    _Choice.loops = compiled_loops()
    return _Choice.loops is not None


def prefer_plain() -> None:
    """Go back to the plain text."""
    _Choice.loops = None


def preferred_loops() -> Loops | None:
    """Return the compiled loops where they are preferred."""
    return _Choice.loops


@functools.cache
def compiled_loops() -> Loops | None:
    """Return the compiled loops, or None where the compiler is missing or too old."""
    try:
        numba = importlib.import_module("numba")
        extending = importlib.import_module("numba.extending")
    except ImportError:
        return None
    if tuple(int(part) for part in numba.__version__.split(".")[:2]) < OLDEST:
        return None
    for function in CALLED:
        extending.register_jitable(function)
    texts = (loops.dispatch_steps, loops.sum_cases, walk.walk_store)
    return Loops(*(_compiled(numba, text) for text in texts))


def _compiled(numba: ModuleType, function: Callable[..., None]) -> Callable[..., None]:
    # No fastmath and no parallel: the compiled text does what the plain text does, in its order.
    # A division by zero gives infinity, as in arrays: a test for it would stop the compiler from
    # taking several cases at once.
    try:
        fast = numba.njit(function, cache=True, error_model="numpy")
    except RuntimeError:  # nowhere to keep it
        fast = numba.njit(function, error_model="numpy")
    return fast  # type: ignore[no-any-return]
