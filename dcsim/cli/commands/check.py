"""`dcsim check`: gates of scenarios, for CI."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from dcsim.cli.commands.check_verdicts import (
    CheckCommandOptions,
    VerdictProgress,
    check_exit_code,
    publish_verdicts,
    refuse_unwritable_outputs,
)
from dcsim.cli.options import FILE_PATH, engine_keywords, engine_options, root_option, store_option
from dcsim.limits import MAX_REPLICATIONS
from dcsim.study.engine.interrupt import interruptible


@click.command("check")
@click.argument("paths", type=FILE_PATH, nargs=-1, required=True)
@click.option("--baseline", type=FILE_PATH, help="File of pinned metrics, see dcsim baseline.")
@click.option(
    "--replications",
    type=click.IntRange(1, MAX_REPLICATIONS),
    default=200,
    show_default=True,
    help="Runs of a scenario whose gates have a probability.",
)
@click.option("--junit", type=FILE_PATH, help="Write a JUnit XML file.")
@click.option("--summary", type=FILE_PATH, help="Write a Markdown summary.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github", "sarif"]),
    default="text",
    show_default=True,
    help="Form of the output.",
)
@click.option(
    "--against",
    metavar="REF",
    help="Compare with the same files at a commit: changed assumptions, moved dates, causes.",
)
@click.option(
    "--milestones",
    is_flag=True,
    help="Make gates of milestones without one: the single run meets them by their date.",
)
@click.option(
    "--strict",
    is_flag=True,
    help="Let what is inconclusive, failed before as well, or was not judged at all fail.",
)
@engine_options
@store_option("Finished runs.")
@root_option()
def check_command(paths: tuple[Path, ...], **options: Any) -> None:
    """Judge the gates of the scenarios in PATHS; ends with 1 if one fails."""
    from dcsim.study.checks.gate_check import check

    engine = engine_keywords(options)
    chosen = CheckCommandOptions(**options)
    refuse_unwritable_outputs(chosen)
    if chosen.against is not None:
        from dcsim.cli.commands.check_against import check_against
        from dcsim.study.engine.options import engine_from

        check_against(paths, chosen, engine_from(engine, "check"))
        return
    progress = VerdictProgress(chosen)
    with progress, interruptible():
        checked = check(
            paths,
            baseline=chosen.baseline,
            replications=chosen.replications,
            store=chosen.store,
            root=chosen.root,
            milestones=chosen.milestones,
            watch=progress,
            **engine,
        )
    publish_verdicts(checked.scenarios, chosen)
    sys.exit(check_exit_code(checked.scenarios, strict=chosen.strict))
