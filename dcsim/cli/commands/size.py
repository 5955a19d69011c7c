"""`dcsim size`: least-cost solar, wind and battery for a share of clean energy, or for a cost."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dcsim.cli.options import FILE_PATH, JSON, root_option, set_option
from dcsim.cli.output.fitting import lines_within, terminal_width
from dcsim.cli.output.progress import Progress
from dcsim.cli.output.tables import right_table, text_table
from dcsim.errors import Problem, ScenarioError, printable, printable_json

if TYPE_CHECKING:
    from dcsim.study.sizing.curve import CurvePoint
    from dcsim.study.sizing.sizes import Sizes

_FADES = {"fade_per_year_frac", "fade_per_cycle_frac"}
_TOLD_KEYS = _FADES | {"charge_power_mw", "discharge_power_mw"}


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
    found = [point.sizes for point in points if point.sizes is not None]
    if found:
        money = f"cost, mn {found[0].currency}"
        heads = ["share", f"program: {money}", "simulated: share", money, "sizes"]
        yield from text_table(heads, [_curve_row(sizes) for sizes in found], to_right=range(4))
    refused = [f"{point.target}: {point.reason}" for point in points if point.sizes is None]
    yield from lines_within(refused, terminal_width(100))


def _curve_row(sizes: Sizes) -> list[str]:
    program, second = sizes.program, sizes.simulated
    shown = [f"{one.asset} {one.found:,.1f} {one.unit}" for one in sizes.sizes if one.found > 0.05]
    costs = [f"{one.cost / 1e6:,.1f}" for one in (program, second)]
    return [
        f"{program.cfe_frac:.1%}",
        costs[0],
        f"{second.cfe_frac:.1%}",
        costs[1],
        ", ".join(shown),
    ]


def size_lines(sizes: Sizes) -> Iterator[str]:
    """Yield sizes, share and cost: as they are, by the program, and by the simulation."""
    site, room = sizes.original.site, terminal_width(100)
    yield from lines_within([f"{site.name}, {sizes.year}: {_goal_text(sizes)}"], room)
    yield ""
    body = [
        [f"{one.asset}, {one.unit}", f"{one.before:,.1f}", f"{one.found:,.1f}"]
        for one in sizes.sizes
    ]
    yield from right_table(["size", "as it is", "found"], body)
    yield ""
    heads = ["result", "as it is", "program", "simulated", "gap"]
    yield from right_table(heads, _share_and_cost_rows(sizes))
    yield ""
    yield from lines_within(_remark_lines(sizes), room)


def _remark_lines(sizes: Sizes) -> Iterator[str]:
    """Yield what the figures hold, and why the simulation differs from the program."""
    from dcsim.study.sizing.gap import gap_lines

    yield (
        "The program knows the whole year beforehand and may run CHP less; the simulation follows "
        f"the policy {sizes.original.site.dispatch.policy}."
    )
    yield from left_out_lines(sizes)
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


def left_out_lines(sizes: Sizes) -> Iterator[str]:
    """Yield what the program of sizes leaves out of batteries."""
    from dcsim.scenario.schema.assets.registry import assets_of, kinds_of

    sized = {one.asset for one in sizes.sizes}
    for kind, store in assets_of(sizes.original.site, kinds_of("storage")):
        key = kind.key(store)
        if key not in sized:
            yield f"{key} is not sized: the program leaves it out, the simulation uses it."
            continue
        # Stores of plug-ins may lack these keys.
        given = {name for name in _TOLD_KEYS if getattr(store, name, None)}
        if given & _FADES:
            yield f"{key} fades: the program leaves that out and takes it as new all year."
        if given - _FADES:
            yield (
                f"{key}: charge_power and discharge_power stay as they are; the program keeps to "
                "the lower of them and the power found, the simulation to them alone."
            )


def _goal_text(sizes: Sizes) -> str:
    if sizes.cost_limit is not None:
        limit = f"{sizes.cost_limit / 1e6:,.1f} mn {sizes.currency}"
        return f"most carbon-free energy for {limit} a year"
    if sizes.cfe_frac is not None:
        return f"least cost for {sizes.cfe_frac:.1%} carbon-free energy, hour by hour"
    return "least cost"


def _share_and_cost_rows(sizes: Sizes) -> list[list[str]]:
    columns = sizes.before, sizes.program, sizes.simulated
    _, program, second = columns
    gap = second.cost / program.cost - 1 if program.cost else 0.0
    points = 100 * (second.cfe_frac - program.cfe_frac)
    shares = [f"{one.cfe_frac:.2%}" for one in columns]
    costs = [f"{one.cost / 1e6:,.1f}" for one in columns]
    unserved = [f"{one.unserved_mwh:,.1f}" for one in columns]
    return [
        ["carbon-free, hour by hour", *shares, f"{points:+.2f} pp"],
        [f"cost of the year, mn {sizes.currency}", *costs, f"{gap:+.2%}"],
        ["unserved, MWh", *unserved, ""],
    ]


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
