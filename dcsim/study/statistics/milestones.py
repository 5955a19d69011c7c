"""Milestones over many replications: chance of being met, confidence dates, S-curves."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dcsim.clock import Floats
from dcsim.errors import ModelError
from dcsim.study.records.rows import Rows
from dcsim.study.statistics.samples import (
    DayArray,
    ShareEstimate,
    counted_rows,
    day_by_share,
    day_column,
    day_interval,
    number_column,
    share_of,
)

CONFIDENCE_SHARES = (0.5, 0.8, 0.9)
"""Confidence levels of the dates that are reported: P50, P80 and P90. [1]"""
ENOUGH = 10_000_000
"""More replications than anyone runs: the search for how many are needed stops there."""
_PRECISION = re.compile(r"(?:(?P<milestone>.+):)?pp=(?P<points>\d+(?:\.\d*)?|\.\d+)", re.ASCII)


class Chance(NamedTuple):
    """Chance that a milestone is met by its day."""

    name: str
    n: int
    """Runs that count, failed ones included."""
    met: int
    probability: float
    """NaN of none. [1]"""
    low: float
    high: float
    """Wilson interval at 95 %. [1]"""
    n_failed: int
    """Of `n`: failed runs, which count as misses."""
    n_left_out: int
    """Failed runs that do not count because they were named."""

    @property
    def half_width(self) -> float:
        """Half the width of the interval. [1]"""
        return (self.high - self.low) / 2


class ConfidenceDate(NamedTuple):
    """The date by which a milestone is reached in a share of all runs, such as the P80 date."""

    share: float
    """0.8 for the P80 date. [1]"""
    day: datetime.date | None
    """None if fewer runs than that reach it at all."""
    low: datetime.date | None
    high: datetime.date | None
    """Interval at 95 %; None at an end that is never, or that so few runs do not bound."""


class MilestoneConfidence(NamedTuple):
    """The confidence dates of a milestone."""

    name: str
    n: int
    """Runs that count, failed ones included."""
    reached: int
    """Runs that reach it within the run, in time or late."""
    dates: tuple[ConfidenceDate, ...]
    """One a confidence level."""


@dataclass(frozen=True)
class SCurve:
    """The chance of having reached a milestone by the end of each month."""

    name: str
    months: NDArray[np.datetime64]
    probability: Floats
    """Shape ``(n_months,)``, never falling. [1]"""
    low: Floats
    high: Floats
    """Wilson interval at 95 %, month by month. [1]"""
    n: int


class Precision(NamedTuple):
    """The widest interval of its milestones at which a study may stop."""

    milestone: str | None
    """None for all of them."""
    half_width: float
    """[1]"""


def milestone_names(rows: Rows) -> list[str]:
    """Return the milestones of the rows, in order."""
    return [name[: -len(".met")] for name in rows.named("milestone.") if name.endswith(".met")]


def with_milestone(rows: Rows, name: str) -> Rows:
    """Return the rows of the cases that have a milestone.

    A failed run holds no values at all, so that its case may have it: it is kept, as a miss.
    """
    known = ~np.isnan(number_column(rows, f"milestone.{name}.met"))
    kept = known | ~rows.ok
    return rows if kept.all() else rows.where(kept)


def milestone_chances(rows: Rows, *, without: Collection[str] = ()) -> list[Chance]:
    """Return the chance of each milestone, with its interval.

    Parameters
    ----------
    rows : Rows
        Of one case, or of many to be taken together; replication 0 is left out where others are
        there.
    without : collection of str
        Failed runs that shall not count as misses, by name: see
        `dcsim.study.statistics.samples.left_out`.

    Returns
    -------
    list of Chance
        In the order of the columns.
    """
    kept, n_left_out = counted_rows(rows, without)
    return [
        _milestone_chance(with_milestone(kept, name), name, n_left_out)
        for name in milestone_names(kept)
    ]


def _milestone_chance(rows: Rows, name: str, n_left_out: int) -> Chance:
    met = rows.ok & (number_column(rows, f"milestone.{name}.met") > 0.5)
    share = share_of(int(met.sum()), rows.n_rows)
    return Chance(name, *share, n_failed=int((~rows.ok).sum()), n_left_out=n_left_out)


def reached_days(rows: Rows, name: str) -> DayArray:
    """Return the day on which each row reached a milestone, NaT for never and for failed rows."""
    found = day_column(rows.columns[f"milestone.{name}.reached"])
    return np.where(rows.ok, found, np.datetime64("NaT", "D"))


def confidence_dates(
    rows: Rows, shares: Sequence[float] = CONFIDENCE_SHARES, *, without: Collection[str] = ()
) -> list[MilestoneConfidence]:
    """Return the earliest dates by which each milestone is reached in given shares of all runs.

    Runs that never reach it, and failed ones, count as never; so the date of a share may not exist.

    Parameters
    ----------
    rows : Rows
        Of one case, or of many to be taken together.
    shares : sequence of float
        Confidence levels, above 0 and up to 1. [1]
    without : collection of str
        As in `milestone_chances`.

    Returns
    -------
    list of MilestoneConfidence
        In the order of the columns.

    Notes
    -----
    The P80 date is the sample quantile at 0.8 of the dates reached, never being later than every
    date, and its interval comes from order statistics: see
    `dcsim.study.statistics.samples.day_by_share` and ``day_interval`` there.
    """
    kept, _ = counted_rows(rows, without)
    return [
        _milestone_confidence(with_milestone(kept, name), name, shares)
        for name in milestone_names(kept)
    ]


def _milestone_confidence(rows: Rows, name: str, shares: Sequence[float]) -> MilestoneConfidence:
    reached = reached_days(rows, name)
    dates = tuple(
        ConfidenceDate(share, day_by_share(reached, share), *day_interval(reached, share))
        for share in shares
    )
    return MilestoneConfidence(name, rows.n_rows, int((~np.isnat(reached)).sum()), dates)


def s_curves(rows: Rows, *, without: Collection[str] = ()) -> list[SCurve]:
    """Return for each milestone the share of all runs that have reached it by each month's end."""
    kept, _ = counted_rows(rows, without)
    return [_s_curve(with_milestone(kept, name), name) for name in milestone_names(kept)]


def _s_curve(rows: Rows, name: str) -> SCurve:
    reached = reached_days(rows, name).astype("datetime64[M]")
    ordered = np.sort(reached[~np.isnat(reached)])
    there = np.searchsorted(ordered, rows.months.astype("datetime64[M]"), side="right")
    shares: list[ShareEstimate] = [share_of(n_there, rows.n_rows) for n_there in there.tolist()]
    table = np.array([share[2:] for share in shares]).reshape(-1, 3)
    return SCurve(name, rows.months, table[:, 0], table[:, 1], table[:, 2], rows.n_rows)


def read_precision(text: str) -> Precision:
    """Return the precision that ``pp=2`` or ``all-gpus:pp=2`` stands for, in percentage points.

    Raises
    ------
    ModelError
        If the text has another form, or a half width outside 0 to 50 percentage points.

    Examples
    --------
    >>> read_precision("all-gpus:pp=2")
    Precision(milestone='all-gpus', half_width=0.02)
    """
    match = _PRECISION.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None or not 0 < float(match["points"]) <= 50:
        raise ModelError(
            f"{text!r} is no precision; write the half width of the intervals in percentage "
            "points, for example 'pp=2', or for one milestone 'NAME:pp=2'"
        )
    return Precision(match["milestone"], float(match["points"]) / 100)


def precise_enough(
    rows: Rows,
    half_width: float,
    *,
    milestone: str | None = None,
    without: Collection[str] = (),
) -> bool:
    """Return whether the chances of all milestones, or of one, are known to a half width.

    Parameters
    ----------
    rows : Rows
    half_width : float
        Of the Wilson interval, at most. [1]
    milestone : str, optional
        The only one that counts.
    without : collection of str
        As in `milestone_chances`.

    Raises
    ------
    ModelError
        If there is no such milestone, or none at all.
    """
    chances = _chances_of(rows, milestone, without)
    return all(chance.half_width <= half_width for chance in chances)


def replications_for_precision(
    rows: Rows,
    half_width: float,
    *,
    milestone: str | None = None,
    without: Collection[str] = (),
) -> int:
    """Return how many replications in all give that precision, if the chances stay as they are.

    Parameters
    ----------
    rows, half_width, milestone, without
        As in `precise_enough`.

    Returns
    -------
    int
        The largest count that a milestone needs. Without a run so far, a chance of one half is
        assumed, whose interval is the widest.

    Raises
    ------
    ModelError
        If there is no such milestone, or the half width is not above 0.
    """
    chances = _chances_of(rows, milestone, without)
    return max(_replications_for_chance(chance, half_width) for chance in chances)


def _chances_of(rows: Rows, milestone: str | None, without: Collection[str]) -> list[Chance]:
    chances = milestone_chances(rows, without=without)
    wanted = [chance for chance in chances if milestone in (None, chance.name)]
    if not wanted:
        known = ", ".join(chance.name for chance in chances) or "none"
        raise ModelError(f"no milestone {milestone or ''} to be precise about; there is {known}")
    return wanted


def _replications_for_chance(chance: Chance, half_width: float) -> int:
    """Return the smallest count at which a share like this one is known well enough."""
    if not half_width > 0:
        raise ModelError(f"the half width of an interval is above 0, got {half_width}")
    probability = chance.probability if chance.n else 0.5
    # Double the count until it suffices, then bisect. The half width falls with the count but for
    # the rounding of the share to whole runs, which moves the answer by a run or two.
    low, high = 0, 1
    while _share_half_width(probability, high) > half_width and high < ENOUGH:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if _share_half_width(probability, middle) > half_width:
            low = middle
        else:
            high = middle
    return high


def _share_half_width(probability: float, n: int) -> float:
    return share_of(round(probability * n), n).half_width
