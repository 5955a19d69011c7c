"""Milestone confidence beside a single run: a scenario in, the dates of fifty replications out.

Only the stages that decide dates are run, in this process and without a store, with the random
numbers of `dcsim.replicate`: so the same replications have the same dates.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import cast

from dcsim.accounts.gpu.milestones import reads_load
from dcsim.errors import ModelError, PluginError, ScenarioError
from dcsim.pipeline import replay_dates, without_full_collection
from dcsim.results.result import Result
from dcsim.results.summary_types import Summary
from dcsim.scenario.scenario import Scenario
from dcsim.scenario.schema.site import Site
from dcsim.study.records.measure import Measured, failed, measure_milestones, rows_of
from dcsim.study.records.rows import Rows
from dcsim.study.statistics.milestones import confidence_dates, milestone_chances

N_CONFIDENCE_RUNS = 50
"""Replications that a single run is followed by."""
MOST_EVENTS = 50_000_000
"""Most events of all of them together: a single run with a million."""

DatesCallback = Callable[[int, int], None]
"""Called with the number of replications that are done, and how many there will be."""


def n_date_events(result: Result) -> int:
    """Return the events that decide the dates of a run.

    These are the moves of GPUs from state to state and, where a milestone reads the load, the time
    steps.
    """
    n_steps = result.calendar.n_hours if reads_load(result.site) else 0
    return int(result.timeline.moves.time_min.size) + n_steps


def few_enough(result: Result) -> bool:
    """Tell whether a run has so few events that fifty replications of its dates may follow it.

    It goes by a count, so that the same scenario has the same output on every machine.
    """
    return n_date_events(result) * N_CONFIDENCE_RUNS <= MOST_EVENTS


def has_open_dates(scenario: Scenario) -> bool:
    """Tell whether the dates of a scenario may differ between two of its replications."""
    site = scenario.site
    is_drawn = bool(set(scenario.uncertain) - scenario.quantiles.keys())
    return is_drawn or site.fleet is not None or reads_load(site) or _has_events(site)


def _has_events(site: Site) -> bool:
    """Tell whether works or risks of the site, or of its blocks, come or not."""
    works = [*site.works, *(work for block in site.expansion for work in block.works)]
    chances = [work.probability_frac for work in works]
    chances += [risk.probability_frac for risk in site.risks]
    return any(0 < chance < 1 for chance in chances)


def replicate_dates(
    scenario: Scenario, n: int = N_CONFIDENCE_RUNS, *, watch: DatesCallback | None = None
) -> Rows:
    """Return when replications 1 to `n` reach each milestone.

    Parameters
    ----------
    scenario : Scenario
    n : int
        Replications.
    watch : callable, optional
        Called after each of them.

    Returns
    -------
    Rows
        ``milestone.NAME.met``, ``.reached`` and ``.margin_days`` of each replication, as
        `dcsim.replicate` has them; one that fails is a row with its cause.
    """
    measured = []
    with without_full_collection():
        for number in range(1, n + 1):
            measured.append(_dates_of_replication(scenario, number))
            if watch is not None:
                watch(number, n)
    return rows_of(measured)


def _dates_of_replication(scenario: Scenario, number: int) -> Measured:
    try:
        return measure_milestones(replay_dates(scenario, number))
    except (ScenarioError, ModelError, PluginError) as error:
        return failed(number, str(error))


def with_confidence(result: Result, rows: Rows) -> Result:
    """Return a run whose milestones hold their probability and dates by share of replications.

    Parameters
    ----------
    result : Result
    rows : Rows
        Of `replicate_dates`; where all of them failed, the run stays as it is.
    """
    chances = {chance.name: chance for chance in milestone_chances(rows)}
    dates = {one.name: one.dates for one in confidence_dates(rows)}
    milestones = [
        {
            **milestone,
            "probability": chances[milestone["name"]].probability,
            "probability_low": chances[milestone["name"]].low,
            "probability_high": chances[milestone["name"]].high,
            "probability_runs": chances[milestone["name"]].n,
            "promised": {
                f"{date.share * 100:.0f} %": date.day and date.day.isoformat()
                for date in dates[milestone["name"]]
            },
        }
        if milestone["name"] in chances
        else milestone
        for milestone in result.milestones
    ]
    summary = cast("Summary", {**result.summary, "milestones": milestones})
    return dataclasses.replace(result, summary=summary)
