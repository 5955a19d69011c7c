"""The cause of a failed gate: two versions of a scenario in, the assumption that did it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dcsim.errors import DcsimError
from dcsim.limits import LEAST_ORDERS
from dcsim.scenario.scenario import Scenario
from dcsim.study.attribution.explain import explain
from dcsim.study.attribution.mixed import By, changed_groups
from dcsim.study.checks.gates import Verdict, column_of
from dcsim.study.checks.milestone_gates import Gate

MOST_GROUPS = 5
"""Groups of assumptions up to which the cause of a failed gate is looked for by all orders."""


def verdict_with_cause(
    verdict: Verdict, gates: Sequence[Gate], before: Scenario, after: Scenario
) -> Verdict:
    """Return a failed verdict with its cause, any other as it is.

    Parameters
    ----------
    verdict : Verdict
        Of a gate; a verdict on a pin of a baseline is returned as it is, and so is one that failed
        before as well: what changed did not make it fail.
    gates : sequence of Gate
        All that are judged, those that milestones are made of included.
    before, after : Scenario
        The scenario at the commit and now.
    """
    is_pin = verdict.gate.startswith("baseline ")
    if verdict.outcome != "fail" or verdict.is_known or is_pin:
        return verdict
    expectations = (one.expectation for one in gates)
    gate = next((one for one in expectations if one.title == verdict.gate), None)
    if gate is None:
        return verdict
    try:
        cause = cause_of(before, after, column_of(gate))
    except DcsimError:
        return verdict
    return replace(verdict, because=cause) if cause else verdict


def cause_of(before: Scenario, after: Scenario, metric: str) -> str:
    """Return the assumption that moved a metric of the single run most, in words.

    Parameters
    ----------
    before, after : Scenario
        Two versions of a scenario.
    metric : str
        Full name of a metric of the single run.

    Returns
    -------
    str
        Such as ``orders.first.lead_time (+168 days of +168 days)``; empty if nothing moved it.

    Notes
    -----
    The change of the metric is split into the Shapley values of the changed assumptions, see
    `dcsim.study.attribution.explain`. Above `MOST_GROUPS` assumptions, those of a section are
    taken together, which keeps the number of runs that a failed gate costs small.
    """
    few = len(changed_groups(before, after, "name")) <= MOST_GROUPS
    by: By = "name" if few else "section"
    explained = explain(before, after, metric, by=by, orders=LEAST_ORDERS)
    if not explained.change or not explained.parts[0].share:
        return ""
    part = explained.parts[0]
    change = part.group.changes[0]
    more = f" and {len(part.group.changes) - 1} more" if len(part.group.changes) > 1 else ""
    in_words = explained.run_metric.change
    share, whole = in_words(part.share), in_words(explained.change)
    return f"{change.key}{more} ({share} of {whole})"
