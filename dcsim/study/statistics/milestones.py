"""Milestones over many replications: their chance, the dates that can be promised, S-curves."""

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
    Days,
    Share,
    counted,
    day_by_share,
    day_interval,
    days,
    numbers,
    share_of,
)

SHARES = (0.5, 0.8, 0.9)
"""Shares of runs that a promised date holds in."""
ENOUGH = 10_000_000
"""More replications than anyone runs: the search for how many are needed stops there."""
_PRECISION = re.compile(r"(?:(?P<milestone>.+):)?pp=(?P<points>\d+(?:\.\d*)?|\.\d+)", re.ASCII)


class Chance(NamedTuple):
    """How likely a milestone is met by its day."""

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


class PromisedDay(NamedTuple):
    """A day by which a milestone was reached in a share of all runs."""

    share: float
    day: datetime.date | None
    """None if fewer runs than that reach it at all."""
    low: datetime.date | None
    high: datetime.date | None
    """Interval at 95 %; None at an end that is never, or that so few runs do not bound."""


class Promise(NamedTuple):
    """The dates that can be promised for a milestone."""

    name: str
    n: int
    reached: int
    """Runs that reach it within the run, in time or late."""
    days: tuple[PromisedDay, ...]


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
    """When a study may stop: how wide the intervals of its milestones may be."""

    milestone: str | None
    """None for all of them."""
    half_width: float
    """[1]"""


def milestone_names(rows: Rows) -> list[str]:
    """Return the milestones of the rows, in order."""
    return [name[: -len(".met")] for name in rows.named("milestone.") if name.endswith(".met")]


def asked(rows: Rows, name: str) -> Rows:
    """Return the rows that a milestone was asked of: cases without it say nothing about it.

    Failed runs say nothing at all, so they are kept and count as misses.
    """
    known = ~np.isnan(numbers(rows, f"milestone.{name}.met"))
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
    kept, n_left_out = counted(rows, without)
    return [_chance(asked(kept, name), name, n_left_out) for name in milestone_names(kept)]


def _chance(rows: Rows, name: str, n_left_out: int) -> Chance:
    met = rows.ok & (numbers(rows, f"milestone.{name}.met") > 0.5)
    share = share_of(int(met.sum()), rows.n_rows)
    return Chance(name, *share, n_failed=int((~rows.ok).sum()), n_left_out=n_left_out)


def reached_days(rows: Rows, name: str) -> Days:
    """Return the day on which each row reached a milestone, NaT for never and for failed rows."""
    found = days(rows.columns[f"milestone.{name}.reached"])
    return np.where(rows.ok, found, np.datetime64("NaT", "D"))


def promised(
    rows: Rows, shares: Sequence[float] = SHARES, *, without: Collection[str] = ()
) -> list[Promise]:
    """Return the earliest days that each milestone was reached by in given shares of all runs.

    Runs that never reach it, and failed ones, count as never; so the day of a share may not exist.

    Parameters
    ----------
    rows : Rows
    shares : sequence of float
        Above 0 and up to 1. [1]
    without : collection of str
        As in `milestone_chances`.
    """
    kept, _ = counted(rows, without)
    return [_promise(asked(kept, name), name, shares) for name in milestone_names(kept)]


def _promise(rows: Rows, name: str, shares: Sequence[float]) -> Promise:
    reached = reached_days(rows, name)
    found = tuple(
        PromisedDay(share, day_by_share(reached, share), *day_interval(reached, share))
        for share in shares
    )
    return Promise(name, rows.n_rows, int((~np.isnat(reached)).sum()), found)


def s_curves(rows: Rows, *, without: Collection[str] = ()) -> list[SCurve]:
    """Return for each milestone the share of all runs that have reached it by each month's end."""
    kept, _ = counted(rows, without)
    return [_s_curve(asked(kept, name), name) for name in milestone_names(kept)]


def _s_curve(rows: Rows, name: str) -> SCurve:
    reached = reached_days(rows, name).astype("datetime64[M]")
    ordered = np.sort(reached[~np.isnat(reached)])
    there = np.searchsorted(ordered, rows.months.astype("datetime64[M]"), side="right")
    shares: list[Share] = [share_of(n_there, rows.n_rows) for n_there in there.tolist()]
    table = np.array([share[2:] for share in shares]).reshape(-1, 3)
    return SCurve(name, rows.months, table[:, 0], table[:, 1], table[:, 2], rows.n_rows)


def read_precision(text: str) -> Precision:
    """Return what ``pp=2`` or ``all-gpus:pp=2`` asks for, in percentage points.

    Raises
    ------
    ModelError
        If it asks for nothing of that kind, or for a width that no interval or every one has.

    Examples
    --------
    >>> read_precision("all-gpus:pp=2")
    Precision(milestone='all-gpus', half_width=0.02)
    """
    match = _PRECISION.fullmatch(text.strip())
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
    """Tell whether the chances of all milestones, or of one, are known to a half width.

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


def needed(
    rows: Rows,
    half_width: float,
    *,
    milestone: str | None = None,
    without: Collection[str] = (),
) -> int:
    """Return how many replications in all would settle it, if the chances stay what they are.

    Parameters are those of `precise_enough`. Without a run so far, a chance of one half is
    assumed, which asks for most.
    """
    chances = _chances_of(rows, milestone, without)
    return max(_needed_for(chance, half_width) for chance in chances)


def _chances_of(rows: Rows, milestone: str | None, without: Collection[str]) -> list[Chance]:
    chances = milestone_chances(rows, without=without)
    wanted = [chance for chance in chances if milestone in (None, chance.name)]
    if not wanted:
        known = ", ".join(chance.name for chance in chances) or "none"
        raise ModelError(f"no milestone {milestone or ''} to be precise about; there is {known}")
    return wanted


def _needed_for(chance: Chance, half_width: float) -> int:
    """Return the smallest count at which a share like this one is known well enough."""
    if not half_width > 0:
        raise ModelError(f"the half width of an interval is above 0, got {half_width}")
    probability = chance.probability if chance.n else 0.5
    low, high = 0, 1
    while _half_width(probability, high) > half_width and high < ENOUGH:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if _half_width(probability, middle) > half_width:
            low = middle
        else:
            high = middle
    return high


def _half_width(probability: float, n: int) -> float:
    return share_of(round(probability * n), n).half_width
