"""The energy balance of many sizes of one site: what a search for sizes asks again and again."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats
from dcsim.errors import ModelError
from dcsim.supply.availability import AvailableSupply
from dcsim.supply.dispatch.battery import BatteryUnit
from dcsim.supply.dispatch.greedy import self_consumption
from dcsim.supply.dispatch.one_pass import site_of, stacked
from dcsim.supply.dispatch.plants import BackupUnit, failed_starts
from dcsim.supply.kernels import dispatch as loops
from dcsim.supply.kernels.compiled import compiled_loops

AT_ONCE = 256
"""Cases of one call of the loop; what it keeps of so many stays near the processor."""
SCALED = ("solar", "wind")
"""Sections whose sources a case scales."""


class Sizes(NamedTuple):
    """What differs from case to case, shape ``(n_cases,)``."""

    solar_factor: Floats
    """Factor on all that solar plants make."""
    wind_factor: Floats
    """Factor on all that wind farms make."""
    battery_mw: Floats
    """Power of all batteries together, shared among them as in what is available. [MW]"""
    battery_mwh: Floats
    """Their energy, shared likewise; reserve, minimum and start stay the same share of it. [MWh]"""


class Totals(NamedTuple):
    """What each case adds up to over all steps, shape ``(n_cases,)``.

    ``renewable + chp + genset + import + discharged + unserved
    = load + charged + export + curtailed``.
    """

    import_mwh: Floats
    export_mwh: Floats
    curtailed_mwh: Floats
    unserved_mwh: Floats
    charged_mwh: Floats
    discharged_mwh: Floats
    renewable_mwh: Floats
    """What solar, wind and contracts make, whatever becomes of it."""
    renewable_used_mwh: Floats
    """The part of it that meets load in the same step or charges batteries, which take it before
    surplus of CHP."""
    chp_mwh: Floats
    genset_mwh: Floats
    peak_import_mw: Floats
    unserved_h: Floats
    """Length of all steps in which anything is unserved."""


def balance_sizes(
    load_mw: Floats, available: AvailableSupply, sizes: Sizes, step_h: float
) -> Totals:
    """Dispatch every case by self-consumption and return its totals.

    Runs compiled where the extra ``speed`` is installed, all cases hour by hour; else, and with
    batteries that fade, leak, or have limits of their own, with ramps, or gensets that fail while
    running, case by case in arrays. The two agree to 1e-9 of a total.

    Parameters
    ----------
    load_mw : ndarray, shape (n_steps,)
        Facility power. [MW]
    available : AvailableSupply
        The site of factor 1. A battery to be sized has to be in it, of any size.
    sizes : Sizes
        The cases.
    step_h : float
        Length of a step. [h]

    Returns
    -------
    Totals

    Raises
    ------
    ModelError
        If sizes are negative, not finite or not equally many, or ask for a battery where the
        supply has none.

    Examples
    --------
    Half and all of a solar plant, and a battery that carries two hours of load into the night:

    >>> day = np.array([0.0, 4.0, 8.0, 0.0])
    >>> available = AvailableSupply(
    ...     connection_mw=np.full(4, 10.0),
    ...     export_mw=np.zeros(4),
    ...     onsite_mw={"solar.roof": day},
    ...     stores={"batteries.b": BatteryUnit(np.ones(4), 1.0, 1.0)},
    ... )
    >>> sizes = Sizes(*np.array([[0.5, 1.0, 1.0], [1, 1, 1], [0, 0, 4], [0, 0, 4]], dtype=float))
    >>> totals = balance_sizes(np.full(4, 2.0), available, sizes, 1.0)
    >>> totals.import_mwh, totals.curtailed_mwh
    (array([4., 4., 2.]), array([2., 8., 4.]))
    """
    sizes = _checked(sizes, available)
    fast = compiled_loops()
    if fast is None or not (
        available.plain and all(unit.plain for unit in available.backup.values())
    ):
        return _in_arrays(load_mw, available, sizes, step_h)
    n_steps = load_mw.size
    site = site_of(load_mw, available, step_h)
    backup = loops.Gensets(
        stacked([unit.available_mw for unit in available.backup.values()], n_steps),
        stacked([_started_frac(unit) for unit in available.backup.values()], n_steps),
    )
    wheeled_mw = _by_section(available.wheeled_mw, n_steps)
    onsite_mw = _by_section(available.onsite_mw, n_steps)
    parts = []
    for first in range(0, max(sizes.solar_factor.size, 1), AT_ONCE):
        some = Sizes._make(column[first : first + AT_ONCE] for column in sizes)
        sums = loops.Sums._make(np.zeros((len(loops.Sums._fields), some.solar_factor.size)))
        sources = loops.Sources(wheeled_mw, onsite_mw, np.stack(some[:2]))
        stores = _sized_batteries(site.stores, some)
        fast.sum_cases(site._replace(stores=stores), sources, backup, sums)
        parts.append(_totals(sums, step_h))
    return Totals._make(np.concatenate(column) for column in zip(*parts, strict=True))


def sized(available: AvailableSupply, sizes: Sizes, case: int) -> AvailableSupply:
    """Return the available supply of one case, for a closer look at it.

    Parameters
    ----------
    available : AvailableSupply
        The site of factor 1.
    sizes : Sizes
    case : int
        Which of them.

    Returns
    -------
    AvailableSupply
    """
    factor = {"solar": float(sizes.solar_factor[case]), "wind": float(sizes.wind_factor[case])}
    power_mw, energy_mwh = _ratings(available)
    power_factor = sizes.battery_mw[case] / power_mw if power_mw else 0.0
    energy_factor = sizes.battery_mwh[case] / energy_mwh if energy_mwh else 0.0

    def scaled(sources: Mapping[str, Floats]) -> dict[str, Floats]:
        return {
            key: made_mw * factor.get(key.partition(".")[0], 1.0)
            for key, made_mw in sources.items()
        }

    def sized_battery(unit: BatteryUnit) -> BatteryUnit:
        return unit._replace(
            power_mw=power_factor * unit.power_mw,
            energy_mwh=energy_factor * unit.energy_mwh,
            reserve_mwh=energy_factor * unit.reserve_mwh,
            start_mwh=energy_factor * unit.start_mwh,
            minimum_mwh=energy_factor * unit.minimum_mwh,
            charge_limit_mw=_times(unit.charge_limit_mw, power_factor),
            discharge_limit_mw=_times(unit.discharge_limit_mw, power_factor),
        )

    return dataclasses.replace(
        available,
        onsite_mw=scaled(available.onsite_mw),
        wheeled_mw=scaled(available.wheeled_mw),
        stores={key: sized_battery(unit) for key, unit in available.stores.items()},
    )


def _times(power_mw: Floats | None, factor: float) -> Floats | None:
    return None if power_mw is None else factor * power_mw


def _checked(sizes: Sizes, available: AvailableSupply) -> Sizes:
    columns = [np.ascontiguousarray(column, dtype=np.float64) for column in sizes]
    if columns[0].ndim != 1 or any(column.shape != columns[0].shape for column in columns):
        shapes = ", ".join(str(column.shape) for column in columns)
        raise ModelError(f"need as many cases in each column of sizes, got shapes {shapes}")
    for name, column in zip(Sizes._fields, columns, strict=True):
        if not np.all((column >= 0) & np.isfinite(column)):
            raise ModelError(f"need finite {name} of 0 or more in every case")
    checked = Sizes._make(columns)
    if not all(_ratings(available)) and np.any(checked.battery_mw * checked.battery_mwh > 0):
        raise ModelError(
            "sizes ask for a battery, but none of the available supply has power and energy"
        )
    return checked


def _ratings(available: AvailableSupply) -> tuple[float, float]:
    """Return power and energy of all batteries of available supply. [MW], [MWh]"""
    units = available.stores.values()
    power_mw = sum((float(unit.power_mw.max(initial=0.0)) for unit in units), 0.0)
    return power_mw, sum((unit.energy_mwh for unit in units), 0.0)


def _sized_batteries(stores: loops.Batteries, sizes: Sizes) -> loops.Batteries:
    """Return batteries with a column for each case; those without power or energy hold none."""
    power_mw = stores.power_mw.max(axis=1, initial=0.0).sum()
    there = (sizes.battery_mw > 0) & (sizes.battery_mwh > 0)
    power_factor = np.where(there, sizes.battery_mw, 0.0) / (power_mw or 1.0)
    energy_factor = np.where(there, sizes.battery_mwh, 0.0) / (stores.energy_mwh.sum() or 1.0)
    return stores._replace(
        power_factor=stores.power_factor * power_factor,
        energy_mwh=stores.energy_mwh * energy_factor,
        reserve_mwh=stores.reserve_mwh * energy_factor,
        start_mwh=stores.start_mwh * energy_factor,
    )


def _by_section(sources: Mapping[str, Floats], n_steps: int) -> Floats:
    """Return the sums of solar, wind and all other sources, shape ``(3, n_steps)``. [MW]"""
    rows = np.zeros((len(SCALED) + 1, n_steps))
    for key, made_mw in sources.items():
        section = key.partition(".")[0]
        rows[SCALED.index(section) if section in SCALED else len(SCALED)] += made_mw
    return rows


def _started_frac(unit: BackupUnit) -> Floats:
    """Return the share of machines that start in a call that begins in each step."""
    n_steps = unit.available_mw.size
    if unit.luck is None or unit.start_failure_frac == 0:
        return np.ones(n_steps)
    luck = unit.luck(np.arange(n_steps))
    return 1.0 - failed_starts(luck, unit.n_units, unit.start_failure_frac) / unit.n_units


def _totals(sums: loops.Sums, step_h: float) -> Totals:
    scale = {"peak_import": 1.0}
    return Totals._make(
        total * scale.get(name, step_h)
        for name, total in zip(loops.Sums._fields, sums, strict=True)
    )


def _in_arrays(load_mw: Floats, available: AvailableSupply, sizes: Sizes, step_h: float) -> Totals:
    cases = range(sizes.solar_factor.size)
    rows = [_case_totals(load_mw, sized(available, sizes, case), step_h) for case in cases]
    return Totals._make(np.array(rows, dtype=np.float64).reshape(-1, len(Totals._fields)).T)


def _case_totals(load_mw: Floats, available: AvailableSupply, step_h: float) -> tuple[float, ...]:
    flows = self_consumption(load_mw, available, step_h)
    wheeled_mw, delivered_mw = available.wheeled
    onsite_mw = sum(available.onsite_mw.values(), np.zeros(load_mw.size))
    taken_mw = delivered_mw + onsite_mw
    stored_mw = flows.battery_charge_mw - flows.grid_charge_mw
    spare_mw = np.maximum(taken_mw - load_mw, 0.0)
    used_mw = np.minimum(taken_mw, load_mw) + np.minimum(stored_mw, spare_mw)
    summed = (
        flows.grid_import_mw,
        flows.grid_export_mw,
        flows.curtailed_mw,
        flows.unserved_mw,
        flows.battery_charge_mw,
        flows.battery_discharge_mw,
        wheeled_mw + onsite_mw,
        used_mw,
        flows.generation_mw["chp"],
        flows.generation_mw["genset"],
    )
    unserved_h = np.count_nonzero(flows.unserved_mw > 0) * step_h
    energy_mwh = (float(column.sum()) * step_h for column in summed)
    return (*energy_mwh, float(flows.grid_import_mw.max(initial=0.0)), unserved_h)
