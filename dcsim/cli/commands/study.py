"""Commands on many runs, and on a part of one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from dcsim.study.engine.engine import Engine

FOLDER = click.Path(path_type=Path)
STORE = click.argument("store", type=click.Path(path_type=Path, exists=True, file_okay=False))
STUDY_NAME = click.option(
    "--study", help="Name of the study, where the store holds several. [default: the last one]"
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON, nothing else.")


def engine_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say where many runs are computed."""
    options = (
        click.option(
            "--workers",
            type=click.IntRange(1, 1024),
            default=1,
            show_default=True,
            help="Processes on this machine; more than one need the extra 'cluster'.",
        ),
        click.option("--cluster", metavar="ADDRESS", help="A Dask cluster that runs already."),
        click.option(
            "--unit-timeout",
            "unit_timeout_s",
            type=click.FloatRange(min=0, min_open=True),
            default=600.0,
            show_default=True,
            help="Seconds after which a unit counts as hung.",
        ),
        click.option(
            "--i-know-insecure",
            "allow_insecure",
            is_flag=True,
            help="Use a cluster on another machine without tls://.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def engine_of(options: dict[str, Any]) -> Engine:
    """Take the options that `engine_options` added out of all, and return what they say."""
    from dcsim.study.engine.engine import Engine  # noqa: PLC0415

    names = ("workers", "cluster", "unit_timeout_s", "allow_insecure")
    return Engine(**{name: options.pop(name) for name in names})


@click.command()
@click.argument("study", type=FOLDER)
@engine_options
@click.option("--store", type=FOLDER, help="Folder of results. [default: runs/NAME-OF-THE-STUDY]")
@click.option("--resume", is_flag=True, help="Go on with a store that must be there already.")
@click.option(
    "--keep-going/--fail-fast",
    default=True,
    help="Whether failed cases end the sweep. [default: keep going]",
)
@click.option("--retry-failed", is_flag=True, help="Compute what failed before once more.")
@click.option("--shard", metavar="I/K", help="Only every K-th case, beginning with the I-th.")
@click.option("--limit", type=click.IntRange(1), help="Most runs to compute now.")
@click.option("--replications", type=click.IntRange(0), help="Instead of what the study says.")
@click.option(
    "--plots", is_flag=True, help="Draw the figures of the study into the store's folder."
)
@JSON
@click.option(
    "--root", type=FOLDER, help="Folder that all files must lie in. [default: see docs/studies.md]"
)
def sweep(study: Path, **options: Any) -> None:
    """Run all cases of STUDY that are not stored yet, and print what came of them."""
    from dcsim.cli.commands.sweep import Choices, run_sweep  # noqa: PLC0415

    chosen = {name: options.pop(name) for name in Choices._fields}
    run_sweep(study, Choices(**chosen), engine_of(options))


@click.command()
@STORE
@JSON
def status(store: Path, as_json: bool) -> None:
    """Print what STORE holds: studies, runs done, failures, the digest of all results."""
    from dcsim.cli.commands.stored import print_status  # noqa: PLC0415

    print_status(store, as_json=as_json)


@click.command()
@click.argument("target", type=FOLDER)
@click.argument("sources", type=FOLDER, nargs=-1, required=True)
def merge(target: Path, sources: tuple[Path, ...]) -> None:
    """Copy the finished runs of the stores SOURCES into the store TARGET."""
    from dcsim.cli.commands.stored import merge_stores  # noqa: PLC0415

    merge_stores(target, sources)


@click.command()
@STORE
@click.argument("sql")
@STUDY_NAME
@JSON
def query(store: Path, sql: str, study: str | None, as_json: bool) -> None:
    """Ask STORE in SQL; its tables are runs (a row a run) and series (a row a run and month)."""
    from dcsim.cli.commands.stored import print_query  # noqa: PLC0415

    print_query(store, sql, study=study, as_json=as_json)


@click.command()
@STORE
@STUDY_NAME
@click.option("--metric", "-m", help="Column to explain. [default: days late of each milestone]")
@click.option("--milestone", help="Milestone whose misses are described. [default: the last]")
@click.option("--plots", is_flag=True, help="Draw the tornado into the store's folder.")
@JSON
def drivers(store: Path, **options: Any) -> None:
    """Print which assumptions move the dates in STORE, and which ranges miss a milestone."""
    from dcsim.cli.commands.drivers import print_drivers  # noqa: PLC0415

    print_drivers(store, **options)


@click.command()
@click.argument("scenarios", type=FOLDER, nargs=-1, required=True)
@click.option(
    "--replications",
    type=click.IntRange(2),
    default=50,
    show_default=True,
    help="Of each scenario, with the same luck.",
)
@engine_options
@click.option("--store", type=FOLDER, help="Folder of results. [default: runs/store]")
@click.option("--out", type=FOLDER, help="Folder for the figure. [default: none is drawn]")
@JSON
def compare(scenarios: tuple[Path, ...], **options: Any) -> None:
    """Compare SCENARIOS with the first of them: assumptions, dates, figures, in pairs."""
    from dcsim.cli.commands.compare import print_comparison  # noqa: PLC0415

    engine = engine_of(options)
    print_comparison(scenarios, engine, **options)


SET = click.option(
    "overrides",
    "--set",
    multiple=True,
    metavar="KEY.PATH=VALUE",
    help="Lay a value on top of the scenario. May be repeated.",
)


@click.command()
@click.argument("scenario", type=FOLDER)
@click.option(
    "--load",
    "load_mw",
    type=click.FloatRange(min=0, min_open=True),
    help="Load in MW. [default: the highest of the last year of the run]",
)
@click.option("--hours", type=click.IntRange(1, 8760), default=336, show_default=True)
@click.option("--replications", type=click.IntRange(2), default=1000, show_default=True)
@click.option(
    "--with-batteries", is_flag=True, help="Replay with the reserve of the batteries as well."
)
@JSON
@SET
@click.option("--root", type=FOLDER, help="Folder that all files must lie in.")
def survive(scenario: Path, **options: Any) -> None:
    """Print how long the emergency generators of SCENARIO carry it once the grid is gone."""
    from dcsim.cli.commands.survive import Choices, print_survival  # noqa: PLC0415

    print_survival(scenario, Choices(**options))


@click.command()
@click.argument("scenario", type=FOLDER)
@click.option("--cfe", metavar="SHARE", help="Least carbon-free share, hour by hour, e.g. 90%.")
@click.option("--cost-limit", metavar="MONEY", help="Most the year may cost, e.g. '120 mn USD'.")
@click.option("--year", type=int, help="Year of the run. [default: the last whole one]")
@click.option(
    "--plant",
    "plants",
    multiple=True,
    metavar="SECTION.NAME",
    help="What may change. May be repeated. [default: all that has a cost or a price]",
)
@click.option(
    "--meet", is_flag=True, help="Go on until the simulation reaches the share, not the program."
)
@click.option("--out", type=FOLDER, help="Write a scenario with the sizes to this file.")
@JSON
@SET
@click.option("--root", type=FOLDER, help="Folder that all files must lie in.")
def size(scenario: Path, **options: Any) -> None:
    """Find the least-cost sizes of solar, wind and batteries of SCENARIO, and replay them."""
    from dcsim.cli.commands.size import Choices, print_sizes  # noqa: PLC0415

    print_sizes(scenario, Choices(**options))


@click.command()
@click.argument("run", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--format",
    "kind",
    type=click.Choice(["csv", "netcdf", "pypsa"]),
    default="csv",
    show_default=True,
    help="CSV, netCDF (extra 'netcdf'), or the folder of a PyPSA network.",
)
@click.option("--out", type=FOLDER, required=True, help="File, or folder of a network.")
@click.option("--year", type=int, help="One calendar year of the run. [default: all]")
def export(run: Path, **options: Any) -> None:
    """Write load and supply of the run in the folder RUN for other programs."""
    from dcsim.cli.commands.export import export_run  # noqa: PLC0415

    export_run(run, **options)


@click.command()
@click.argument("before", type=FOLDER)
@click.argument("after", type=FOLDER)
@click.option("--metric", required=True, help="Figure to explain, such as gpus_online_2030.")
@click.option(
    "--by",
    type=click.Choice(["section", "name"]),
    default="section",
    show_default=True,
    help="Group assumptions by section of the file, or by the thing they belong to.",
)
@click.option(
    "--replications",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Explain the mean change of so many runs; 0 takes the single run at the medians.",
)
@click.option(
    "--orders",
    type=click.IntRange(4),
    default=24,
    show_default=True,
    help="Orders to look at where more than eight groups differ.",
)
@click.option("--out", type=FOLDER, help="Draw the parts into this .png or .svg file.")
@JSON
@click.option("--root", type=FOLDER, help="Folder that all files must lie in.")
def explain(before: Path, after: Path, **options: Any) -> None:
    """Say which assumptions make a metric of AFTER differ from that of BEFORE."""
    from dcsim.cli.commands.explain import Choices, print_explanation  # noqa: PLC0415

    print_explanation(before, after, Choices(**options))


@click.command()
@click.argument("paths", type=FOLDER, nargs=-1, required=True)
@click.option("--baseline", type=FOLDER, help="File of pinned metrics, see dcsim baseline.")
@click.option(
    "--replications",
    type=click.IntRange(1),
    default=200,
    show_default=True,
    help="Runs of a scenario whose gates have a probability.",
)
@click.option("--junit", type=FOLDER, help="Write a JUnit XML file.")
@click.option("--summary", type=FOLDER, help="Write a Markdown summary.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github", "sarif"]),
    default="text",
    show_default=True,
    help="What is printed.",
)
@click.option(
    "--against",
    metavar="REF",
    help="Compare with the same files at a commit: what changed, what moved, because of what.",
)
@click.option("--strict", is_flag=True, help="Let what is inconclusive fail as well.")
@engine_options
@click.option(
    "--store", type=FOLDER, default=Path("runs/store"), show_default=True, help="Finished runs."
)
@click.option("--root", type=FOLDER, help="Folder that all files must lie in.")
def check(paths: tuple[Path, ...], **options: Any) -> None:
    """Judge the gates of the scenarios in PATHS; ends with 1 if one fails."""
    from dcsim.cli.commands.check import Choices  # noqa: PLC0415
    from dcsim.cli.commands.check import check as run  # noqa: PLC0415

    engine = engine_of(options)
    run(paths, Choices(**options), engine)


@click.group()
def baseline() -> None:
    """Pin metrics of scenarios, for dcsim check --baseline."""


@baseline.command("pin")
@click.argument("file", type=FOLDER)
@click.argument("scenario", type=FOLDER)
@click.argument("metrics", nargs=-1, required=True)
@click.option("--tolerance", required=True, help="A share such as '1 %', or '5 days', '2 MW'.")
@click.option("--reason", required=True, help="Why it may move so far.")
@click.option(
    "--replications",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Pin the mean of so many runs; 0 pins the single run.",
)
@engine_options
@click.option(
    "--store", type=FOLDER, default=Path("runs/store"), show_default=True, help="Finished runs."
)
@click.option("--root", type=FOLDER, help="Folder that all files must lie in.")
def pin_metrics(file: Path, scenario: Path, metrics: tuple[str, ...], **options: Any) -> None:
    """Pin METRICS of SCENARIO in the baseline FILE."""
    from dcsim.cli.commands.check import PinChoices, pin  # noqa: PLC0415

    engine = engine_of(options)
    pin(file, scenario, metrics, PinChoices(**options), engine)


@baseline.command("show")
@click.argument("file", type=FOLDER)
@JSON
def show_pins(file: Path, as_json: bool) -> None:
    """Print the pins of the baseline FILE."""
    from dcsim.cli.commands.check import show  # noqa: PLC0415

    show(file, as_json=as_json)


COMMANDS = (
    check,
    baseline,
    explain,
    export,
    size,
    survive,
    sweep,
    status,
    merge,
    query,
    drivers,
    compare,
)
