"""A plan: a site in which every uncertain value has become a number, and its random streams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dcsim import streams
from dcsim.clock import Calendar
from dcsim.scenario.site import Site


@dataclass(frozen=True)
class Plan:
    """What one run is a function of."""

    site: Site
    """The scenario with its values drawn."""
    replication: int = 0
    """Which luck it meets; 0 is the single run, in which uncertain values stand at their median."""
    files: Mapping[str, Path] = field(default_factory=dict)
    """Where each file the scenario names was found, already checked to lie inside the root."""

    @property
    def calendar(self) -> Calendar:
        """The steps of the run."""
        return Calendar(self.site.start_time, self.site.end_time, self.site.zone, self.site.step_h)

    def uniforms(self, thing: str, purpose: str, n: int) -> NDArray[np.float64]:
        """Return the first `n` numbers between 0 and 1 of the stream of a named thing."""
        return streams.uniforms(self.site.seed, thing, purpose, self.replication, n)

    def comes(self, thing: str, probability_frac: float) -> bool:
        """Tell whether something of this probability happens; the single run takes the likelier."""
        if self.replication == 0:
            return probability_frac >= 0.5
        return bool(self.uniforms(thing, "comes", 1)[0] < probability_frac)
