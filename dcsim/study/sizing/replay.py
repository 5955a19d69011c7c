"""The figures of a sized year from the simulation, at the prices of the program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from dcsim.accounts.money.tariff import monthly_peak_mw
from dcsim.pipeline import Run
from dcsim.scenario.schema.assets.registry import assets_of, kinds_of
from dcsim.study.sizing.year import SizingYear


class YearFigures(NamedTuple):
    """Figures of a sized year, by the program or by the simulation."""

    cfe_frac: float
    """Share of the load met by carbon-free power in the same hour. [1]"""
    cost: float
    """Payments for what is sized, energy and demand charge, in the currency of the totals."""
    unserved_mwh: float
    """Load that nothing serves. [MWh]"""


def year_figures(
    run: Run,
    sizing: SizingYear,
    plants_mw: Mapping[str, float],
    stores: Mapping[str, tuple[float, float]],
) -> YearFigures:
    """Return share, cost and unserved energy of the year of a run, at the program's prices.

    Parameters
    ----------
    run : Run
        All stages of the scenario with the sizes.
    sizing : SizingYear
        The year of the program, for its steps and prices.
    plants_mw : mapping of asset key to float
        Rated power of each sized plant. [MW]
    stores : mapping of asset key to (float, float)
        Power and energy of each sized store. [MW], [MWh]

    Returns
    -------
    YearFigures
        Cost in the currency of the scenario's totals.
    """
    steps = sizing.steps
    load_mw = run.load.facility_power_mw[steps]
    cost = 0.0
    for payment in _payments(run, sizing, plants_mw, stores):
        cost += payment
    total_mw = float(load_mw.sum())
    matched = float(run.accounts.carbon_free_mw[steps].sum()) / total_mw if total_mw else 1.0
    unserved_mwh = float(run.flows.unserved_mw[steps].sum()) * sizing.year.step_h
    return YearFigures(matched, cost, unserved_mwh)


def _payments(
    run: Run,
    sizing: SizingYear,
    plants_mw: Mapping[str, float],
    stores: Mapping[str, tuple[float, float]],
) -> Iterator[float]:
    """Yield what the year costs: sizes, then energy by source, then the demand charge."""
    year, steps, flows = sizing.year, sizing.steps, run.flows
    yield sum(sizing.plants[key].cost_per_mw * mw for key, mw in plants_mw.items())
    for key, (power_mw, energy_mwh) in stores.items():
        yield sizing.stores[key].cost_per_mw * power_mw
        yield sizing.stores[key].cost_per_mwh * energy_mwh
    yield float((flows.grid_import_mw[steps] * year.import_per_mwh).sum()) * year.step_h
    for key, price in year.dispatchable_per_mwh.items():
        yield float((flows.asset_generation_mw[key][steps] * price).sum()) * year.step_h
    backup_mw = [
        flows.asset_generation_mw[kind.key(asset)][steps]
        for kind, asset in assets_of(run.plan.site, kinds_of("backup"))
    ]
    total_mw = sum(backup_mw, np.zeros(steps.stop - steps.start))
    yield float(total_mw.sum()) * year.step_h * year.backup_per_mwh
    peaks_mw = monthly_peak_mw(flows.grid_import_mw, run.timeline.calendar)
    first = int(run.timeline.calendar.month_index[steps.start])
    yield float((peaks_mw[first : first + 12] * year.demand_per_mw).sum())
