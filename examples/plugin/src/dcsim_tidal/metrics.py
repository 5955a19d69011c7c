"""How abruptly a site takes power from the grid, and when its tidal farms are there."""

from __future__ import annotations

import numpy as np

from dcsim.plugins import Floats, Load, Metric, MilestoneMetric, Run, Steps, Timeline


def rises_mw(run: Run) -> Floats:
    """Return the rise of import from the step before, shape ``(n_hours,)``. [MW]"""
    return np.diff(run.flows.grid_import_mw, prepend=0.0)


def rise_max_mw(run: Run) -> float:
    """Return the largest rise of the run. [MW]"""
    return float(rises_mw(run).max())


def rise_max_by_year_mw(run: Run) -> list[float]:
    """Return the largest rise of each calendar year at the site. [MW]"""
    year_of_step = run.plan.calendar.local_time.astype("datetime64[Y]").astype(np.int64) + 1970
    rises = rises_mw(run)
    return [float(rises[year_of_step == year].max()) for year in run.accounts.yearly["year"]]


def tidal_capacity(timeline: Timeline, load: Load) -> Steps:
    """Return the rated power of all tidal farms that are there, over time. [MW]"""
    return Steps.of(
        [
            change
            for key, steps in timeline.capacity.items()
            if key.startswith("tidal.")
            for change in zip(steps.time_min.tolist(), steps.change.tolist(), strict=True)
        ]
    )


IMPORT_RISE = Metric(
    name="import_rise_max_mw",
    unit="MW",
    meaning="largest rise of import from one step to the next",
    value=rise_max_mw,
    by_year=rise_max_by_year_mw,
)
TIDAL_CAPACITY = MilestoneMetric(
    name="tidal_capacity_mw",
    unit="MW",
    meaning="rated power of tidal farms",
    over_time=tidal_capacity,
)
