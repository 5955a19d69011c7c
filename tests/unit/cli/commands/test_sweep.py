"""`dcsim sweep`: the cases of a study, computed once."""

from __future__ import annotations

import json

import numpy as np
import pytest

from dcsim.cli.commands.sweep import case_lines
from dcsim.study.records.rows import RUN_OK, Rows, text_column


def test_a_sweep_tells_what_differs_and_writes_tables(cli, study):
    result = cli("sweep", "study.yaml", "--store", "st", "--plots")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[1].split()[:2] == ["case", "runs"]
    assert lines[3].startswith("deployment.crews=1,power.design_pue=1.2")
    assert "12 runs computed" in result.stdout
    assert "little: 12 of 12 runs" in result.stderr
    names = {path.name for path in study.with_name("st").glob("*.*")}
    assert {"runs.parquet", "series.parquet", "heat_map_milestone.gpus-1200.png"} <= names


def test_a_sweep_given_again_computes_nothing(cli, swept):
    said = json.loads(cli("sweep", "study.yaml", "--store", "st", "--json").stdout)
    assert (said["computed"], said["found"], said["total"]) == (0, 12, 12)


def test_resume_needs_a_store(cli, study):
    result = cli("sweep", "study.yaml", "--store", "none", "--resume")
    assert result.exit_code == 2
    assert "no store to resume" in result.stderr


def test_a_failed_case_is_told_and_exits_with_3(cli, study, monkeypatch):
    from dcsim.errors import ModelError
    from dcsim.study.engine import unit_job

    measure = unit_job.measure

    def breaking(run):
        if run.plan.replication == 2:
            raise ModelError("the hall is too small")
        return measure(run)

    monkeypatch.setattr(unit_job, "measure", breaking)
    assert cli("sweep", "study.yaml", "--store", "st").exit_code == 3
    status = cli("status", "st")
    assert "4 failed" in status.stdout
    assert "the hall is too small" in status.stdout
    monkeypatch.setattr(unit_job, "measure", measure)
    assert cli("sweep", "study.yaml", "--store", "st", "--retry-failed").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--workers", "0"), "0 is not in the range"),
        (("--shard", "3/2"), "write it as I/K"),
        (("--cluster", "login1:8786"), "write tls://HOST:PORT"),
        (("--cluster", "tcp://login1:8786"), "use tls://"),
    ],
)
def test_a_wrong_option_of_a_sweep_says_what_to_write(cli, study, arguments, message):
    result = cli("sweep", "study.yaml", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_a_misspelled_key_of_a_study_is_named_with_its_line(cli, study):
    study.write_text(study.read_text().replace("deployment.crews", "deployment.crws"))
    result = cli("sweep", "study.yaml")
    assert result.exit_code == 2
    assert result.stderr == (
        "study.yaml:5: grid.deployment.crws: not a key of deployment; did you mean crews?\n"
    )


def test_medians_of_cases_are_those_of_the_runs_that_have_a_value():
    rows = Rows(
        {
            "case": text_column(["a", "b", "a", "b"]),
            "replication": np.array([1.0, 1.0, 2.0, 2.0]),
            "status": text_column([RUN_OK] * 4),
            "cause": text_column([None] * 4),
            "npv_usd": np.array([1e9, 2e9, np.nan, 4e9]),
        },
        {},
        np.empty(0, dtype="datetime64[M]"),
    )
    lines = [line.split() for line in case_lines(rows)]
    assert lines[-2:] == [["a", "2", "1.00"], ["b", "2", "3.00"]]
