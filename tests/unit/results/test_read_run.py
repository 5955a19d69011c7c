"""Run folders read back: those of this version, of the first one, and damaged ones."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import dcsim
from dcsim.errors import ScenarioError
from dcsim.results.columns import column_record
from dcsim.results.export import to_csv
from dcsim.results.read_run import read_run
from dcsim.results.run_folder import RUN_FILES

FIRST_VERSION = Path(__file__).parents[2] / "data" / "run-folder-0.1.0"
"""Written by version 0.1.0 before the tables of columns and figures: three weeks of one hall."""
MINIMAL = Path(__file__).parents[3] / "scenarios" / "minimal.yaml"
DIGEST = "074801cdc02e2cdfee055095f4e501a2a5ea9b3e620a623b11fb1fc075c25283"


def test_a_run_read_back_is_the_run(runs, tmp_path):
    result = runs("minimal")
    result.save(tmp_path / "run")
    again = read_run(tmp_path / "run")
    assert again.digest() == result.digest()
    assert again.summary == result.summary
    assert again.ledger == result.ledger
    assert again.timeline.tasks == result.timeline.tasks
    assert again.timeline.outages == result.timeline.outages
    for key, steps in result.timeline.capacity.items():
        for field in dataclasses.fields(steps):
            found = getattr(again.timeline.capacity[key], field.name)
            np.testing.assert_array_equal(found, getattr(steps, field.name))


def test_a_folder_of_the_first_version_is_read_whole():
    result = read_run(FIRST_VERSION)
    assert result.digest() == DIGEST
    assert result.summary["gpus_online_max"] == 160.0
    assert result.milestones[0]["reached"] == "2027-01-12"
    assert [outage.asset for outage in result.timeline.outages] == ["grid"] * 4
    assert [task.name for task in result.timeline.tasks] == ["line"]
    assert result.ledger["kind"] == ["ppa_energy"]
    assert result.figure("capex_eur") == 0.0


def test_a_folder_of_the_first_version_serves_what_results_are_for(tmp_path):
    result = read_run(FIRST_VERSION)
    assert [name for name in result.hourly if column_record(name) is None] == []
    assert to_csv(result).startswith("time,it_power_mw,")
    result.save(tmp_path / "again")
    assert read_run(tmp_path / "again").digest() == DIGEST


def test_a_scenario_of_the_first_version_has_the_same_columns_and_figures_today():
    then = read_run(FIRST_VERSION)
    now = dcsim.simulate(dcsim.load(FIRST_VERSION / "scenario.yaml"), 1)
    assert list(now.hourly) == list(then.hourly)
    # Keys may be added; none may go or change its place among the others.
    for new, old in ((now.summary, then.summary), (now.summary["yearly"], then.summary["yearly"])):
        assert [name for name in new if name in old] == list(old)


def test_a_folder_that_names_no_zone_was_run_on_the_clock_of_all_earlier_versions(tmp_path):
    far = {"longitude": "-5 degree", "latitude": "37 degree", "end": "2027-02-01"}
    scenario = dcsim.load(MINIMAL, overrides={**far, "time_zone": "Asia/Seoul"})
    dcsim.simulate(scenario).save(tmp_path / "run")
    text = (tmp_path / "run" / "scenario.yaml").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("time_zone")]
    (tmp_path / "run" / "scenario.yaml").write_text("\n".join(lines), encoding="utf-8")
    summary = json.loads((tmp_path / "run" / "summary.json").read_text(encoding="utf-8"))
    del summary["time_zone"], summary["notes"]
    (tmp_path / "run" / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    assert read_run(tmp_path / "run").site.time_zone == "Asia/Seoul"


def test_a_run_is_read_in_the_zone_that_was_found_for_it(tmp_path):
    far = {"longitude": "-5 degree", "latitude": "37 degree", "end": "2027-02-01"}
    dcsim.simulate(dcsim.load(MINIMAL, overrides=far)).save(tmp_path / "run")
    result = read_run(tmp_path / "run")
    assert result.site.time_zone == result.summary["time_zone"] == "Europe/Madrid"
    assert result.summary["notes"][0] == (
        "time_zone is not given: Europe/Madrid, the zone at its coordinates."
    )


@pytest.mark.parametrize("name", RUN_FILES)
def test_a_folder_that_lacks_a_file_holds_no_whole_run(tmp_path, name):
    shutil.copytree(FIRST_VERSION, tmp_path / "run")
    (tmp_path / "run" / name).unlink()
    with pytest.raises(ScenarioError, match=f"holds no whole run: {name} is not there"):
        read_run(tmp_path / "run")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("summary.json", b"{"),
        ("summary.json", b"{}"),
        ("hourly.parquet", b"PAR1"),
        ("events.parquet", b""),
        ("ledger.csv", b"date,amount\n"),
    ],
)
def test_a_damaged_file_is_reported_and_not_guessed_at(tmp_path, name, content):
    shutil.copytree(FIRST_VERSION, tmp_path / "run")
    (tmp_path / "run" / name).write_bytes(content)
    with pytest.raises(ScenarioError, match="cannot be read back"):
        read_run(tmp_path / "run")


@pytest.mark.parametrize("number", [-1, 1.5, True, None, "1"], ids=repr)
def test_a_run_of_no_replication_is_refused_with_its_folder(tmp_path, number):
    folder = shutil.copytree(FIRST_VERSION, tmp_path / "run")
    summary = json.loads((folder / "summary.json").read_text())
    (folder / "summary.json").write_text(json.dumps({**summary, "replication": number}))
    with pytest.raises(ScenarioError) as caught:
        read_run(folder)
    assert str(caught.value) == f"{folder}: cannot be read back: ValueError"


def test_a_run_is_read_from_a_folder(runs):
    with pytest.raises(TypeError, match=r"^read_run\(\) takes the folder of a run, not Result$"):
        read_run(runs("minimal"))
