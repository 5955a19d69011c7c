"""The commands of `dcsim` and their exit codes.

0 fine · 1 a gate failed · 2 bad input · 3 some cases failed · 4 the environment refused ·
5 interrupted · 70 a defect.
"""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import Any

import click

from dcsim.cli.commands.study import COMMANDS, engine_of, engine_options

EXIT_BAD_INPUT = 2
EXIT_ENVIRONMENT = 4
EXIT_INTERRUPTED = 5
EXIT_DEFECT = 70
MAX_PROBLEM_LINES = 20

SCENARIO = click.argument("scenario", type=click.Path(path_type=Path))
SET = click.option(
    "overrides",
    "--set",
    multiple=True,
    metavar="KEY.PATH=VALUE",
    help="Lay a value on top of the scenario, e.g. --set power.basis=it. May be repeated.",
)
ROOT = click.option(
    "--root",
    type=click.Path(path_type=Path),
    help="Folder that every file the scenario names must lie in. [default: the scenario's folder]",
)


class Commands(click.Group):
    """Turns errors into one clear message and the exit code that belongs to them."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; no traceback reaches the user unless he asks for it."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except KeyboardInterrupt:
            _complain(["interrupted; nothing was written"])
            sys.exit(EXIT_INTERRUPTED)
        except Exception as error:
            if ctx.params.get("debug"):
                raise
            lines, code = _explain(error)
            _complain(lines)
            sys.exit(code)


def _explain(error: Exception) -> tuple[list[str], int]:
    """Return what to say of an error, and the exit code."""
    from dcsim.errors import DcsimError, OutputError  # noqa: PLC0415  (--help does without it)

    if isinstance(error, OutputError):
        return [str(error)], EXIT_ENVIRONMENT
    if isinstance(error, DcsimError):
        return str(error).splitlines(), EXIT_BAD_INPUT
    if isinstance(error, BrokenPipeError):
        return [], 0  # the reader had enough; what was to be written to files is written
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EIO, errno.EDQUOT):
        return [f"output cannot be written: {os.strerror(error.errno)}"], EXIT_ENVIRONMENT
    defect = "this is a defect of dcsim; run again with 'dcsim --debug …' and report it"
    return [f"internal error: {type(error).__name__}: {error}", defect], EXIT_DEFECT


def _complain(lines: list[str]) -> None:
    from dcsim.errors import printable  # noqa: PLC0415

    shown = lines if len(lines) <= MAX_PROBLEM_LINES else lines[: MAX_PROBLEM_LINES - 1]
    for line in shown:
        click.echo(printable(line), err=True)
    if len(shown) < len(lines):
        click.echo(f"… and {len(lines) - len(shown)} more", err=True)


def _version(ctx: click.Context, _option: click.Parameter, asked: bool) -> None:
    if asked:
        from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415  (only here)

        try:
            click.echo(f"dcsim {version('dcsim')}")
        except PackageNotFoundError:
            click.echo("dcsim, not installed")
        ctx.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, help="Show the traceback of an internal error.")
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Show the version and exit.",
)
def main(debug: bool) -> None:
    """Plan the build-up of an AI data center: when, what holds it back, power, carbon, money."""


@main.command()
@SCENARIO
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder for the results. [default: runs/NAME-OF-THE-FILE]",
)
@click.option("--plots", is_flag=True, help="Draw the figures, too.")
@click.option(
    "--format",
    "formats",
    type=click.Choice(["png", "svg"]),
    multiple=True,
    default=("png",),
    show_default=True,
    help="Format of the figures. May be repeated.",
)
@click.option(
    "--replication",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Which luck the plan meets; 0 takes the median of every uncertain value.",
)
@click.option(
    "--replications",
    type=click.IntRange(1, 1_000_000),
    help="Also draw every uncertain value so many times and replay the whole plan with each.",
)
@click.option(
    "--until",
    metavar="pp=N",
    help="Stop once the chance of every milestone is known to ± N percentage points; "
    "NAME:pp=N for one milestone.",
)
@click.option(
    "--store",
    type=click.Path(path_type=Path),
    default=Path("runs/store"),
    show_default=True,
    help="Folder of finished replications, which are not computed again.",
)
@engine_options
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON, nothing else.")
@click.option(
    "--allow-large", is_flag=True, help="Run it even if it asks for very many steps or racks."
)
@SET
@ROOT
def run(scenario: Path, **options: Any) -> None:
    """Simulate SCENARIO, print what a planner asks for, write the results to a folder."""
    formats = options.pop("formats") if options.pop("plots") else ()
    options |= {"out": options["out"] or Path("runs") / scenario.stem, "formats": formats}
    engine = engine_of(options) if options["replications"] else None
    if engine is None:
        from dcsim.cli.commands.run import run_scenario  # noqa: PLC0415

        if options["until"] is not None:
            raise click.UsageError("--until needs --replications: the most that may be run")
        names = ("out", "formats", "replication", "as_json", "allow_large", "overrides", "root")
        run_scenario(scenario, **{name: options[name] for name in names})
        return
    if options.pop("replication"):
        raise click.UsageError("--replication replays one; it cannot stand beside --replications")
    from dcsim.cli.commands.replications import Choices, run_replications  # noqa: PLC0415

    run_replications(scenario, Choices(**options), engine)


@main.command()
@SCENARIO
@click.argument("key", required=False, default="")
@click.option("--origin", is_flag=True, help="Print file and line of every effective value.")
@click.option("--sources", is_flag=True, help="Print source and confidence of every value.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@SET
@ROOT
def show(
    scenario: Path,
    *,
    key: str,
    origin: bool,
    sources: bool,
    as_json: bool,
    overrides: tuple[str, ...],
    root: Path | None,
) -> None:
    """Print the effective values of SCENARIO, all or those below KEY, checked and layered."""
    from dcsim.cli.commands.show import show_scenario  # noqa: PLC0415

    show_scenario(
        scenario,
        key=key,
        origin=origin,
        sources=sources,
        as_json=as_json,
        overrides=overrides,
        root=root,
    )


@main.command()
@click.option("--study", is_flag=True, help="That of study files instead.")
def schema(study: bool) -> None:
    """Print the JSON Schema of scenario files, for editors."""
    import json  # noqa: PLC0415

    from dcsim.scenario import json_schema as of_scenarios  # noqa: PLC0415
    from dcsim.study.definition import spec as of_studies  # noqa: PLC0415

    said = of_studies.study_json_schema() if study else of_scenarios.json_schema()
    click.echo(json.dumps(said, indent=1, ensure_ascii=False))


@main.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--out", type=click.Path(path_type=Path), help="Folder. [default: the run's own]")
@click.option(
    "--format",
    "formats",
    type=click.Choice(["png", "svg"]),
    multiple=True,
    default=("png",),
    show_default=True,
    help="Format of the figures. May be repeated.",
)
def plot(folder: Path, *, out: Path | None, formats: tuple[str, ...]) -> None:
    """Draw the figures of the run in FOLDER."""
    from dcsim.cli.commands.run import plot_run  # noqa: PLC0415

    plot_run(folder, out or folder, formats)


@main.command()
@SCENARIO
@SET
@ROOT
def relief(scenario: Path, *, overrides: tuple[str, ...], root: Path | None) -> None:
    """Print what lifting each constraint alone would be worth, in online GPU-days and dates."""
    from dcsim.cli.commands.relief import print_relief  # noqa: PLC0415

    print_relief(scenario, overrides=overrides, root=root)


for _command in COMMANDS:
    main.add_command(_command)
