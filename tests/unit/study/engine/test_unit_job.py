from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from dcsim.errors import ModelError, PluginError
from dcsim.pipeline import replay
from dcsim.scenario.load import load
from dcsim.study.engine import unit_job
from dcsim.study.engine.unit_job import compute_unit, payload_key, peak_mb, unpack_unit_answer
from dcsim.study.records.case import Unit
from dcsim.study.records.measure import measure, rows_of
from dcsim.study.records.rows import from_bytes, to_bytes
from dcsim.study.run.replications import case_of


@pytest.fixture
def site(tmp_path, scenarios):
    text = (scenarios.parent / "tests" / "faults" / "data" / "kill-site.yaml").read_text()
    place = tmp_path / "site.yaml"
    place.write_text(text)
    return load(place)


def answer_of(unit, **options):
    return unpack_unit_answer(compute_unit(unit.payload(**options)))


def test_the_answer_holds_the_rows_of_its_replications_and_no_others(site):
    answer = answer_of(Unit(case_of(site, "a"), 2, 3))
    expected = rows_of([measure(replay(site, number)) for number in (2, 3)])
    assert answer.rows == to_bytes(expected)


def test_the_stage_cache_of_the_process_serves_later_units_and_changes_no_byte(site):
    unit_job.worker_stage_cache.cache_clear()
    unit = Unit(case_of(site, "a"), 1, 1)
    alone, first, second = (answer_of(unit, cache_stages=c) for c in (False, True, True))
    assert first.statistics["computed"] == {"ramp": 1, "weather": 1, "power": 1}
    assert second.statistics["cached"] == {"ramp": 1, "weather": 1, "power": 1}
    assert alone.rows == first.rows == second.rows


def test_a_replication_that_cannot_be_computed_is_a_failed_row(site, monkeypatch):
    def breaking(run):
        raise ModelError("the hall is too small\nand more")

    monkeypatch.setattr(unit_job, "measure", breaking)
    rows = from_bytes(answer_of(Unit(case_of(site, "a"), 1, 2)).rows)
    assert rows.columns["status"].tolist() == ["failed", "failed"]
    assert rows.columns["cause"].tolist() == ["the hall is too small"] * 2


def test_too_little_memory_is_not_a_result(site, monkeypatch):
    def hungry(run):
        raise MemoryError

    monkeypatch.setattr(unit_job, "measure", hungry)
    with pytest.raises(MemoryError):
        compute_unit(Unit(case_of(site, "a"), 1, 1).payload())


@pytest.mark.parametrize(
    ("content", "cause"),
    [(None, "not found on this machine"), ("another", "has changed since the study was read")],
)
def test_a_file_that_is_gone_or_changed_fails_every_replication(site, tmp_path, content, cause):
    file = tmp_path / "prices.csv"
    payload = json.loads(Unit(case_of(site, "a"), 1, 2).payload())
    payload["files"] = {"prices.csv": str(file)}
    payload["file_digests"] = {"prices.csv": "0" * 64}
    if content is not None:
        file.write_text(content, encoding="utf-8")
    answer = unpack_unit_answer(compute_unit(json.dumps(payload).encode()))
    rows = from_bytes(answer.rows)
    assert rows.columns["replication"].tolist() == [1, 2]
    assert all(f"prices.csv: {cause}" in one for one in rows.columns["cause"])


def test_the_key_of_a_scenario_leaves_out_which_replications_are_wanted(site):
    case = case_of(site, "a")
    keys = [payload_key(json.loads(Unit(case, n, n).payload())) for n in (1, 2)]
    assert keys[0] == keys[1]
    other = json.loads(Unit(case, 1, 1).payload())
    other["quantiles"] = {"orders.first.lead_time": 0.9}
    assert payload_key(other) != keys[0]


def test_the_peak_of_memory_covers_what_the_process_holds():
    before = peak_mb()
    held = np.ones(40_000_000 // 8)
    assert peak_mb() >= before > 10
    assert held.nbytes == 40_000_000


def test_a_worker_with_another_plugin_computes_nothing(tidal):
    case = case_of(load(tidal), "a")
    assert " dcsim-tidal 0.1.0+" in case.model
    rows = from_bytes(answer_of(Unit(case, 0, 0)).rows)
    assert rows.columns["import_rise_max_mw"][0] > 0
    other = dataclasses.replace(case, model=case.model.replace("0.1.0+", "0.0.9+"))
    with pytest.raises(PluginError, match=r"a: this worker has .*dcsim-tidal 0.1.0\+.*, the study"):
        compute_unit(Unit(other, 0, 0).payload())


def test_a_worker_without_a_plugin_computes_nothing(site):
    case = case_of(site, "a")
    resolved = {**case.resolved, "plugins": ["dcsim-surf"]}
    with pytest.raises(PluginError, match="needs the plug-in dcsim-surf, which is not installed"):
        compute_unit(Unit(dataclasses.replace(case, resolved=resolved), 0, 0).payload())
