"""`dcsim run`: one replication of a plan, or many with `--replications`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import click

from dcsim.cli.options import (
    FIGURE_FORMATS,
    FILE_PATH,
    ROOT,
    SCENARIO,
    SET,
    engine_keywords,
    engine_options,
    json_option,
    store_option,
)
from dcsim.cli.output.progress import Progress
from dcsim.cli.output.report import report_lines
from dcsim.errors import printable, printable_json
from dcsim.limits import MAX_REPLICATIONS


@click.command("run")
@SCENARIO
@click.option(
    "--out", type=FILE_PATH, help="Folder for the results. [default: runs/NAME-OF-THE-FILE]"
)
@click.option("--plots", is_flag=True, help="Draw the figures, too.")
@FIGURE_FORMATS
@click.option(
    "--replication",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Number of the replication; 0 takes the median of every uncertain value.",
)
@click.option(
    "--replications",
    type=click.IntRange(1, MAX_REPLICATIONS),
    help="Also draw every uncertain value so many times and replay the whole plan with each.",
)
@click.option(
    "--until",
    metavar="pp=N",
    help="Stop once the confidence of every milestone is known to ± N percentage points; "
    "NAME:pp=N for one milestone.",
)
@store_option("Folder of finished replications, which are not computed again.")
@engine_options
@json_option("Print the summary as JSON, nothing else.")
@click.option(
    "--allow-large", is_flag=True, help="Run it even if it asks for very many steps or racks."
)
@SET
@ROOT
def run_command(scenario: Path, **options: Any) -> None:
    """Simulate SCENARIO, print what a planner asks for, write the results to a folder."""
    formats = options.pop("formats") if options.pop("plots") else ()
    options |= {"out": options["out"] or Path("runs") / scenario.stem, "formats": formats}
    if options["replications"]:
        _run_replications(scenario, options)
        return
    if options["until"] is not None:
        raise click.UsageError("--until needs --replications: the most that may be run")
    names = ("out", "formats", "replication", "as_json", "allow_large", "overrides", "root")
    run_scenario(scenario, **{name: options[name] for name in names})


def _run_replications(scenario: Path, options: dict[str, Any]) -> None:
    # The study rooms load DuckDB and more: a second that a single run need not wait for.
    from dcsim.cli.commands.run_replications import (
        ReplicationOptions,
        run_replications,
    )

    engine = engine_keywords(options)
    if options.pop("replication"):
        raise click.UsageError("--replication replays one; it cannot stand beside --replications")
    run_replications(scenario, ReplicationOptions(**options), engine)


def run_scenario(
    path: Path,
    *,
    out: Path,
    formats: tuple[str, ...],
    replication: int,
    as_json: bool,
    allow_large: bool,
    overrides: tuple[str, ...],
    root: Path | None,
) -> None:
    """Run one replication of a scenario, write its folder, print its report.

    Parameters
    ----------
    path : Path
        The scenario file.
    out : Path
        Folder of the run.
    formats : tuple of str
        Of the figures; empty draws none.
    replication : int
        0 takes the median of every uncertain value.
    as_json : bool
        Whether to print the summary as JSON instead of the report.
    allow_large : bool
        Whether very many steps or racks are accepted.
    overrides : tuple of str
        ``KEY.PATH=VALUE``, in order.
    root : Path or None
        Folder that all files must lie in; None is the scenario's.
    """
    from dcsim.results.run_folder import check_output
    from dcsim.scenario.load import load

    check_output(out)
    with Progress(quiet=as_json) as progress:
        progress("scenario")
        scenario = load(path, overrides=overrides, root=root, allow_large=allow_large)
        from dcsim.pipeline import simulate

        result = simulate(scenario, replication, watch=progress)
        figures = {}
        if formats:
            progress("figures")
            from dcsim.plots import save_figures

            figures = save_figures(result, formats=formats)
        progress("files")
        paths = result.save(out, extra=figures)
    if as_json:
        click.echo(printable_json(json.dumps(result.summary, ensure_ascii=False)))
        return
    width = shutil.get_terminal_size((80, 24)).columns
    for line in report_lines(result, min(width, 100)):
        click.echo(printable(line))
    click.echo("Written")
    for written in paths:
        click.echo(printable(f"  {written}"))
