"""Gates of a scenario: a scenario in, what is judged of it and which milestones are not out."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import NamedTuple

from dcsim.scenario.scenario import Scenario
from dcsim.scenario.schema.expect import Expectation
from dcsim.scenario.schema.site import Milestone


class Gate(NamedTuple):
    """A gate with its place."""

    expectation: Expectation
    """Its metric, its level or day, and how sure it has to be."""
    where: str
    """``file:line`` of the gate, or of the milestone that is one."""


class UnjudgedMilestone(NamedTuple):
    """A milestone that no gate judges."""

    milestone: str
    """Its title."""
    by: datetime.date
    """The date it is promised for."""
    where: str
    """``file:line`` of it."""
    name: str
    """Its name in the scenario."""

    @property
    def text(self) -> str:
        """The milestone on one line."""
        return (
            f"{self.milestone}: promised by {self.by}, not judged (no gate: milestone.{self.name})"
        )


def gates_of(scenario: Scenario, *, milestones: bool = False) -> list[Gate]:
    """Return the gates of a scenario in the order of the file.

    Parameters
    ----------
    scenario : Scenario
    milestones : bool
        True makes each milestone without a gate one that asks for its date in the single run; they
        follow the others.
    """
    places = scenario.values.places
    gates = [Gate(one, places.get(("expect", one.name), "")) for one in scenario.site.expect]
    if milestones:
        for one in _without_gate(scenario, gates):
            expectation = Expectation(
                name=one.name, label=one.title, metric=f"milestone.{one.name}"
            )
            gates.append(Gate(expectation, places.get(("milestones", one.name), "")))
    return gates


def unjudged_milestones(scenario: Scenario, gates: Sequence[Gate]) -> list[UnjudgedMilestone]:
    """Return the milestones of a scenario that none of the gates judges, in their order."""
    places = scenario.values.places
    return [
        UnjudgedMilestone(one.title, one.by, places.get(("milestones", one.name), ""), one.name)
        for one in _without_gate(scenario, gates)
    ]


def _without_gate(scenario: Scenario, gates: Sequence[Gate]) -> list[Milestone]:
    """Return the milestones whose date, or whose margin, is the metric of no gate."""
    judged = {
        gate.expectation.metric.split(".")[1]
        for gate in gates
        if gate.expectation.metric.startswith("milestone.")
    }
    return [one for one in scenario.site.milestones if one.name not in judged]
