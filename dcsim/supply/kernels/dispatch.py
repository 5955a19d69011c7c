"""The loops over hours that are compiled, in plain Python: the specification of what they do.

`dispatch_steps` does a dispatch in one pass, as `dcsim.supply.dispatch.greedy.self_consumption`
does it in arrays. `sum_cases` does it for many sizes of one site, hour by hour and within the hour
case by case, so that the compiler can take several cases at once; it keeps sums only, since memory
that is touched for the first time costs more than the arithmetic. `dcsim.supply.kernels.compiled`
compiles these texts as they stand. Whatever they call is in this file: the compiler's cache goes by
its content.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats, Integers


class Plants(NamedTuple):
    """CHP plants in the order they are used."""

    available_mw: Floats
    """Shape ``(n_plants, n_steps)``."""
    minimum_frac: Floats
    """Shape ``(n_plants,)``."""


class Batteries(NamedTuple):
    """Batteries in the order they are used; ratings by case, shape ``(n_batteries, n_cases)``."""

    power_mw: Floats
    """Of a case of factor 1, shape ``(n_batteries, n_steps)``."""
    round_trip_frac: Floats
    """Shape ``(n_batteries,)``."""
    first_step: Integers
    """First step of service, the number of steps if there is none; shape ``(n_batteries,)``."""
    power_factor: Floats
    energy_mwh: Floats
    reserve_mwh: Floats
    start_mwh: Floats


class Site(NamedTuple):
    """What a dispatch meets, shape ``(n_steps,)``. [MW]"""

    load_mw: Floats
    connection_mw: Floats
    export_mw: Floats
    """Most that may be fed back."""
    plants: Plants
    stores: Batteries
    step_h: float
    """Length of a step. [h]"""


class Columns(NamedTuple):
    """What a dispatch writes, shape ``(n_steps,)`` unless said otherwise. [MW]"""

    import_mw: Floats
    export_mw: Floats
    charge_mw: Floats
    discharge_mw: Floats
    grid_charge_mw: Floats
    curtailed_mw: Floats
    uncovered_mw: Floats
    """What is left to gensets."""
    stored_mwh: Floats
    """Shape ``(n_steps + 1,)``. [MWh]"""
    dispatchable_mw: Floats
    """Shape ``(n_plants, n_steps)``."""


Four = tuple[float, float, float, float]


def split(deficit_mw: float, room_mw: float) -> Four:
    """Return surplus, need, need beyond the grid, and spare room in the connection. [MW]"""
    need_mw = max(0.0, deficit_mw)
    beyond_mw, spare_mw = max(0.0, need_mw - room_mw), max(0.0, room_mw - need_mw)
    return max(0.0, -deficit_mw), need_mw, beyond_mw, spare_mw


def after_battery(left_mw: Four, run: Four) -> Four:
    """Return what a battery leaves of what `split` returned."""
    surplus_mw, need_mw, beyond_mw, spare_mw = left_mw
    _, charge_mw, grid_charge_mw, discharge_mw = run
    return (
        surplus_mw - charge_mw,
        need_mw - discharge_mw,
        max(0.0, beyond_mw - discharge_mw),
        spare_mw - grid_charge_mw,
    )


def battery_step(
    level_mwh: float,
    left_mw: Four,
    limits: tuple[float, float, float],
    step_h: float,
    round_trip_frac: float,
) -> Four:
    """Move a battery over one step, as `walk_level` and `run_battery` do over all.

    Takes the level in MWh, what is left when its turn comes as `split` returns it, and its power,
    energy and reserve. Returns the level after the step, the charge from surplus and from the
    grid, and the discharge in MW.

    Examples
    --------
    Room for half of the surplus; a reserve that only need beyond the grid may use:

    >>> battery_step(8.0, (5.0, 0.0, 0.0, 9.0), (5.0, 10.0, 2.0), 1.0, 0.8)
    (10.0, 2.5, 0.0, 0.0)
    >>> battery_step(2.5, (0.0, 4.0, 1.0, 0.0), (5.0, 10.0, 2.0), 1.0, 0.8)
    (1.5, 0.0, 0.0, 1.0)
    """
    surplus_mw, need_mw, beyond_mw, spare_mw = left_mw
    power_mw, energy_mwh, reserve_mwh = limits
    kept_h = step_h * round_trip_frac
    offered_mw = min(power_mw, surplus_mw)
    wanted_mw = min(power_mw, need_mw)
    must_mw = min(power_mw, beyond_mw)
    refill_mw = min(power_mw - offered_mw, spare_mw) if reserve_mwh > 0 else 0.0
    change_mwh = offered_mw * kept_h - wanted_mw * step_h
    must_mwh, refill_mwh = must_mw * step_h, refill_mw * kept_h
    asked_mwh = level_mwh + change_mwh
    floor_mwh = level_mwh - must_mwh if level_mwh > must_mwh else 0.0
    floor_mwh = reserve_mwh if floor_mwh > reserve_mwh else floor_mwh
    if change_mwh < 0:
        now_mwh = floor_mwh if asked_mwh < floor_mwh else asked_mwh
    else:
        now_mwh = energy_mwh if asked_mwh > energy_mwh else asked_mwh
    if refill_mwh > 0 and now_mwh < reserve_mwh:
        refilled_mwh = now_mwh + refill_mwh
        now_mwh = reserve_mwh if refilled_mwh > reserve_mwh else refilled_mwh
    # A power that no limit of the battery cut is the one asked for, to the bit.
    rise_mwh, as_asked = now_mwh - level_mwh, now_mwh == asked_mwh
    rise_mw = offered_mw if as_asked else rise_mwh / kept_h
    cut_mw = must_mw if now_mwh == level_mwh - must_mwh else -rise_mwh / step_h
    fall_mw = wanted_mw if as_asked else cut_mw
    return (
        now_mwh,
        min(offered_mw, max(0.0, rise_mw)),
        min(refill_mw, max(0.0, rise_mw - offered_mw)),
        min(wanted_mw, max(0.0, fall_mw)),
    )


def must_run(step: int, plants: Plants) -> float:
    """Return the least that is taken of all plants in a step. [MW]"""
    total_mw = 0.0
    for plant in range(plants.minimum_frac.size):
        total_mw += plants.minimum_frac[plant] * plants.available_mw[plant, step]
    return total_mw


def follow(step: int, deficit_mw: float, plants: Plants, made_mw: Floats) -> float:
    """Run plants in a step, write what they make, and return the deficit they leave. [MW]"""
    for plant in range(plants.minimum_frac.size):
        available_mw = plants.available_mw[plant, step]
        minimum_mw = plants.minimum_frac[plant] * available_mw
        further_mw = min(available_mw - minimum_mw, max(0.0, deficit_mw))
        made_mw[plant, step] = minimum_mw + further_mw
        deficit_mw -= further_mw
    return deficit_mw


def run_stores(step: int, left_mw: Four, site: Site, level_mwh: Floats) -> tuple[Four, Four]:
    """Run the batteries of the first case in a step and move their levels.

    Returns what they leave, and what they held, charged and discharged together.
    """
    stores = site.stores
    stored_mwh, charge_mw, grid_charge_mw, discharge_mw = 0.0, 0.0, 0.0, 0.0
    for unit in range(level_mwh.size):
        if stores.first_step[unit] > step:
            continue
        if stores.first_step[unit] == step:
            level_mwh[unit] = stores.start_mwh[unit, 0]
        stored_mwh += level_mwh[unit]
        limits = (
            stores.power_mw[unit, step],
            stores.energy_mwh[unit, 0],
            stores.reserve_mwh[unit, 0],
        )
        run = battery_step(
            level_mwh[unit], left_mw, limits, site.step_h, stores.round_trip_frac[unit]
        )
        level_mwh[unit] = run[0]
        left_mw = after_battery(left_mw, run)
        charge_mw += run[1]
        grid_charge_mw += run[2]
        discharge_mw += run[3]
    return left_mw, (stored_mwh, charge_mw, grid_charge_mw, discharge_mw)


def dispatch_steps(site: Site, wheeled_mw: Floats, taken_mw: Floats, out: Columns) -> None:
    """Dispatch all steps by self-consumption, gensets left out, and write the columns.

    Keeps to the order of operations of the arrays, so that the two agree to the bit.

    Parameters
    ----------
    site : Site
        Of its batteries the first case is taken, the factor as 1.
    wheeled_mw : ndarray, shape (n_steps,)
        What sources through the connection make. [MW]
    taken_mw : ndarray, shape (n_steps,)
        What of them is delivered, and what sources on the site make. [MW]
    out : Columns
        Written in every step.
    """
    level_mwh = np.zeros(site.stores.first_step.size)
    for step in range(site.load_mw.size):
        delivered_mw = min(site.connection_mw[step], wheeled_mw[step])
        room_mw = site.connection_mw[step] - delivered_mw
        deficit_mw = site.load_mw[step] - taken_mw[step] - must_run(step, site.plants)
        deficit_mw = follow(step, deficit_mw, site.plants, out.dispatchable_mw)
        left_mw, run = run_stores(step, split(deficit_mw, room_mw), site, level_mwh)
        surplus_mw, need_mw, uncovered_mw, _ = left_mw
        stored_mwh, charge_mw, grid_charge_mw, discharge_mw = run
        export_mw = min(site.export_mw[step], surplus_mw)
        out.import_mw[step] = min(room_mw, need_mw - uncovered_mw + grid_charge_mw)
        out.export_mw[step] = export_mw
        out.charge_mw[step] = charge_mw + grid_charge_mw
        out.discharge_mw[step] = discharge_mw
        out.grid_charge_mw[step] = grid_charge_mw
        out.curtailed_mw[step] = wheeled_mw[step] - delivered_mw + surplus_mw - export_mw
        out.uncovered_mw[step] = uncovered_mw
        out.stored_mwh[step] = stored_mwh
    held_mwh = 0.0
    for unit in range(level_mwh.size):
        held_mwh += level_mwh[unit]
    out.stored_mwh[site.load_mw.size] = held_mwh


class Sources(NamedTuple):
    """Sources that are taken as they come: solar, wind and all other, one a row."""

    wheeled_mw: Floats
    """Through the connection, of a case of factor 1, shape ``(3, n_steps)``."""
    onsite_mw: Floats
    """Behind it."""
    factor: Floats
    """On solar and on wind, shape ``(2, n_cases)``."""


class Gensets(NamedTuple):
    """Emergency generators in the order they are used, shape ``(n_gensets, n_steps)``."""

    available_mw: Floats
    started_frac: Floats
    """Share of the machines that start in a call that begins in a step."""


class Sums(NamedTuple):
    """Powers summed over the steps, shape ``(n_cases,)``. [MW]"""

    imported: Floats
    exported: Floats
    curtailed: Floats
    unserved: Floats
    charged: Floats
    discharged: Floats
    renewable: Floats
    renewable_used: Floats
    dispatchable: Floats
    backup_unit: Floats
    peak_import: Floats
    """The largest, not the sum."""
    steps_unserved: Floats


class Left(NamedTuple):
    """What one stage leaves to the next, as in `split`, shape ``(n_cases,)``. [MW]"""

    surplus: Floats
    need: Floats
    beyond: Floats
    spare: Floats
    renewable: Floats
    """Part of the surplus that is renewable."""
    grid_charge: Floats
    level_mwh: Floats
    """Of batteries, shape ``(n_batteries, n_cases)``. [MWh]"""
    running_frac: Floats
    """Share of the machines of gensets that run in a call, below zero outside of one, shape
    ``(n_gensets, n_cases)``."""


def begin_step(step: int, site: Site, sources: Sources, left: Left, sums: Sums) -> None:
    """Take what comes as it comes, run CHP, and split what is left, in all cases."""
    load_mw, connection_mw, plants = site.load_mw[step], site.connection_mw[step], site.plants
    far_mw, near_mw = sources.wheeled_mw, sources.onsite_mw
    sun_far_mw, wind_far_mw, other_far_mw = far_mw[0, step], far_mw[1, step], far_mw[2, step]
    sun_near_mw, wind_near_mw, other_near_mw = near_mw[0, step], near_mw[1, step], near_mw[2, step]
    least_mw, above_mw = must_run(step, plants), 0.0
    for plant in range(plants.minimum_frac.size):
        available_mw = plants.available_mw[plant, step]
        above_mw += available_mw - plants.minimum_frac[plant] * available_mw
    for case in range(left.need.size):
        sun, wind = sources.factor[0, case], sources.factor[1, case]
        wheeled_mw = sun * sun_far_mw + wind * wind_far_mw + other_far_mw
        onsite_mw = sun * sun_near_mw + wind * wind_near_mw + other_near_mw
        delivered_mw = min(connection_mw, wheeled_mw)
        taken_mw = delivered_mw + onsite_mw
        deficit_mw = load_mw - taken_mw - least_mw
        further_mw = min(above_mw, max(0.0, deficit_mw))
        parts = split(deficit_mw - further_mw, connection_mw - delivered_mw)
        left.surplus[case], left.need[case], left.beyond[case], left.spare[case] = parts
        left.renewable[case] = max(0.0, taken_mw - load_mw)
        left.grid_charge[case] = 0.0
        sums.renewable[case] += wheeled_mw + onsite_mw
        sums.renewable_used[case] += min(load_mw, taken_mw)
        sums.curtailed[case] += wheeled_mw - delivered_mw
        sums.dispatchable[case] += least_mw + further_mw


def move_battery(unit: int, step: int, site: Site, left: Left, sums: Sums) -> None:
    """Run one battery in a step of all cases; it takes renewable surplus before other."""
    stores, level_mwh, step_h = site.stores, left.level_mwh, site.step_h
    power_mw, round_trip_frac = stores.power_mw[unit, step], stores.round_trip_frac[unit]
    for case in range(left.need.size):
        parts = left.surplus[case], left.need[case], left.beyond[case], left.spare[case]
        limits = (
            stores.power_factor[unit, case] * power_mw,
            stores.energy_mwh[unit, case],
            stores.reserve_mwh[unit, case],
        )
        run = battery_step(level_mwh[unit, case], parts, limits, step_h, round_trip_frac)
        parts = after_battery(parts, run)
        left.surplus[case], left.need[case], left.beyond[case], left.spare[case] = parts
        level_mwh[unit, case], charge_mw, grid_charge_mw, discharge_mw = run
        renewable_mw = min(left.renewable[case], charge_mw)
        left.renewable[case] -= renewable_mw
        left.grid_charge[case] += grid_charge_mw
        sums.renewable_used[case] += renewable_mw
        sums.charged[case] += charge_mw + grid_charge_mw
        sums.discharged[case] += discharge_mw


def end_step(export_mw: float, left: Left, sums: Sums) -> int:
    """Feed back, curtail and import in all cases; return in how many need is left to gensets."""
    n_short = 0
    for case in range(left.need.size):
        exported_mw = min(export_mw, left.surplus[case])
        imported_mw = left.need[case] - left.beyond[case] + left.grid_charge[case]
        sums.exported[case] += exported_mw
        sums.curtailed[case] += left.surplus[case] - exported_mw
        sums.imported[case] += imported_mw
        sums.peak_import[case] = max(sums.peak_import[case], imported_mw)
        n_short += left.beyond[case] > 0
    return n_short


def call_gensets(step: int, backup: Gensets, left: Left, sums: Sums) -> None:
    """Run gensets in a step of all cases, and count what is unserved."""
    running_frac = left.running_frac
    for case in range(left.beyond.size):
        unserved_mw = left.beyond[case]
        for unit in range(running_frac.shape[0]):
            if unserved_mw > 0:
                if running_frac[unit, case] < 0:
                    running_frac[unit, case] = backup.started_frac[unit, step]
                able_mw = backup.available_mw[unit, step] * running_frac[unit, case]
                made_mw = min(able_mw, unserved_mw)
                unserved_mw -= made_mw
                sums.backup_unit[case] += made_mw
            else:
                running_frac[unit, case] = -1.0
        sums.unserved[case] += unserved_mw
        sums.steps_unserved[case] += unserved_mw > 0


def sum_cases(site: Site, sources: Sources, backup: Gensets, sums: Sums) -> None:
    """Dispatch many sizes of a site by self-consumption and add what they do to `sums`.

    `dcsim.supply.dispatch.sizes.balance_sizes` says what of a case may differ.
    """
    n_cases, stores = sums.imported.size, site.stores
    n_batteries = stores.first_step.size
    rows, level_mwh = np.zeros((6, n_cases)), np.zeros((n_batteries, n_cases))
    running_frac = np.full((backup.available_mw.shape[0], n_cases), -1.0)
    left = Left(rows[0], rows[1], rows[2], rows[3], rows[4], rows[5], level_mwh, running_frac)
    was_short = False
    for step in range(site.load_mw.size):
        begin_step(step, site, sources, left, sums)
        for unit in range(n_batteries):
            if stores.first_step[unit] == step:
                level_mwh[unit] = stores.start_mwh[unit]
            if stores.first_step[unit] <= step:
                move_battery(unit, step, site, left, sums)
        is_short = end_step(site.export_mw[step], left, sums) > 0
        if is_short or was_short:  # a call ends in the first step in which nothing is short
            call_gensets(step, backup, left, sums)
        was_short = is_short
