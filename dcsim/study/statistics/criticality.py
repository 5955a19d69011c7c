"""Which works drive the milestones, and when works are done, over many replications."""

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
from dcsim.study.statistics.milestones import asked, milestone_names
from dcsim.study.statistics.samples import Days, counted, day_by_share, days, finished, share_of

SEPARATOR = " > "
"""Between the works of a driving path."""
SHARES = (0.1, 0.5, 0.9)


class Criticality(NamedTuple):
    """How often one work drives one milestone."""

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
    """The days by which a work is done in given shares of all runs."""

    work: str
    n: int
    n_done: int
    shares: tuple[float, ...]
    days: tuple[datetime.date | None, ...]
    """None where it is not done within the run in so many."""


def criticalities(rows: Rows, milestone: str) -> list[Criticality]:
    """Return how often each work drives a milestone, those that do most often first.

    Parameters
    ----------
    rows : Rows
        Of one case.
    milestone : str
        Its driving path stands in ``milestone.NAME.path`` also where it is never reached.

    References
    ----------
    .. [1] R. M. van Slyke, "Monte Carlo methods and the PERT problem", Operations Research 11
       (1963) 839-860: criticality as the share of runs.
    .. [2] T. M. Williams, "Criticality in stochastic networks", Journal of the Operational
       Research Society 43 (1992) 353-357: cruciality as a correlation.
    """
    if milestone not in milestone_names(rows):
        raise ModelError(f"the rows know no milestone {milestone!r}")
    kept, _ = finished(rows)
    kept = asked(kept, milestone)
    driving = Counter(
        work
        for path in kept.columns[f"milestone.{milestone}.path"].tolist()
        if path
        for work in dict.fromkeys(path.split(SEPARATOR))
    )
    reached = _ranked(days(kept.columns[f"milestone.{milestone}.reached"]))
    finishes = {work: _ranked(finish) for work, finish in _finishes(kept).items()}
    found = [
        Criticality(
            work,
            milestone,
            *share_of(driving[work], kept.n_rows),
            cruciality=_correlation(finishes[work], reached) if work in finishes else math.nan,
        )
        for work in dict.fromkeys([*finishes, *driving])
    ]
    return sorted(found, key=lambda one: -one.n_driving)


def finish_bands(
    rows: Rows, shares: Sequence[float] = SHARES, *, without: Collection[str] = ()
) -> list[FinishBand]:
    """Return the days by which each work is done in given shares of all runs.

    Failed runs count as never, unless `without` names them: see
    `dcsim.study.statistics.samples.left_out`.
    """
    kept, _ = counted(rows, without)
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


def _finishes(rows: Rows) -> dict[str, Days]:
    return {
        name.removesuffix(".finish"): days(column)
        for name, column in rows.named("work.").items()
        if name.endswith(".finish")
    }


def _ranked(moments: Days) -> Floats:
    from scipy.stats import rankdata  # noqa: PLC0415 - heavy

    after = moments.astype(np.int64).astype(np.float64)
    return np.asarray(rankdata(np.where(np.isnat(moments), np.inf, after)), dtype=np.float64)


def _correlation(ranks: Floats, of: Floats) -> float:
    """Return Spearman's coefficient of what is ranked already."""
    from scipy.stats import pearsonr  # noqa: PLC0415 - heavy

    if ranks.size < 2 or not np.ptp(ranks) or not np.ptp(of):
        return math.nan
    return float(pearsonr(ranks, of).statistic)
