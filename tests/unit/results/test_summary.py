"""Summaries of runs against their type, key by key, and what a few of the keys hold."""

from __future__ import annotations

import json
import math
import types
import typing
from typing import Annotated, Any, NotRequired

import pytest

import dcsim
from dcsim.results.summary import finite_or_none, provenance, versions
from dcsim.results.summary_types import ReplicatedSummary, RunSummary, Summary


def wrong(value: Any, hint: Any, path: str = "") -> list[str]:
    """Return where a value is not of its type, typed dictionaries included."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (Annotated, NotRequired):
        return wrong(value, arguments[0], path)
    if typing.is_typeddict(hint):
        hints = typing.get_type_hints(hint, include_extras=True)
        required = {key for key, one in hints.items() if typing.get_origin(one) is not NotRequired}
        missing = required - value.keys()
        inner = [(value[key], hints[key], key) for key in value if key in hints]
        return [f"{path}.{key} is missing" for key in sorted(missing)] + [
            problem for one, of, key in inner for problem in wrong(one, of, f"{path}.{key}")
        ]
    if origin is types.UnionType:
        tried = [wrong(value, one, path) for one in arguments]
        return [] if [] in tried else tried[0]
    if origin is list:
        return [p for i, one in enumerate(value) for p in wrong(one, arguments[0], f"{path}[{i}]")]
    if origin is dict:
        return [p for key, one in value.items() for p in wrong(one, arguments[1], f"{path}.{key}")]
    return [] if type(value) is hint else [f"{path} is {value!r}, not {hint.__name__}"]


@pytest.fixture
def result(runs):
    return runs("ulsan-103mw")


@pytest.mark.parametrize("name", ["minimal", "ulsan-103mw"])
def test_a_summary_is_of_its_type(runs, name):
    summary = runs(name).summary
    assert type(summary) is dict
    assert wrong(summary, Summary) == []


def test_the_comparison_with_the_type_finds_what_is_wrong(runs):
    summary = json.loads(json.dumps(runs("minimal").summary))
    del summary["gpus_fit"]["gpus"]
    summary["works"] = [{"name": 1}]
    found = wrong(summary, Summary)
    assert ".gpus_fit.gpus is missing" in found
    assert ".works[0].name is 1, not str" in found
    assert ".replications is missing" in wrong(summary, ReplicatedSummary)


def test_a_summary_in_json_is_of_its_type_too(result):
    text = json.dumps(result.summary, allow_nan=False)
    assert wrong(json.loads(text), Summary) == []
    assert list(json.loads(text)) == list(result.summary)


def test_parts_stand_in_the_order_of_the_type_and_figures_after_milestones(result):
    keys = list(result.summary)
    parts = list(RunSummary.__annotations__)
    assert [key for key in keys if key in parts] == parts
    assert keys.index("gpus_online_end") == keys.index("milestones") + 1


def test_works_and_outages_bear_local_times_with_offset(result):
    works = result.summary["works"]
    assert works
    assert all(work["announced"].endswith("+09:00") for work in works if work["announced"])
    levels = result.summary["capacity_mw"]["energized"]
    assert all(len(level["time"]) == len("2027-01-01T00:00+09:00") for level in levels)


def test_gpu_days_are_minutes_over_a_day_and_cover_every_state(result):
    from dcsim.gpu_states import STATES

    days = result.summary["gpu_days"]
    assert tuple(days) == STATES
    online_h = result.summary["gpu_hours_online"]
    assert days["online"] * 24 == pytest.approx(online_h)


def test_gpus_that_fit_draw_no_more_than_is_energized(result):
    fit = result.summary["gpus_fit"]
    assert fit["energized_mw"] == result.summary["capacity_mw"]["energized"][-1]["level"]
    for product, gpus in fit["gpus"].items():
        assert gpus * fit["facility_kw_per_gpu"][product] / 1000 <= fit["energized_mw"] + 1e-9


def test_provenance_names_the_scenario_its_overrides_and_versions(scenarios):
    scenario = dcsim.load(scenarios / "minimal.yaml", overrides=["seed=7"])
    found = provenance(scenario)
    assert (found["scenario"], found["seed"]) == ("minimal.yaml", 7)
    assert found["overrides"] == ["seed=7"]
    assert found["scenario_digest"] == scenario.digest
    assert found["versions"] == versions()
    assert {"python", "machine", "dcsim", "numpy", "simpy"} <= versions().keys()


@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf])
def test_what_json_has_no_word_for_is_none(value):
    assert finite_or_none(value) is None
