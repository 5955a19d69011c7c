"""Plans: a site whose uncertain values are drawn, and the random streams of one replication."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dcsim import streams
from dcsim.clock import Calendar, calendar_of
from dcsim.scenario.schema.site import Site


class Input(NamedTuple):
    """An uncertain value as it was drawn."""

    value: float | str
    """In `unit`, NaN where a number is left out; a text where the value is a date or a word."""
    unit: str
    """Canonical unit of its key, such as ``kW`` or ``KRW/MWh``; empty for numbers and shares."""
    u: float
    """Quantile of its distribution that it stands at, between 0 and 1. [1]"""


@dataclass(frozen=True)
class Plan:
    """Input of one run: nothing else decides its result."""

    site: Site
    """The scenario with its values drawn."""
    replication: int = 0
    """Selects the random numbers; 0 is the single run, with uncertain values at their median."""
    files: Mapping[str, Path] = field(default_factory=dict)
    """Data files by the names the scenario gives them, already checked to lie inside the root."""
    inputs: Mapping[str, Input] = field(default_factory=dict)
    """Every uncertain value as drawn, by its key path."""

    @property
    def calendar(self) -> Calendar:
        """The steps of the run."""
        return calendar_of(
            self.site.start_time, self.site.end_time, self.site.zone, self.site.step_h
        )

    def uniforms(self, thing: str, purpose: str, n: int) -> NDArray[np.float64]:
        """Return the first random numbers of a stream.

        Parameters
        ----------
        thing : str
            Name of what they are drawn for, such as a work or a battery.
        purpose : str
            Keeps streams of one thing apart, so that a new one moves none of the others.
        n : int
            How many.

        Returns
        -------
        ndarray, shape (n,)
            Between 0 and 1. [1]
        """
        return streams.uniforms(self.site.seed, thing, purpose, self.replication, n)

    def comes(self, thing: str, probability_frac: float) -> bool:
        """Tell whether an event happens; the single run takes what is likelier.

        Parameters
        ----------
        thing : str
            Name of the event.
        probability_frac : float
            [1]
        """
        if self.replication == 0:
            return probability_frac >= 0.5
        return bool(self.uniforms(thing, "comes", 1)[0] < probability_frac)
