"""`dcsim survive`: how long emergency power carries the site once the grid is gone."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dcsim.cli.commands.survive_text import (
    SurvivalFound,
    backups_of,
    battery_lines,
    machine_lines,
    survival_data,
    survival_lines,
    yearly_lines,
)
from dcsim.cli.options import FILE_PATH, JSON, root_option, set_option
from dcsim.cli.output.fitting import lines_within, terminal_width
from dcsim.cli.output.progress import Progress
from dcsim.errors import Problem, ScenarioError, printable

if TYPE_CHECKING:
    from dcsim.cli.commands.survive_load import OutageLoad
    from dcsim.pipeline import Run
    from dcsim.scenario.scenario import Scenario
    from dcsim.supply.backup.machines import GensetGroup
    from dcsim.supply.backup.outage import Replay
    from dcsim.supply.backup.stores import OutageStore


@dataclass(frozen=True)
class SurviveOptions:
    """Options of `dcsim survive`."""

    load_mw: float | None
    """None for the highest facility power of the run."""
    load_file: Path | None
    """Load by the hour."""
    begins: str | None
    """Local time of the run in which the outage begins."""
    hours: int
    replications: int
    with_batteries: bool
    as_json: bool
    overrides: tuple[str, ...]
    root: Path | None


@click.command("survive")
@click.argument("scenario", type=FILE_PATH)
@click.option(
    "--load",
    "load_mw",
    type=click.FloatRange(min=0, min_open=True),
    help="Constant load in MW. [default: the highest of the run]",
)
@click.option(
    "--load-file", type=FILE_PATH, help="File with the load in MW, one line for each hour."
)
@click.option(
    "--begins",
    metavar="TIME",
    help="Local time of the run in which the outage begins, e.g. 2030-07-01T14:00; the load "
    "follows the run from there on unless another is given.",
)
@click.option("--hours", type=click.IntRange(1, 8760), default=336, show_default=True)
@click.option("--replications", type=click.IntRange(2), default=1000, show_default=True)
@click.option(
    "--with-batteries",
    is_flag=True,
    help="Count the reserve of the batteries, which serves what the machines leave.",
)
@JSON
@set_option()
@root_option()
def survive_command(scenario: Path, **options: Any) -> None:
    """Print how long the emergency generators of SCENARIO carry it once the grid is gone."""
    print_survival(scenario, SurviveOptions(**options))


def print_survival(path: Path, options: SurviveOptions) -> None:
    """Print survival by hour and expected unserved energy, by closed form and by replay."""
    from dcsim.scenario.load import load
    from dcsim.supply.backup.outage import Replay

    if options.load_mw is not None and options.load_file is not None:
        raise ScenarioError([Problem("", "--load, --load-file", "give one of them, not both")])
    with Progress(quiet=options.as_json) as progress:
        progress("scenario")
        scenario = load(path, overrides=options.overrides, root=options.root)
        groups = genset_groups(scenario)
        run = run_of(scenario, options, progress)
        outage = outage_load(options, run)
        stores = batteries_at(run, outage.begin) if run and options.with_batteries else {}
        seed = scenario.site.seed
        replay = Replay(options.hours, options.replications, seed, outage.step_h)
        found = survival_of(groups, outage, list(stores.values()), replay, progress)
    loads_mw = outage.loads_mw.tolist()
    site = scenario.site
    if options.as_json:
        click.echo(json.dumps(survival_data(site, loads_mw, groups, stores, found)))
        return
    low, high = min(loads_mw), max(loads_mw)
    shown = f"{high:.4g} MW" if low == high else f"{low:.4g} to {high:.4g} MW"
    heading = f"Load {shown}, {outage.origin}; the grid is gone for {options.hours} h"
    room = terminal_width(100)
    before = (heading, *machine_lines(site, high), *battery_lines(stores))
    for line in (
        *lines_within(before, room),
        *survival_lines(found, room),
        *lines_within(yearly_lines(site, groups, high), room),
    ):
        click.echo(printable(line))


def run_of(scenario: Scenario, options: SurviveOptions, progress: Progress) -> Run | None:
    """Return the run of a scenario, where its load or its batteries are asked for.

    Parameters
    ----------
    scenario : Scenario
    options : SurviveOptions
    progress : Progress
    """
    from dcsim.pipeline import run_stages

    is_given = options.load_mw is not None or options.load_file is not None
    if is_given and not options.with_batteries and options.begins is None:
        return None
    return run_stages(scenario.plan(), watch=progress)


def outage_load(options: SurviveOptions, run: Run | None) -> OutageLoad:
    """Return the load that the options ask for."""
    from dcsim.cli.commands import survive_load as loads

    begin = None
    if run is not None and options.begins is not None:
        begin = loads.step_at(options.begins, run.timeline.calendar)
    if options.load_file is not None:
        return loads.load_of_file(options.load_file, options.hours, run, begin)
    if options.load_mw is not None:
        return loads.constant_load(options.load_mw, options.hours, run, begin)
    assert run is not None
    return loads.load_of_run(run, options.hours, begin)


def batteries_at(run: Run, begin: int | None) -> dict[str, OutageStore]:
    """Return the batteries of a run as an outage finds them, each with its reserve and no more.

    What their cycles have worn is told from what all of them gave together, each by its energy.
    """
    from dcsim.supply.availability import available_supply
    from dcsim.supply.backup.stores import outage_store

    assert begin is not None
    step_h = run.timeline.calendar.step_h
    units = available_supply(run.plan, run.timeline, run.weather, run.load).stores
    total_mwh = sum(unit.energy_mwh for unit in units.values())
    given_mwh = run.flows.battery_discharge_mw * step_h
    return {
        key: outage_store(
            unit,
            begin,
            step_h,
            given_mwh * (unit.energy_mwh / total_mwh / unit.discharge_frac),
        )
        for key, unit in units.items()
    }


def survival_of(
    groups: Sequence[GensetGroup],
    outage: OutageLoad,
    stores: Sequence[OutageStore],
    replay: Replay,
    progress: Progress,
) -> SurvivalFound:
    """Return survival by formula and by replay.

    Parameters
    ----------
    groups : sequence of GensetGroup
    outage : OutageLoad
    stores : sequence of OutageStore
        Without any, the formula is a closed one.
    replay : Replay
    progress : Progress
    """
    import numpy as np

    from dcsim.supply.backup.markov import markov_survival
    from dcsim.supply.backup.outage import replayed
    from dcsim.supply.backup.survival import closed_form

    progress("formula")
    hours = np.arange(outage.loads_mw.size + 1, dtype=np.float64) * outage.step_h
    if stores:
        exact = markov_survival(groups, outage.loads_mw, hours, stores)
    else:
        exact = closed_form(groups, outage.loads_mw, hours)
    progress("replay")
    found = replayed(groups, outage.loads_mw, replay, stores)
    return SurvivalFound(exact, found, replay.n_replications)


def genset_groups(scenario: Scenario) -> list[GensetGroup]:
    """Return the emergency generators of a scenario.

    Raises
    ------
    ScenarioError
        If it has none.
    """
    from dcsim.scenario.schema.assets.registry import kinds_of
    from dcsim.supply.backup.machines import GensetGroup

    backups = backups_of(scenario.site)
    if not backups:
        message = "has none; survive asks how long they carry the site"
        section = kinds_of("backup")[0].section
        raise ScenarioError([Problem(str(scenario.path), section, message)])
    return [
        GensetGroup(
            part.n_units,
            part.unit_power_mw,
            part.start_failure_frac,
            math.inf if part.mttf_h is None else part.mttf_h,
            max(part.start_time_h - part.ride_through_h, 0.0),
        )
        for part in backups
    ]
