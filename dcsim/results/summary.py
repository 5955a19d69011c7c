"""The summary of a run: plan, timeline and accounts in, the content of `summary.json` out."""

from __future__ import annotations

import functools
import platform
from typing import cast

import numpy as np

from dcsim.accounts.gpu.days import binding
from dcsim.accounts.gpu.delivery import held_by_delivery
from dcsim.accounts.key_figures import KeyFigures
from dcsim.clock import Calendar
from dcsim.gpu_states import CAUSES
from dcsim.results.notes import notes_of_run
from dcsim.results.summary_types import (
    FitSummary,
    LevelSummary,
    MilestoneSummary,
    OutageSummary,
    Provenance,
    QuarterSummary,
    Summary,
    WorkSummary,
)
from dcsim.scenario.plan import Plan
from dcsim.scenario.provision import design_facility_kw, gpus_fit
from dcsim.scenario.scenario import Scenario
from dcsim.scenario.schema.site import Site
from dcsim.scenario.text.named_files import file_digest
from dcsim.types import (
    Accounts,
    MilestoneResult,
    Outage,
    Steps,
    TaskRecord,
    Timeline,
    Weather,
)
from dcsim.units import MINUTES_PER_DAY
from dcsim.version import version_of

SCHEMA_VERSION = 1


def summarize(
    scenario: Scenario, plan: Plan, timeline: Timeline, weather: Weather, accounts: Accounts
) -> Summary:
    """Return the summary of a run.

    Parameters
    ----------
    scenario : Scenario
        Where the plan comes from, for the provenance.
    plan : Plan
        The site with its values as drawn, and the number of the replication.
    timeline : Timeline
    weather : Weather
    accounts : Accounts

    Returns
    -------
    Summary
        Milestones, key figures, causes by quarter, works, capacity, outages, provenance; all of
        it plain data that JSON can hold, in the order of the file.
    """
    site = plan.site
    # A type checker cannot know the names of figures that depend on currency and sources.
    figures = cast(
        "KeyFigures", {name: finite_or_none(v) for name, v in accounts.key_figures.items()}
    )
    return {
        "schema_version": SCHEMA_VERSION,
        "name": site.name,
        "start": site.start.isoformat(),
        "end": site.end.isoformat(),
        "time_zone": site.time_zone,
        "replication": plan.replication,
        "milestones": [_milestone(result) for result in accounts.milestones],
        **figures,
        "gpus_fit": _fits(site, timeline),
        "gpu_days": {
            state: minutes / MINUTES_PER_DAY for state, minutes in accounts.gpu_minutes.items()
        },
        "binding": _binding(site, timeline),
        "yearly": {
            name: [finite_or_none(value) for value in values]
            for name, values in accounts.yearly.items()
        },
        "products": list(timeline.products),
        "works": [_work(timeline.calendar, task) for task in timeline.tasks],
        "capacity_mw": {
            key: _levels(timeline.calendar, steps) for key, steps in timeline.capacity.items()
        },
        "outages": [_outage(timeline.calendar, outage) for outage in timeline.outages],
        "weather": {"source": weather.source, "notes": list(weather.notes)},
        "notes": notes_of_run(plan, weather, _assets_that_come(timeline)),
        "provenance": provenance(scenario),
    }


def _assets_that_come(timeline: Timeline) -> list[str]:
    return [key for key, steps in timeline.capacity.items() if steps.level.max(initial=0.0) > 0]


def provenance(scenario: Scenario) -> Provenance:
    """Return all that the numbers of a run depend on: scenario, files, overrides, versions."""
    packages = scenario.site.extension.packages
    plugins = {package.name: package.identity for package in packages}
    found: Provenance = {
        "scenario": scenario.path.name,
        "scenario_digest": scenario.digest,
        "files": {name: file_digest(path) for name, path in scenario.files.items()},
        "overrides": list(scenario.overrides),
        "changes": [str(change) for change in scenario.changes],
        "seed": scenario.site.seed,
        "versions": versions(),
    }
    return {**found, "plugins": plugins} if plugins else found


@functools.cache
def versions() -> dict[str, str]:
    """Return the versions that numbers may depend on."""
    found = {"python": platform.python_version(), "machine": platform.machine()}
    for package in ("dcsim", "numpy", "simpy", "scipy", "pvlib"):
        found[package] = version_of(package)
    return found


def _milestone(result: MilestoneResult) -> MilestoneSummary:
    return {
        "name": result.name,
        "metric": result.metric,
        "target": result.target,
        "by": result.by,
        "reached": result.reached,
        "met": result.met,
        "margin_days": result.margin_days,
    }


def _fits(site: Site, timeline: Timeline) -> FitSummary:
    """Return the GPUs of each product that the power energized in the end would carry."""
    level = timeline.capacity["energized"].level
    energized_mw = float(level[-1]) if level.size else 0.0
    return {
        "energized_mw": energized_mw,
        "gpus": {p.name: gpus_fit(energized_mw, p, site.power) for p in site.products},
        "facility_kw_per_gpu": {p.name: design_facility_kw(p, site.power) for p in site.products},
    }


def _binding(site: Site, timeline: Timeline) -> list[QuarterSummary]:
    """Return by quarter the state in which most GPU-days were held back."""
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


def _work(calendar: Calendar, task: TaskRecord) -> WorkSummary:
    return {
        "name": task.name,
        "kind": task.kind,
        "label": task.label,
        "start": _local_time_or_none(calendar, task.start_min),
        "finish": _local_time_or_none(calendar, task.finish_min),
        "announced": _local_time_or_none(calendar, task.planned_finish_min),
        "driver": task.driver,
        "unlocks": list(task.unlocks),
    }


def _levels(calendar: Calendar, steps: Steps) -> list[LevelSummary]:
    return [
        {"time": _local_time(calendar, int(time)), "level": float(level)}
        for time, level in zip(steps.time_min, steps.level, strict=True)
    ]


def _outage(calendar: Calendar, outage: Outage) -> OutageSummary:
    return {
        "asset": outage.asset,
        "start": _local_time(calendar, outage.start_min),
        "end": _local_time(calendar, outage.end_min),
        "lost_frac": outage.lost_frac,
        "cause": outage.cause,
    }


def _local_time(calendar: Calendar, minute: int) -> str:
    return calendar.moment(minute).isoformat(timespec="minutes")


def _local_time_or_none(calendar: Calendar, minute: int | None) -> str | None:
    return None if minute is None else _local_time(calendar, minute)


def finite_or_none(value: float | None) -> float | None:
    """Return a figure as JSON can hold it: None for NaN and infinity, which JSON has no word for.

    Examples
    --------
    >>> finite_or_none(float("nan")), finite_or_none(1)
    (None, 1.0)
    """
    return None if value is None or not np.isfinite(value) else float(value)
