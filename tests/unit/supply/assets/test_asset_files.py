"""Files of sources, read before anything is run."""

from __future__ import annotations

import pytest

from dcsim.errors import ScenarioError
from dcsim.scenario.load import load
from dcsim.supply.assets.asset_files import read_asset_files

LATE = """
works: [{name: later, finish: 2029-12-31}]
solar:
  - {name: a, capacity: 1 MW, delivery: onsite, works: later, profile: {file: a.csv, column: pv}}
  - {name: b, capacity: 1 MW, delivery: onsite, profile: {file: b.csv, column: pv}}
"""
WIND = """
wind: [{name: farm, capacity: 3 MW, turbine: %s}]
"""
SITE_WIND = (
    "  wind: {mean: 8 m/s, height: 100 m, weibull_shape: 2, shear: 0.1, memory: 20 h,\n"
    "    monthly_factor: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]}\n"
)


@pytest.fixture
def plan(tmp_path, minimal_text):
    def write(extra):
        text = minimal_text.replace("weather:\n", f"weather:\n{SITE_WIND}", 1) + extra
        (tmp_path / "plan.yaml").write_text(text)
        return load(tmp_path / "plan.yaml").plan()

    return write


def test_all_faults_are_told_at_once_those_of_sources_that_come_late_too(plan, tmp_path):
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("wrong\n1\n")
    with pytest.raises(ScenarioError) as caught:
        read_asset_files(plan(LATE))
    assert [problem.where for problem in caught.value.problems] == ["a.csv:1", "b.csv:1"]


def test_the_name_of_a_power_curve_is_looked_up(plan):
    read_asset_files(plan(WIND % "iea-15mw-240"))
    with pytest.raises(ScenarioError, match="is no power curve"):
        read_asset_files(plan(WIND % "iea-99mw"))


def test_a_power_curve_of_a_file_is_read(plan, tmp_path):
    (tmp_path / "t.csv").write_text("garbage\n")
    with pytest.raises(ScenarioError, match=r"t\.csv:1: wind\.farm\.turbine"):
        read_asset_files(plan(WIND.replace("%s", "t.csv, hub_height: 100 m")))
