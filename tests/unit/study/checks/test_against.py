"""Scenarios now and at a commit, without the command line."""

from __future__ import annotations

import pytest

from dcsim.study.checks.against import comparison_of, removed_files, run_both_sides
from dcsim.study.checks.commit import tree_of_commit


@pytest.fixture
def tree(repository):
    with tree_of_commit("HEAD", [repository.path.parent, repository.path]) as found:
        yield found


def test_an_untouched_scenario_is_unchanged(repository, tree, settings) -> None:
    assert comparison_of(repository.path, "plan.yaml", tree, settings).unchanged


def test_changed_assumptions_are_listed(repository, tree, settings) -> None:
    repository.change("overhead: 15 %", "overhead: 25 %")
    found = comparison_of(repository.path, "plan.yaml", tree, settings)
    assert not found.unchanged
    (change,) = found.changes
    assert (change.key, change.before, change.after) == ("cooling.overhead", "15 %", "25 %")


def test_a_scenario_that_the_commit_lacks_is_new(repository, tree, settings) -> None:
    new = repository.path.with_name("new.yaml")
    new.write_text(repository.path.read_text())
    found = comparison_of(new, "new.yaml", tree, settings)
    assert (found.note, found.before, found.unchanged) == ("new", None, False)


def test_both_sides_are_run_and_the_cause_is_named(repository, tree, settings) -> None:
    repository.change("overhead: 15 %", "overhead: 25 %")
    repository.change("lead_time: 26 weeks", "lead_time: 30 weeks")
    found = comparison_of(repository.path, "plan.yaml", tree, settings)
    run_both_sides(found, tree, repository.path, [], settings)
    (verdict,) = found.now.verdicts
    assert verdict.outcome == "fail"
    assert verdict.because.startswith("cooling.overhead")
    before, after = found.days["half"]
    assert before < after
    assert all("GPU-days" in causes for causes in found.binds)


def test_uncertain_scenarios_are_compared_pair_by_pair(repository, settings) -> None:
    repository.change("lead_time: 26 weeks", "lead_time: {uniform: [20 weeks, 60 weeks]}")
    repository.commit()
    repository.change("[20 weeks, 60 weeks]", "[24 weeks, 64 weeks]")
    with tree_of_commit("HEAD", [repository.path]) as tree:
        found = comparison_of(repository.path, "plan.yaml", tree, settings)
        run_both_sides(found, tree, repository.path, [], settings)
    (milestone,) = found.milestones
    # Four weeks later in each pair: the random numbers are the same on both sides.
    assert (milestone.n, milestone.days, milestone.n_earlier) == (20, 28.0, 0)
    assert "pue_mean" in [figure.name for figure in found.figures]


def test_removed_scenarios_are_listed(repository, tree) -> None:
    repository.path.unlink()
    assert removed_files(tree, [repository.path.parent]) == [str(repository.path)]
