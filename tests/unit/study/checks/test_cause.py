"""The cause of a failed gate."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dcsim.scenario.load import load
from dcsim.study.checks.cause import cause_of, verdict_with_cause
from dcsim.study.checks.gates import Verdict
from dcsim.study.checks.milestone_gates import gates_of

GATE = "{name: pue, metric: pue_mean, at_most: 1.16}"


@pytest.fixture
def sides(plan):
    """A plan before and after two changes, of which only the cooling moves the PUE."""
    before = plan(GATE)
    return before, load(before.path, overrides=["cooling.overhead=25 %", "deployment.crews=9"])


def verdict(outcome: str, gate: str = "pue") -> Verdict:
    return Verdict(gate, "plan.yaml", outcome, "at most 1.16", "1.25", "pue_mean")


def test_the_assumption_with_the_largest_part_is_named(sides) -> None:
    assert cause_of(*sides, "pue_mean") == "cooling.overhead (+0.104 of +0.104)"


def test_nothing_is_named_where_nothing_moved(sides) -> None:
    assert cause_of(*sides, "unserved_mwh") == ""


def test_a_failed_gate_gets_its_cause(sides) -> None:
    found = verdict_with_cause(verdict("fail"), gates_of(sides[1]), *sides)
    assert found.because.startswith("cooling.overhead")


@pytest.mark.parametrize(
    "one",
    [
        verdict("pass"),
        verdict("inconclusive"),
        verdict("fail", "baseline pue_mean"),
        replace(verdict("fail"), before="1.21"),
    ],
)
def test_other_verdicts_stay_as_they_are(sides, one) -> None:
    assert verdict_with_cause(one, gates_of(sides[1]), *sides) is one
