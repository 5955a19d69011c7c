"""`dcsim size`: least-cost solar, wind and battery for a share of clean energy, or for a cost."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click

from dcsim.cli.output.progress import Progress
from dcsim.errors import OutputError, Problem, ScenarioError, printable, printable_json
from dcsim.results.run_folder import yaml_text
from dcsim.scenario.scenario import Scenario, load
from dcsim.scenario.schema.quantity import PricePer, Ratio
from dcsim.study.sizing.size import CLOSE_FRAC, Asked, Sized, last_whole_year, size


class Choices(NamedTuple):
    """What the command was told."""

    cfe: str | None
    cost_limit: str | None
    year: int | None
    plants: tuple[str, ...]
    meet: bool
    out: Path | None
    as_json: bool
    overrides: tuple[str, ...]
    root: Path | None


def print_sizes(path: Path, choices: Choices) -> None:
    """Find sizes, replay them, print both, and write a scenario that has them if asked to."""
    if choices.out is not None and choices.out.exists():
        raise OutputError(f"{choices.out}: is there already; name a new file")
    with Progress(quiet=choices.as_json) as progress:
        progress("scenario")
        scenario = load(path, overrides=choices.overrides, root=choices.root)
        asked = asked_of(scenario, choices)
        progress("sizes")
        found = size(scenario, asked)
    if choices.out is not None:
        write_scenario(choices.out, path, choices, found)
    if choices.as_json:
        click.echo(printable_json(json.dumps(as_plain(found, asked), ensure_ascii=False)))
        return
    for line in report(scenario, asked, found):
        click.echo(printable(line))
    if choices.out is not None:
        click.echo(printable(f"Written {choices.out}"))


def asked_of(scenario: Scenario, choices: Choices) -> Asked:
    """Return what is asked for, in numbers.

    Raises
    ------
    ScenarioError
        If a share or a cost cannot be read.
    """
    if choices.cfe is not None and choices.cost_limit is not None:
        message = "give a share to reach or a cost to keep to, not both"
        raise ScenarioError([Problem("--cfe", "", message)])
    plan = scenario.plan()
    cfe = cost = None
    try:
        if choices.cfe is not None:
            cfe = Ratio().parse(choices.cfe)
            if not 0 < cfe <= 1:
                raise ValueError("must be above 0 and at most 100 %")
    except ValueError as error:
        raise ScenarioError([Problem("--cfe", "", str(error))]) from None
    try:
        if choices.cost_limit is not None:
            price = PricePer()(choices.cost_limit)
            cost = price.amount * _rate(scenario, price.currency)
    except ValueError as error:
        raise ScenarioError([Problem("--cost-limit", "", str(error))]) from None
    year = choices.year if choices.year is not None else last_whole_year(plan.calendar)
    return Asked(year, cfe, cost, choices.plants, choices.meet)


def _rate(scenario: Scenario, currency: str) -> float:
    from dcsim.scenario.prices import exchange  # noqa: PLC0415  (only for a cost)

    money = scenario.site.money
    return 1.0 if money is None else exchange(money, currency)


def report(scenario: Scenario, asked: Asked, found: Sized) -> Iterator[str]:
    """Yield sizes, share and cost, what the program expects beside what the simulation gives."""
    site = scenario.site
    unit = site.money.currency if site.money is not None else ""
    goal = "least cost"
    if asked.cfe_frac is not None:
        goal = f"least cost for {asked.cfe_frac:.1%} carbon-free energy, hour by hour"
    if asked.cost_limit is not None:
        goal = f"most carbon-free energy for {asked.cost_limit / 1e6:,.1f} mn {unit} a year"
    yield f"{site.name}, {asked.year}: {goal}"
    yield f"{'':<34}{'as it is':>14}{'found':>14}"
    old = {f"solar.{p.name}": p.capacity_mw for p in site.solar}
    old |= {f"wind.{p.name}": p.capacity_mw for p in site.wind}
    for key, mw in found.found.plants_mw.items():
        yield f"{key + ', MW':<34}{old[key]:>14,.1f}{mw:>14,.1f}"
    batteries = {f"batteries.{p.name}": p for p in site.batteries}
    for key, (power_mw, energy_mwh) in found.found.stores.items():
        yield f"{key + ', MW':<34}{batteries[key].power_mw:>14,.1f}{power_mw:>14,.1f}"
        yield f"{key + ', MWh':<34}{batteries[key].energy_mwh:>14,.1f}{energy_mwh:>14,.1f}"
    yield ""
    yield f"{'':<34}{'as it is':>14}{'program':>14}{'simulated':>14}{'gap':>10}"
    program, second, before = found.found, found.replayed, found.before
    yield (
        f"{'carbon-free, hour by hour':<34}{before.cfe_frac:>14.2%}{program.cfe_frac:>14.2%}"
        f"{second.cfe_frac:>14.2%}{100 * (second.cfe_frac - program.cfe_frac):>+7.2f} pp"
    )
    label = f"cost of the year, mn {unit}"
    gap = second.cost / program.cost - 1 if program.cost else 0.0
    yield (
        f"{label:<34}{before.cost / 1e6:>14,.1f}{program.cost / 1e6:>14,.1f}"
        f"{second.cost / 1e6:>14,.1f}{gap:>+10.2%}"
    )
    yield (
        f"{'unserved, MWh':<34}{before.unserved_mwh:>14,.1f}{program.unserved_mwh:>14,.1f}"
        f"{second.unserved_mwh:>14,.1f}"
    )
    yield (
        "The program knows the whole year beforehand and may run CHP less; the simulation follows "
        f"the policy {site.dispatch.policy}."
    )
    yield "Cost: payments for what is sized, energy bought, demand charge; no GPUs, no works."
    if asked.cfe_frac is not None and second.cfe_frac < asked.cfe_frac - CLOSE_FRAC:
        yield (
            f"The simulation misses {asked.cfe_frac:.1%}: --meet asks the program for more until "
            "it does not, --set dispatch.policy=cfe-first uses what is clean first."
        )


def as_plain(found: Sized, asked: Asked) -> dict[str, object]:
    """Return all of it as plain data."""
    return {
        "year": asked.year,
        "plants_mw": found.found.plants_mw,
        "batteries": {
            key: {"power_mw": power, "energy_mwh": energy}
            for key, (power, energy) in found.found.stores.items()
        },
        "program": {
            "cfe_frac": found.found.cfe_frac,
            "cost": found.found.cost,
            "unserved_mwh": found.found.unserved_mwh,
        },
        "simulated": found.replayed._asdict(),
        "as_it_is": found.before._asdict(),
        "overrides": list(found.overrides),
    }


def write_scenario(out: Path, base: Path, choices: Choices, found: Sized) -> None:
    """Write a scenario that extends the one that was sized by the sizes that were found."""
    laid: dict[str, dict[str, dict[str, str]]] = {}
    for text in (*choices.overrides, *found.overrides):
        key, value = text.split("=", 1)
        section, _, rest = key.partition(".")
        name, _, field = rest.rpartition(".")
        if section in ("solar", "wind", "batteries"):
            laid.setdefault(section, {}).setdefault(name, {})[field] = value.strip()
    body: dict[str, object] = {"extends": os.path.relpath(base, out.parent)}
    for section, parts in laid.items():
        body[section] = [{"name": name, **fields} for name, fields in parts.items()]
    try:
        out.write_text(yaml_text(body), encoding="utf-8")
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise OutputError(f"{out}: cannot be written: {reason}") from None
