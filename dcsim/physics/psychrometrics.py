"""The psychrolib module in SI units, loaded without its compiler."""

from __future__ import annotations

import functools
import sys
from types import ModuleType
from typing import cast


@functools.cache
def psychrolib_si() -> ModuleType:
    """Return psychrolib as it is without Numba, in SI units; nothing else of dcsim imports it.

    With Numba it compiles all of itself at the first call, which takes four seconds in every
    process and saves none, and may round otherwise.
    """
    held = sys.modules.get("numba")
    sys.modules["numba"] = cast(ModuleType, None)  # what Python itself takes for "not installed"
    try:
        import psychrolib  # noqa: PLC0415  (needed for two tables only)
    finally:
        if held is None:
            del sys.modules["numba"]
        else:
            sys.modules["numba"] = held
    psychrolib.SetUnitSystem(psychrolib.SI)
    return cast(ModuleType, psychrolib)
