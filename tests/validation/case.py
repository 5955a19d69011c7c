"""One figure that can be looked up, and what dcsim makes of it."""

from __future__ import annotations

from typing import NamedTuple


class Case(NamedTuple):
    """A figure from a source or a closed form beside ours."""

    name: str
    """What is compared, in a few words; unique."""
    source: str
    """Where the figure stands, or the closed form it follows from."""
    expected: float
    found: float
    unit: str
    tolerance: float
    """Largest difference that passes: a share of `expected`, or in `unit`."""
    relative: bool = True
    """Whether the tolerance is a share."""

    @property
    def difference(self) -> float:
        """How far apart they are, in the terms of the tolerance; NaN where ours is."""
        apart = self.found - self.expected
        return apart / abs(self.expected) if self.relative else apart

    @property
    def passes(self) -> bool:
        """Whether ours is close enough; NaN is not."""
        return abs(self.difference) <= self.tolerance
