"""Least-cost sizes of plants and batteries for one year of a scenario, found and then replayed.

The program of `dcsim.supply.optimum.sizing` is handed the year as the scenario would meet it; its
answer is laid on the scenario and run through the whole simulation, whose policy does not see the
future.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from dcsim.errors import ModelError, Problem, ScenarioError
from dcsim.limits import switch, whole_number
from dcsim.pipeline import StageCallback, replay
from dcsim.scenario.prices import exchange
from dcsim.scenario.scenario import Scenario, require_scenario
from dcsim.scenario.schema.assets.registry import assets_of, kind_of
from dcsim.scenario.schema.part import key_of
from dcsim.scenario.schema.quantity import Price, PricePer, Ratio
from dcsim.scenario.schema.site import Site
from dcsim.scenario.text.data import plain_scalar
from dcsim.study.sizing.gap import share_gap
from dcsim.study.sizing.replay import YearFigures, year_figures
from dcsim.study.sizing.sizes import CLOSE_FRAC, AssetSize, Sizes
from dcsim.study.sizing.year import SizingYear, first_full_year, sizing_year
from dcsim.supply.optimum.sizing import find_sizes
from dcsim.supply.optimum.sizing_year import LeastCostSizes

MOST_TRIES = 8
OVER_FRAC = 0.005
"""How far above its goal it is close enough."""
MEASURES = (("power", "MW"), ("energy", "MWh"))
"""Measures of a size and their units, in the order of an asset's fields."""

Argument = TypeVar("Argument")


class SizeRequest(NamedTuple):
    """Year, goal and assets of a search for sizes."""

    year: int | None
    """None for the first in which the site is in full use."""
    cfe_frac: float | None
    cost_limit: float | None
    """In the currency of the scenario's totals."""
    names: tuple[str, ...]
    """Plants and batteries that may change; without any, all that have a cost or a price."""
    meet: bool
    """True if the simulation has to reach the share, not only the program."""


def size(
    scenario: Scenario,
    *,
    cfe: object = None,
    cost_limit: object = None,
    year: int | None = None,
    plants: Sequence[str] = (),
    meet: bool = False,
    watch: StageCallback | None = None,
) -> Sizes:
    """Find the least-cost sizes of solar, wind and batteries for one year, and replay them.

    A linear program finds the sizes; it knows the whole year beforehand. The scenario is then
    simulated with them, by its own policy. Without a goal the sizes are those of least cost.

    Parameters
    ----------
    scenario : Scenario
        As `dcsim.load` returns it; needs a tariff, and assets that have a cost or a price.
    cfe : str or float, optional
        Least carbon-free share, hour by hour, such as ``"90 %"`` or 0.9.
    cost_limit : str or quantity of pint, optional
        Most the year may cost, such as ``"120 mn USD"``; the sizes match most within it.
    year : int, optional
        Calendar year of the run; by default the first in which the site is in full use.
    plants : sequence of str
        Keys of the assets to size, such as ``["solar.roof"]``; by default all that have a cost or a
        price.
    meet : bool
        True goes on until the simulation reaches the share `cfe`, not only the program.
    watch : callable, optional
        Called with the name of each step as it begins: a year of hours takes a minute.

    Returns
    -------
    Sizes
        A table of sizes, the figures of the year, and the scenario that has the sizes.

    Raises
    ------
    ScenarioError
        If an argument cannot be read or both goals are given, or if the scenario has no tariff,
        nothing that may be sized, or no such year, or if the site draws nothing in it.
    ModelError
        If no sizes reach the goal.
    TypeError
        If `scenario` is no `Scenario`.

    Examples
    --------
    >>> import dcsim
    >>> plan = dcsim.load("scenarios/ulsan-103mw.yaml", overrides={"step": "1 day"})
    >>> sizes = dcsim.size(plan, cfe="70 %", year=2028, plants=["solar.solar-1", "wind.floating"])
    >>> for size in sizes.sizes:
    ...     print(f"{size.asset}: {size.before:.0f} to {size.found:.0f} {size.unit}")
    solar.solar-1: 100 to 125 MW
    wind.floating: 100 to 0 MW
    """
    scenario = require_scenario(scenario, "size")
    request = _size_request(scenario, cfe, cost_limit, year, plants, meet=switch(meet, "meet"))
    return _sizes_for(scenario, request, watch or (lambda _: None))


def _sizes_for(scenario: Scenario, request: SizeRequest, announce: StageCallback) -> Sizes:
    """Return the sizes of a request with the figures of the year."""
    announce("as it is")
    run = replay(scenario, 0)
    year = request.year
    if year is None:
        year = first_full_year(run.timeline.calendar, run.load.facility_power_mw)
    sizing = sizing_year(run, year, request.names)
    search = _Search(scenario, sizing, request, announce)
    found, simulated = search.attempt(request.cfe_frac)
    if request.meet and request.cfe_frac is not None:
        found, simulated = _until_met(search, found, simulated)
    site = run.plan.site
    old_mw = {key: sizes_now(site, key)[0] for key in sizing.plants}
    old = {key: (sizes_now(site, key)[0], sizes_now(site, key)[1]) for key in sizing.stores}
    overrides = overrides_of(found)
    sized = scenario.with_overrides(overrides)
    announce("cause of the gap")
    return Sizes(
        scenario=sized,
        original=scenario,
        year=year,
        cfe_frac=request.cfe_frac,
        cost_limit=request.cost_limit,
        currency=site.money.currency if site.money is not None else "",
        sizes=tuple(_before_and_after(site, found)),
        program=YearFigures(found.cfe_frac, found.cost, found.unserved_mwh),
        simulated=simulated,
        before=year_figures(run, sizing, old_mw, old),
        overrides=overrides,
        gap=share_gap(sized, sizing, found, replay(sized, 0), simulated),
    )


def _before_and_after(site: Site, found: LeastCostSizes) -> Iterator[AssetSize]:
    plants: dict[str, tuple[float, ...]] = {key: (mw,) for key, mw in found.plants_mw.items()}
    for key, new in (plants | found.stores).items():
        for (measure, unit), old, value in zip(MEASURES, sizes_now(site, key), new, strict=False):
            yield AssetSize(key, measure, unit, old, max(0.0, value))


def _size_request(
    scenario: Scenario,
    cfe: object,
    cost_limit: object,
    year: object,
    plants: object,
    *,
    meet: bool,
) -> SizeRequest:
    """Return goal, year and assets as numbers and keys."""
    if cfe is not None and cost_limit is not None:
        message = "give a share to reach or a cost limit, not both"
        raise ScenarioError([Problem("", "cfe, cost_limit", message)])
    if meet and cfe is None:
        raise ScenarioError([Problem("", "meet", "needs a share to reach: give cfe")])
    if isinstance(plants, str) or not isinstance(plants, Sequence):
        message = "must be a list of assets such as ['solar.roof']"
        raise ScenarioError([Problem("", f"plants {plants!r}", message)])
    return SizeRequest(
        None if year is None else whole_number(year, "year"),
        None if cfe is None else _read_argument("cfe", cfe, _share),
        None
        if cost_limit is None
        else _amount_in_totals(scenario, _read_argument("cost_limit", cost_limit, PricePer())),
        tuple(plants),
        meet,
    )


def _read_argument(name: str, value: object, read: Callable[[object], Argument]) -> Argument:
    """Return the value of an argument that may be text, a number or a quantity."""
    try:
        return read(plain_scalar(value))
    except ValueError as error:
        raise ScenarioError([Problem("", f"{name} {value!r}", str(error))]) from None


def _share(value: object) -> float:
    share = Ratio().parse(value)
    if not 0 < share <= 1:
        raise ValueError("must be above 0 and at most 100 %")
    return share


def _amount_in_totals(scenario: Scenario, price: Price) -> float:
    """Return an amount in the currency of the scenario's totals."""
    money = scenario.site.money
    return price.amount * (1.0 if money is None else exchange(money, price.currency))


class _Search(NamedTuple):
    """A scenario, its year, and what is looked for in it."""

    scenario: Scenario
    sizing: SizingYear
    request: SizeRequest
    announce: StageCallback

    def attempt(self, cfe_frac: float | None) -> tuple[LeastCostSizes, YearFigures]:
        """Find sizes for a share, and replay them."""
        sizing = self.sizing
        self.announce("program")
        sizes = find_sizes(
            sizing.year,
            sizing.plants,
            sizing.stores,
            cfe_frac=cfe_frac,
            cost_limit=self.request.cost_limit,
        )
        self.announce("simulation")
        run = replay(self.scenario.with_overrides(overrides_of(sizes)), 0)
        return sizes, year_figures(run, sizing, sizes.plants_mw, sizes.stores)


def _until_met(
    search: _Search, sizes: LeastCostSizes, replayed: YearFigures
) -> tuple[LeastCostSizes, YearFigures]:
    """Ask the program for more until the simulation reaches the share, and for no more than that.

    By false position: first what the simulation falls short by is added, then the line between the
    last miss and the last hit is followed. A goal of 60 % that replays at 57 % asks for 63 % next;
    if that replays at 61 %, the line from (60, 57) to (63, 61) crosses 60.25 % at 62.4 %.
    """
    goal, scenario = search.request.cfe_frac, search.scenario
    assert goal is not None
    if replayed.cfe_frac >= goal - CLOSE_FRAC:
        return sizes, replayed
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
        sizes, replayed = search.attempt(target)
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
        for field, value, unit in zip(
            _size_fields(key), values, dict(MEASURES).values(), strict=False
        )
    )


def _size_fields(key: str) -> tuple[str, ...]:
    kind = kind_of(key)
    assert kind is not None
    return kind.sized_fields


def sizes_now(site: Site, key: str) -> tuple[float, ...]:
    """Return the size of an asset in a scenario: rated power, and of a store its energy too."""
    asset = next(asset for kind, asset in assets_of(site) if kind.key(asset) == key)
    return tuple(float(getattr(asset, field)) for field in _size_fields(key))
