from __future__ import annotations

import contextlib
import gc

import numpy as np
import pytest

from dcsim import pipeline
from dcsim.errors import Problem, ScenarioError
from dcsim.pipeline import STAGES, replay, replay_dates, run_stages, simulate
from dcsim.scenario.load import load
from dcsim.scenario.text.nodes import located
from dcsim.stage_cache import StageCache, stage_reads

MEGABYTE = 1 << 20


@pytest.fixture
def scenario(scenarios):
    return load(scenarios / "minimal.yaml")


def test_the_stages_are_announced_in_their_order(scenario):
    announced = []
    simulate(scenario, watch=announced.append)
    assert tuple(announced) == STAGES


def test_cached_stages_are_announced_too(scenario):
    cache, announced = StageCache(200 * MEGABYTE), []
    plan = scenario.plan(1)
    run_stages(plan, stage_cache=cache)
    run_stages(plan, watch=announced.append, stage_cache=cache)
    assert tuple(announced) == STAGES
    assert cache.cached == dict.fromkeys(stage_reads(), 1)


def test_a_replay_has_the_numbers_of_the_result(scenario):
    result, run = simulate(scenario, 2), replay(scenario, 2)
    np.testing.assert_array_equal(result.hourly["facility_power_mw"], run.load.facility_power_mw)
    assert result.summary["gpus_online_max"] == run.accounts.key_figures["gpus_online_max"]
    assert run.plan.replication == 2


def test_a_replay_from_the_cache_has_the_same_objects(scenario):
    cache = StageCache(200 * MEGABYTE)
    first, again = (replay(scenario, 1, stage_cache=cache) for _ in range(2))
    assert again.weather is first.weather
    assert again.load is first.load
    assert again.accounts.key_figures == first.accounts.key_figures


@pytest.mark.parametrize("run", [simulate, replay, lambda scenario, n: scenario.plan(n)])
@pytest.mark.parametrize("number", [-1, 1.5, True, None, "1", float("nan")], ids=repr)
def test_a_replication_is_a_whole_number_of_at_least_zero(scenario, run, number):
    with pytest.raises(ScenarioError) as caught:
        run(scenario, number)
    told = f"replication {number!r}: must be a whole number, 0 or more"
    assert str(caught.value) == told


def test_a_replication_by_an_integer_of_numpy_is_that_by_one_of_python(scenario):
    result = simulate(scenario, np.int64(3))
    assert result.digest() == simulate(scenario, 3).digest()
    assert type(result.summary["replication"]) is int


def test_what_is_no_scenario_is_refused_with_what_to_write(scenario):
    with pytest.raises(TypeError, match=r"read the file with dcsim.load\('file.yaml'\)$"):
        simulate("file.yaml")
    with pytest.raises(TypeError, match=r"^simulate\(\) takes a Scenario, not dict; make one of"):
        simulate(scenario.resolved)
    with pytest.raises(TypeError, match=r"^simulate\(\) takes a Scenario, not NoneType$"):
        simulate(None)


def test_a_stage_cache_changes_no_result(scenarios):
    cache = StageCache()
    base = load(scenarios / "ulsan-103mw.yaml")
    other = base.with_overrides({"batteries.battery.energy": "300 MWh"})
    for variant, replication in ((base, 0), (other, 0), (base, 3), (other, 3)):
        cached = simulate(variant, replication, stage_cache=cache)
        alone = simulate(variant, replication)
        assert cached.digest() == alone.digest()
        assert cached.summary == alone.summary
        assert cached.ledger == alone.ledger
    assert cache.computed == cache.cached == {"ramp": 2, "weather": 2, "power": 2}


def test_who_writes_to_a_result_changes_no_later_run(scenario):
    cache = StageCache()
    first = simulate(scenario, stage_cache=cache)
    digest = first.digest()
    for values in first.hourly.values():
        with contextlib.suppress(ValueError):
            values[:] = 0.0
    with contextlib.suppress(ValueError):
        first.timeline.moves.n_gpus[:] = 0
    assert simulate(scenario, stage_cache=cache).digest() == digest


def test_only_a_stage_cache_holds_stages(scenario):
    with pytest.raises(TypeError, match=r"^stage_cache is a dcsim\.StageCache, not bool$"):
        simulate(scenario, stage_cache=True)


def test_a_problem_of_a_stage_gets_the_place_of_its_key(scenario, monkeypatch):
    def refuse(_plan):
        raise ScenarioError([Problem("weather", "", "holds too few days")])

    monkeypatch.setattr(pipeline, "make_weather", refuse)
    with pytest.raises(ScenarioError, match="holds too few days") as caught:
        simulate(scenario)
    expected = located(Problem("weather", "", "holds too few days"), scenario.node)
    assert caught.value.problems == [expected]


@pytest.mark.parametrize("was_on", [True, False])
def test_the_collector_of_cycles_is_off_during_a_run_and_as_before_after_it(scenario, was_on):
    states = []
    (gc.enable if was_on else gc.disable)()
    try:
        simulate(scenario, watch=lambda _: states.append(gc.isenabled()))
        assert gc.isenabled() == was_on
    finally:
        gc.enable()
    assert states == [False] * len(STAGES)


def test_the_arrays_of_a_result_are_read_only_with_and_without_a_cache(scenario):
    for cache in (None, StageCache()):
        result = simulate(scenario, stage_cache=cache)
        for array in (*result.hourly.values(), result.calendar.year, result.timeline.moves.n_gpus):
            with pytest.raises(ValueError, match="read-only"):
                array[...] = 0


def test_who_changes_what_a_result_resolved_to_changes_no_later_run(scenario):
    result = simulate(scenario)
    result.resolved["deployment"]["crews"] = 77
    assert simulate(scenario).resolved["deployment"]["crews"] == 2


def test_results_are_equal_to_themselves_alone_and_fit_into_sets(scenario):
    first, second = simulate(scenario), simulate(scenario)
    assert first == first  # noqa: PLR0124  (arrays in it would make this ambiguous)
    assert first != second
    assert len({first, second}) == 2


def ran(scenario):
    """The stages that `replay_dates` runs, and what comes of them."""
    cache = StageCache()
    dated = replay_dates(scenario, 1, stage_cache=cache)
    return set(cache.computed), dated


def test_dates_need_the_ramp_alone(scenarios):
    scenario = load(scenarios / "ulsan-103mw.yaml")
    stages, dated = ran(scenario)
    assert stages == {"ramp"}
    assert dated.milestones == replay(scenario, 1).accounts.milestones


def test_a_milestone_of_facility_power_needs_weather_and_power_too(scenarios):
    milestone = {"name": "draw", "metric": "facility_power_mw", "power": "3 MW", "by": "2027-12-01"}
    scenario = load(scenarios / "minimal.yaml").with_overrides({"milestones": [milestone]})
    stages, dated = ran(scenario)
    assert stages == {"ramp", "weather", "power"}
    assert dated.milestones == replay(scenario, 1).accounts.milestones
