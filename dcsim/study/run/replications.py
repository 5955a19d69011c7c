"""Replications of one scenario: a case and a number in, rows and their summary out."""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from dcsim.errors import ModelError
from dcsim.scenario.scenario import Scenario
from dcsim.scenario.text.named_files import file_digest
from dcsim.study.definition.reach import input_reach
from dcsim.study.engine.engine import Engine
from dcsim.study.records.case import Case
from dcsim.study.records.identity import model_of, numeric_profile
from dcsim.study.records.rows import Rows
from dcsim.study.run.runner import ProgressCallback, RunReport, RunRequest, run_study, study_table
from dcsim.study.statistics.bands import (
    LEVELS,
    ScalarBand,
    lost_gpu_days,
    nearest,
    scalar_bands,
    series_bands,
)
from dcsim.study.statistics.criticality import criticalities, finish_bands
from dcsim.study.statistics.milestones import (
    Chance,
    MilestoneConfidence,
    Precision,
    confidence_dates,
    milestone_chances,
    milestone_names,
    precise_enough,
)
from dcsim.study.statistics.samples import finished_rows
from dcsim.study.store.store import ResultStore

ROUND = 50
"""Replications between two looks at the precision; fixed, so that a run stops at the same number
whatever the number of workers."""
LEAST_CRITICAL = 0.005
"""Share of runs below which a work that drives a milestone is left out of the summary."""


def case_of(scenario: Scenario, case_id: str) -> Case:
    """Return a scenario as a case; its gates (`expect`) change no result and are left out."""
    resolved = {key: part for key, part in scenario.resolved.items() if key != "expect"}
    files = {name: str(path.resolve()) for name, path in scenario.files.items()}
    return Case(
        case_id,
        resolved,
        files=files,
        file_digests={name: file_digest(path) for name, path in scenario.files.items()},
        quantiles=dict(scenario.quantiles),
        model=model_of(scenario.site.extension.packages),
        profile=numeric_profile(),
    )


def short_name(scenario: Scenario) -> str:
    """Return the name of a scenario's file without its ending; its own if it is from plain data."""
    return scenario.name if scenario.options.one_folder else scenario.path.stem


def scenario_study_name(scenario: Scenario) -> str:
    """Return the name of a scenario's study: that of its file, marked if it is not as in it."""
    changed = scenario.overrides or scenario.quantiles or scenario.options.one_folder
    mark = f"-{scenario.digest[:8]}" if changed else ""
    name = short_name(scenario)
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in name)
    return f"{safe.lstrip('._-')[:50] or 'scenario'}{mark}"


def about_inputs(scenario: Scenario) -> dict[str, Any]:
    """Return units and reach of the uncertain inputs of a scenario, for a manifest."""
    units = {key: drawn.unit for key, drawn in scenario.plan().inputs.items()}
    return {"units": units, "reach": input_reach(scenario)}


def replicate_case(
    case: Case,
    n: int,
    store: ResultStore,
    engine: Engine,
    *,
    until: Precision | None = None,
    watch: ProgressCallback | None = None,
    about: Mapping[str, Any] | None = None,
) -> tuple[Rows, RunReport]:
    """Run replications 1 to `n` of a case, or fewer once the chances are known well enough.

    Parameters
    ----------
    case : Case
    n : int
        Most replications.
    store : ResultStore
        Replications in it are not run again.
    engine : Engine
        Where replications run.
    until : Precision, optional
        Precision of the chances at which to stop early.
    watch : callable, optional
        Called with the state after each unit.
    about : mapping, optional
        What the manifest says of the inputs, see `about_inputs`.

    Returns
    -------
    tuple of Rows and RunReport
        The replications in order, and the counts of the run.
    """
    total = RunReport(n)
    for last in range(min(ROUND, n), n + ROUND, ROUND) if until else (n,):
        request = RunRequest(case.id, (case,), 1, min(last, n), about or {})
        total.add(run_study(request, store, engine, watch=watch))
        rows = study_table(store, request.manifest())
        if until and precise_enough(rows, until.half_width, milestone=until.milestone):
            break
        if request.last == n:
            break
    total.n_total = rows.n_rows
    return rows, total


def replicated_summary(rows: Rows, milestones: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the part of the summary of a run that its replications add.

    Parameters
    ----------
    rows : Rows
        The replications of one case.
    milestones : sequence of mapping
        Those of the single run; they gain ``probability`` with its Wilson interval at 95 %,
        ``promised`` dates by share of runs, ``criticality`` of works and the replications
        ``nearest`` to the bands of the date.

    Returns
    -------
    dict
        ``replications`` and ``replications_failed``, ``milestones``, ``bands`` of the key figures,
        ``lost_gpu_days`` by cause, ``work_dates`` by share of runs, ``nearest``: the replications
        nearest to the bands of GPUs online.
    """
    done, n_failed = finished_rows(rows)
    if not done.n_rows:
        cause = next(iter(rows.columns["cause"].tolist()), None)
        raise ModelError(f"every replication failed, the first for this reason: {cause}")
    return {
        "replications": rows.n_rows,
        "replications_failed": n_failed,
        "milestones": _milestones(rows, milestones),
        "bands": {band.name: _band(band) for band in scalar_bands(rows, key_figures(rows))},
        "lost_gpu_days": _losses(rows),
        "work_dates": {
            band.work: dict(
                zip(
                    _percent(band.shares),
                    (day and day.isoformat() for day in band.dates),
                    strict=True,
                )
            )
            for band in finish_bands(rows, LEVELS)
        },
        "nearest": {name: nearest(rows, "gpus_online", level) for name, level in _named_levels()},
    }


def key_figures(rows: Rows, *, without: Collection[str] = ()) -> list[str]:
    """Return the names of the columns that are figures of the whole run.

    Parameters
    ----------
    rows : Rows
    without : collection of str
        Columns that are something else, such as the parameters of a study.
    """
    return [
        name
        for name, column in rows.columns.items()
        if column.dtype.kind == "f" and "." not in name and name not in ("replication", *without)
    ]


def bands_csv(rows: Rows) -> str:
    """Return the bands of all monthly series as CSV text: month, series, P10, P50, P90."""
    out = io.StringIO()
    out.write("month,series," + ",".join(name for name, _ in _named_levels()) + "\n")
    for name in rows.series:
        band = series_bands(rows, name)
        for month, values in zip(band.months, band.values.T.tolist(), strict=True):
            cells = ",".join("" if np.isnan(value) else repr(value) for value in values)
            out.write(f"{month},{name},{cells}\n")
    return out.getvalue()


def _named_levels() -> list[tuple[str, float]]:
    return [(f"p{level * 100:.0f}", level) for level in LEVELS]


def _percent(shares: tuple[float, ...]) -> list[str]:
    return [f"p{share * 100:.0f}" for share in shares]


def _band(band: ScalarBand) -> dict[str, float | None]:
    return {
        name: None if np.isnan(value) else value
        for name, value in zip(_percent(band.levels), band.values, strict=True)
    }


def _losses(rows: Rows) -> dict[str, Any]:
    losses = lost_gpu_days(rows)
    by_cause = {loss.cause: _band(loss.band) for loss in losses.causes}
    return {**by_cause, "all since delivery": _band(losses.since_delivery)}


def _milestones(rows: Rows, single: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    chances = {chance.name: chance for chance in milestone_chances(rows)}
    confidence = {one.name: one for one in confidence_dates(rows)}
    known = set(milestone_names(rows))
    return [
        {**one, **_milestone_statistics(rows, chances[one["name"]], confidence[one["name"]])}
        for one in single
        if one["name"] in known
    ]


def _milestone_statistics(
    rows: Rows, chance: Chance, confidence: MilestoneConfidence
) -> dict[str, Any]:
    name = chance.name
    return {
        "probability": chance.probability,
        "probability_low": chance.low,
        "probability_high": chance.high,
        "probability_runs": chance.n,
        "promised": {
            f"{day.share * 100:.0f} %": day.day and day.day.isoformat() for day in confidence.dates
        },
        "criticality": {
            critical.work: critical.criticality
            for critical in criticalities(rows, name)
            if critical.criticality > LEAST_CRITICAL
        },
        "nearest": {
            level_name: nearest(rows, f"milestone.{name}.reached", level)
            for level_name, level in _named_levels()
        },
    }
