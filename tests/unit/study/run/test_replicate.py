"""`dcsim.replicate`: what it takes, keeps and refuses."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest

import dcsim
from dcsim.errors import ModelError


def test_finished_runs_stay_in_a_store(small_site, tmp_path):
    first = dcsim.replicate(small_site, 2, store=tmp_path / "st")
    again = dcsim.replicate(small_site, 3, store=str(tmp_path / "st"))
    assert (first.report.n_computed, again.report.n_computed, again.report.n_stored) == (2, 1, 2)
    drawn = "input.orders.first.lead_time"
    assert again.table[drawn][:2].tolist() == first.table[drawn].tolist()


def test_an_interrupt_loses_nothing_that_is_stored(small_site, tmp_path):
    def interrupt(state):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        dcsim.replicate(small_site, 12, store=tmp_path / "st", watch=interrupt)
    later = dcsim.replicate(small_site, 12, store=tmp_path / "st")
    assert (later.report.n_stored, later.report.n_computed) == (10, 2)


def test_without_a_store_nothing_is_left(small_site, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert dcsim.replicate(small_site, 1).n == 1
    assert list(tmp_path.iterdir()) == []


def test_it_tells_how_far_it_is(small_site):
    states = []
    dcsim.replicate(small_site, 12, watch=states.append)
    assert [(state.n_done, state.n_total) for state in states] == [(10, 12), (12, 12)]


def test_it_stops_once_it_is_precise_enough(small_site):
    found = dcsim.replicate(small_site, 400, until="gpus-1200:pp=15")
    assert found.n == 50
    assert "gpus-1200" in found.milestones["name"]


def test_the_single_run_may_be_given(small_site):
    single = dcsim.simulate(small_site)
    assert dcsim.replicate(small_site, 1, single=single).single is single
    for wrong in (
        dcsim.simulate(small_site, 1),
        dcsim.simulate(small_site.with_overrides({"seed": 5})),
    ):
        with pytest.raises(ModelError, match=r"single: must be what dcsim.simulate returns"):
            dcsim.replicate(small_site, 1, single=wrong)


def test_a_single_run_is_of_the_quantiles_that_the_scenario_is_fixed_at(small_site):
    late = {"orders.first.lead_time": {"uniform": ["10 days", "90 days"]}}
    plan = small_site.with_overrides(late)
    with pytest.raises(ModelError, match=r"single: must be what dcsim.simulate returns"):
        dcsim.replicate(plan.fixed({"orders.first.lead_time": 0.9}), 1, single=dcsim.simulate(plan))


def test_scenarios_changed_in_memory_are_what_is_run(small_site):
    later = small_site.with_overrides({"orders.first.placed": "2027-03-01"})
    before, after = dcsim.replicate(small_site, 3), dcsim.replicate(later, 3)
    reached = "milestone.gpus-1200.reached"
    assert (after.table[reached] > before.table[reached]).all()
    drawn = "input.orders.first.lead_time"
    np.testing.assert_array_equal(after.table[drawn], before.table[drawn])


@pytest.mark.parametrize("n", [0, -1, 1.5, True, "3", None, 1_000_001])
def test_a_wrong_number_is_refused(small_site, n):
    with pytest.raises(dcsim.ScenarioError, match="must be a whole number, from 1 to 1,000,000"):
        dcsim.replicate(small_site, n)


@pytest.mark.parametrize(
    ("until", "message"),
    [
        ("2 %", "'2 %' is no precision; write the half width"),
        (2, "2 is no precision; write the half width"),
        ("all:pp=2", "until: there is no milestone all; there is gpus-1200"),
    ],
)
def test_a_wrong_precision_is_refused(small_site, until, message):
    with pytest.raises(ModelError) as caught:
        dcsim.replicate(small_site, 5, until=until)
    assert str(caught.value).startswith(message)


def test_a_path_and_an_unknown_keyword_are_type_errors(small_site):
    with pytest.raises(TypeError, match=r"takes a Scenario, not PosixPath; read the file with"):
        dcsim.replicate(Path("plan.yaml"), 3)
    with pytest.raises(TypeError, match="did you mean 'workers'"):
        dcsim.replicate(small_site, 3, worker=2)


@pytest.mark.parametrize("single", [True, 1.5, {}, "run"])
def test_a_single_run_is_a_result(small_site, single):
    with pytest.raises(TypeError, match=f"single is a dcsim.Result, not {type(single).__name__}"):
        dcsim.replicate(small_site, 2, single=single)
