from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from dcsim.errors import ScenarioError
from dcsim.pipeline import replay
from dcsim.power import make_load
from dcsim.ramp.ratings import rated
from dcsim.ramp.simulate import run_events
from dcsim.scenario.load import load
from dcsim.scenario.schema.part import Part
from dcsim.stage_cache import (
    Reads,
    StageCache,
    make_read_only,
    n_bytes,
    stage_keys,
    stage_reads,
)
from dcsim.weather import make_weather

MEGABYTE = 1 << 20


@contextmanager
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[tuple[str, str]]]:
    """Every field of every part that is looked at meanwhile, as class and field."""
    seen: set[tuple[str, str]] = set()
    plain = Part.__getattribute__

    def look(self: Part, name: str) -> object:
        if name in type(self).model_fields:
            seen.add((type(self).__name__, name))
        return plain(self, name)

    with monkeypatch.context() as patch:
        patch.setattr(Part, "__getattribute__", look)
        yield seen


def undeclared(stage: str, seen: set[tuple[str, str]]) -> set[tuple[str, str]]:
    reads = stage_reads()[stage]
    fields = {part.__name__: names for part, names in reads.fields.items()}
    return {
        (part, name)
        for part, name in seen
        if (part == "Site" and name not in reads.sections)
        or (part in fields and name not in fields[part])
    }


@pytest.mark.parametrize("name", ["minimal", "ulsan-103mw", "ulsan"])
def test_a_stage_reads_nothing_that_its_key_does_not_hold(name, monkeypatch, scenarios):
    plan = load(scenarios / f"{name}.yaml").plan(3)
    with watched(monkeypatch) as seen:
        events = run_events(plan)
    assert undeclared("ramp", seen) == set()
    timeline = rated(events, plan.site)
    make_weather.__globals__["_weather_of_inputs"].cache_clear()
    with watched(monkeypatch) as seen:
        weather = make_weather(plan)
    assert undeclared("weather", seen) == set()
    with watched(monkeypatch) as seen:
        make_load(plan, timeline, weather)
    assert undeclared("power", seen) == set()


def keys(path, *overrides, replication=1):
    return stage_keys(load(path, overrides=overrides).plan(replication))


@pytest.mark.parametrize(
    ("override", "changed"),
    [
        ("batteries.battery.energy=400 MWh", set()),
        ("solar.solar-1.capacity=300 MW", set()),
        ("money.discount_rate=5 %", set()),
        ("cooling.liquid_pump=4 %", {"power"}),
        ("weather.wind.mean=9 m/s", {"weather", "power"}),
        ("deployment.crews=7", {"ramp", "power"}),
        ("chp.skmu.outages.rate=2 1/year", {"ramp", "power"}),
        ("seed=2", {"ramp", "weather", "power"}),
    ],
)
def test_a_change_gives_new_keys_to_the_stages_that_read_it(override, changed, scenarios):
    path = scenarios / "ulsan-103mw.yaml"
    before, after = keys(path), keys(path, override)
    assert {stage for stage in before if before[stage] != after[stage]} == changed


def test_every_replication_has_keys_of_its_own(scenarios):
    path = scenarios / "minimal.yaml"
    assert keys(path, replication=1).keys().isdisjoint(keys(path, replication=2).values())
    assert set(keys(path, replication=1).values()).isdisjoint(keys(path, replication=2).values())


def test_a_sweep_of_batteries_computes_ramp_weather_and_load_once(scenarios):
    cache = StageCache(200 * MEGABYTE)
    path = scenarios / "ulsan-103mw.yaml"
    plain = replay(load(path, overrides=["batteries.battery.energy=300 MWh"]), 2)
    replay(load(path), 2, stage_cache=cache)
    again = replay(load(path, overrides=["batteries.battery.energy=300 MWh"]), 2, stage_cache=cache)
    assert cache.computed == {"ramp": 1, "weather": 1, "power": 1}
    assert cache.cached == {"ramp": 1, "weather": 1, "power": 1}
    assert np.array_equal(plain.flows.battery_stored_mwh, again.flows.battery_stored_mwh)
    assert np.array_equal(plain.timeline.moves.time_min, again.timeline.moves.time_min)
    assert plain.accounts.key_figures == again.accounts.key_figures


def test_the_cache_stays_within_its_memory_and_drops_the_least_recently_used():
    cache = StageCache(3 * MEGABYTE)
    for name in "abcab":
        cache.get("stage", name, lambda: np.zeros(MEGABYTE // 8))
    assert (cache.computed["stage"], cache.cached["stage"]) == (3, 2)
    cache.get("stage", "d", lambda: np.zeros(MEGABYTE // 8))
    cache.get("stage", "b", lambda: np.zeros(MEGABYTE // 8))
    assert cache.cached["stage"] == 3
    cache.get("stage", "c", lambda: np.zeros(MEGABYTE // 8))
    assert cache.computed["stage"] == 5
    cache.get("stage", "huge", lambda: np.zeros(MEGABYTE))
    cache.get("stage", "c", lambda: np.zeros(MEGABYTE // 8))
    assert cache.cached["stage"] == 4


def test_a_cache_says_how_full_it_is_and_how_much_it_spared():
    cache = StageCache()
    for _ in range(3):
        cache.get("stage", "key", lambda: np.zeros(MEGABYTE))
    assert repr(cache) == "<StageCache 8 of 512 MiB, 2 found, 1 computed>"


@pytest.mark.parametrize("size", [-1, 1.5, True, "1 GB", None], ids=repr)
def test_a_cache_has_a_whole_number_of_bytes(size):
    with pytest.raises(ScenarioError, match=r"^max_bytes .*: must be a whole number, 0 or more$"):
        StageCache(size)


def test_arrays_in_the_cache_cannot_be_written_to():
    output = StageCache().get("stage", "key", lambda: {"a": (np.zeros(3), [np.ones(2)])})
    for array in (output["a"][0], output["a"][1][0]):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 5


def test_the_size_of_an_output_is_that_of_its_arrays(runs):
    timeline = runs("minimal").timeline
    moves = timeline.moves
    arrays = sum(getattr(moves, name).nbytes for name in ("time_min", "n_gpus", "subject"))
    assert arrays < n_bytes(timeline) < 100 * arrays


def test_arrays_are_made_read_only_wherever_they_are():
    arrays = [np.zeros(1) for _ in range(6)]
    records = (Reads(frozenset(), {}), Reads(frozenset(), {}))
    make_read_only(
        {
            "array": arrays[0],
            "list": [arrays[1], None, "text"],
            "records": records,
            "same": (Held(arrays[2]), Held(arrays[3])),
            "mixed": (records[0], Held(arrays[4])),
            "by name": [{}, {"x": arrays[5]}],
        }
    )
    assert not any(array.flags.writeable for array in arrays)


@dataclasses.dataclass
class Held:
    array: np.ndarray
