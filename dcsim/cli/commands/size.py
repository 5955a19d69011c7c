"""`dcsim size`: least-cost solar, wind and battery for a share of clean energy, or for a cost."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dcsim.cli.options import FILE_PATH, JSON, root_option, set_option
from dcsim.cli.output.progress import Progress
from dcsim.errors import Problem, ScenarioError, printable, printable_json

if TYPE_CHECKING:
    from dcsim.study.sizing.curve import CurvePoint
    from dcsim.study.sizing.sizes import Sizes


@dataclass(frozen=True)
class SizeOptions:
    """Options of `dcsim size`."""

    cfe: str | None
    curve: str | None
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
@click.option(
    "--curve",
    metavar="SHARES",
    help="Shares and what each costs, e.g. 50%,70%,90%, one after another.",
)
@click.option("--cost-limit", metavar="MONEY", help="Most the year may cost, e.g. '120 mn USD'.")
@click.option("--year", type=int, help="Year of the run. [default: the first in full use]")
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
    from dcsim.study.sizing.sizes import refuse_existing

    if options.curve is not None:
        print_curve(path, options)
        return
    if options.out is not None:
        refuse_existing(options.out)
    with Progress(quiet=options.as_json) as progress:
        progress("scenario")
        scenario = load(path, overrides=options.overrides, root=options.root)
        sizes = size(
            scenario,
            cfe=options.cfe,
            cost_limit=options.cost_limit,
            year=options.year,
            plants=options.plants,
            meet=options.meet,
            watch=progress,
        )
    if options.out is not None:
        sizes.save(options.out)
    if options.as_json:
        click.echo(printable_json(json.dumps(size_data(sizes), ensure_ascii=False)))
        return
    for line in size_lines(sizes):
        click.echo(printable(line))
    if options.out is not None:
        click.echo(printable(f"Written {options.out}"))


def print_curve(path: Path, options: SizeOptions) -> None:
    """Print the cost of several shares."""
    from dcsim.scenario.load import load
    from dcsim.study.sizing.curve import cost_curve

    if options.cfe or options.cost_limit or options.meet or options.out:
        message = "stands alone: give no --cfe, --cost-limit, --meet or --out with it"
        raise ScenarioError([Problem("", "--curve", message)])
    assert options.curve is not None
    targets = [text.strip() for text in options.curve.split(",")]
    with Progress(quiet=options.as_json) as progress:
        progress("scenario")
        scenario = load(path, overrides=options.overrides, root=options.root)
        points = cost_curve(
            scenario, targets, year=options.year, plants=options.plants, watch=progress
        )
    if options.as_json:
        data = [
            {"target": point.target, "reason": point.reason}
            | ({} if point.sizes is None else size_data(point.sizes))
            for point in points
        ]
        click.echo(printable_json(json.dumps(data, ensure_ascii=False)))
        return
    for line in curve_lines(points):
        click.echo(printable(line))


def curve_lines(points: Sequence[CurvePoint]) -> Iterator[str]:
    """Yield a line for each share: cost by the program, share and cost of the simulation, sizes."""
    yield f"{'share':>8}{'program':>14}{'simulated':>12}{'cost, mn':>12}  sizes"
    for point in points:
        sizes = point.sizes
        if sizes is None:
            yield f"{point.target!s:>8}  {point.reason}"
            continue
        found = ", ".join(
            f"{one.asset} {one.found:,.1f} {one.unit}" for one in sizes.sizes if one.found > 0.05
        )
        yield (
            f"{sizes.program.cfe_frac:>8.1%}{sizes.program.cost / 1e6:>10,.1f} mn"
            f"{sizes.simulated.cfe_frac:>12.1%}{sizes.simulated.cost / 1e6:>12,.1f}  {found}"
        )


def size_lines(sizes: Sizes) -> Iterator[str]:
    """Yield sizes, share and cost: as they are, by the program, and by the simulation."""
    from dcsim.study.sizing.gap import gap_lines

    site = sizes.original.site
    yield f"{site.name}, {sizes.year}: {_goal_text(sizes)}"
    yield f"{'':<34}{'as it is':>14}{'found':>14}"
    for one in sizes.sizes:
        yield f"{f'{one.asset}, {one.unit}':<34}{one.before:>14,.1f}{one.found:>14,.1f}"
    yield ""
    yield from _share_and_cost_lines(sizes)
    yield (
        "The program knows the whole year beforehand and may run CHP less; the simulation follows "
        f"the policy {site.dispatch.policy}."
    )
    if sizes.gap is not None:
        yield from gap_lines(sizes.gap)
    yield "Cost: payments for what is sized, energy bought, demand charge; no GPUs, no works."
    if not sizes.is_met and sizes.cost_limit is not None:
        yield (
            f"The simulation costs more than {sizes.cost_limit / 1e6:,.1f} mn {sizes.currency}: "
            "its policy does not know the year beforehand; ask for a lower limit."
        )
    elif not sizes.is_met:
        yield (
            f"The simulation misses {sizes.cfe_frac:.1%}: --meet asks the program for more until "
            "it does not, --set dispatch.policy=cfe-first uses what is clean first."
        )


def _goal_text(sizes: Sizes) -> str:
    if sizes.cost_limit is not None:
        limit = f"{sizes.cost_limit / 1e6:,.1f} mn {sizes.currency}"
        return f"most carbon-free energy for {limit} a year"
    if sizes.cfe_frac is not None:
        return f"least cost for {sizes.cfe_frac:.1%} carbon-free energy, hour by hour"
    return "least cost"


def _share_and_cost_lines(sizes: Sizes) -> Iterator[str]:
    program, second, before = sizes.program, sizes.simulated, sizes.before
    yield f"{'':<34}{'as it is':>14}{'program':>14}{'simulated':>14}{'gap':>10}"
    yield (
        f"{'carbon-free, hour by hour':<34}{before.cfe_frac:>14.2%}{program.cfe_frac:>14.2%}"
        f"{second.cfe_frac:>14.2%}{100 * (second.cfe_frac - program.cfe_frac):>+7.2f} pp"
    )
    label = f"cost of the year, mn {sizes.currency}"
    gap = second.cost / program.cost - 1 if program.cost else 0.0
    yield (
        f"{label:<34}{before.cost / 1e6:>14,.1f}{program.cost / 1e6:>14,.1f}"
        f"{second.cost / 1e6:>14,.1f}{gap:>+10.2%}"
    )
    yield (
        f"{'unserved, MWh':<34}{before.unserved_mwh:>14,.1f}{program.unserved_mwh:>14,.1f}"
        f"{second.unserved_mwh:>14,.1f}"
    )


def size_data(sizes: Sizes) -> dict[str, object]:
    """Return sizes, shares and costs as plain data."""
    from dcsim.scenario.schema.assets.registry import kind_of, kinds_of

    plants: dict[str, float] = {}
    stores: dict[str, dict[str, float]] = {}
    for one in sizes.sizes:
        kind = kind_of(one.asset)
        if kind is not None and kind.is_store:
            measure = f"{one.measure}_{one.unit.lower()}"
            stores.setdefault(one.asset, {})[measure] = one.found
        else:
            plants[one.asset] = one.found
    return {
        "year": sizes.year,
        "plants_mw": plants,
        kinds_of("storage")[0].section: stores,
        "program": sizes.program._asdict(),
        "simulated": sizes.simulated._asdict(),
        "as_it_is": sizes.before._asdict(),
        "overrides": list(sizes.overrides),
        "gap": None
        if sizes.gap is None
        else sizes.gap._asdict() | {"sources": [one._asdict() for one in sizes.gap.sources]},
    }
