"""The self-consumption policy in one pass over the hours: arrays in, the loop, flows out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from dcsim.clock import Floats
from dcsim.errors import ModelError
from dcsim.supply.availability import AvailableSupply
from dcsim.supply.dispatch.battery import BatteryUnit
from dcsim.supply.dispatch.by_source import by_source
from dcsim.supply.dispatch.plants import run_backup
from dcsim.supply.kernels import dispatch as loops
from dcsim.types import Flows


def self_consumption_in_one_pass(
    load_mw: Floats,
    available: AvailableSupply,
    step_h: float,
    *,
    dispatch_steps: Callable[..., None] = loops.dispatch_steps,
) -> Flows:
    """Return, bit for bit, what `dcsim.supply.dispatch.greedy.self_consumption` returns.

    Batteries have to be plain: power, energy, round trip, reserve and start; CHP has no ramp.

    Parameters
    ----------
    load_mw : ndarray, shape (n_steps,)
        Facility power. [MW]
    available : AvailableSupply
        What sources, stores and the connection can give.
    step_h : float
        Length of a step. [h]
    dispatch_steps : callable
        The loop, plain or compiled.

    Returns
    -------
    Flows

    Raises
    ------
    ModelError
        If a battery or a plant has what this loop does not know.
    """
    if not available.plain:
        raise ModelError("this loop knows no ramps, and no battery that fades, leaks or has limits")
    wheeled_mw, delivered_mw = available.wheeled
    taken_mw = sum(available.onsite_mw.values(), delivered_mw)
    site = site_of(load_mw, available, step_h)
    out = _columns(load_mw.size, len(available.dispatchable))
    dispatch_steps(site, wheeled_mw, taken_mw, out)
    backup_mw, unserved_mw = run_backup(available.backup, out.uncovered_mw, step_h)
    dispatchable_mw = dict(zip(available.dispatchable, out.dispatchable_mw, strict=True))
    assets = {**available.onsite_mw, **available.wheeled_mw, **dispatchable_mw, **backup_mw}
    return Flows(
        generation_mw=by_source(assets, load_mw.size),
        asset_generation_mw=assets,
        grid_import_mw=out.import_mw,
        grid_export_mw=out.export_mw,
        battery_charge_mw=out.charge_mw,
        battery_discharge_mw=out.discharge_mw,
        battery_stored_mwh=out.stored_mwh,
        grid_charge_mw=out.grid_charge_mw,
        curtailed_mw=out.curtailed_mw,
        unserved_mw=unserved_mw,
    )


def site_of(load_mw: Floats, available: AvailableSupply, step_h: float) -> loops.Site:
    """Return load, limits, plants and batteries of available supply as the loops take them."""
    n_steps = load_mw.size
    return loops.Site(
        load_mw=_flat(load_mw),
        connection_mw=_flat(available.connection_mw),
        export_mw=_flat(available.export_mw),
        plants=loops.Plants(
            available_mw=stacked(
                [unit.available_mw for unit in available.dispatchable.values()], n_steps
            ),
            minimum_frac=np.array(
                [unit.minimum_frac for unit in available.dispatchable.values()], dtype=float
            ),
        ),
        stores=stores_of(list(available.stores.values()), n_steps),
        step_h=float(step_h),
    )


def stores_of(units: Sequence[BatteryUnit], n_steps: int) -> loops.Batteries:
    """Return batteries as the loops take them, one case, each with a factor of 1.

    Raises
    ------
    ModelError
        If one is not plain.
    """
    if not all(unit.plain for unit in units):
        raise ModelError("this loop knows no battery that fades, leaks, or has limits of its own")

    def by_case(*values: float) -> Floats:
        return np.array(values, dtype=float).reshape(len(units), 1)

    return loops.Batteries(
        power_mw=stacked([unit.power_mw for unit in units], n_steps),
        round_trip_frac=np.array([unit.round_trip_frac for unit in units], dtype=float),
        first_step=np.array([first_step(unit) for unit in units], dtype=np.int64),
        power_factor=by_case(*(1.0 for _ in units)),
        energy_mwh=by_case(*(unit.energy_mwh for unit in units)),
        reserve_mwh=by_case(*(unit.reserve_mwh for unit in units)),
        start_mwh=by_case(*(unit.start_mwh for unit in units)),
    )


def first_step(unit: BatteryUnit) -> int:
    """Return the first step in which a battery can do anything; the number of steps if none."""
    first = int(np.argmax(unit.power_mw > 0))
    works = unit.power_mw[first] > 0 and unit.energy_mwh > 0
    return first if works else unit.power_mw.size


def stacked(rows: Sequence[Floats], n_steps: int) -> Floats:
    """Return arrays as the rows of one; a single one is not copied."""
    if len(rows) == 1:
        return _flat(rows[0])[np.newaxis]
    return np.stack(rows) if rows else np.zeros((0, n_steps))


def _flat(row: Floats) -> Floats:
    """Return an array of the one kind the compiler meets: 64 bits, in one piece."""
    return np.ascontiguousarray(row, dtype=np.float64)


def _columns(n_steps: int, n_plants: int) -> loops.Columns:
    rows = [np.empty(n_steps) for _ in range(7)]
    return loops.Columns._make([*rows, np.empty(n_steps + 1), np.empty((n_plants, n_steps))])
