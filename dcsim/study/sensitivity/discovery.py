"""Scenario discovery: which ranges of the inputs miss a milestone, in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats
from dcsim.study.records.rows import Rows
from dcsim.study.sensitivity.prim import Box, Mask, find_box, quasi_p_value
from dcsim.study.statistics.milestones import asked
from dcsim.study.statistics.outcomes import inputs_of
from dcsim.study.statistics.samples import Share, finished, numbers, share_of

FEWEST = 5
"""Fewer misses than that, or fewer runs in time, show no pattern."""
EVENTS = {"comes": ("does not come", "comes"), "happens": ("does not happen", "happens")}
"""How inputs that are 0 or 1 read, by the last part of their key."""


class Unit(NamedTuple):
    """How the values of an input are shown."""

    name: str
    size: float = 1.0
    """In the unit in which the rows hold it: 24 for days where they hold hours."""


class Limit(NamedTuple):
    """The range of one input."""

    key: str
    low: float | None
    high: float | None
    """In the unit of the rows; None where there is no bound."""
    p_value: float
    """Quasi-p-value: how likely chance alone makes the range look that telling. [1]"""
    unit: Unit

    @property
    def words(self) -> str:
        """The range as part of a sentence."""
        thing, _, event = self.key.rpartition(".")
        if event in EVENTS:
            return f"{thing} {EVENTS[event][self.low is not None]}"
        unit = f" {self.unit.name}" if self.unit.name else ""
        if self.low is not None and self.high is not None:
            return (
                f"{self.key} between {self._figure(self.low)} and {self._figure(self.high)}{unit}"
            )
        if self.low is not None:
            return f"{self.key} above {self._figure(self.low)}{unit}"
        assert self.high is not None, "a limit has a bound"
        return f"{self.key} below {self._figure(self.high)}{unit}"

    def _figure(self, value: float) -> str:
        shown = value / self.unit.size
        return f"{shown:,.0f}" if abs(shown) >= 1000 else f"{shown:.3g}"


@dataclass(frozen=True)
class MissBox:
    """Ranges of inputs in which a milestone is missed more often than elsewhere."""

    milestone: str
    limits: tuple[Limit, ...]
    """The most telling first; all of them together make the box."""
    density: Share
    """Misses among the runs in the box."""
    coverage: Share
    """Runs in the box among the misses of all runs."""
    is_first: bool
    """False if the runs of earlier boxes are no longer looked at."""

    @property
    def sentence(self) -> str:
        """What it says."""
        ranges = " and ".join(limit.words for limit in self.limits)
        of = "these runs" if self.is_first else "these other runs"
        return (
            f"{ranges}: {_percent(self.density)} of {of} miss {self.milestone} "
            f"(coverage {_percent(self.coverage)})"
        )


@dataclass(frozen=True)
class Discovery:
    """What there is to say about the runs that miss a milestone."""

    milestone: str
    n: int
    """Finished runs."""
    n_missed: int
    n_failed: int
    """Runs that failed and are not looked at."""
    boxes: tuple[MissBox, ...]
    """Empty if nothing stands out."""
    skipped: Mapping[str, str]
    """Why an input was not looked at, by key."""

    @property
    def sentences(self) -> list[str]:
        """One a box, or the one that says why there is none."""
        if self.boxes:
            return [box.sentence for box in self.boxes]
        if min(self.n_missed, self.n - self.n_missed) < FEWEST:
            return [
                f"{self.n_missed} of {self.n} runs miss {self.milestone}: too few "
                f"{'misses' if self.n_missed < FEWEST else 'runs in time'} to see a pattern"
            ]
        return [f"no range of one or several inputs tells which runs miss {self.milestone}"]


def discover(
    rows: Rows, milestone: str, *, units: Mapping[str, str | Unit] | None = None, n_boxes: int = 3
) -> Discovery:
    """Return the ranges of inputs in which a milestone is missed most.

    Each box after the first looks at the runs that are in none before it.

    Parameters
    ----------
    rows : Rows
        Of one case or of a design of many.
    milestone : str
        Its name.
    units : mapping, optional
        How to show an input, by key; without a unit if it is not there.
    n_boxes : int
        At most.

    Notes
    -----
    The bounds were searched for in the same runs that the shares are counted in, so densities are
    a little flattering and quasi-p-values are not p-values; draw other replications to test a box.
    """
    kept, n_failed = finished(rows)
    kept = asked(kept, milestone)
    inputs = inputs_of(kept)
    missed = numbers(kept, f"milestone.{milestone}.met") <= 0.5
    boxes: list[MissBox] = []
    rest = np.ones(kept.n_rows, dtype=np.bool_)
    while len(boxes) < n_boxes and inputs.names and _tells(missed[rest]):
        points, hit = inputs.values[rest], missed[rest]
        box = find_box(points, hit)
        inside = box.holds(points)
        # Later boxes come to be rarer than misses are on the whole: then there is no more to say.
        if not box.restricted or hit[inside].mean() <= missed.mean():
            break
        limits = _limits(box, points, hit, inputs.names, units or {})
        density = share_of(int(hit[inside].sum()), int(inside.sum()))
        coverage = share_of(int(hit[inside].sum()), int(missed.sum()))
        boxes.append(MissBox(milestone, limits, density, coverage, is_first=not boxes))
        rest[np.flatnonzero(rest)[inside]] = False
    return Discovery(
        milestone,
        kept.n_rows,
        int(missed.sum()),
        n_failed,
        tuple(boxes),
        inputs.skipped | dict.fromkeys(inputs.choices, "is text, which has no ranges"),
    )


def _tells(missed: Mask) -> bool:
    return FEWEST <= int(missed.sum()) <= missed.size - FEWEST


def _limits(
    box: Box,
    points: Floats,
    hit: Mask,
    keys: tuple[str, ...],
    units: Mapping[str, str | Unit],
) -> tuple[Limit, ...]:
    found = [
        Limit(
            keys[column],
            _bound(box.low[column]),
            _bound(box.high[column]),
            quasi_p_value(box, column, points, hit),
            _unit(units.get(keys[column], "")),
        )
        for column in box.restricted
    ]
    return tuple(sorted(found, key=lambda limit: limit.p_value))


def _bound(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _unit(said: str | Unit) -> Unit:
    return Unit(said) if isinstance(said, str) else said


def _percent(share: Share) -> str:
    return f"{100 * share.share:.0f} %"
