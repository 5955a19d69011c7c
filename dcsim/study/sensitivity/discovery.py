"""Scenario discovery: runs in, the ranges of inputs that miss a milestone out, in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats
from dcsim.study.records.rows import Rows
from dcsim.study.sensitivity.prim import Box, Mask, find_box, quasi_p_value
from dcsim.study.statistics.milestones import with_milestone
from dcsim.study.statistics.outcomes import run_inputs
from dcsim.study.statistics.samples import ShareEstimate, finished_rows, number_column, share_of

FEWEST = 5
"""Fewer misses than that, or fewer runs in time, show no pattern."""
EVENTS = {"comes": ("does not come", "comes"), "happens": ("does not happen", "happens")}
"""Words for inputs that are 0 or 1, by the last part of their key."""


class DisplayUnit(NamedTuple):
    """The unit in which the values of an input are shown."""

    name: str
    size: float = 1.0
    """In the unit in which the rows hold it: 24 for days where they hold hours."""


class InputRange(NamedTuple):
    """The range of one input."""

    key: str
    low: float | None
    high: float | None
    """In the unit of the rows; None where there is no bound."""
    p_value: float
    """Quasi-p-value: how likely chance alone makes the range look that telling. [1]"""
    unit: DisplayUnit

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
    ranges: tuple[InputRange, ...]
    """The most telling first; all of them together make the box."""
    density: ShareEstimate
    """Misses among the runs in the box."""
    coverage: ShareEstimate
    """Runs in the box among the misses of all runs."""
    is_first: bool
    """False if the runs of earlier boxes are no longer looked at."""

    @property
    def sentence(self) -> str:
        """The box in words, with its density and coverage."""
        ranges = " and ".join(one.words for one in self.ranges)
        of = "these runs" if self.is_first else "these other runs"
        return (
            f"{ranges}: {_percent_of_share(self.density)} of {of} miss {self.milestone} "
            f"(coverage {_percent_of_share(self.coverage)})"
        )


@dataclass(frozen=True)
class Discovery:
    """The boxes in which a milestone is missed, and the runs they were found in."""

    milestone: str
    n: int
    """Finished runs."""
    n_missed: int
    n_failed: int
    """Runs that failed and are not looked at."""
    boxes: tuple[MissBox, ...]
    """Empty if nothing stands out."""
    skipped: Mapping[str, str]
    """The reason why an input was left out, by key."""

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
    rows: Rows,
    milestone: str,
    *,
    units: Mapping[str, str | DisplayUnit] | None = None,
    n_boxes: int = 3,
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
        Unit of an input in sentences, by key; none if it is not there.
    n_boxes : int
        At most.

    Returns
    -------
    Discovery
        Without boxes if there are fewer than `FEWEST` misses or runs in time.

    Notes
    -----
    Boxes are found by the patient rule induction method, see `dcsim.study.sensitivity.prim`;
    density and coverage are the two measures of [1]_. The bounds were searched for in the same
    runs that the shares are counted in, so densities are a little flattering and quasi-p-values
    are not p-values; draw other replications to test a box.

    References
    ----------
    .. [1] B. P. Bryant and R. J. Lempert, "Thinking inside the box: a participatory,
       computer-assisted approach to scenario discovery", Technological Forecasting and Social
       Change 77 (2010) 34-49.
    """
    kept, n_failed = finished_rows(rows)
    kept = with_milestone(kept, milestone)
    inputs = run_inputs(kept)
    missed = number_column(kept, f"milestone.{milestone}.met") <= 0.5
    boxes: list[MissBox] = []
    rest = np.ones(kept.n_rows, dtype=np.bool_)
    while len(boxes) < n_boxes and inputs.names and _has_pattern(missed[rest]):
        points, hit = inputs.values[rest], missed[rest]
        box = find_box(points, hit)
        inside = box.holds(points)
        # A later box in which misses are no more frequent than over all runs says nothing.
        if not box.restricted or hit[inside].mean() <= missed.mean():
            break
        ranges = _input_ranges(box, points, hit, inputs.names, units or {})
        density = share_of(int(hit[inside].sum()), int(inside.sum()))
        coverage = share_of(int(hit[inside].sum()), int(missed.sum()))
        boxes.append(MissBox(milestone, ranges, density, coverage, is_first=not boxes))
        rest[np.flatnonzero(rest)[inside]] = False
    return Discovery(
        milestone,
        kept.n_rows,
        int(missed.sum()),
        n_failed,
        tuple(boxes),
        inputs.skipped | dict.fromkeys(inputs.categories, "is text, which has no ranges"),
    )


def _has_pattern(missed: Mask) -> bool:
    return FEWEST <= int(missed.sum()) <= missed.size - FEWEST


def _input_ranges(
    box: Box,
    points: Floats,
    hit: Mask,
    keys: tuple[str, ...],
    units: Mapping[str, str | DisplayUnit],
) -> tuple[InputRange, ...]:
    ranges = [
        InputRange(
            keys[column],
            _bound(box.low[column]),
            _bound(box.high[column]),
            quasi_p_value(box, column, points, hit),
            _display_unit(units.get(keys[column], "")),
        )
        for column in box.restricted
    ]
    return tuple(sorted(ranges, key=lambda one: one.p_value))


def _bound(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _display_unit(unit: str | DisplayUnit) -> DisplayUnit:
    return DisplayUnit(unit) if isinstance(unit, str) else unit


def _percent_of_share(share: ShareEstimate) -> str:
    return f"{100 * share.share:.0f} %"
