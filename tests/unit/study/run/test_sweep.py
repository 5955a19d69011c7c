"""`dcsim.sweep`: what it takes, keeps and refuses."""

from __future__ import annotations

import pytest

import dcsim
from dcsim.errors import ModelError
from dcsim.limits import MAX_REPLICATIONS
from dcsim.study.engine import unit_job

CREWS = {"replications": 2, "grid": {"deployment.crews": [1, 2]}}
STUDY = "scenario: site.yaml\nreplications: 2\ngrid: {deployment.crews: [1, 2]}\n"


def test_a_study_file_and_a_design_have_the_same_runs(small_site, tmp_path):
    file = small_site.path.with_name("crews.yaml")
    file.write_text(STUDY)
    read = dcsim.sweep(file, store=tmp_path / "st")
    made = dcsim.sweep(small_site, CREWS, store=tmp_path / "st")
    assert (read.report.n_computed, made.report.n_computed, made.report.n_stored) == (4, 0, 4)
    assert read.cases.to_pandas().equals(made.cases.to_pandas())
    assert [path.name for path in read.files] == ["runs.parquet", "series.parquet"]
    assert all(path.is_file() for path in read.files)


def test_what_was_set_on_the_scenario_is_in_every_case(small_site):
    later = small_site.with_overrides({"orders.first.placed": "2027-03-01"})
    reached = "milestone.gpus-1200.reached"
    before, after = dcsim.sweep(small_site, CREWS), dcsim.sweep(later, CREWS)
    assert (after.table[reached] > before.table[reached]).all()


def test_a_case_has_the_runs_of_the_scenario_it_is(small_site):
    two = dcsim.replicate(small_site.with_overrides({"deployment.crews": 2}), 2).table
    swept = dcsim.sweep(small_site, CREWS).table
    mine = swept["deployment.crews"] == 2
    for name in ("milestone.gpus-1200.reached", "peak_facility_mw", "gpu_days.crew"):
        assert swept[name][mine].tolist() == two[name].tolist()


def test_shards_and_limits_leave_the_rest_to_others(small_site, tmp_path):
    first = dcsim.sweep(small_site, CREWS, shard="1/2", store=tmp_path / "st")
    assert first.cases["deployment.crews"].tolist() == [1]
    second = dcsim.sweep(small_site, CREWS, limit=1, store=tmp_path / "st")
    assert (second.report.n_computed, second.table["replication"].tolist()) == (1, [1, 2, 1])
    whole = dcsim.sweep(small_site, CREWS, replications=1, store=tmp_path / "st")
    assert (whole.report.n_computed, whole.n_cases) == (0, 2)


def test_failed_runs_stay_failed_until_they_are_retried(small_site, tmp_path, monkeypatch):
    def fail(run):
        raise ModelError("hall: too small")

    with monkeypatch.context() as patched:
        patched.setattr(unit_job, "measure", fail)
        first = dcsim.sweep(small_site, CREWS, store=tmp_path / "st", fail_fast=True)
        assert (first.n_failed, first.rows.n_rows) == (2, 2)
        whole = dcsim.sweep(small_site, CREWS, store=tmp_path / "st")
    assert whole.failures["cause"].tolist() == ["hall: too small"] * 4
    assert whole.cases["failed"].tolist() == [2, 2]
    again = dcsim.sweep(small_site, CREWS, store=tmp_path / "st")
    retried = dcsim.sweep(small_site, CREWS, store=tmp_path / "st", retry_failed=True)
    assert (again.n_failed, retried.n_failed, retried.report.n_computed) == (4, 0, 4)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"replications": -1}, "replications -1: must be a whole number, from 0 to 1,000,000"),
        ({"replications": MAX_REPLICATIONS + 1}, "must be a whole number, from 0 to 1,000,000"),
        ({"limit": 0}, "limit 0: must be a whole number, 1 or more"),
        ({"workers": 0}, "workers 0: must be a whole number, from 1 to 1,024"),
    ],
)
def test_a_number_outside_its_limits_is_refused(small_site, options, message):
    with pytest.raises(dcsim.ScenarioError) as caught:
        dcsim.sweep(small_site, CREWS, **options)
    assert message in str(caught.value)


@pytest.mark.parametrize("shard", ["3/2", "0/2", "a/b", (1, 2)])
def test_a_wrong_shard_says_what_to_write(small_site, shard):
    with pytest.raises(ModelError, match="write it as I/K with I from 1 to K, for example 2/8"):
        dcsim.sweep(small_site, CREWS, shard=shard)


def test_arguments_that_do_not_go_together_are_type_errors(small_site):
    for arguments, message in (
        ((small_site,), "a scenario takes a design as a mapping, for example"),
        ((small_site, ["grid"]), "a scenario takes a design as a mapping, for example"),
        (("study.yaml", CREWS), "a design with a scenario only, not with a study file"),
        ((None,), "takes a study file, or a Scenario and a design, not NoneType"),
    ):
        with pytest.raises(TypeError, match=message):
            dcsim.sweep(*arguments)
    with pytest.raises(TypeError, match="takes no root"):
        dcsim.sweep(small_site, CREWS, root=".")
    with pytest.raises(TypeError, match=r"sweep\(\) got an unexpected keyword argument 'worker'"):
        dcsim.sweep(small_site, CREWS, worker=2)


@pytest.mark.parametrize("name", ["retry_failed", "fail_fast"])
def test_switches_are_true_or_false(small_site, name):
    with pytest.raises(dcsim.ScenarioError, match=f"{name} 'no': must be True or False"):
        dcsim.sweep(small_site, {"grid": {"deployment.crews": [1]}}, **{name: "no"})


def test_a_shard_without_cases_has_tables_without_rows(small_site):
    none = dcsim.sweep(small_site, {"grid": {"deployment.crews": [1]}}, shard="2/2")
    for table in (none.table, none.cases, none.series, none.failures):
        assert len(table) == 0
        assert table.__arrow_c_stream__() is not None
    assert none.to_xarray().sizes["replication"] == 0
