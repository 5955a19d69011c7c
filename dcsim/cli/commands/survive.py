"""`dcsim survive`: how long emergency power carries the site once the grid is gone."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dcsim.cli.options import FILE_PATH, JSON, root_option, set_option
from dcsim.cli.output.progress import Progress
from dcsim.errors import Problem, ScenarioError, printable
from dcsim.units import MINUTES_PER_HOUR

if TYPE_CHECKING:
    from dcsim.scenario.scenario import Scenario
    from dcsim.scenario.schema.site import Site
    from dcsim.supply.backup.survival import GensetGroup, Survival
    from dcsim.supply.dispatch.battery import BatteryUnit


MARKS_H = (1, 2, 4, 8, 24, 48, 72, 168, 336, 720, 2160, 8760)
"""Hours that are printed, as far as the outage lasts."""
NORMAL_95 = 1.96
"""Standard errors of a 95 % interval."""


@dataclass(frozen=True)
class SurviveOptions:
    """Options of `dcsim survive`."""

    load_mw: float | None
    """None for the highest facility power of the last calendar year of the run."""
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
    help="Load in MW. [default: the highest of the last year of the run]",
)
@click.option("--hours", type=click.IntRange(1, 8760), default=336, show_default=True)
@click.option("--replications", type=click.IntRange(2), default=1000, show_default=True)
@click.option(
    "--with-batteries", is_flag=True, help="Replay with the reserve of the batteries as well."
)
@JSON
@set_option()
@root_option()
def survive_command(scenario: Path, **options: Any) -> None:
    """Print how long the emergency generators of SCENARIO carry it once the grid is gone."""
    print_survival(scenario, SurviveOptions(**options))


def print_survival(path: Path, options: SurviveOptions) -> None:
    """Print survival by hour and expected unserved energy, by closed form and by replay."""
    import numpy as np

    from dcsim.scenario.load import load
    from dcsim.supply.backup.survival import Replay, closed_form, replayed

    with Progress(quiet=options.as_json) as progress:
        progress("scenario")
        scenario = load(path, overrides=options.overrides, root=options.root)
        groups = genset_groups(scenario)
        load_mw, origin = options.load_mw, "as given"
        if load_mw is None:
            load_mw = peak_load_mw(scenario, progress)
            origin = "highest of the last year of the run"
        hours = np.arange(options.hours + 1, dtype=float)
        progress("formula")
        exact = closed_form(groups, load_mw, hours)
        progress("replay")
        units = reserve_batteries(scenario.site, options.hours) if options.with_batteries else ()
        replay = Replay(options.hours, options.replications, scenario.site.seed)
        found = replayed(groups, load_mw, replay, units)
    if options.as_json:
        click.echo(json.dumps(survival_data(scenario.site, load_mw, groups, exact, found)))
        return
    click.echo(
        printable(f"Load {load_mw:.1f} MW, {origin}; the grid is gone for {options.hours} h")
    )
    for line in (
        *machine_lines(scenario.site, load_mw),
        *survival_lines(exact, found, options.replications),
        *yearly_lines(scenario.site, groups, load_mw),
    ):
        click.echo(printable(line))


def genset_groups(scenario: Scenario) -> list[GensetGroup]:
    """Return the emergency generators of a scenario.

    Raises
    ------
    ScenarioError
        If it has none.
    """
    from dcsim.scenario.schema.assets.registry import kinds_of
    from dcsim.supply.backup.survival import GensetGroup

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


def backups_of(site: Site) -> list[Any]:
    """Return the groups of backup machines of a site."""
    from dcsim.scenario.schema.assets.registry import assets_of, kinds_of

    return [asset for _, asset in assets_of(site, kinds_of("backup"))]


def peak_load_mw(scenario: Scenario, progress: Progress) -> float:
    """Return the highest facility power of the last calendar year of the run. [MW]"""
    from dcsim.pipeline import run_stages

    run = run_stages(scenario.plan(), watch=progress)
    year = run.timeline.calendar.year
    return float(run.load.facility_power_mw[year == year[-1]].max())


def reserve_batteries(site: Site, hours: int) -> list[BatteryUnit]:
    """Return the batteries of a site, each charged with its reserve and no more.

    Parameters are those of the site; `hours` is the length of the power limit. [h]
    """
    import numpy as np

    from dcsim.scenario.schema.assets.registry import assets_of, kinds_of
    from dcsim.supply.dispatch.battery import BatteryUnit

    return [
        BatteryUnit(
            np.full(hours, part.power_mw),
            part.energy_mwh,
            part.round_trip_frac,
            start_mwh=max(part.reserve_frac, part.minimum_frac) * part.energy_mwh,
            minimum_mwh=part.minimum_frac * part.energy_mwh,
        )
        for _, part in assets_of(site, kinds_of("storage"))
    ]


def machine_lines(site: Site, load_mw: float) -> Iterator[str]:
    """Yield the generators of a site, their redundancy, and whether the UPS bridges the start."""
    from dcsim.supply.backup.survival import needed_units

    backups = backups_of(site)
    for part in backups:
        needed = needed_units(load_mw, part.unit_power_mw)
        lives = "never fail once running" if part.mttf_h is None else f"MTTF {part.mttf_h:,.0f} h"
        yield (
            f"{part.name}: {part.n_units} x {part.unit_power_mw:g} MW, {needed} needed alone "
            f"({redundancy(part.n_units, needed)}), {part.start_failure_frac:.2%} fail to start, "
            f"{lives}"
        )
        ups, start = part.ride_through_h * MINUTES_PER_HOUR, part.start_time_h * MINUTES_PER_HOUR
        verdict = "bridges" if ups >= start else "does not bridge"
        yield f"  UPS of {ups:g} min {verdict} the start of {start:g} min"
    if len(backups) > 1:
        all_mw = sum(part.n_units * part.unit_power_mw for part in backups)
        yield f"together {all_mw:g} MW for {load_mw:.1f} MW"


def redundancy(n_units: int, needed: int) -> str:
    """Return the usual name of what is spare.

    >>> redundancy(9, 8), redundancy(8, 8), redundancy(16, 8), redundancy(6, 8)
    ('N+1', 'N', '2N', '2 short of N')
    """
    if n_units < needed:
        return f"{needed - n_units} short of N"
    if n_units >= 2 * needed:
        return "2N" if n_units == 2 * needed else f"2N+{n_units - 2 * needed}"
    return "N" if n_units == needed else f"N+{n_units - needed}"


def survival_lines(exact: Survival, found: Survival, n_replications: int) -> Iterator[str]:
    """Yield survival and expected unserved energy at the hours that are printed.

    Parameters
    ----------
    exact, found : Survival
        By closed form, and by replay; shape (n_hours + 1,) each.
    n_replications : int
        Of the replay, for its 95 % intervals.
    """
    from dcsim.study.statistics.samples import wilson

    n_hours = exact.hours.size - 1
    marks = [mark for mark in MARKS_H if mark < n_hours] + [n_hours]
    yield f"{'':>8}{'all load carried':>30}{'expected unserved, MWh':>32}"
    yield f"{'after':>8}{'formula':>12}{'replay':>18}{'formula':>14}{'replay':>18}"
    assert found.unserved_sem is not None
    for mark in marks:
        low, high = wilson(round(found.carried_frac[mark] * n_replications), n_replications)
        carried = f"{low:.1%} to {high:.1%}"
        energy = f"{found.unserved_mwh[mark]:,.1f} ± {NORMAL_95 * found.unserved_sem[mark]:,.1f}"
        yield (
            f"{mark:>6} h{exact.carried_frac[mark]:>12.2%}{carried:>18}"
            f"{exact.unserved_mwh[mark]:>14,.1f}{energy:>18}"
        )


def yearly_lines(site: Site, groups: Sequence[GensetGroup], load_mw: float) -> Iterator[str]:
    """Yield the energy that grid outages leave unserved in a mean year, if the scenario has any.

    Parameters
    ----------
    site : Site
    groups : sequence of GensetGroup
        Its emergency generators.
    load_mw : float
        Load to carry. [MW]
    """
    from dcsim.supply.backup.survival import yearly_unserved_mwh

    outages = site.grid.outages
    if outages is None or outages.rate_per_year == 0:
        return
    lost = yearly_unserved_mwh(groups, load_mw, outages.rate_per_year, outages.repair_h)
    yield (
        f"Grid: {outages.rate_per_year:g} outages a year of {outages.repair_h:g} h in the mean: "
        f"{lost:,.3f} MWh a year unserved"
    )


def survival_data(
    site: Site, load_mw: float, groups: Sequence[GensetGroup], exact: Survival, found: Survival
) -> dict[str, object]:
    """Return load, generators and survival as plain data.

    Parameters
    ----------
    site : Site
    load_mw : float
        Load to carry. [MW]
    groups : sequence of GensetGroup
        Its emergency generators.
    exact, found : Survival
        By closed form, and by replay; shape (n_hours + 1,) each.
    """
    from dcsim.scenario.schema.assets.registry import kinds_of
    from dcsim.supply.backup.survival import needed_units

    assert found.carried_sem is not None
    assert found.unserved_sem is not None
    return {
        "load_mw": load_mw,
        kinds_of("backup")[0].section: [
            group._asdict() | {"mttf_h": _finite_or_none(group.mttf_h)} for group in groups
        ],
        "needed_units": {
            part.name: needed_units(load_mw, part.unit_power_mw) for part in backups_of(site)
        },
        "hours": exact.hours.tolist(),
        "carried_frac": exact.carried_frac.tolist(),
        "unserved_mwh": exact.unserved_mwh.tolist(),
        "replayed_carried_frac": found.carried_frac.tolist(),
        "replayed_carried_sem": found.carried_sem.tolist(),
        "replayed_unserved_mwh": found.unserved_mwh.tolist(),
        "replayed_unserved_sem": found.unserved_sem.tolist(),
    }


def _finite_or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None
