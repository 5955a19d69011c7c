"""`dcsim run`: one replication of a plan, or many with `--replications`."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    variable,
)
from dcsim.cli.output.progress import Progress
from dcsim.cli.output.report import report_lines
from dcsim.errors import printable, printable_json
from dcsim.limits import MAX_REPLICATIONS

if TYPE_CHECKING:
    from dcsim.results.result import Result


@dataclass(frozen=True)
class RunOptions:
    """Options of `dcsim run` where it runs one replication."""

    out: Path
    """Folder of the run."""
    formats: tuple[str, ...]
    """Of the figures; empty draws none."""
    replication: int
    """0 takes the median of every uncertain value."""
    as_json: bool
    """Whether to print the summary as JSON instead of the report."""
    no_chance: bool
    """Whether to leave out the confidence of the milestones."""
    allow_large: bool
    """Whether very many steps or racks are accepted."""
    overrides: tuple[str, ...]
    """``KEY.PATH=VALUE``, in order."""
    root: Path | None
    """Folder that all files must lie in; None is the scenario's."""


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
@click.option(
    "--no-chance",
    is_flag=True,
    help="Do not compute the confidence of the milestones, by 50 replications of their dates.",
    **variable("NO_CHANCE"),
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
    names = [field.name for field in dataclasses.fields(RunOptions)]
    run_scenario(scenario, RunOptions(**{name: options[name] for name in names}))


def _run_replications(scenario: Path, options: dict[str, Any]) -> None:
    # The study rooms load DuckDB and more: a second that a single run need not wait for.
    from dcsim.cli.commands.run_replications import (
        ReplicationOptions,
        run_replications,
    )

    engine = engine_keywords(options)
    del options["no_chance"]  # these replications tell it themselves
    if options.pop("replication"):
        raise click.UsageError("--replication replays one; it cannot stand beside --replications")
    run_replications(scenario, ReplicationOptions(**options), engine)


def run_scenario(path: Path, options: RunOptions) -> None:
    """Run one replication of a scenario, write its folder, print its report.

    Parameters
    ----------
    path : Path
        The scenario file.
    options : RunOptions
    """
    from dcsim.cli.commands.run_confidence import (
        confidence_lines,
        confident_result,
        has_confidence,
    )
    from dcsim.results.run_folder import add_to_run, check_output, summary_text
    from dcsim.scenario.load import load

    check_output(options.out)
    with Progress(quiet=options.as_json) as progress:
        progress("scenario")
        scenario = load(
            path,
            overrides=options.overrides,
            root=options.root,
            allow_large=options.allow_large,
        )
        from dcsim.pipeline import simulate

        result = simulate(scenario, options.replication, watch=progress)
        follows = not (options.as_json or options.no_chance) and has_confidence(scenario, result)
        # Figures tell the confidence of the dates they show, so they are drawn after it.
        figures = {} if follows else _drawn_figures(result, options.formats, progress)
        progress("files")
        paths = result.save(options.out, extra=figures)
    if options.as_json:
        click.echo(printable_json(json.dumps(result.summary, ensure_ascii=False)))
        return
    width = min(shutil.get_terminal_size((80, 24)).columns, 100)
    print_lines(report_lines(result, width))
    if follows:
        result = confident_result(scenario, result, options.out)
        add_to_run(options.out, {"summary.json": summary_text(result.summary).encode()})
        with Progress() as progress:
            paths += add_to_run(options.out, _drawn_figures(result, options.formats, progress))
    print_lines(confidence_lines(scenario, result, width, left_out=options.no_chance))
    print_lines(["Written", *(f"  {written}" for written in paths)])


def _drawn_figures(
    result: Result, formats: tuple[str, ...], progress: Progress
) -> dict[str, bytes]:
    if not formats:
        return {}
    progress("figures")
    from dcsim.plots import save_figures

    return save_figures(result, formats=formats)


def print_lines(lines: Iterable[str]) -> None:
    """Print lines, each without what a terminal would take for a command."""
    for line in lines:
        click.echo(printable(line))
