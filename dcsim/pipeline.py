"""The chain: one scenario and one replication in, one result out."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from dcsim.accounts import close_accounts
from dcsim.errors import ScenarioError
from dcsim.power import make_load
from dcsim.ramp.ratings import rated
from dcsim.ramp.simulate import run_events
from dcsim.results.columns import StageOutputs, hourly_columns
from dcsim.results.result import Result
from dcsim.results.summary import summarize
from dcsim.scenario.plan import Plan
from dcsim.scenario.scenario import Scenario
from dcsim.stage_cache import StageCache, StageOutput, stage_keys
from dcsim.supply import make_flows
from dcsim.types import Accounts, Flows, Load, Timeline, Weather
from dcsim.weather import make_weather

StageCallback = Callable[[str], None]
"""Told the name of each stage as it begins."""

STAGES = ("ramp", "weather", "power", "supply", "accounts")


def simulate(
    scenario: Scenario, replication: int = 0, *, watch: StageCallback | None = None
) -> Result:
    """Run a scenario from ground-breaking to accounts.

    Parameters
    ----------
    scenario : Scenario
        What `dcsim.load` returned.
    replication : int
        Which luck it meets. In 0, the single run, every uncertain value stands at its median; in
        1, 2, … it is drawn. Failures and outages are random in all of them, and the same for the
        same number.
    watch : callable, optional
        Told the name of each stage as it begins.

    Returns
    -------
    Result
        A function of the scenario, its files, the replication and the version of dcsim alone.

    Raises
    ------
    ScenarioError
        If a file the scenario names is not what it should be.
    """
    with _no_collection(), _located(scenario):
        plan = scenario.plan(replication)
        run = run_stages(plan, watch=watch)
        return Result(
            site=plan.site,
            timeline=run.timeline,
            hourly=hourly_columns(
                StageOutputs(run.timeline, run.weather, run.load, run.flows, run.accounts)
            ),
            ledger=run.accounts.ledger,
            summary=summarize(scenario, plan, run.timeline, run.weather, run.accounts),
            resolved=scenario.resolved,
        )


class Run(NamedTuple):
    """What all stages handed on."""

    plan: Plan
    timeline: Timeline
    weather: Weather
    load: Load
    flows: Flows
    accounts: Accounts


def replay(scenario: Scenario, replication: int, *, kept: StageCache | None = None) -> Run:
    """Run the stages of one replication, for who wants no `Result` of it.

    Raises
    ------
    ScenarioError
        As `simulate`.
    """
    with _no_collection(), _located(scenario):
        return run_stages(scenario.plan(replication), kept=kept)


def run_stages(
    plan: Plan, *, watch: StageCallback | None = None, kept: StageCache | None = None
) -> Run:
    """Run all stages of a plan, those that `kept` holds already not again."""
    tell = watch or (lambda _: None)
    keys = stage_keys(plan) if kept is not None else {}

    def stage(name: str, make: Callable[[], StageOutput]) -> StageOutput:
        tell(name)
        return make() if kept is None else kept.get(name, keys[name], make)

    events = stage("ramp", lambda: run_events(plan))
    timeline = rated(events, plan.site)
    weather = stage("weather", lambda: make_weather(plan))
    load = stage("power", lambda: make_load(plan, timeline, weather))
    tell("supply")
    flows = make_flows(plan, timeline, weather, load)
    tell("accounts")
    accounts = close_accounts(plan, timeline, load, flows)
    return Run(plan, timeline, weather, load, flows, accounts)


@contextmanager
def _located(scenario: Scenario) -> Iterator[None]:
    """Give each problem that a stage finds the place of its key."""
    try:
        yield
    except ScenarioError as error:
        raise ScenarioError([scenario.located(problem) for problem in error.problems]) from None


@contextmanager
def _no_collection() -> Iterator[None]:
    """Hold the collector of reference cycles during a run.

    Events make many objects but no cycles that would matter before the run is over, and looking
    for them takes a quarter of its time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
