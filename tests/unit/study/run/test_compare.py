"""`dcsim.compare`: what it takes, calls things and refuses."""

from __future__ import annotations

import numpy as np
import pytest

import dcsim
from dcsim.errors import ModelError


def test_labels_are_files_or_what_was_set(small_site):
    other = small_site.path.with_name("late.yaml")
    other.write_text(f"extends: {small_site.path.name}\ndeployment: {{commissioning: 42 days}}\n")
    crews = small_site.with_overrides({"deployment.crews": 1})
    found = dcsim.compare(small_site, dcsim.load(other), crews, replications=2)
    assert found.labels == ("site", "late", "site deployment.crews=1")


def test_files_of_one_name_are_told_by_their_folder(small_site, tmp_path):
    same = tmp_path / small_site.path.name
    same.write_text(small_site.path.read_text())
    found = dcsim.compare(small_site, dcsim.load(same), replications=2)
    assert found.labels == (str(small_site.path), str(same))
    assert set(found.figures["median"].tolist()) == {0.0}


def test_labels_may_be_given(small_site):
    crews = small_site.with_overrides({"deployment.crews": 1})
    found = dcsim.compare({"as planned": small_site, "one crew": crews}, replications=2)
    assert found.labels == ("as planned", "one crew")
    assert repr(found) == "<Comparison one crew with as planned, 2 replications each>"


def test_fixed_scenarios_of_one_file_are_numbered(small_site):
    fixed = small_site.fixed({"orders.first.lead_time": 0.9})
    found = dcsim.compare(small_site, fixed, replications=2)
    assert found.labels == ("site", "site~2")
    values = found.replications["site~2"].table["input.orders.first.lead_time"]
    assert values[0] == values[1]


def test_scenarios_of_plain_data_are_called_by_their_own_names(small_site):
    one, other = ({**small_site.resolved, "name": name} for name in ("Early", "Late"))
    found = dcsim.compare(dcsim.load(one), dcsim.load(other), replications=2)
    assert found.labels == ("Early", "Late")


def test_finished_runs_stay_in_a_store(small_site, tmp_path):
    crews = small_site.with_overrides({"deployment.crews": 1})
    states = []
    dcsim.compare(small_site, crews, replications=2, store=tmp_path / "st", watch=states.append)
    assert [(state.n_done, state.n_total) for state in states] == [(2, 4), (4, 4)]
    assert [state.left_s for state in states] == [None, 0]
    again = dcsim.compare(small_site, crews, replications=2, store=tmp_path / "st")
    assert [one.report.n_computed for one in again.replications.values()] == [0, 0]
    alone = dcsim.replicate(crews, 2, store=tmp_path / "st")
    assert alone.report.n_computed == 0
    np.testing.assert_array_equal(
        alone.table["gpu_days.crew"],
        again.replications["site deployment.crews=1"].table["gpu_days.crew"],
    )


def test_one_scenario_or_one_twice_is_nothing_to_compare(small_site):
    with pytest.raises(ModelError, match="compare needs two scenarios or more"):
        dcsim.compare(small_site)
    with pytest.raises(ModelError, match="a scenario is named twice"):
        dcsim.compare(small_site, small_site)


def test_scenarios_of_two_seeds_cannot_be_paired(small_site):
    other = small_site.with_overrides({"seed": 9})
    with pytest.raises(ModelError) as caught:
        dcsim.compare({"a": small_site, "b": other})
    assert str(caught.value) == "b: has seed 9 and a has 1; pairs need the same seed"
    with pytest.raises(ModelError, match=r"^site seed=9: has seed 9 and \S*site.yaml has 1;"):
        dcsim.compare(small_site, other)


@pytest.mark.parametrize("n", [1, 0, 2.5, True, "9", 1_000_001])
def test_a_wrong_number_is_refused(small_site, n):
    with pytest.raises(dcsim.ScenarioError, match="must be a whole number, from 2 to 1,000,000"):
        dcsim.compare({"a": small_site, "b": small_site}, replications=n)


def test_other_things_than_scenarios_are_type_errors(small_site):
    with pytest.raises(TypeError, match="takes a Scenario, not str; read the file with"):
        dcsim.compare(small_site, "late.yaml")
    with pytest.raises(TypeError, match="takes a Scenario, not str"):
        dcsim.compare({"a": small_site, "b": "late.yaml"})
    with pytest.raises(TypeError, match="takes texts as labels, not 1; write '1'"):
        dcsim.compare({1: small_site, "1": small_site})
    with pytest.raises(TypeError, match="a mapping of labels to scenarios, or scenarios, not both"):
        dcsim.compare({"a": small_site}, small_site)
    with pytest.raises(TypeError, match=r"compare\(\) got an unexpected keyword argument 'worker'"):
        dcsim.compare({"a": small_site, "b": small_site}, worker=2)
