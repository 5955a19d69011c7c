"""The load of an outage: from options, a file and a run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import dcsim
from dcsim.cli.commands.survive_load import (
    constant_load,
    load_of_file,
    load_of_run,
    step_at,
)
from dcsim.errors import ScenarioError
from dcsim.pipeline import replay


@pytest.fixture(scope="module")
def run(scenarios):
    return replay(dcsim.load(scenarios / "minimal.yaml"), 0)


def test_a_file_has_one_load_for_each_hour(tmp_path: Path) -> None:
    path = tmp_path / "load.txt"
    path.write_text("# site\nMW\n0.5\n\n1.5\n2\n")
    found = load_of_file(path, 3, None, None)
    assert found.loads_mw.tolist() == [0.5, 1.5, 2.0]
    with pytest.raises(ScenarioError, match="--hours: is 4 h, and the file has 3 h of load"):
        load_of_file(path, 4, None, None)


@pytest.mark.parametrize("text", ["1\n-1\n", "1\nnan\n", "1\n2 3\n"])
def test_what_is_no_load_is_told_with_its_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "load.txt"
    path.write_text(text)
    with pytest.raises(ScenarioError, match=r"load.txt:2: --load-file: must be one load in MW"):
        load_of_file(path, 2, None, None)


def test_the_run_gives_its_highest_load_or_its_hours(run) -> None:
    power = run.load.facility_power_mw
    assert load_of_run(run, 5, None).loads_mw.tolist() == [power.max()] * 5
    found = load_of_run(run, 5, 4000)
    np.testing.assert_array_equal(found.loads_mw, power[4000:4005])
    assert constant_load(2.0, 3, run, None).begin == int(power.argmax())
    with pytest.raises(ScenarioError, match="the run from there on has 2 h of load"):
        load_of_run(run, 5, power.size - 2)


def test_a_time_is_one_of_the_run(run) -> None:
    calendar = run.timeline.calendar
    at = step_at(str(calendar.local_time[77].astype("datetime64[m]")), calendar)
    assert at == 77
    for text in ("2001-01-01", "soon", "2900-01-01"):
        with pytest.raises(ScenarioError, match="--begins"):
            step_at(text, calendar)
