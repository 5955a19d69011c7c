"""`dcsim check`: gates of scenarios, for CI."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dcsim.cli.commands.check_verdicts import (
    CheckCommandOptions,
    check_exit_code,
    check_settings,
    publish_verdicts,
)
from dcsim.cli.options import FILE_PATH, engine_of, engine_options, root_option, store_option
from dcsim.study.engine.interrupt import interruptible

if TYPE_CHECKING:
    from dcsim.study.checks.baseline import Pin
    from dcsim.study.checks.check import CheckResult
    from dcsim.study.engine.engine import Engine


SCENARIO_GONE = "the scenario is gone"


@click.command("check")
@click.argument("paths", type=FILE_PATH, nargs=-1, required=True)
@click.option("--baseline", type=FILE_PATH, help="File of pinned metrics, see dcsim baseline.")
@click.option(
    "--replications",
    type=click.IntRange(1),
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
@click.option("--strict", is_flag=True, help="Let what is inconclusive fail as well.")
@engine_options
@store_option("Finished runs.")
@root_option()
def check_command(paths: tuple[Path, ...], **options: Any) -> None:
    """Judge the gates of the scenarios in PATHS; ends with 1 if one fails."""
    engine = engine_of(options)
    chosen = CheckCommandOptions(**options)
    if chosen.against is not None:
        from dcsim.cli.commands.check_against import check_against

        check_against(paths, chosen, engine)
        return
    checked = checked_files(paths, chosen, engine)
    publish_verdicts(checked, chosen)
    sys.exit(check_exit_code(checked, strict=chosen.strict))


def checked_files(
    paths: Sequence[Path], options: CheckCommandOptions, engine: Engine
) -> list[CheckResult]:
    """Return the verdicts and problems of each scenario file.

    Parameters
    ----------
    paths : sequence of Path
        Scenario files, and folders of such.
    options : CheckCommandOptions
    engine : Engine
        Where runs are computed.

    Returns
    -------
    list of CheckResult
        A pinned scenario that is gone counts as one with failed gates.
    """
    from dcsim.study.checks.baseline import read_baseline
    from dcsim.study.checks.check import (
        check_file,
        pins_of,
        pins_of_removed,
        run_and_judge,
        scenario_files,
    )
    from dcsim.study.store.store import ResultStore

    files = scenario_files(paths)
    pins = [] if options.baseline is None else read_baseline(options.baseline)
    checked = [check_file(path, str(path), options.root) for path in files]
    if any(one.problems for one in checked):
        return checked
    with ResultStore.open(options.store, create=True) as store, interruptible():
        settings = check_settings(options, store, engine)
        for one, path in zip(checked, files, strict=True):
            mine = [] if options.baseline is None else pins_of(pins, options.baseline, path)
            run_and_judge(one, mine, settings)
    if options.baseline is not None:
        lost = pins_of_removed(pins, options.baseline, files)
        checked += [_failed_pins(name, gone) for name, gone in lost.items()]
    return checked


def _failed_pins(name: str, pins: Sequence[Pin]) -> CheckResult:
    """Return the failed pins of a scenario that is not there any more."""
    from dcsim.study.checks.check import CheckResult
    from dcsim.study.checks.gates import Verdict

    failed = CheckResult(name)
    failed.verdicts = [
        Verdict(f"baseline {one.metric}", name, "fail", "as pinned", SCENARIO_GONE, one.metric)
        for one in pins
    ]
    return failed
