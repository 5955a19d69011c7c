from __future__ import annotations

import logging
import re

import numpy as np
import pytest

import dcsim.study.run.runner as runner_module
from dcsim.errors import ModelError, OutputError
from dcsim.pipeline import simulate
from dcsim.scenario.load import load
from dcsim.study.definition.expand import read_study
from dcsim.study.engine import unit_job
from dcsim.study.engine.engine import Engine
from dcsim.study.engine.jobs import Done, Lost
from dcsim.study.run.replications import case_of, replicate_case
from dcsim.study.run.runner import RunRequest, run_study, study_table
from dcsim.study.statistics.milestones import milestone_chances
from dcsim.study.store.store import ResultStore

STUDY = """
name: little
scenario: site.yaml
replications: {n}
grid:
  {key}: {values}
"""
HERE = Engine()


@pytest.fixture
def site(tmp_path, scenarios):
    place = tmp_path / "site.yaml"
    text = (scenarios.parent / "tests" / "faults" / "data" / "kill-site.yaml").read_text()
    place.write_text(text)
    return place


@pytest.fixture
def request_of(site):
    def make(n=2, key="deployment.crews", values="[1, 2]", **rest):
        path = site.with_name("study.yaml")
        path.write_text(STUDY.format(n=n, key=key, values=values))
        study = read_study(path)
        return RunRequest(study.name, list(study.cases()), 1, n, study.about(), **rest)

    return make


@pytest.fixture
def store(tmp_path):
    with ResultStore.open(tmp_path / "store", create=True) as opened:
        yield opened


def same(a, b):
    assert list(a.columns) == list(b.columns)
    for name, column in a.columns.items():
        np.testing.assert_array_equal(column, b.columns[name], err_msg=name)
    for name, lines in a.series.items():
        np.testing.assert_array_equal(lines, b.series[name], err_msg=name)


def test_more_replications_compute_only_those_that_are_new(store, request_of):
    first = run_study(request_of(2), store, HERE)
    assert (first.n_computed, first.n_stored) == (4, 0)
    longer = run_study(request_of(5), store, HERE)
    assert (longer.n_computed, longer.n_stored) == (6, 4)
    again = run_study(request_of(5), store, HERE)
    assert (again.n_computed, again.n_stored) == (0, 10)


def test_another_value_on_an_axis_computes_only_its_case(store, request_of):
    run_study(request_of(2), store, HERE)
    wider = request_of(2, values="[1, 2, 3]")
    outcome = run_study(wider, store, HERE)
    assert (outcome.n_computed, outcome.n_stored) == (2, 4)
    rows = study_table(store, wider.manifest())
    assert rows.columns["deployment.crews"].tolist() == [1, 1, 2, 2, 3, 3]


def test_rows_do_not_depend_on_how_the_study_was_cut(tmp_path, request_of, monkeypatch):
    tables = []
    for name, block in (("a", 1), ("b", 3), ("c", 10)):
        monkeypatch.setattr(runner_module, "SWEEP_UNIT_BLOCK", block)
        with ResultStore.open(tmp_path / name, create=True) as own:
            request = request_of(7)
            run_study(request, own, HERE)
            tables.append(study_table(own, request.manifest()))
    same(tables[0], tables[1])
    same(tables[0], tables[2])


def test_shards_cover_every_case_once(tmp_path, request_of):
    values = "[1, 2, 3, 4, 5]"
    with ResultStore.open(tmp_path / "whole", create=True) as whole:
        request = request_of(1, values=values)
        run_study(request, whole, HERE)
        expected = study_table(whole, request.manifest())
    with ResultStore.open(tmp_path / "parts", create=True) as parts:
        counts = [
            run_study(request_of(1, values=values, shard=(i, 2)), parts, HERE).n_computed
            for i in (1, 2)
        ]
        assert counts == [3, 2]
        same(study_table(parts, request.manifest()), expected)


def test_a_limit_leaves_the_rest_for_another_time(store, request_of):
    assert run_study(request_of(3), store, HERE, limit=4).n_computed == 4
    assert run_study(request_of(3), store, HERE).n_computed == 2


@pytest.fixture
def second_fails(monkeypatch):
    """Replication 2 of every case fails while `broken` holds something."""
    broken, measure = [True], unit_job.measure

    def breaking(run):
        if broken and run.plan.replication == 2:
            raise ModelError("the hall is too small")
        return measure(run)

    monkeypatch.setattr(unit_job, "measure", breaking)
    return broken


@pytest.mark.usefixtures("second_fails")
def test_a_failed_run_is_a_row_with_its_cause_and_a_miss(store, request_of):
    request = request_of(3)
    assert run_study(request, store, HERE).n_failed == 2
    rows = study_table(store, request.manifest())
    assert rows.columns["status"].tolist() == ["ok", "failed", "ok"] * 2
    assert rows.columns["cause"].tolist() == [None, "the hall is too small", None] * 2
    (chance,) = milestone_chances(rows.where(rows.columns["deployment.crews"] == 1))
    assert (chance.n, chance.n_failed) == (3, 1)
    (without,) = milestone_chances(rows, without=["the hall is too small"])
    assert without.n == 4


def test_failed_runs_are_tried_again_only_on_request(store, request_of, second_fails):
    run_study(request_of(3), store, HERE)
    second_fails.clear()
    assert run_study(request_of(3), store, HERE).n_computed == 0
    assert run_study(request_of(3), store, HERE, retry_failed=True).n_failed == 0
    assert study_table(store, request_of(3).manifest()).ok.all()


@pytest.mark.usefixtures("second_fails")
def test_fail_fast_ends_at_the_first_failure_and_keeps_what_is_done(store, request_of):
    outcome = run_study(request_of(3), store, HERE, fail_fast=True)
    assert outcome.n_computed == 3
    assert study_table(store, request_of(3).manifest()).n_rows == 3


def test_a_defect_in_one_run_costs_no_other(store, request_of, monkeypatch):
    measure = unit_job.measure

    def breaking(run):
        return measure(run) if run.plan.replication != 1 else 1 / 0

    monkeypatch.setattr(unit_job, "measure", breaking)
    request = request_of(2)
    assert run_study(request, store, HERE).n_failed == 2
    causes = study_table(store, request.manifest()).columns["cause"].tolist()
    assert causes[0] == "internal error: ZeroDivisionError: division by zero"


def test_a_unit_that_breaks_its_worker_costs_one_replication(store, request_of, monkeypatch):
    def fragile(jobs, work, _engine):
        for job in jobs:
            first, last = (int(part) for part in job.key.partition(".")[2].split("-"))
            if first <= 3 <= last:
                yield Lost(job.key, "it took longer than 5 s, twice")
            else:
                yield Done(job.key, work(job.payload), 0.1)

    monkeypatch.setattr(runner_module, "run_jobs", fragile)
    request = request_of(4, values="[1]")
    assert run_study(request, store, HERE).n_failed == 1
    rows = study_table(store, request.manifest())
    assert rows.columns["status"].tolist() == ["ok", "ok", "failed", "ok"]
    assert rows.columns["cause"].tolist()[2] == "it took longer than 5 s, twice"


def test_a_damaged_file_is_reported_and_computed_again(store, request_of, tmp_path):
    request = request_of(2)
    run_study(request, store, HERE)
    before = study_table(store, request.manifest())
    broken = sorted((tmp_path / "store" / "cases").iterdir())[0]
    content = bytearray(broken.read_bytes())
    content[len(content) // 2] ^= 1
    broken.write_bytes(content)
    with pytest.raises(OutputError, match=broken.name[:20]):
        study_table(store, request.manifest())
    outcome = run_study(request, store, HERE)
    assert (len(outcome.damaged), outcome.n_computed) == (1, 2)
    assert broken.name[:20] in outcome.damaged[0]
    same(study_table(store, request.manifest()), before)


def test_a_sweep_of_supply_computes_ramp_and_load_once_a_replication(tmp_path, request_of):
    key, values = "grid.carbon", "[300 kg/MWh, 400 kg/MWh, 500 kg/MWh]"
    request = request_of(3, key=key, values=values)
    with ResultStore.open(tmp_path / "cached", create=True) as own:
        unit_job.worker_stage_cache.cache_clear()
        outcome = run_study(request, own, HERE)
        rows = study_table(own, request.manifest())
    assert (outcome.computed_stages["ramp"], outcome.cached_stages["ramp"]) == (3, 6)
    assert (outcome.computed_stages["power"], outcome.cached_stages["power"]) == (3, 6)
    with ResultStore.open(tmp_path / "fresh", create=True) as own:
        for case in request.cases:  # a single case caches nothing
            alone = run_study(RunRequest("alone", (case,), 1, 3), own, HERE)
            assert not alone.cached_stages["ramp"]
        same(study_table(own, request.manifest()), rows)


def test_without_uncertainty_all_replications_are_the_single_run(tmp_path, site):
    text = site.read_text().replace(
        "lead_time: {triangular: [10 weeks, 14 weeks, 26 weeks]}", "lead_time: 14 weeks"
    )
    site.write_text(text)
    scenario = load(site)
    single = simulate(scenario)
    with ResultStore.open(tmp_path / "store", create=True) as own:
        rows, _ = replicate_case(case_of(scenario, "fixed"), 3, own, HERE)
    for name in ("gpus_online_max", "milestone.gpus-1200.reached"):
        assert len(set(rows.columns[name].tolist())) == 1
    assert rows.columns["gpus_online_max"][0] == single.summary["gpus_online_max"]
    (milestone,) = single.summary["milestones"]
    assert str(rows.columns["milestone.gpus-1200.reached"][0])[:10] == milestone["reached"]


def test_a_precision_stops_as_soon_as_it_is_reached(tmp_path, site):
    from dcsim.study.statistics.milestones import read_precision

    case = case_of(load(site), "site")
    with ResultStore.open(tmp_path / "store", create=True) as own:
        rows, outcome = replicate_case(case, 200, own, HERE, until=read_precision("pp=14"))
    assert rows.n_rows == outcome.n_total == 50


def test_units_are_logged_as_they_are_claimed_and_stored(store, request_of, caplog):
    with caplog.at_level(logging.DEBUG, "dcsim.study.run"):
        run_study(request_of(2), store, HERE)
        run_study(request_of(2), store, HERE)
    ours = [record for record in caplog.records if record.name.startswith("dcsim.study.run")]
    lines = [re.sub(r"in \d+\.\d s$", "in TIME", record.message) for record in ours]
    assert lines[0] == "little: 4 replications, 0 were stored, 0 of 4 missing ones computed in TIME"
    assert sum(line.endswith("is claimed: here") for line in lines) == 2
    assert sum(bool(re.search("is stored, 2 replications in", line)) for line in lines) == 2
    assert (
        lines[-1] == "little: 4 replications, 4 were stored, 0 of 0 missing ones computed in TIME"
    )
