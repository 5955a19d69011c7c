"""Every data file is read before anything is run."""

from __future__ import annotations

import pytest

from dcsim.data_files import read_data_files
from dcsim.errors import ScenarioError
from dcsim.scenario.load import load


def plan_with_files(tmp_path, minimal_text, extra):
    (tmp_path / "good.csv").write_text("\n".join(["pv", *(["0.6"] * 8760)]))
    (tmp_path / "bad.csv").write_text("garbage\n1\n")
    (tmp_path / "plan.yaml").write_text(minimal_text + extra)
    return load(tmp_path / "plan.yaml")


SOLAR = "solar: [{name: pv, capacity: 1 MW, delivery: onsite, profile: {file: %s, column: pv%s}}]\n"


def test_every_file_is_read_and_all_faults_are_told_with_their_keys(tmp_path, minimal_text):
    shaped = "grid: {carbon_profile: {file: bad.csv, column: c}, "
    text = minimal_text.replace("grid: {", shaped)
    with pytest.raises(ScenarioError) as caught:
        read_data_files(plan_with_files(tmp_path, text, SOLAR % ("bad.csv", "")))
    assert {problem.key for problem in caught.value.problems} == {
        "solar.pv.profile",
        "grid.carbon_profile",
    }
    assert read_data_files(plan_with_files(tmp_path, minimal_text, SOLAR % ("good.csv", ""))) == ()


def test_files_are_read_at_the_ends_of_what_an_uncertain_value_may_be(tmp_path, minimal_text):
    scaled = plan_with_files(
        tmp_path, minimal_text, SOLAR % ("good.csv", ", scale: {uniform: [1, 2]}")
    )
    with pytest.raises(ScenarioError, match="at most 1, times the scale"):
        read_data_files(scaled)


def test_a_file_that_is_gone_since_is_told(tmp_path, minimal_text):
    scenario = plan_with_files(tmp_path, minimal_text, SOLAR % ("good.csv", ""))
    (tmp_path / "good.csv").unlink()
    with pytest.raises(ScenarioError, match="no such file"):
        read_data_files(scenario)
