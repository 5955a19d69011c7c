from __future__ import annotations

import csv
import io
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from dcsim.errors import ModelError
from dcsim.pipeline import simulate
from dcsim.scenario.checked import CheckOptions
from dcsim.scenario.load import load
from dcsim.study.engine.engine import Engine
from dcsim.study.run.replications import (
    bands_csv,
    case_of,
    key_figures,
    replicate_case,
    replicated_summary,
    scenario_study_name,
)
from dcsim.study.store.store import ResultStore


@pytest.fixture(scope="module")
def site(tmp_path_factory, scenarios):
    text = (scenarios.parent / "tests" / "faults" / "data" / "kill-site.yaml").read_text()
    place = tmp_path_factory.mktemp("site") / "site.yaml"
    place.write_text(text)
    return load(place)


@pytest.fixture(scope="module")
def replicated(site, tmp_path_factory):
    folder = tmp_path_factory.mktemp("replicated") / "st"
    with ResultStore.open(folder, create=True) as store:
        rows, report = replicate_case(case_of(site, "site"), 12, store, Engine())
    assert (report.n_total, report.n_computed, report.n_failed) == (12, 12, 0)
    return rows


def test_the_gates_of_a_scenario_leave_its_case(site, tmp_path):
    gated = tmp_path / "gated.yaml"
    gate = "expect: [{name: pue, metric: pue_mean, at_most: 2}]"
    gated.write_text(f"extends: {site.path.name}\n{gate}\n")
    (tmp_path / site.path.name).write_text(site.path.read_text())
    case = case_of(load(gated), "gated")
    assert "expect" not in case.resolved
    assert case.digest == case_of(site, "plain").digest


def test_what_is_fixed_stays_so_in_every_replication(site, tmp_path):
    key = "orders.first.lead_time"
    fixed = site.fixed({key: 0.9})
    with ResultStore.open(tmp_path / "st", create=True) as store:
        rows, _ = replicate_case(case_of(fixed, "fixed"), 3, store, Engine())
    drawn = [fixed.plan(n).inputs[key].value for n in (1, 2, 3)]
    assert rows.columns[f"input.{key}"].tolist() == drawn == [drawn[0]] * 3


def test_replications_that_are_stored_are_not_run_again(site, tmp_path):
    with ResultStore.open(tmp_path / "st", create=True) as store:
        first, _ = replicate_case(case_of(site, "a"), 2, store, Engine())
        again, report = replicate_case(case_of(site, "another-name"), 3, store, Engine())
    assert (report.n_computed, report.n_stored) == (1, 2)
    assert (
        again.columns["peak_facility_mw"][:2].tolist() == first.columns["peak_facility_mw"].tolist()
    )


def test_the_summary_adds_chances_and_bands_to_the_single_run(site, replicated):
    single = simulate(site).summary["milestones"]
    summary = replicated_summary(replicated, single)
    assert (summary["replications"], summary["replications_failed"]) == (12, 0)
    (milestone,) = summary["milestones"]
    met = replicated.columns["milestone.gpus-1200.met"]
    assert milestone["probability"] == met.mean()
    assert milestone["probability_low"] <= milestone["probability"] <= milestone["probability_high"]
    assert single[0].items() <= milestone.items()
    band = summary["bands"]["gpus_online_max"]
    values = replicated.columns["gpus_online_max"]
    assert values.min() <= band["p10"] <= band["p50"] <= band["p90"] <= values.max()


def test_without_a_finished_replication_the_first_cause_is_the_error(rows_of):
    rows = rows_of({"npv_usd": [np.nan, np.nan]}, failed=[1, 2], cause="hall: too small")
    with pytest.raises(ModelError, match="the first for this reason: hall: too small"):
        replicated_summary(rows, [])


def test_key_figures_are_the_numbers_of_the_whole_run(rows_of):
    rows = rows_of({"npv_usd": [1.0], "input.a": [2.0], "path": ["a"], "day": ["2030-01-01"]})
    assert key_figures(rows) == ["npv_usd"]


def test_bands_are_written_as_months_by_series(rows_of):
    rows = rows_of(series={"gpus_online": [[1, 10], [2, 20], [3, 30]]})
    table = list(csv.reader(io.StringIO(bands_csv(rows))))
    assert table[0] == ["month", "series", "p10", "p50", "p90"]
    assert [row[:2] for row in table[1:]] == [
        ["2030-01", "gpus_online"],
        ["2030-02", "gpus_online"],
    ]
    assert [float(row[3]) for row in table[1:]] == [2, 20]


def test_a_study_is_named_after_the_file_and_marked_if_it_was_changed():
    def named(path, **changes):
        parts = {"overrides": (), "quantiles": {}, "digest": "0123456789", "path": Path(path)}
        parts |= {"name": "One hall", "options": CheckOptions(one_folder=path == "")}
        return scenario_study_name(SimpleNamespace(**parts | changes))

    assert named("plans/Ulsan 103.yaml") == "Ulsan-103"
    assert named("plans/ulsan.yaml", overrides=("seed=2",)) == "ulsan-01234567"
    assert named("plans/ulsan.yaml", quantiles={"a.b": 0.5}) == "ulsan-01234567"
    assert named("울산.yaml") == "scenario"
    assert named("") == "One-hall-01234567"
