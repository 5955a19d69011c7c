"""What is explained and by what: one outcome and the inputs of each run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dcsim.clock import Floats
from dcsim.errors import ModelError
from dcsim.study.records.rows import RowColumn, Rows
from dcsim.study.statistics.milestones import milestone_names, reached_days
from dcsim.study.statistics.samples import drawn, finished, numbers

MILESTONE = "milestone."


@dataclass(frozen=True)
class Outcome:
    """What is explained: one number a finished run."""

    name: str
    values: Floats
    """Shape ``(n,)``; days late (positive) for a milestone."""
    n_never: int = 0
    """Runs that never reach the milestone."""
    never_days: float | None = None
    """Days late that these stand for; None for another outcome, or if there are none."""


@dataclass(frozen=True)
class Inputs:
    """What differs from run to run."""

    names: tuple[str, ...]
    values: Floats
    """Numbers, shape ``(n, n_inputs)``."""
    choices: dict[str, RowColumn]
    """Inputs that are text, by key."""
    skipped: dict[str, str]
    """Why an input says nothing here, by key."""


def sample(rows: Rows, name: str, *, never_days: float | None = None) -> tuple[Inputs, Outcome]:
    """Return the inputs and one outcome of the finished runs that have one.

    Parameters
    ----------
    rows : Rows
        Of one case or of a design of many.
    name : str
        ``milestone.NAME`` for its days late, or a column of numbers such as a key figure.
    never_days : float, optional
        Days late of a run that never reaches the milestone; the end of the run if not given.

    Raises
    ------
    ModelError
        If there is no such column, or no run has a value.
    """
    kept, _ = finished(rows)
    outcome = outcome_of(kept, name, never_days=never_days)
    known = ~np.isnan(outcome.values)
    if not known.any():
        raise ModelError(f"no finished run has a value of {name!r}")
    outcome = Outcome(name, outcome.values[known], outcome.n_never, outcome.never_days)
    return inputs_of(kept.where(known)), outcome


def inputs_of(rows: Rows) -> Inputs:
    """Return the columns ``input.KEY`` that say something, and why others do not."""
    values: dict[str, Floats] = {}
    choices: dict[str, RowColumn] = {}
    skipped: dict[str, str] = {}
    for key, column in rows.named("input.").items():
        if column.dtype == object:
            if len(set(column.tolist())) > 1:
                choices[key] = column
            else:
                skipped[key] = "does not vary"
        elif np.isnan(column.astype(np.float64)).any():
            skipped[key] = "is not drawn in every run"
        elif np.all(column == column[:1]):
            skipped[key] = "does not vary"
        else:
            values[key] = column.astype(np.float64)
    table = np.column_stack(list(values.values())) if values else np.empty((rows.n_rows, 0))
    return Inputs(tuple(values), table, choices, skipped)


def outcome_of(rows: Rows, name: str, *, never_days: float | None = None) -> Outcome:
    """Return an outcome of all rows, NaN where a run failed or has none; see `sample`."""
    milestone = name.removeprefix(MILESTONE)
    if name.startswith(MILESTONE) and milestone in milestone_names(rows):
        return _days_late(rows, milestone, never_days)
    return Outcome(name, np.where(rows.ok, numbers(rows, name), np.nan))


def _days_late(rows: Rows, milestone: str, never_days: float | None) -> Outcome:
    late = -numbers(rows, f"milestone.{milestone}.margin_days")
    known = ~np.isnan(numbers(rows, f"milestone.{milestone}.met"))
    never = rows.ok & known & np.isnan(late)
    late = np.where(rows.ok & known, late, np.nan)
    if never.any():
        worst = _horizon_days(rows, milestone) if never_days is None else never_days
        late = np.where(never, worst, late)
        return Outcome(MILESTONE + milestone, late, int(never.sum()), worst)
    return Outcome(MILESTONE + milestone, late)


def _horizon_days(rows: Rows, milestone: str) -> float:
    """Return how late the end of the run would be; some run must have told what day was asked."""
    reached = reached_days(rows, milestone)
    known = ~np.isnat(reached)
    if not known.any() or not rows.months.size:
        raise ModelError(
            f"no run reaches {milestone!r}, or the rows have no months: say how many days late "
            "never is"
        )
    margin = rows.columns[f"milestone.{milestone}.margin_days"][known]
    by = reached[known] + margin.astype("timedelta64[D]")
    end = (rows.months[-1].astype("datetime64[M]") + 1).astype("datetime64[D]")
    return float((end - by.min()).astype(np.int64))


def in_design_order(
    rows: Rows, cases: Sequence[str], name: str, *, never_days: float | None = None
) -> Floats:
    """Return an outcome for each point of a design, for `dcsim.study.sensitivity.indices`.

    Parameters
    ----------
    rows : Rows
        With the column ``case``.
    cases : sequence of str
        Ids of the cases of the design, in its order; one may come more than once.
    name, never_days
        As in `sample`.

    Returns
    -------
    ndarray, shape (n_points,)
        Median over the finished replications of each case; NaN if none is finished.

    Raises
    ------
    ModelError
        If a case is not among the rows.
    """
    rows = drawn(rows.where(np.isin(rows.columns["case"].astype(str), list(cases))))
    outcome = outcome_of(rows, name, never_days=never_days).values
    places: dict[str, list[int]] = {}
    for row, case in enumerate(rows.columns["case"].tolist()):
        places.setdefault(str(case), []).append(row)
    absent = [case for case in dict.fromkeys(cases) if case not in places]
    if absent:
        raise ModelError(f"{len(absent)} cases of the design have no rows, first {absent[0]!r}")
    median = {case: _median(outcome[places[case]]) for case in dict.fromkeys(cases)}
    return np.array([median[case] for case in cases], dtype=np.float64)


def _median(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if known.size else math.nan
