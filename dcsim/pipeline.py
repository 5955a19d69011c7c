"""The pipeline of stages: one scenario and one replication in, one result out."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from dcsim.accounts import close_accounts
from dcsim.accounts.gpu.milestones import check_milestones, reads_load
from dcsim.errors import ScenarioError
from dcsim.log import logger_of, timed
from dcsim.power import make_load
from dcsim.ramp.ratings import rated
from dcsim.ramp.simulate import run_events
from dcsim.results.columns import StageOutputs, hourly_columns
from dcsim.results.plugin_metrics import check_names, with_metrics
from dcsim.results.result import Result
from dcsim.results.summary import summarize
from dcsim.scenario.plan import Plan
from dcsim.scenario.scenario import Scenario, require_scenario
from dcsim.scenario.text.nodes import located
from dcsim.stage_cache import StageCache, StageOutput, make_read_only, stage_keys
from dcsim.supply import make_flows
from dcsim.types import Accounts, Flows, Load, MilestoneResult, Timeline, Weather
from dcsim.weather import make_weather

StageCallback = Callable[[str], None]
"""Called with the name of each stage as it begins."""

_LOG = logger_of(__name__)

STAGES = ("ramp", "weather", "power", "supply", "accounts")


def simulate(
    scenario: Scenario,
    replication: int = 0,
    *,
    stage_cache: StageCache | None = None,
    watch: StageCallback | None = None,
) -> Result:
    """Run a scenario from ground-breaking to accounts.

    Parameters
    ----------
    scenario : Scenario
        As `dcsim.load` returns it.
    replication : int
        Number of the set of random numbers. In 0, the single run, every uncertain value stands at
        its median; in 1, 2, … it is drawn. Failures and outages are random in all of them, and the
        same for the same number.
    stage_cache : StageCache, optional
        A `dcsim.StageCache`, where many runs share stages: outputs in it are used, and those
        computed are added. The result is the same.
    watch : callable, optional
        Called with the name of each stage as it begins.

    Returns
    -------
    Result
        A function of the scenario, its files, the replication and the version of dcsim alone.

    Raises
    ------
    ScenarioError
        If `replication` is no whole number of at least 0, or a file the scenario names is not what
        it should be.
    TypeError
        If `scenario` is no `Scenario`, or `stage_cache` no `StageCache`.
    """
    if not isinstance(stage_cache, StageCache | None):
        raise TypeError(f"stage_cache is a dcsim.StageCache, not {type(stage_cache).__name__}")
    plan = require_scenario(scenario, "simulate").plan(replication)
    with without_full_collection(), problems_located(scenario):
        run = run_stages(plan, watch=watch, stage_cache=stage_cache, level=logging.INFO)
        result = Result(
            site=plan.site,
            timeline=run.timeline,
            hourly=hourly_columns(
                StageOutputs(run.timeline, run.weather, run.load, run.flows, run.accounts)
            ),
            ledger=run.accounts.ledger,
            summary=summarize(scenario, plan, run.timeline, run.weather, run.accounts),
            resolved=scenario.resolved,
        )
    make_read_only(result)
    return result


class Run(NamedTuple):
    """The outputs of all stages of one replication."""

    plan: Plan
    """The scenario with its values drawn."""
    timeline: Timeline
    """Events of the ramp, capacities and outages."""
    weather: Weather
    """Of every step."""
    load: Load
    """Power that the site draws."""
    flows: Flows
    """Flow of every source, store and sink."""
    accounts: Accounts
    """Figures, ledger and milestones."""


def replay(scenario: Scenario, replication: int, *, stage_cache: StageCache | None = None) -> Run:
    """Run one replication without building a `Result`.

    Parameters
    ----------
    scenario : Scenario
    replication : int
        As in `simulate`.
    stage_cache : StageCache, optional
        Outputs of stages in it are used, and those computed are added.

    Returns
    -------
    Run

    Raises
    ------
    ScenarioError
        As `simulate`.
    """
    plan = scenario.plan(replication)
    with without_full_collection(), problems_located(scenario):
        return run_stages(plan, stage_cache=stage_cache)


class DatedRun(NamedTuple):
    """The outputs of the stages of one replication that decide its dates."""

    plan: Plan
    """The scenario with its values drawn."""
    timeline: Timeline
    """Events of the ramp, capacities and outages."""
    milestones: tuple[MilestoneResult, ...]
    """Those of the site in order."""


def replay_dates(
    scenario: Scenario, replication: int, *, stage_cache: StageCache | None = None
) -> DatedRun:
    """Run only the stages that decide the dates of one replication, which are those of `replay`.

    These are the ramp and, where a milestone is one of facility power or of a plug-in, weather and
    power.

    Parameters
    ----------
    scenario : Scenario
    replication : int
        As in `simulate`.
    stage_cache : StageCache, optional
        Outputs of stages in it are used, and those computed are added.

    Returns
    -------
    DatedRun

    Raises
    ------
    ScenarioError
        As `simulate`.
    """
    plan = scenario.plan(replication)
    with without_full_collection(), problems_located(scenario):
        stages = _Stages(plan, stage_cache=stage_cache)
        timeline = stages.timeline()
        load = stages.load(timeline, stages.weather()) if reads_load(plan.site) else None
        return DatedRun(plan, timeline, check_milestones(plan.site, timeline, load))


def run_stages(
    plan: Plan,
    *,
    watch: StageCallback | None = None,
    stage_cache: StageCache | None = None,
    level: int = logging.DEBUG,
) -> Run:
    """Run all stages of a plan, except for those whose output is cached.

    Parameters
    ----------
    plan : Plan
        The scenario with the values drawn for one replication.
    watch : callable, optional
        Called with the name of each stage as it begins, cached or not.
    stage_cache : StageCache, optional
        Outputs of stages in it are used, and those computed are added.
    level : int
        Level at which the time of each stage is logged; that of debugging where there are many
        replications.

    Returns
    -------
    Run
    """
    plugins = plan.site.extension
    if plugins.packages:
        check_names(plan.site)
    stages = _Stages(plan, watch=watch, stage_cache=stage_cache, level=level)
    timeline = stages.timeline()
    weather = stages.weather()
    load = stages.load(timeline, weather)
    # Not cached: a sweep rarely has two cases with equal supply, and its arrays are large.
    flows = stages.run("supply", lambda: make_flows(plan, timeline, weather, load))
    accounts = stages.run("accounts", lambda: close_accounts(plan, timeline, load, flows))
    run = Run(plan, timeline, weather, load, flows, accounts)
    return run._replace(accounts=with_metrics(plan.site, run)) if plugins.metrics else run


class _Stages:
    """The stages of one plan, each announced, timed and cached as it is run."""

    def __init__(
        self,
        plan: Plan,
        *,
        watch: StageCallback | None = None,
        stage_cache: StageCache | None = None,
        level: int = logging.DEBUG,
    ) -> None:
        self.plan = plan
        self.watch = watch
        self.stage_cache = stage_cache
        self.level = level
        self.keys = stage_keys(plan) if stage_cache is not None else {}

    def run(self, name: str, compute: Callable[[], StageOutput]) -> StageOutput:
        """Return the output of a stage."""
        if self.watch is not None:
            self.watch(name)
        with timed(_LOG, self.level, name):
            key = self.keys.get(name)
            if self.stage_cache is None or key is None:
                return compute()
            return self.stage_cache.get(name, key, compute)

    def timeline(self) -> Timeline:
        """Run the ramp."""
        events = self.run("ramp", lambda: run_events(self.plan))
        # Ratings depend on the site alone and cost little, while the cached ramp must not hold
        # them: another battery leaves the events of the ramp as they are.
        return rated(events, self.plan.site)

    def weather(self) -> Weather:
        """Return the weather of every step."""
        return self.run("weather", lambda: make_weather(self.plan))

    def load(self, timeline: Timeline, weather: Weather) -> Load:
        """Return the power that the site draws."""
        return self.run("power", lambda: make_load(self.plan, timeline, weather))


@contextmanager
def problems_located(scenario: Scenario) -> Iterator[None]:
    """Add file and line of the key to each problem that a stage reports."""
    try:
        yield
    except ScenarioError as error:
        raise ScenarioError(
            [located(problem, scenario.node) for problem in error.problems]
        ) from None


@contextmanager
def without_full_collection() -> Iterator[None]:
    """Hold the collector of reference cycles during a run, or during many of them.

    Events make many objects but few cycles, and looking for them takes a quarter of the time of a
    run. Between two runs the collector would look through everything that is loaded, which takes
    as long as half a ramp; here, only what the run has made is looked through once it is over.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.collect(0)
        if was_on:
            gc.enable()
