"""`dcsim sweep`: all cases of a study that are not stored yet."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dcsim.cli.exit_codes import EXIT_SOME_FAILED
from dcsim.cli.options import (
    FILE_PATH,
    JSON,
    engine_keywords,
    engine_options,
    root_option,
    store_option,
)
from dcsim.cli.output.counting import Counting
from dcsim.cli.output.outcome import outcome_lines
from dcsim.cli.output.tables import json_line, text_table
from dcsim.errors import ModelError, printable
from dcsim.limits import MAX_REPLICATIONS
from dcsim.study.engine.interrupt import interruptible

if TYPE_CHECKING:
    from dcsim.study.engine.options import EngineOptions
    from dcsim.study.records.rows import Rows
    from dcsim.study.run.runner import RunReport


MAX_CASES_SHOWN = 40


@dataclass(frozen=True)
class SweepOptions:
    """Options of `dcsim sweep` besides the engine's."""

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


@click.command("sweep")
@click.argument("study", type=FILE_PATH)
@engine_options
@store_option("Folder of results. [default: runs/NAME-OF-THE-STUDY]", default=None)
@click.option("--resume", is_flag=True, help="Go on with a store that must be there already.")
@click.option(
    "--keep-going/--fail-fast",
    default=True,
    help="Go on after a failed case, or stop at it. [default: keep going]",
)
@click.option("--retry-failed", is_flag=True, help="Compute what failed before once more.")
@click.option("--shard", metavar="I/K", help="Only every K-th case, beginning with the I-th.")
@click.option("--limit", type=click.IntRange(1), help="Most runs to compute now.")
@click.option(
    "--replications",
    type=click.IntRange(0, MAX_REPLICATIONS),
    help="Replications of each case. [default: those of the study]",
)
@click.option(
    "--plots", is_flag=True, help="Draw the figures of the study into the store's folder."
)
@JSON
@root_option("Folder that all files must lie in. [default: see docs/studies.md]")
def sweep_command(study: Path, **options: Any) -> None:
    """Run all cases of STUDY that are not stored yet, and print what came of them."""
    engine = engine_keywords(options)
    run_sweep(study, SweepOptions(**options), engine)


def run_sweep(path: Path, options: SweepOptions, engine: EngineOptions) -> None:
    """Compute a study and print its results; exits 3 if cases failed, 5 if interrupted.

    Parameters
    ----------
    path : Path
        The study file.
    options : SweepOptions
    engine : EngineOptions
        Where runs are computed.
    """
    from dcsim.study.definition.expand import study_name
    from dcsim.study.run.sweep import sweep

    name = study_name(path)
    folder = options.store or Path("runs") / name
    if options.resume and not folder.is_dir():
        raise ModelError(f"{folder}: no store to resume; leave out --resume to begin one")
    again = f"dcsim sweep {path} --store {folder} --resume"
    with Counting(name, again, quiet=options.as_json) as progress, interruptible():
        found = sweep(
            path,
            root=options.root,
            replications=options.replications,
            store=folder,
            watch=progress,
            shard=options.shard,
            limit=options.limit,
            retry_failed=options.retry_failed,
            fail_fast=not options.keep_going,
            **engine,
        )
    rows, outcome, files = found.rows, found.report, list(found.files)
    if options.plots:
        from dcsim.plots.study.files import save_study_figures

        files += save_study_figures(rows, found.about, folder)
    if options.as_json:
        click.echo(json_line(_sweep_data(name, folder, outcome)))
    else:
        for line in _sweep_lines(rows, outcome, files):
            click.echo(printable(line))
    if not rows.ok.all():
        sys.exit(EXIT_SOME_FAILED)


def _sweep_data(name: str, folder: Path, outcome: RunReport) -> dict[str, Any]:
    return {
        "study": name,
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


def _sweep_lines(rows: Rows, outcome: RunReport, files: Sequence[Path]) -> Iterator[str]:
    yield from case_lines(rows)
    yield ""
    yield from outcome_lines(outcome)
    yield "Written"
    yield from (f"  {file}" for file in files)


def case_lines(rows: Rows) -> Iterator[str]:
    """Yield a table of the cases: their runs, and the milestones and figures that differ."""
    if not rows.n_rows:
        yield "Nothing is stored yet."
        return
    from dcsim.study.run.swept import rows_by_case

    by_case = rows_by_case(rows)
    parts = list(by_case.values())
    columns = {
        "runs": [f"{part.n_rows:,}" for part in parts],
        "failed": [f"{int((~part.ok).sum()):,}" for part in parts],
        **_milestone_columns(rows, parts),
    }
    columns |= dict(_median_columns(by_case))
    differing = {
        name: texts
        for name, texts in columns.items()
        if name == "runs" or len(by_case) == 1 or len(set(texts)) > 1
    }
    yield "Cases, and what differs: P50 dates of milestones, medians of figures"
    body = list(zip(by_case, *differing.values(), strict=True))[:MAX_CASES_SHOWN]
    yield from text_table(["case", *differing], [list(line) for line in body])
    if len(by_case) > MAX_CASES_SHOWN:
        yield f"… and {len(by_case) - MAX_CASES_SHOWN:,} more; see 'dcsim query'"


def _milestone_columns(rows: Rows, parts: Sequence[Rows]) -> dict[str, list[str]]:
    from dcsim.study.statistics.milestones import confidence_dates, milestone_names

    columns: dict[str, list[str]] = {name: [] for name in milestone_names(rows)}
    for part in parts:
        half = {one.name: one.dates[0].day for one in confidence_dates(part, shares=(0.5,))}
        for name, texts in columns.items():
            texts.append("–" if name not in half else str(half[name] or "never"))
    return columns


def _median_columns(parts: Mapping[str, Rows]) -> Iterator[tuple[str, list[str]]]:
    from dcsim.study.records.labels import KEY_FIGURES
    from dcsim.study.run.swept import case_medians

    for name, label in KEY_FIGURES.items():
        if all(name in part.columns for part in parts.values()):
            yield label.text, [label.shown(median) for median in case_medians(parts, name).tolist()]
