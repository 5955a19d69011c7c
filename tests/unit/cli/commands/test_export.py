"""`dcsim export`: a run as CSV, and outputs that are refused."""

from __future__ import annotations

import re

import pytest


@pytest.fixture
def run(cli, folder):
    assert cli("run", "plan.yaml", "--out", "run").exit_code == 0
    return folder / "run"


def test_a_run_becomes_a_csv_file_of_its_hours(cli, run):
    result = cli("export", "run", "--out", "hours.csv")
    assert (result.exit_code, result.stdout) == (0, "Written hours.csv\n")
    lines = (run.parent / "hours.csv").read_text(encoding="utf-8").splitlines()
    hours = [line[:17] for line in lines if re.match(r"20\d\d-", line)]
    assert len(hours) == 90 * 24
    assert hours[0] == "2026-12-31T15:00Z"  # midnight in Seoul


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("run", "--out", "run"), 4, "run: is there already; name a new one"),
        (("run", "--out", "run/summary.json/x"), 4, "cannot be written"),
        (("run", "--out", "y.csv", "--year", "1999"), 2, "1999"),
        (("run", "--out", "y.csv", "--format", "xls"), 2, "'xls' is not one of"),
        (("run",), 2, "Missing option '--out'"),
        (("nowhere", "--out", "y.csv"), 2, "does not exist"),
    ],
)
def test_a_wrong_output_or_year_is_refused(cli, run, words, code, message):
    result = cli("export", *words)
    assert result.exit_code == code
    assert message in result.stderr
    assert not (run.parent / "y.csv").exists()
