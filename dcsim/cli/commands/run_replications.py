"""`dcsim run --replications`: a plan run many times, with the spread of its dates and figures."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import click

from dcsim.cli.exit_codes import EXIT_SOME_FAILED
from dcsim.cli.output.counting import Counting
from dcsim.cli.output.outcome import outcome_lines
from dcsim.cli.output.progress import Progress
from dcsim.cli.output.replications import replication_lines
from dcsim.cli.output.tables import json_line
from dcsim.cli.stores import scenario_study_name
from dcsim.errors import ModelError, OutputError, printable
from dcsim.pipeline import simulate
from dcsim.results.result import Result
from dcsim.results.run_folder import check_output
from dcsim.results.summary_types import ReplicatedSummary
from dcsim.scenario.load import load
from dcsim.study.engine.engine import Engine
from dcsim.study.engine.interrupt import interruptible
from dcsim.study.records.rows import Rows
from dcsim.study.run.replications import bands_csv, case_of, replicate_case, summary_of
from dcsim.study.statistics.milestones import Precision, read_precision
from dcsim.study.store.store import ResultStore
from dcsim.study.store.tables import write_tables


@dataclass(frozen=True)
class ReplicationOptions:
    """Options of `dcsim run --replications` besides the engine's."""

    out: Path
    formats: tuple[str, ...]
    replications: int
    until: str | None
    store: Path
    as_json: bool
    allow_large: bool
    overrides: tuple[str, ...]
    root: Path | None


def run_replications(path: Path, options: ReplicationOptions, engine: Engine) -> None:
    """Run a scenario once at its medians and many times as drawn; write and print both.

    Parameters
    ----------
    path : Path
        The scenario file.
    options : ReplicationOptions
    engine : Engine
        Where runs are computed.
    """
    check_output(options.out)
    until = None if options.until is None else read_precision(options.until)
    with Progress(quiet=options.as_json) as stages:
        stages("scenario")
        scenario = load(
            path,
            overrides=options.overrides,
            root=options.root,
            allow_large=options.allow_large,
        )
        single = simulate(scenario, watch=stages)
    _check_precision(single, until)
    again = f"the same command; what is finished is in {options.store}"
    case = case_of(scenario, scenario_study_name(path, scenario))
    counting = Counting(path.stem, again, quiet=options.as_json)
    with ResultStore.open(options.store, create=True) as store, counting, interruptible():
        rows, outcome = replicate_case(
            case, options.replications, store, engine, until=until, watch=counting
        )
    of_many = summary_of(rows, single.milestones)
    summary = cast("ReplicatedSummary", {**single.summary, **of_many})
    result = replace(single, summary=summary)
    paths = result.save(options.out, extra=_extra_files(result, rows, options))
    if options.as_json:
        click.echo(json_line(summary))
    else:
        width = min(shutil.get_terminal_size((80, 24)).columns, 100)
        written = ("Written", *(f"  {file}" for file in paths))
        for line in (
            *replication_lines(summary, path, width),
            *outcome_lines(outcome),
            *written,
        ):
            click.echo(printable(line))
    if outcome.n_failed:
        sys.exit(EXIT_SOME_FAILED)


def _check_precision(single: Result, until: Precision | None) -> None:
    """Refuse the precision of an unknown milestone before many runs are spent on it."""
    names = [milestone["name"] for milestone in single.summary["milestones"]]
    if until is not None and (not names or until.milestone not in (None, *names)):
        known = ", ".join(names) or "none"
        raise ModelError(f"--until: there is no milestone {until.milestone}; there is {known}")


def _extra_files(result: Result, rows: Rows, options: ReplicationOptions) -> dict[str, bytes]:
    """Return the files of the replications, to be written beside those of the single run."""
    files = {"bands.csv": bands_csv(rows).encode()}
    try:
        with tempfile.TemporaryDirectory(prefix="dcsim-") as folder:
            table, _ = write_tables(Path(folder), rows)
            files["replications.parquet"] = table.read_bytes()
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise OutputError(f"temporary files cannot be written: {reason}") from None
    if options.formats:
        from dcsim.plots import save_figures
        from dcsim.plots.study.files import replication_figures

        files |= save_figures(result, formats=options.formats)
        files |= replication_figures(rows, result.summary, formats=options.formats)
    return files
