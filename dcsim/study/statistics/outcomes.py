"""One outcome and the inputs of each run: rows in, the two sides of a sensitivity analysis out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dcsim.clock import ONE_MONTH, Floats
from dcsim.errors import ModelError
from dcsim.study.records.rows import RowColumn, Rows
from dcsim.study.statistics.milestones import milestone_names, reached_days
from dcsim.study.statistics.samples import drawn_rows, finished_rows, number_column

MILESTONE = "milestone."


@dataclass(frozen=True)
class Outcome:
    """The outcome that is to be explained: one number a finished run."""

    name: str
    values: Floats
    """Shape ``(n,)``; days late (positive) for a milestone."""
    n_never: int = 0
    """Runs that never reach the milestone."""
    never_days: float | None = None
    """Days late that these stand for; None for another outcome, or if there are none."""


@dataclass(frozen=True)
class RunInputs:
    """The inputs that differ from run to run."""

    names: tuple[str, ...]
    """Keys of the numeric ones."""
    values: Floats
    """Numbers, shape ``(n, n_inputs)``."""
    categories: dict[str, RowColumn]
    """Inputs that are text, by key."""
    skipped: dict[str, str]
    """The reason why an input is left out, by key."""


def inputs_and_outcome(
    rows: Rows, name: str, *, never_days: float | None = None
) -> tuple[RunInputs, Outcome]:
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
    kept, _ = finished_rows(rows)
    outcome = outcome_of(kept, name, never_days=never_days)
    known = ~np.isnan(outcome.values)
    if not known.any():
        raise ModelError(f"no finished run has a value of {name!r}")
    outcome = Outcome(name, outcome.values[known], outcome.n_never, outcome.never_days)
    return run_inputs(kept.where(known)), outcome


def run_inputs(rows: Rows) -> RunInputs:
    """Return the columns ``input.KEY`` that vary from run to run, and why others are left out."""
    values: dict[str, Floats] = {}
    categories: dict[str, RowColumn] = {}
    skipped: dict[str, str] = {}
    for key, column in rows.named("input.").items():
        if column.dtype == object:
            if len(set(column.tolist())) > 1:
                categories[key] = column
            else:
                skipped[key] = "does not vary"
        elif np.isnan(column.astype(np.float64)).any():
            skipped[key] = "is not drawn in every run"
        elif np.all(column == column[:1]):
            skipped[key] = "does not vary"
        else:
            values[key] = column.astype(np.float64)
    table = np.column_stack(list(values.values())) if values else np.empty((rows.n_rows, 0))
    return RunInputs(tuple(values), table, categories, skipped)


def outcome_of(rows: Rows, name: str, *, never_days: float | None = None) -> Outcome:
    """Return an outcome of all rows, NaN where a run failed or has no value.

    Parameters
    ----------
    rows, name, never_days
        As in `inputs_and_outcome`.
    """
    milestone = name.removeprefix(MILESTONE)
    if name.startswith(MILESTONE) and milestone in milestone_names(rows):
        return _days_late(rows, milestone, never_days)
    return Outcome(name, np.where(rows.ok, number_column(rows, name), np.nan))


def _days_late(rows: Rows, milestone: str, never_days: float | None) -> Outcome:
    late = -number_column(rows, f"milestone.{milestone}.margin_days")
    known = ~np.isnan(number_column(rows, f"milestone.{milestone}.met"))
    never = rows.ok & known & np.isnan(late)
    late = np.where(rows.ok & known, late, np.nan)
    if never.any():
        worst = _horizon_days(rows, milestone) if never_days is None else never_days
        late = np.where(never, worst, late)
        return Outcome(MILESTONE + milestone, late, int(never.sum()), worst)
    return Outcome(MILESTONE + milestone, late)


def _horizon_days(rows: Rows, milestone: str) -> float:
    """Return how many days behind a milestone's target date the run ends.

    The target date is no column: it follows from the date and the margin of any run that reached
    the milestone. Cases may have different target dates; the earliest makes never latest.
    """
    reached = reached_days(rows, milestone)
    known = ~np.isnat(reached)
    if not known.any() or not rows.months.size:
        raise ModelError(
            f"no run reaches {milestone!r}, or the rows have no months: say how many days late "
            "never is"
        )
    margin = rows.columns[f"milestone.{milestone}.margin_days"][known]
    by = reached[known] + margin.astype("timedelta64[D]")
    end = (rows.months[-1].astype("datetime64[M]") + ONE_MONTH).astype("datetime64[D]")
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
        As in `inputs_and_outcome`.

    Returns
    -------
    ndarray, shape (n_points,)
        Median over the finished replications of each case; NaN if none is finished.

    Raises
    ------
    ModelError
        If a case is not among the rows.
    """
    rows = drawn_rows(rows.where(np.isin(rows.columns["case"].astype(str), list(cases))))
    outcome = outcome_of(rows, name, never_days=never_days).values
    rows_of_case: dict[str, list[int]] = {}
    for row, case in enumerate(rows.columns["case"].tolist()):
        rows_of_case.setdefault(str(case), []).append(row)
    absent = [case for case in dict.fromkeys(cases) if case not in rows_of_case]
    if absent:
        raise ModelError(f"{len(absent)} cases of the design have no rows, first {absent[0]!r}")
    median = {case: known_median(outcome[rows_of_case[case]]) for case in dict.fromkeys(cases)}
    return np.array([median[case] for case in cases], dtype=np.float64)


def known_median(values: Floats) -> float:
    """Return the median of the values that are there; NaN if none is.

    >>> known_median(np.array([1.0, np.nan, 3.0, 8.0]))
    3.0
    """
    known = values[~np.isnan(values)]
    return float(np.median(known)) if known.size else math.nan
