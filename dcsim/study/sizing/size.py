"""Least-cost sizes of plants and batteries for one year of a scenario, found and then replayed.

The program of `dcsim.supply.optimum.sizing` is handed the year as the scenario would meet it; its
answer is laid on the scenario and run through the whole simulation, whose policy does not see the
future.
"""

from __future__ import annotations

from typing import NamedTuple

from dcsim.errors import ModelError
from dcsim.pipeline import run_stages
from dcsim.scenario.scenario import Scenario
from dcsim.scenario.schema.assets.registry import assets_of, kind_of
from dcsim.scenario.schema.part import key_of
from dcsim.scenario.schema.site import Site
from dcsim.study.sizing.replay import YearFigures, year_figures
from dcsim.study.sizing.year import SizingYear, sizing_year
from dcsim.supply.optimum.sizing import LeastCostSizes, find_sizes

MOST_TRIES = 8
CLOSE_FRAC = 1e-3
"""How far below its goal a share still counts as met."""
OVER_FRAC = 0.005
"""How far above it is close enough."""


class SizeRequest(NamedTuple):
    """Year, goal and assets of a search for sizes."""

    year: int
    cfe_frac: float | None = None
    cost_limit: float | None = None
    """In the currency of the scenario's totals."""
    names: tuple[str, ...] = ()
    """Plants and batteries that may change; without any, all that have a cost or a price."""
    meet: bool = False
    """True if the simulation has to reach the share, not only the program."""


class SizeResult(NamedTuple):
    """Sizes of least cost, with their figures by the program and by the simulation."""

    sizes: LeastCostSizes
    replayed: YearFigures
    before: YearFigures
    """Of the scenario as it was."""
    overrides: tuple[str, ...]
    """Values that lay the sizes on the scenario."""


def size(scenario: Scenario, request: SizeRequest) -> SizeResult:
    """Return the sizes of least cost, and what the simulation makes of them.

    Raises
    ------
    ScenarioError
        If the scenario has no money, nothing that may be sized, or no such year.
    ModelError
        If no sizes reach the goal of the request.
    """
    run = run_stages(scenario.plan())
    sizing = sizing_year(run, request.year, request.names)
    sizes, replayed = _attempt(scenario, sizing, request, request.cfe_frac)
    if request.meet and request.cfe_frac is not None:
        sizes, replayed = _until_met(scenario, sizing, request, sizes, replayed)
    site = run.plan.site
    old_mw = {key: sizes_now(site, key)[0] for key in sizing.plants}
    old = {key: (sizes_now(site, key)[0], sizes_now(site, key)[1]) for key in sizing.stores}
    return SizeResult(
        sizes,
        replayed,
        year_figures(run, sizing, old_mw, old),
        overrides_of(sizes),
    )


def _attempt(
    scenario: Scenario, sizing: SizingYear, request: SizeRequest, cfe_frac: float | None
) -> tuple[LeastCostSizes, YearFigures]:
    """Find sizes for a share, and replay them."""
    sizes = find_sizes(
        sizing.year, sizing.plants, sizing.stores, cfe_frac=cfe_frac, cost_limit=request.cost_limit
    )
    sized = scenario.with_overrides(overrides_of(sizes))
    run = run_stages(sized.plan())
    return sizes, year_figures(run, sizing, sizes.plants_mw, sizes.stores)


def _until_met(
    scenario: Scenario,
    sizing: SizingYear,
    request: SizeRequest,
    sizes: LeastCostSizes,
    replayed: YearFigures,
) -> tuple[LeastCostSizes, YearFigures]:
    """Ask the program for more until the simulation reaches the share, and for no more than that.

    By false position: first what the simulation falls short by is added, then the line between the
    last miss and the last hit is followed. A goal of 60 % that replays at 57 % asks for 63 % next;
    if that replays at 61 %, the line from (60, 57) to (63, 61) crosses 60.25 % at 62.4 %.
    """
    goal = request.cfe_frac
    assert goal is not None
    missed, target, met = (goal, replayed.cfe_frac), goal, None
    for _ in range(MOST_TRIES):
        if replayed.cfe_frac < goal - CLOSE_FRAC:
            missed = (target, replayed.cfe_frac)
        else:
            met = (target, replayed.cfe_frac, sizes, replayed)
        if met is not None and met[1] - goal <= OVER_FRAC:
            break
        if met is None:
            target += goal - replayed.cfe_frac
        else:
            step = (goal + OVER_FRAC / 2 - missed[1]) / (met[1] - missed[1])
            target = missed[0] + (met[0] - missed[0]) * step
        if target >= 1.0:
            break
        sizes, replayed = _attempt(scenario, sizing, request, target)
    if met is not None:
        return met[2], met[3]
    raise ModelError(
        f"the simulation stays at {replayed.cfe_frac:.1%} however large the plants are: its policy "
        f"{scenario.site.dispatch.policy} runs other sources first; try dispatch.policy=cfe-first"
    )


def overrides_of(sizes: LeastCostSizes) -> tuple[str, ...]:
    """Return the values that lay sizes on a scenario; what is not built is as small as can be."""
    plants: dict[str, tuple[float, ...]] = {key: (mw,) for key, mw in sizes.plants_mw.items()}
    return tuple(
        f"{key}.{key_of(field)}={max(value, 1e-6):.6g} {unit}"
        for key, values in (plants | sizes.stores).items()
        for field, value, unit in zip(_size_fields(key), values, ("MW", "MWh"), strict=False)
    )


def _size_fields(key: str) -> tuple[str, ...]:
    kind = kind_of(key)
    assert kind is not None
    return kind.sized_fields


def sizes_now(site: Site, key: str) -> tuple[float, ...]:
    """Return the size of an asset in a scenario: rated power, and of a store its energy too."""
    asset = next(asset for kind, asset in assets_of(site) if kind.key(asset) == key)
    return tuple(float(getattr(asset, field)) for field in _size_fields(key))
