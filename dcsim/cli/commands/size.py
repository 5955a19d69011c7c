"""`dcsim size`: least-cost solar, wind and battery for a share of clean energy, or for a cost."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dcsim.cli.options import FILE_PATH, JSON, root_option, set_option
from dcsim.cli.output.progress import Progress
from dcsim.errors import OutputError, Problem, ScenarioError, printable, printable_json

if TYPE_CHECKING:
    from dcsim.scenario.scenario import Scenario
    from dcsim.scenario.schema.site import Site
    from dcsim.study.sizing.size import SizeRequest, SizeResult


@dataclass(frozen=True)
class SizeOptions:
    """Options of `dcsim size`."""

    cfe: str | None
    cost_limit: str | None
    year: int | None
    plants: tuple[str, ...]
    meet: bool
    out: Path | None
    as_json: bool
    overrides: tuple[str, ...]
    root: Path | None


@click.command("size")
@click.argument("scenario", type=FILE_PATH)
@click.option("--cfe", metavar="SHARE", help="Least carbon-free share, hour by hour, e.g. 90%.")
@click.option("--cost-limit", metavar="MONEY", help="Most the year may cost, e.g. '120 mn USD'.")
@click.option("--year", type=int, help="Year of the run. [default: the last whole one]")
@click.option(
    "--plant",
    "plants",
    multiple=True,
    metavar="SECTION.NAME",
    help="Plant to size. May be repeated. [default: all that have a cost or a price]",
)
@click.option(
    "--meet", is_flag=True, help="Go on until the simulation reaches the share, not the program."
)
@click.option("--out", type=FILE_PATH, help="Write a scenario with the sizes to this file.")
@JSON
@set_option()
@root_option()
def size_command(scenario: Path, **options: Any) -> None:
    """Find the least-cost sizes of solar, wind and batteries of SCENARIO, and replay them."""
    print_sizes(scenario, SizeOptions(**options))


def print_sizes(path: Path, options: SizeOptions) -> None:
    """Find sizes, replay them, print both, and write a scenario that has them on request."""
    from dcsim.scenario.load import load
    from dcsim.study.sizing.size import size

    if options.out is not None and options.out.exists():
        raise OutputError(f"{options.out}: is there already; name a new file")
    with Progress(quiet=options.as_json) as progress:
        progress("scenario")
        scenario = load(path, overrides=options.overrides, root=options.root)
        request = size_request(scenario, options)
        progress("sizes")
        result = size(scenario, request)
    if options.out is not None:
        write_scenario(options.out, path, options, result)
    if options.as_json:
        data = size_data(result, request)
        click.echo(printable_json(json.dumps(data, ensure_ascii=False)))
        return
    for line in size_lines(scenario, request, result):
        click.echo(printable(line))
    if options.out is not None:
        click.echo(printable(f"Written {options.out}"))


def size_request(scenario: Scenario, options: SizeOptions) -> SizeRequest:
    """Return share, cost limit and year as numbers.

    Raises
    ------
    ScenarioError
        If a share or a cost cannot be read.
    """
    from dcsim.scenario.schema.quantity import PricePer, Ratio
    from dcsim.study.sizing.size import SizeRequest
    from dcsim.study.sizing.year import last_whole_year

    if options.cfe is not None and options.cost_limit is not None:
        message = "give a share to reach or a cost limit, not both"
        raise ScenarioError([Problem("--cfe", "", message)])
    plan = scenario.plan()
    cfe = cost = None
    try:
        if options.cfe is not None:
            cfe = Ratio().parse(options.cfe)
            if not 0 < cfe <= 1:
                raise ValueError("must be above 0 and at most 100 %")
    except ValueError as error:
        raise ScenarioError([Problem("--cfe", "", str(error))]) from None
    try:
        if options.cost_limit is not None:
            price = PricePer()(options.cost_limit)
            cost = price.amount * _exchange_rate(scenario, price.currency)
    except ValueError as error:
        raise ScenarioError([Problem("--cost-limit", "", str(error))]) from None
    year = options.year if options.year is not None else last_whole_year(plan.calendar)
    return SizeRequest(year, cfe, cost, options.plants, options.meet)


def _exchange_rate(scenario: Scenario, currency: str) -> float:
    from dcsim.scenario.prices import exchange

    money = scenario.site.money
    return 1.0 if money is None else exchange(money, currency)


def size_lines(scenario: Scenario, request: SizeRequest, result: SizeResult) -> Iterator[str]:
    """Yield sizes, share and cost: as they are, by the program, and by the simulation.

    Parameters
    ----------
    scenario : Scenario
        As it is.
    request : SizeRequest
        Share to reach or cost limit, and the year.
    result : SizeResult
        The sizes, and share and cost with them.
    """
    from dcsim.study.sizing.size import CLOSE_FRAC

    site = scenario.site
    unit = site.money.currency if site.money is not None else ""
    yield f"{site.name}, {request.year}: {_goal_text(request, unit)}"
    yield from _capacity_lines(site, result)
    yield ""
    yield from _share_and_cost_lines(result, unit)
    yield (
        "The program knows the whole year beforehand and may run CHP less; the simulation follows "
        f"the policy {site.dispatch.policy}."
    )
    yield "Cost: payments for what is sized, energy bought, demand charge; no GPUs, no works."
    missed = request.cfe_frac
    if missed is not None and result.replayed.cfe_frac < missed - CLOSE_FRAC:
        yield (
            f"The simulation misses {missed:.1%}: --meet asks the program for more until "
            "it does not, --set dispatch.policy=cfe-first uses what is clean first."
        )


def _goal_text(request: SizeRequest, unit: str) -> str:
    if request.cost_limit is not None:
        return f"most carbon-free energy for {request.cost_limit / 1e6:,.1f} mn {unit} a year"
    if request.cfe_frac is not None:
        return f"least cost for {request.cfe_frac:.1%} carbon-free energy, hour by hour"
    return "least cost"


def _capacity_lines(site: Site, result: SizeResult) -> Iterator[str]:
    from dcsim.study.sizing.size import sizes_now

    yield f"{'':<34}{'as it is':>14}{'found':>14}"
    sizes: dict[str, tuple[float, ...]] = {key: (mw,) for key, mw in result.sizes.plants_mw.items()}
    for key, new in (sizes | result.sizes.stores).items():
        for measure, old, value in zip(("MW", "MWh"), sizes_now(site, key), new, strict=False):
            yield f"{f'{key}, {measure}':<34}{old:>14,.1f}{value:>14,.1f}"


def _share_and_cost_lines(result: SizeResult, unit: str) -> Iterator[str]:
    program, second, before = result.sizes, result.replayed, result.before
    yield f"{'':<34}{'as it is':>14}{'program':>14}{'simulated':>14}{'gap':>10}"
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


def size_data(result: SizeResult, request: SizeRequest) -> dict[str, object]:
    """Return sizes, shares and costs as plain data."""
    from dcsim.scenario.schema.assets.registry import kinds_of

    return {
        "year": request.year,
        "plants_mw": result.sizes.plants_mw,
        kinds_of("storage")[0].section: {
            key: {"power_mw": power, "energy_mwh": energy}
            for key, (power, energy) in result.sizes.stores.items()
        },
        "program": {
            "cfe_frac": result.sizes.cfe_frac,
            "cost": result.sizes.cost,
            "unserved_mwh": result.sizes.unserved_mwh,
        },
        "simulated": result.replayed._asdict(),
        "as_it_is": result.before._asdict(),
        "overrides": list(result.overrides),
    }


def write_scenario(out: Path, base: Path, options: SizeOptions, result: SizeResult) -> None:
    """Write a scenario that extends another by the sizes of a result.

    Parameters
    ----------
    out : Path
        File to write.
    base : Path
        File of the scenario that was sized.
    options : SizeOptions
        Overrides of plants are written as well.
    result : SizeResult
        The sizes.
    """
    from dcsim.results.run_folder import cannot_write, yaml_text
    from dcsim.scenario.schema.assets.registry import kind_of
    from dcsim.scenario.text.file_format import with_format

    sizes: dict[str, dict[str, dict[str, str]]] = {}
    for text in (*options.overrides, *result.overrides):
        key, value = text.split("=", 1)
        section, _, rest = key.partition(".")
        name, _, field = rest.rpartition(".")
        kind = kind_of(key)
        if kind is not None and kind.sized_fields:
            sizes.setdefault(section, {}).setdefault(name, {})[field] = value.strip()
    body: dict[str, object] = {"extends": os.path.relpath(base, out.parent)}
    for section, parts in sizes.items():
        body[section] = [{"name": name, **fields} for name, fields in parts.items()]
    try:
        out.write_text(yaml_text(with_format(body)), encoding="utf-8")
    except OSError as error:
        raise cannot_write(out, error) from None
