"""What a result says in short: the hourly columns and the figures of `summary.json`."""

from __future__ import annotations

import functools
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from dcsim.accounts.gpu.days import binding
from dcsim.accounts.gpu.delivery import held_by_delivery
from dcsim.clock import Calendar, Floats
from dcsim.gpu_states import CAUSES
from dcsim.scenario.plan import Plan
from dcsim.scenario.provision import design_facility_kw, gpus_fit
from dcsim.scenario.scenario import Scenario, file_digest
from dcsim.scenario.schema.site import Site
from dcsim.types import Accounts, Flows, Load, Timeline, Weather
from dcsim.units import MINUTES_PER_DAY

SCHEMA_VERSION = 1


def column(name: str) -> str:
    """Return a name as part of a column's name: ``baseload-ppa`` becomes ``baseload_ppa``."""
    return name.replace("-", "_").replace(".", "_")


def hourly_columns(
    site: Site,
    timeline: Timeline,
    weather: Weather,
    *,
    load: Load,
    flows: Flows,
    accounts: Accounts,
) -> dict[str, Floats]:
    """Return the columns of `hourly.parquet` besides its time, shape ``(n_hours,)`` each."""
    columns: dict[str, Floats] = {
        "it_power_mw": load.it_power_mw,
        "cooling_power_mw": load.cooling_power_mw,
        "electrical_loss_mw": load.electrical_loss_mw,
        "facility_power_mw": load.facility_power_mw,
    }
    for source, power_mw in flows.generation_mw.items():
        columns[f"{column(source)}_generation_mw"] = power_mw
    columns |= {
        "grid_import_mw": flows.grid_import_mw,
        "grid_export_mw": flows.grid_export_mw,
        "battery_charge_mw": flows.battery_charge_mw,
        "battery_discharge_mw": flows.battery_discharge_mw,
        "battery_stored_mwh": flows.battery_stored_mwh[1:],
        "curtailed_mw": flows.curtailed_mw,
        "unserved_mw": flows.unserved_mw,
        "throttled_mw": load.throttled_mw,
        "renewable_mw": accounts.renewable_mw,
        "carbon_free_mw": accounts.carbon_free_mw,
        "energized_mw": timeline.capacity["energized"].hourly(timeline.calendar),
        "pue": load.pue,
        "water_m3": load.water_m3,
        "temp_dry_bulb_c": weather.temp_dry_bulb_c,
        "temp_wet_bulb_c": weather.temp_wet_bulb_c,
    }
    for index, product in enumerate(timeline.products):
        columns[f"gpus_online_{column(product)}"] = load.online_gpus[index]
    for index, segment in enumerate(load.segments):
        columns[f"gpus_wanted_{column(segment)}"] = load.wanted_gpus[index]
        columns[f"gpus_busy_{column(segment)}"] = load.busy_gpus[index]
    return columns


def summarize(
    scenario: Scenario, plan: Plan, timeline: Timeline, weather: Weather, accounts: Accounts
) -> dict[str, Any]:
    """Return the summary of a run: promises, key figures, what bound, works, provenance."""
    site, calendar = plan.site, timeline.calendar
    return {
        "schema_version": SCHEMA_VERSION,
        "name": site.name,
        "start": site.start.isoformat(),
        "end": site.end.isoformat(),
        "replication": plan.replication,
        "milestones": [result._asdict() for result in accounts.milestones],
        **{name: _json(value) for name, value in accounts.key_figures.items()},
        "gpus_fit": _fits(site, timeline),
        "gpu_days": {
            state: minutes / MINUTES_PER_DAY for state, minutes in accounts.gpu_minutes.items()
        },
        "binding": _binding(site, timeline),
        "yearly": {name: [_json(v) for v in values] for name, values in accounts.yearly.items()},
        "products": list(timeline.products),
        "works": [_work(calendar, *task) for task in timeline.tasks],
        "capacity_mw": {
            key: [
                {"time": _iso(calendar, int(time)), "level": float(level)}
                for time, level in zip(steps.time_min, steps.level, strict=True)
            ]
            for key, steps in timeline.capacity.items()
        },
        "outages": [
            {
                "asset": outage.asset,
                "start": _iso(calendar, outage.start_min),
                "end": _iso(calendar, outage.end_min),
                "lost_frac": outage.lost_frac,
                "cause": outage.cause,
            }
            for outage in timeline.outages
        ],
        "weather": {"source": weather.source, "notes": list(weather.notes)},
        "provenance": provenance(scenario),
    }


def provenance(scenario: Scenario) -> dict[str, Any]:
    """Return what a run is a function of: scenario, files, overrides, versions."""
    return {
        "scenario": scenario.path.name,
        "scenario_digest": scenario.digest,
        "files": {name: file_digest(path) for name, path in scenario.files.items()},
        "overrides": list(scenario.overrides),
        "changes": [str(change) for change in scenario.changes],
        "seed": scenario.site.seed,
        "versions": versions(),
    }


@functools.cache
def versions() -> dict[str, str]:
    """Return the versions that numbers may depend on."""
    found = {"python": platform.python_version(), "machine": platform.machine()}
    for package in ("dcsim", "numpy", "simpy", "scipy", "pvlib", "psychrolib"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "unknown"
    return found


def _fits(site: Site, timeline: Timeline) -> dict[str, Any]:
    """Return how many GPUs of each product the power energized in the end would carry."""
    level = timeline.capacity["energized"].level
    energized_mw = float(level[-1]) if level.size else 0.0
    return {
        "energized_mw": energized_mw,
        "gpus": {p.name: gpus_fit(energized_mw, p, site.power) for p in site.products},
        "facility_kw_per_gpu": {p.name: design_facility_kw(p, site.power) for p in site.products},
    }


def _binding(site: Site, timeline: Timeline) -> list[dict[str, Any]]:
    return [
        {
            "quarter": quarter,
            "cause": CAUSES[state] if state is not None else None,
            "state": state,
            "gpu_days": days,
        }
        for quarter, state, days in binding(
            timeline, delivery=lambda edges: held_by_delivery(site, timeline, edges)
        )
    ]


def _work(calendar: Calendar, *task: Any) -> dict[str, Any]:
    name, kind, label, start_min, finish_min, planned_min, driver, unlocks = task
    return {
        "name": name,
        "kind": kind,
        "label": label,
        "start": None if start_min is None else _iso(calendar, start_min),
        "finish": None if finish_min is None else _iso(calendar, finish_min),
        "announced": None if planned_min is None else _iso(calendar, planned_min),
        "driver": driver,
        "unlocks": list(unlocks),
    }


def _iso(calendar: Calendar, minute: int) -> str:
    return calendar.moment(minute).isoformat(timespec="minutes")


def _json(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else float(value)
