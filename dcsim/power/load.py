"""The load of the site: from GPUs online and weather to the power at the meter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats
from dcsim.gpu_states import STATE
from dcsim.power.cooling.conditions import HeatLoad, Outside, PlantOutput
from dcsim.power.cooling.registry import cooling_draw
from dcsim.power.demand import served_gpus, wanted_gpus
from dcsim.power.electrical import electrical_loss_mw
from dcsim.power.it import ItPower, busy_fracs, it_power, swing_mw
from dcsim.scenario.plan import Plan
from dcsim.scenario.schema.assets.registry import gives_cold
from dcsim.scenario.schema.power import Cooling
from dcsim.series.profiles import profile_of
from dcsim.types import Load, Timeline, Weather

TOLERANCE_MW = 1e-9
"""Excess over a limit that is taken for rounding. [MW]"""


class SiteDraw(NamedTuple):
    """Power and water of the site, shape ``(n_hours,)`` each."""

    it_mw: Floats
    cooling_mw: Floats
    loss_mw: Floats
    facility_mw: Floats
    water_m3_h: Floats


class GpuUse(NamedTuple):
    """GPUs online, wanted and busy, and the IT power they draw."""

    online: Floats
    """Shape ``(n_products, n_hours)``. [GPU]"""
    wanted: Floats
    """Demand, shape ``(n_segments, n_hours)``. [GPU]"""
    busy: Floats
    """Demand served, shape ``(n_segments, n_hours)``. [GPU]"""
    power: ItPower
    """Of all of them. [MW]"""
    swing_mw: Floats
    """Band within which training in step may move it. [MW]"""


def make_load(plan: Plan, timeline: Timeline, weather: Weather) -> Load:
    """Return what the site draws in each step.

    Parameters
    ----------
    plan : Plan
        The scenario with its values drawn.
    timeline : Timeline
        GPUs online, open halls and energized power.
    weather : Weather
        Temperatures and pressure.

    Returns
    -------
    Load
        With IT power capped where the contracted power binds.

    Notes
    -----
    ::

        heat     = IT power + electrical losses
        facility = heat + cooling(heat, liquid share, outside)
        drawn    = facility * min(1, limit / measured)

    where the basis of the contract says whether facility or IT power is measured.
    """
    site, calendar = plan.site, timeline.calendar
    use = gpu_use(plan, timeline)
    uncapped = _uncapped_draw(plan, timeline, weather, use.power)
    limit_mw = timeline.capacity["energized"].hourly(calendar)
    drawn = cap(uncapped, limit_mw, basis=site.power.basis)
    _check(drawn, limit_mw, basis=site.power.basis)
    return Load(
        segments=tuple(segment.name for segment in site.demand),
        online_gpus=use.online,
        wanted_gpus=use.wanted,
        busy_gpus=use.busy,
        it_power_mw=drawn.it_mw,
        throttled_mw=uncapped.it_mw - drawn.it_mw,
        cooling_power_mw=drawn.cooling_mw,
        electrical_loss_mw=drawn.loss_mw,
        facility_power_mw=drawn.facility_mw,
        pue=pue(drawn.facility_mw, drawn.it_mw),
        water_m3=drawn.water_m3_h * calendar.step_h,
        swing_mw=use.swing_mw,
    )


def gpu_use(plan: Plan, timeline: Timeline) -> GpuUse:
    """Return the GPUs online, wanted and busy in each step, and their IT power."""
    site = plan.site
    by_name = {product.name: product for product in site.products}
    products = [by_name[name] for name in timeline.products]
    online = online_gpus(timeline)
    all_online = online.sum(axis=0)
    wanted = wanted_gpus(site.demand, timeline.calendar)
    busy = served_gpus(wanted, all_online)
    shares = busy_fracs(site.demand, busy, all_online)
    network = {
        "network_frac": site.power.network_frac,
        "network_constant_frac": site.power.network_constant_frac,
    }
    power = it_power(online, shares, products, **network)
    swing = swing_mw(online, busy, products, site.demand, **network)
    return GpuUse(online, wanted, busy, power, swing)


def _uncapped_draw(plan: Plan, timeline: Timeline, weather: Weather, power: ItPower) -> SiteDraw:
    """Return what the site would draw without a limit; a load from a file replaces its part."""
    site, load, profile_mw = plan.site, plan.site.power.load, read_load(plan)
    if profile_mw is not None:
        power = it_power_of_profile(power, profile_mw, plan)
    hall_mw = timeline.capacity["halls"].hourly(timeline.calendar)
    loss_mw = electrical_loss_mw(power.it_power_mw, hall_mw, **site.electrical.model_dump())
    draw = uncapped_draw(power, loss_mw, hall_mw, outside_of(timeline, weather), site.cooling)
    if profile_mw is not None and load is not None and load.of == "facility":
        draw = facility_of_profile(draw, profile_mw)
    return draw


def read_load(plan: Plan) -> Floats | None:
    """Return the load of a file on the steps of a run; None where the scenario names none. [MW]"""
    load = plan.site.power.load
    return None if load is None else profile_of(plan, load, "power.load")


def it_power_of_profile(power: ItPower, profile_mw: Floats, plan: Plan) -> ItPower:
    """Return IT power from a file, its heat leaving by liquid as that of the GPUs does.

    Parameters
    ----------
    power : ItPower
        Of the GPUs online; gives the liquid share.
    profile_mw : ndarray, shape (n_hours,)
        Load from the file. [MW]
    plan : Plan
        Says what it is the load of: of a facility load the design PUE says how much is IT power.

    Returns
    -------
    ItPower
        IT power and its liquid heat. [MW]
    """
    load = plan.site.power.load
    assert load is not None
    it_mw = profile_mw if load.of == "it" else profile_mw / plan.site.power.design_pue
    liquid = np.divide(
        power.liquid_heat_mw,
        power.it_power_mw,
        out=np.zeros_like(it_mw),
        where=power.it_power_mw > 0,
    )
    return ItPower(np.asarray(it_mw), it_mw * liquid)


def facility_of_profile(uncapped: SiteDraw, profile_mw: Floats) -> SiteDraw:
    """Return a facility load from a file; what IT power leaves of it is split as it would be."""
    rest_mw = np.maximum(profile_mw - uncapped.it_mw, 0.0)
    others_mw = uncapped.cooling_mw + uncapped.loss_mw
    share = np.divide(uncapped.loss_mw, others_mw, out=np.zeros_like(rest_mw), where=others_mw > 0)
    loss_mw = rest_mw * share
    return SiteDraw(
        uncapped.it_mw, rest_mw - loss_mw, loss_mw, np.asarray(profile_mw), uncapped.water_m3_h
    )


def online_gpus(timeline: Timeline) -> Floats:
    """Return the mean GPUs online in each step by product, shape ``(n_products, n_hours)``.

    The same as the stock of each product, but the moves are searched once for all products: a large
    fleet makes half a million of them.
    """
    moves = timeline.moves
    enters = moves.target == STATE["online"]
    touched = np.flatnonzero(enters != (moves.origin == STATE["online"]))
    n_gpus = moves.n_gpus[touched]
    change = np.where(enters[touched], n_gpus, -n_gpus)
    time_min, product = moves.time_min[touched], moves.product[touched]
    gpus = np.stack(
        [
            timeline.calendar.hourly_mean(time_min[product == index], change[product == index])
            for index in range(len(timeline.products))
        ]
    )
    return np.maximum(gpus, 0.0)  # the mean of a step that ends empty may round below zero


class _ColdPlants(Mapping[str, PlantOutput]):
    """Output of the plants that cold may come from, by name; worked out for those asked for."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._keys = {key.partition(".")[2]: key for key in timeline.capacity if gives_cold(key)}

    def __getitem__(self, name: str) -> PlantOutput:
        key = self._keys[name]
        rated_mw = float(self._timeline.capacity[key].level.max(initial=0.0))
        return PlantOutput(self._timeline.available_mw(key), rated_mw)

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


def outside_of(timeline: Timeline, weather: Weather) -> Outside:
    """Return the weather, the calendar for the sea, and the gas plants that cold may come from."""
    return Outside(
        weather.temp_dry_bulb_c,
        weather.temp_wet_bulb_c,
        weather.pressure_pa,
        timeline.calendar,
        _ColdPlants(timeline),
    )


def uncapped_draw(
    power: ItPower, loss_mw: Floats, hall_mw: Floats, outside: Outside, cooling: Cooling
) -> SiteDraw:
    """Return what the site would draw without a limit; IT power and losses become heat.

    Parameters
    ----------
    power : ItPower
        IT power and its liquid heat. [MW]
    loss_mw : ndarray, shape (n_hours,)
        Electrical losses; their heat goes to air. [MW]
    hall_mw : ndarray, shape (n_hours,)
        IT power of the open halls, which cooling is sized by. [MW]
    outside : Outside
        Air and water outside.
    cooling : Cooling
        Section of the scenario.

    Returns
    -------
    SiteDraw
        Power [MW] and water [m3/h].
    """
    heat_mw = power.it_power_mw + loss_mw
    liquid_frac = np.divide(
        power.liquid_heat_mw, heat_mw, out=np.zeros_like(heat_mw), where=heat_mw > 0
    )
    cooled = cooling_draw(cooling, HeatLoad(heat_mw, liquid_frac, hall_mw), outside)
    facility_mw = heat_mw + cooled.power_mw
    return SiteDraw(power.it_power_mw, cooled.power_mw, loss_mw, facility_mw, cooled.water_m3_h)


def cap(uncapped: SiteDraw, limit_mw: Floats, *, basis: str) -> SiteDraw:
    """Return the draw within the contracted power.

    Where the site would draw more, IT power is cut and everything else with it in proportion: the
    PUE of that hour stays. A site that is not energized draws nothing, not even for its house.

    Parameters
    ----------
    uncapped : Draw
        Without a limit. [MW]
    limit_mw : ndarray, shape (n_hours,)
        Contracted power. [MW]
    basis : {"facility", "it"}
        Where it is measured.

    Returns
    -------
    Draw
        What is measured is at the limit exactly where it binds, and never above it.
    """
    measured_mw = uncapped.facility_mw if basis == "facility" else uncapped.it_mw
    binds = ~(measured_mw <= limit_mw) | (limit_mw <= 0)
    if not binds.any():
        return uncapped
    left_frac = np.ones_like(limit_mw)
    np.divide(limit_mw, measured_mw, out=left_frac, where=binds & (measured_mw > 0))
    left_frac[limit_mw <= 0] = 0.0
    it_mw, cooling_mw, loss_mw, facility_mw, water_m3_h = (part * left_frac for part in uncapped)
    exact = facility_mw if basis == "facility" else it_mw
    np.minimum(measured_mw, limit_mw, out=exact)  # the product may be off by its rounding
    return SiteDraw(it_mw, cooling_mw, loss_mw, facility_mw, water_m3_h)


def pue(facility_mw: Floats, it_mw: Floats) -> Floats:
    """Return facility over IT power, at least 1; NaN where nothing is on, never infinite.

    >>> pue(np.array([12.0, 0.1]), np.array([10.0, 0.0]))
    array([1.2, nan])
    """
    with np.errstate(over="ignore"):  # what is left of a fleet by rounding may overflow
        ratio = np.divide(facility_mw, it_mw, out=np.full_like(it_mw, np.nan), where=it_mw > 0)
    ratio[np.isinf(ratio)] = np.nan
    return np.maximum(ratio, 1.0)  # a capped hour without overheads may round below one


def _check(drawn: SiteDraw, limit_mw: Floats, *, basis: str) -> None:
    """Raise AssertionError where the load does not add up or breaks its limit; NaN fails."""
    parts_mw = drawn.it_mw + drawn.cooling_mw + drawn.loss_mw
    measured_mw = drawn.facility_mw if basis == "facility" else drawn.it_mw
    fine = np.abs(drawn.facility_mw - parts_mw) <= TOLERANCE_MW
    fine &= (measured_mw <= limit_mw + TOLERANCE_MW) & (drawn.it_mw >= 0)
    if not fine.all():
        hour = int(np.argmin(fine))
        raise AssertionError(
            f"step {hour}: facility {drawn.facility_mw[hour]} MW, its parts {parts_mw[hour]} MW, "
            f"limit {limit_mw[hour]} MW ({basis})"
        )
