"""One figure that can be looked up, and what dcsim makes of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple


class Case(NamedTuple):
    """A figure from a source or a closed form, and how dcsim comes to its own."""

    part: str
    """Part of the model, a heading of the table."""
    name: str
    """What is compared, in a few words; unique."""
    source: str
    """Where the figure stands, or the closed form it follows from."""
    expected: float
    unit: str
    tolerance: float
    """Largest difference that passes: a share of `expected`, or in `unit`."""
    measure: Callable[[Path], float]
    """What dcsim finds, given the folder of real data."""
    relative: bool = True
    """Whether the tolerance is a share."""
    needs_data: bool = False
    """Whether it reads the folder."""

    def difference(self, found: float) -> float:
        """Return how far a figure is off, in the terms of the tolerance."""
        apart = found - self.expected
        return apart / abs(self.expected) if self.relative else apart

    def passes(self, found: float) -> bool:
        """Tell whether a figure is close enough; NaN is not."""
        return abs(self.difference(found)) <= self.tolerance
