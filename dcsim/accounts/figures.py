"""Figures of a run: closed accounts and stage outputs in, sums and shares by period out.

Names, units and meanings stand in `dcsim.accounts.key_figures`; here are the values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dcsim.accounts.energy.allocation import AllocatedEnergy, share
from dcsim.accounts.energy.carbon import Carbon
from dcsim.accounts.energy.cfe import Matched, annual_frac, ratio
from dcsim.accounts.gpu.days import GpuStock
from dcsim.accounts.gpu.powered import powered_frac, working_gpus
from dcsim.accounts.months import Months
from dcsim.clock import Floats
from dcsim.gpu_states import WAITING
from dcsim.scenario.schema.assets.registry import assets_of, kinds_by_class
from dcsim.scenario.schema.site import Site
from dcsim.types import Flows, Load, Timeline
from dcsim.units import MINUTES_PER_DAY


@dataclass(frozen=True)
class Books:
    """Stage outputs and closed accounts that figures are sums and ratios of."""

    site: Site
    months: Months
    timeline: Timeline
    load: Load
    flows: Flows
    allocated: AllocatedEnergy
    matched: Matched
    carbon: Carbon
    stocks: dict[str, GpuStock]
    in_service: GpuStock
    gpu_minutes: Mapping[str, int]


def _power_columns(books: Books) -> dict[str, Floats]:
    load, flows = books.load, books.flows
    return {
        "facility_mwh": load.facility_power_mw,
        "it_mwh": load.it_power_mw,
        "cooling_mwh": load.cooling_power_mw,
        "electrical_loss_mwh": load.electrical_loss_mw,
        "throttled_mwh": load.throttled_mw,
        **_generation_by_kind(books),
        "fuel_mwh": _fuel_mw(books),
        "import_mwh": flows.grid_import_mw,
        "export_mwh": flows.grid_export_mw,
        "charge_mwh": flows.battery_charge_mw,
        "discharge_mwh": flows.battery_discharge_mw,
        "curtailed_mwh": flows.curtailed_mw,
        "unserved_mwh": flows.unserved_mw,
        "renewable_generation_mwh": books.allocated.renewable_generated_mw,
        "renewable_mwh": books.matched.renewable_mw,
        "carbon_free_mwh": books.matched.carbon_free_mw,
        "gpu_hours_online": load.online_gpus.sum(axis=0),
        "gpu_hours_wanted": load.wanted_gpus.sum(axis=0),
        "gpu_hours_busy": working_gpus(load, flows).sum(axis=0),
        "gpu_hours_throttled": throttled_gpus(load) * powered_frac(load, flows),
        "gpu_hours_unserved": load.online_gpus.sum(axis=0) * (1.0 - powered_frac(load, flows)),
    }


def _generation_by_kind(books: Books) -> dict[str, Floats]:
    """Return what each kind makes; without assets, where its figure stands in every result."""
    generation_mw = books.flows.generation_mw
    nothing = np.zeros_like(books.flows.grid_import_mw)
    figures: dict[str, Floats] = {}
    for kind in kinds_by_class():
        assets = books.site.assets(kind.section)
        if not kind.is_store and (assets or kind.kept_column):
            parts = [generation_mw.get(name, nothing) for name in kind.columns(assets)]
            figures[f"{kind.figure}_mwh"] = sum(parts, nothing)
    return figures


def _fuel_mw(books: Books) -> Floats:
    """Return the fuel of the assets that state an efficiency, shape ``(n_hours,)``. [MW]"""
    made_mw = books.flows.asset_generation_mw
    fuel_mw = np.zeros_like(books.flows.grid_import_mw)
    for kind, asset in assets_of(books.site):
        efficiency_frac, key = kind.efficiency(asset), kind.key(asset)
        if efficiency_frac is not None and key in made_mw:
            fuel_mw += made_mw[key] / efficiency_frac
    return fuel_mw


def throttled_gpus(load: Load) -> Floats:
    """Return the busy GPUs whose work a cap takes, shape ``(n_hours,)``. [GPU]

    Work falls by the share of the IT power that is cut. For training that is about what is
    measured (10 to 15 % less for 14 % less power); inference loses half as much or less.
    """
    busy, asked_mw = load.busy_gpus.sum(axis=0), load.it_power_mw + load.throttled_mw
    return np.asarray(busy * share(load.throttled_mw, asked_mw))


def monthly_figures(books: Books) -> dict[str, Floats]:
    """Return sums by month of the run; megawatts become MWh, GPUs become GPU-hours.

    ``renewable_mwh`` and ``carbon_free_mwh`` are load met in the same hour,
    ``renewable_generation_mwh`` all generation of renewables. Energy of a variable source
    counts as generated even where it was curtailed.
    """
    months, monthly_sum = books.months, books.months.calendar.monthly_sum
    figures = {name: months.total(power) for name, power in _power_columns(books).items()}
    figures["water_m3"] = monthly_sum(books.load.water_m3)
    figures["carbon_location_t"] = monthly_sum(books.carbon.location_t)
    figures["carbon_market_t"] = monthly_sum(books.carbon.market_t)
    return figures


def shares(sums: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return PUE and shares from sums over the same period; NaN where there is no load.

    Sums are divided, not ratios averaged, so that every share is weighted by energy.
    """
    facility, online = sums["facility_mwh"], sums["gpu_hours_online"]
    return {
        "pue": ratio(facility, sums["it_mwh"]),
        "renewable_hourly_frac": ratio(sums["renewable_mwh"], facility),
        "renewable_annual_frac": annual_frac(sums["renewable_generation_mwh"], facility),
        "carbon_free_hourly_frac": ratio(sums["carbon_free_mwh"], facility),
        "utilization_frac": ratio(sums["gpu_hours_busy"], online),
    }


def yearly_figures(books: Books, monthly: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return figures by calendar year, shape ``(n_years,)`` each; NaN where nothing was on."""
    months = books.months
    sums = {name: months.by_year(values) for name, values in monthly.items()}
    starts = np.searchsorted(months.calendar.year, months.years)
    ends = months.year_edges_min
    stocks = books.stocks | {"in_service": books.in_service}
    at_end = {
        f"gpus_{name}_end": stocks[name].before(ends).astype(np.float64)
        for name in ("online", "in_service", "on_order", "retired")
    }
    peaks = {
        "peak_facility_mw": np.maximum.reduceat(books.load.facility_power_mw, starts),
        "peak_import_mw": np.maximum.reduceat(books.flows.grid_import_mw, starts),
    }
    if books.load.swing_mw.any():
        peaks["swing_mw_max"] = np.maximum.reduceat(books.load.swing_mw, starts)
    return {"year": months.years.astype(np.float64)} | sums | shares(sums) | at_end | peaks


def gpu_figures(
    timeline: Timeline,
    by_state: Mapping[str, GpuStock],
    in_service: GpuStock,
    minutes_by_state: Mapping[str, int],
) -> dict[str, float]:
    """Return the figures of the whole run that follow from the moves of GPUs alone.

    Parameters
    ----------
    timeline : Timeline
    by_state : mapping of GpuStock
        GPUs in each state.
    in_service : GpuStock
        GPUs online or under repair.
    minutes_by_state : mapping of int
        GPU-minutes in each state.
    """
    end = np.array([timeline.calendar.n_minutes])
    return {
        "gpus_online_end": float(by_state["online"].before(end)[0]),
        "gpus_online_max": float(by_state["online"].most),
        "gpus_in_service_max": float(in_service.most),
        "stranded_gpu_days": sum(minutes_by_state[state] for state in WAITING) / MINUTES_PER_DAY,
    }


def run_figures(books: Books, monthly: Mapping[str, Floats]) -> dict[str, float | None]:
    """Return figures of the whole run; None where they have no meaning, as a PUE without load.

    ``stranded_gpu_days`` are those of delivered GPUs that waited for power, halls, cooling, crews
    or slots. ``stranded_power_mw_mean`` is energized power less the load where the connection is
    measured (facility or IT), not below zero, its mean over the steps with a connection. Means are
    over the time of the fleet, from the first GPU online to the last, where there is one.
    """
    sums = {name: np.array([values.sum()]) for name, values in monthly.items()}
    facility_mw = books.load.facility_power_mw
    figures = {
        **gpu_figures(books.timeline, books.stocks, books.in_service, books.gpu_minutes),
        "stranded_power_mw_mean": _stranded_mw(books),
        "peak_facility_mw": float(facility_mw.max()),
        "peak_import_mw": float(books.flows.grid_import_mw.max()),
        "mean_facility_mw": _mean_where(facility_mw, (facility_mw > 0) & _with_fleet(books)),
        "swing_mw_max": float(books.load.swing_mw.max(initial=0.0)),
    }
    ratios = {name: _first_or_none(values) for name, values in shares(sums).items()}
    ratios["pue_mean"] = ratios.pop("pue")
    return figures | ratios | {name: float(values[0]) for name, values in sums.items()}


def _stranded_mw(books: Books) -> float | None:
    energized = books.timeline.capacity.get("energized")
    if energized is None:
        return None
    at_meter = books.site.power.basis == "facility"
    drawn_mw = books.load.facility_power_mw if at_meter else books.load.it_power_mw
    energized_mw = energized.hourly(books.months.calendar)
    where = (energized_mw > 0) & _with_fleet(books)
    return _mean_where(np.maximum(energized_mw - drawn_mw, 0.0), where)


def _with_fleet(books: Books) -> NDArray[np.bool_]:
    """Return the steps from the first GPU online to the last; all where the load is of a file."""
    online = np.flatnonzero(books.load.online_gpus.sum(axis=0) > 0)
    inside = np.ones(books.load.facility_power_mw.size, dtype=np.bool_)
    if online.size and books.site.power.load is None:
        inside[: online[0]] = inside[online[-1] + 1 :] = False
    return inside


def _mean_where(values: Floats, where: NDArray[np.bool_]) -> float | None:
    return float(values[where].mean()) if where.any() else None


def _first_or_none(values: Floats) -> float | None:
    return None if np.isnan(values[0]) else float(values[0])
