"""`dcsim sweep`: all cases of a study that are not stored yet."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click
import numpy as np

from dcsim.cli.commands.stored import json_line, text_table
from dcsim.cli.output.counting import Counting, duration
from dcsim.errors import ModelError, printable
from dcsim.study.definition.expand import Study, read_study
from dcsim.study.engine.engine import Engine
from dcsim.study.engine.interrupt import interruptible
from dcsim.study.records.labels import KEY_FIGURES
from dcsim.study.records.rows import Rows
from dcsim.study.run.runner import RunReport, RunRequest, run_study, table
from dcsim.study.statistics.milestones import confidence_dates, milestone_names
from dcsim.study.store.store import ResultStore
from dcsim.study.store.tables import write_tables
from dcsim.supply.kernels.compiled import NOT_COMPILED

EXIT_SOME_FAILED = 3
MAX_CASES_SHOWN = 40


class Choices(NamedTuple):
    """The options of `dcsim sweep` besides the engine's."""

    store: Path | None
    resume: bool
    keep_going: bool
    retry_failed: bool
    shard: str | None
    limit: int | None
    replications: int | None
    plots: bool
    as_json: bool
    root: Path | None


def run_sweep(path: Path, choices: Choices, engine: Engine) -> None:
    """Compute a study and print what came of it; exits 3 if cases failed, 5 if interrupted."""
    study = read_study(path, root=choices.root)
    folder = choices.store or Path("runs") / study.name
    if choices.resume and not folder.is_dir():
        raise ModelError(f"{folder}: no store to resume; leave out --resume to begin one")
    work = work_of(study, shard=choices.shard, replications=choices.replications)
    again = f"dcsim sweep {path} --store {folder} --resume"
    with ResultStore.open(folder, create=True) as store:
        with Counting(study.name, again, quiet=choices.as_json) as progress, interruptible():
            outcome = run_study(
                work,
                store,
                engine,
                watch=progress,
                retry_failed=choices.retry_failed,
                fail_fast=not choices.keep_going,
                limit=choices.limit,
            )
        rows = table(store, work.manifest())
        files = write_tables(folder, rows, store.enter().id)
    if choices.plots:
        from dcsim.plots.study.files import save_study_figures  # noqa: PLC0415  (matplotlib only on request)

        files += save_study_figures(rows, work.about, folder)
    if choices.as_json:
        click.echo(json_line(_said(study, folder, outcome)))
    else:
        for line in _report(rows, outcome, files):
            click.echo(printable(line))
    if not rows.ok.all():
        sys.exit(EXIT_SOME_FAILED)


def work_of(study: Study, *, shard: str | None, replications: int | None) -> RunRequest:
    """Return what is to be computed of a study."""
    n = study.replications if replications is None else replications
    part = (1, 1) if shard is None else _shard(shard)
    units = {key: drawn.unit for key, drawn in study.scenario.plan().inputs.items()}
    cases = list(study.cases())
    about = {**study.about(), "units": units}
    if study.design is not None:
        points = study.design.quantiles.tolist()
        about["design"] |= {"cases": [case.id for case in cases], "points": points}
    return RunRequest(study.name, cases, min(n, 1), n, about, part)


def _shard(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text, re.ASCII)
    if not match or not 1 <= int(match[1]) <= int(match[2]):
        raise ModelError(f"--shard {text}: write it as I/K with I from 1 to K, for example 2/8")
    return int(match[1]), int(match[2])


def _said(study: Study, folder: Path, outcome: RunReport) -> dict[str, Any]:
    return {
        "study": study.name,
        "store": str(folder),
        "total": outcome.n_total,
        "computed": outcome.n_computed,
        "found": outcome.n_stored,
        "failed": outcome.n_failed,
        "seconds": round(outcome.seconds, 3),
        "stages_computed": dict(outcome.computed_stages),
        "stages_reused": dict(outcome.cached_stages),
        "worker_peak_mb": round(outcome.peak_mb, 1),
    }


def _report(rows: Rows, outcome: RunReport, files: Sequence[Path]) -> Iterator[str]:
    yield from case_lines(rows)
    yield ""
    yield from outcome_lines(outcome)
    yield "Written"
    yield from (f"  {file}" for file in files)


def outcome_lines(outcome: RunReport) -> Iterator[str]:
    """Yield what a study took: runs, time, stages that were found again instead of computed."""
    if outcome.uncompiled:
        yield NOT_COMPILED
    for damage in outcome.damaged:
        yield f"Damaged and computed again: {damage}"
    each = outcome.seconds / outcome.n_computed if outcome.n_computed else 0.0
    yield (
        f"{outcome.n_computed:,} runs computed in {duration(outcome.seconds)} "
        f"({each:.2f} s each), {outcome.n_stored:,} were stored already, "
        f"{outcome.n_failed:,} failed"
    )
    if outcome.n_computed:
        stages = dict.fromkeys([*outcome.computed_stages, *outcome.cached_stages])
        parts = [
            f"{name} {outcome.cached_stages[name]:,} of {outcome.n_computed:,}" for name in stages
        ]
        yield f"Stages reused: {', '.join(parts)}; supply and accounts are computed in every run"


def case_lines(rows: Rows) -> Iterator[str]:
    """Yield a table of the cases: their runs, the promises and the figures in which they differ."""
    if not rows.n_rows:
        yield "Nothing is stored yet."
        return
    by_case = list(dict.fromkeys(rows.columns["case"].tolist()))
    parts = [rows.where(rows.columns["case"] == case) for case in by_case]
    columns = {
        "runs": [f"{part.n_rows:,}" for part in parts],
        "failed": [f"{int((~part.ok).sum()):,}" for part in parts],
        **_promise_columns(rows, parts),
    }
    columns |= dict(_figure_columns(parts))
    told = {
        name: texts
        for name, texts in columns.items()
        if name == "runs" or len(by_case) == 1 or len(set(texts)) > 1
    }
    yield "Cases, and what differs: the day by which half of the runs keep a promise, medians"
    body = list(zip(by_case, *told.values(), strict=True))[:MAX_CASES_SHOWN]
    yield from text_table(["case", *told], [list(line) for line in body])
    if len(by_case) > MAX_CASES_SHOWN:
        yield f"… and {len(by_case) - MAX_CASES_SHOWN:,} more; see 'dcsim query'"


def _promise_columns(rows: Rows, parts: Sequence[Rows]) -> dict[str, list[str]]:
    columns: dict[str, list[str]] = {name: [] for name in milestone_names(rows)}
    for part in parts:
        half = {one.name: one.dates[0].day for one in confidence_dates(part, shares=(0.5,))}
        for name, texts in columns.items():
            texts.append("–" if name not in half else str(half[name] or "never"))
    return columns


def _figure_columns(parts: Sequence[Rows]) -> Iterator[tuple[str, list[str]]]:
    for name, label in KEY_FIGURES.items():
        if all(name in part.columns for part in parts):
            values = (part.columns[name][part.ok].astype(np.float64) for part in parts)
            medians = [float(np.median(own)) if own.size else math.nan for own in values]
            yield label.text, [label.shown(median) for median in medians]
