"""Criticality of works for milestones, and the finish dates of works, over many replications."""

from __future__ import annotations

import datetime
import math
from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats
from dcsim.errors import ModelError
from dcsim.study.records.rows import Rows
from dcsim.study.statistics.milestones import milestone_names, with_milestone
from dcsim.study.statistics.samples import (
    DayArray,
    counted_rows,
    day_by_share,
    day_column,
    finished_rows,
    share_of,
)

SEPARATOR = " > "
"""Between the works of a driving path."""
SHARES = (0.1, 0.5, 0.9)


class Criticality(NamedTuple):
    """Share of the runs in which one work drives one milestone."""

    work: str
    milestone: str
    n: int
    """Finished runs, whether they reach the milestone or not."""
    n_driving: int
    """Of these, runs in which the work lies on the driving path."""
    criticality: float
    """Share of them. [1]"""
    low: float
    high: float
    """Wilson interval at 95 %. [1]"""
    cruciality: float
    """Rank correlation of the day the work is done with the day the milestone is reached, never
    being later than any day; NaN where one of them never varies. [1]"""


class FinishBand(NamedTuple):
    """The dates by which a work is finished in given shares of all runs."""

    work: str
    n: int
    n_done: int
    shares: tuple[float, ...]
    dates: tuple[datetime.date | None, ...]
    """None where fewer runs than that share finish it at all."""


def criticalities(rows: Rows, milestone: str) -> list[Criticality]:
    """Return the criticality of each work for a milestone, the most critical first.

    Parameters
    ----------
    rows : Rows
        Of one case; failed runs are left out.
    milestone : str
        Its driving path stands in ``milestone.NAME.path`` also where it is never reached.

    Returns
    -------
    list of Criticality
        One a work; of equals the first of the file is first.

    Raises
    ------
    ModelError
        If the rows know no such milestone.

    Notes
    -----
    A work is critical in a run if it lies on the path of works, each waiting for the one before
    it, that ends with the milestone. Criticality is the share of such runs [1]_ with its Wilson
    interval; cruciality is Spearman's correlation of the two dates [2]_. A work that always drives
    but never varies has criticality 1 and no cruciality.

    References
    ----------
    .. [1] R. M. van Slyke, "Monte Carlo methods and the PERT problem", Operations Research 11
       (1963) 839-860: criticality as the share of runs.
    .. [2] T. M. Williams, "Criticality in stochastic networks", Journal of the Operational
       Research Society 43 (1992) 353-357: cruciality as a correlation.
    """
    if milestone not in milestone_names(rows):
        raise ModelError(f"the rows know no milestone {milestone!r}")
    kept, _ = finished_rows(rows)
    kept = with_milestone(kept, milestone)
    driving = Counter(
        work
        for path in kept.columns[f"milestone.{milestone}.path"].tolist()
        if path
        for work in dict.fromkeys(path.split(SEPARATOR))
    )
    reached = _day_ranks(day_column(kept.columns[f"milestone.{milestone}.reached"]))
    finishes = {work: _day_ranks(finish) for work, finish in _finishes(kept).items()}
    by_work = [
        Criticality(
            work,
            milestone,
            *share_of(driving[work], kept.n_rows),
            cruciality=_rank_correlation(finishes[work], reached) if work in finishes else math.nan,
        )
        for work in dict.fromkeys([*finishes, *driving])
    ]
    return sorted(by_work, key=lambda one: -one.n_driving)


def finish_bands(
    rows: Rows, shares: Sequence[float] = SHARES, *, without: Collection[str] = ()
) -> list[FinishBand]:
    """Return the dates by which each work is finished in given shares of all runs.

    Parameters
    ----------
    rows : Rows
        Of one case.
    shares : sequence of float
        Above 0 and up to 1. [1]
    without : collection of str
        Failed runs to leave out, by name: see `dcsim.study.statistics.samples.left_out`. All
        others count as never finishing.

    Returns
    -------
    list of FinishBand
        One a work, in the order of the columns.
    """
    kept, _ = counted_rows(rows, without)
    return [
        FinishBand(
            work,
            kept.n_rows,
            int((~np.isnat(finish)).sum()),
            tuple(shares),
            tuple(day_by_share(finish, share) for share in shares),
        )
        for work, finish in _finishes(kept).items()
    ]


def _finishes(rows: Rows) -> dict[str, DayArray]:
    return {
        name.removesuffix(".finish"): day_column(column)
        for name, column in rows.named("work.").items()
        if name.endswith(".finish")
    }


def _day_ranks(moments: DayArray) -> Floats:
    """Return the rank of each day, ties sharing their mean rank; never ranks behind every day."""
    from scipy.stats import rankdata  # noqa: PLC0415 - heavy

    after = moments.astype(np.int64).astype(np.float64)
    return np.asarray(rankdata(np.where(np.isnat(moments), np.inf, after)), dtype=np.float64)


def _rank_correlation(ranks: Floats, of: Floats) -> float:
    """Return Spearman's coefficient of two columns of ranks; NaN where one does not vary."""
    from scipy.stats import pearsonr  # noqa: PLC0415 - heavy

    if ranks.size < 2 or not np.ptp(ranks) or not np.ptp(of):
        return math.nan
    return float(pearsonr(ranks, of).statistic)
