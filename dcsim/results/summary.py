"""The summary of a run: what the stages counted in, the content of `summary.json` out."""

from __future__ import annotations

import functools
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from dcsim.accounts.gpu.days import binding
from dcsim.accounts.gpu.delivery import held_by_delivery
from dcsim.clock import Calendar
from dcsim.gpu_states import CAUSES
from dcsim.scenario.plan import Plan
from dcsim.scenario.provision import design_facility_kw, gpus_fit
from dcsim.scenario.scenario import Scenario, file_digest
from dcsim.scenario.schema.site import Site
from dcsim.types import Accounts, Timeline, Weather
from dcsim.units import MINUTES_PER_DAY

SCHEMA_VERSION = 1


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
