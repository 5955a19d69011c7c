"""`dcsim run --replications`: a plan run many times, with the spread of its dates and figures."""

from __future__ import annotations

import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import click

from dcsim.cli.exit_codes import EXIT_SOME_FAILED
from dcsim.cli.output.counting import Counting
from dcsim.cli.output.outcome import outcome_lines
from dcsim.cli.output.progress import Progress
from dcsim.cli.output.replications import replication_lines
from dcsim.cli.output.tables import json_line
from dcsim.errors import printable
from dcsim.pipeline import simulate
from dcsim.results.output_files import refuse_path_without_text
from dcsim.results.run_folder import check_output
from dcsim.scenario.load import load
from dcsim.study.engine.interrupt import interruptible
from dcsim.study.engine.options import EngineOptions
from dcsim.study.run.replicate import replicate
from dcsim.study.run.replicated import Replications


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


def run_replications(path: Path, options: ReplicationOptions, engine: EngineOptions) -> None:
    """Run a scenario once at its medians and many times as drawn; write and print both.

    Parameters
    ----------
    path : Path
        The scenario file.
    options : ReplicationOptions
    engine : EngineOptions
        Where runs are computed.
    """
    check_output(options.out)
    refuse_path_without_text(Path(tempfile.gettempdir()))
    with Progress(quiet=options.as_json) as stages:
        stages("scenario")
        scenario = load(
            path,
            overrides=options.overrides,
            root=options.root,
            allow_large=options.allow_large,
        )
        single = simulate(scenario, watch=stages)
    again = f"the same command; what is finished is in {options.store}"
    counting = Counting(path.stem, again, quiet=options.as_json)
    with counting, interruptible():
        replications = replicate(
            scenario,
            options.replications,
            until=options.until,
            single=single,
            store=options.store,
            watch=counting,
            **engine,
        )
    paths = replications.save(options.out, extra=_figures(replications, options.formats))
    summary, outcome = replications.result.summary, replications.report
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


def _figures(replications: Replications, formats: tuple[str, ...]) -> dict[str, bytes]:
    """Return the figures of the single run and of the replications by file name."""
    if not formats:
        return {}
    from dcsim.plots import save_figures
    from dcsim.plots.study.files import replication_figures
    from dcsim.study.run.replications import about_inputs

    result = replications.result
    return {
        **save_figures(result, formats=formats),
        **replication_figures(
            replications.rows,
            result.summary,
            formats=formats,
            about=about_inputs(replications.scenario),
        ),
    }
