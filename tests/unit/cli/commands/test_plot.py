"""`dcsim plot`: figures of a run that was written before."""

from __future__ import annotations

import pytest

FILES = [
    "events.parquet",
    "hourly.parquet",
    "ledger.csv",
    "scenario.yaml",
    "summary.json",
    "timeline.csv",
]


def test_a_run_can_be_drawn_again_elsewhere(cli, folder):
    cli("run", "plan.yaml", "--out", "result")
    result = cli("plot", "result", "--out", "figures", "--format", "svg")
    assert result.exit_code == 0
    named = sorted(path.name for path in (folder / "figures").iterdir())
    assert named == sorted(line.removeprefix("figures/") for line in result.stdout.splitlines())
    assert "capacity_curve.svg" in named
    assert sorted(path.name for path in (folder / "result").iterdir()) == FILES


def test_a_folder_without_a_run_cannot_be_drawn(cli, folder):
    (folder / "empty").mkdir()
    result = cli("plot", "empty")
    assert result.exit_code == 2
    assert result.stderr == "empty: holds no whole run: summary.json is not there\n"


@pytest.mark.parametrize("name", ["summary.json", "hourly.parquet", "events.parquet", "ledger.csv"])
def test_a_damaged_run_cannot_be_drawn(cli, folder, name):
    cli("run", "plan.yaml", "--out", "result")
    path = folder / "result" / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    result = cli("plot", "result", "--out", "figures")
    assert result.exit_code == 2
    assert "cannot be read back" in result.stderr
    assert not (folder / "figures").exists()
