"""The chain: one scenario and one replication in, one result out."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from dcsim.accounts import close_accounts
from dcsim.errors import ScenarioError
from dcsim.power import make_load
from dcsim.ramp import run_ramp
from dcsim.result import Result
from dcsim.scenario.scenario import Scenario
from dcsim.summary import hourly_columns, summarize
from dcsim.supply import make_flows
from dcsim.weather import make_weather

Watch = Callable[[str], None]
"""Told the name of each stage as it begins."""

STAGES = ("ramp", "weather", "power", "supply", "accounts")


def simulate(scenario: Scenario, replication: int = 0, *, watch: Watch | None = None) -> Result:
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
    tell = watch or (lambda _: None)
    with _no_collection(), _located(scenario):
        plan = scenario.plan(replication)
        tell("ramp")
        timeline = run_ramp(plan)
        tell("weather")
        weather = make_weather(plan)
        tell("power")
        load = make_load(plan, timeline, weather)
        tell("supply")
        flows = make_flows(plan, timeline, weather, load)
        tell("accounts")
        accounts = close_accounts(plan, timeline, load, flows)
        return Result(
            site=plan.site,
            timeline=timeline,
            hourly=hourly_columns(
                plan.site, timeline, weather, load=load, flows=flows, accounts=accounts
            ),
            ledger=accounts.ledger,
            summary=summarize(scenario, plan, timeline, weather, accounts),
            resolved=scenario.resolved,
        )


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
