"""Verdicts of gates in the forms that people and CI services read."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET  # only written, never read
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from dcsim.errors import cut, printable

if TYPE_CHECKING:
    from dcsim.study.checks.check import CheckResult
    from dcsim.study.checks.feasibility import Infeasible
    from dcsim.study.checks.gates import Verdict
    from dcsim.study.checks.milestone_gates import UnjudgedMilestone


MAX_ANNOTATIONS = 10
"""Annotations of one kind that GitHub shows of a step."""
SIGNS = {"pass": "PASS", "fail": "FAIL", "inconclusive": "????"}
KNOWN_SIGN = "KNOWN"
"""Sign of what failed before the change as well."""
NOT_JUDGED_SIGN = "----"
SEVERITIES = {"fail": "error", "inconclusive": "warning"}
SKIPPED = ("inconclusive", "known failure", "not judged")
"""Outcomes that a suite of tests counts as skipped: none of them is a pass, none a new failure."""
SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
RULES = {
    "gate": "A gate of the scenario",
    "baseline": "A metric that is pinned in a baseline",
    "impossible": "A milestone that no run can meet",
    "input": "A scenario that cannot be read",
    "not-judged": "A milestone that no gate judges, or a scenario without a gate",
}


class Finding:
    """A problem, an infeasible milestone or a gate that did not pass, at a place in a file."""

    def __init__(self, rule: str, level: str, where: str, title: str, message: str) -> None:
        self.rule = rule
        self.level = level
        file, _, line = where.rpartition(":")
        self.file = file if line.isdigit() else where
        self.line = int(line) if line.isdigit() else 1
        self.title = title
        self.message = message


def findings(checked: Sequence[CheckResult]) -> Iterator[Finding]:
    """Yield all that did not pass."""
    for one in checked:
        for problem in one.problems:
            text = ": ".join(part for part in (problem.key, problem.message) if part)
            yield Finding("input", "error", problem.where or one.name, "bad input", text)
        for lost in one.infeasible:
            where = lost.where or one.name
            title = f"{lost.milestone} is infeasible"
            text = f"{lost.key}: {lost.reason}{_as_before(lost)}"
            level = "warning" if lost.is_known else "error"
            yield Finding("impossible", level, where, title, _name_prefix(one, where) + text)
        for verdict in one.verdicts:
            if verdict.outcome != "pass":
                rule = "baseline" if verdict.gate.startswith("baseline ") else "gate"
                where = verdict.where or one.name
                level = "warning" if verdict.is_known else SEVERITIES[verdict.outcome]
                text = _name_prefix(one, where) + verdict.text
                yield Finding(rule, level, where, verdict.gate, text)
        for milestone in one.unjudged:
            where = milestone.where or one.name
            text = _name_prefix(one, where) + milestone.text
            yield Finding("not-judged", "note", where, milestone.milestone, text)
        if remark := one.nothing_judged:
            yield Finding("not-judged", "note", one.name, "nothing was judged", remark)


def _name_prefix(one: CheckResult, where: str) -> str:
    """Return which scenario it is about, where that is not the file at hand."""
    return "" if where.startswith(one.name) else f"{one.name}: "


def _as_before(lost: Infeasible) -> str:
    return "; it was infeasible before as well" if lost.is_known else ""


def text_lines(checked: Sequence[CheckResult]) -> Iterator[str]:
    """Yield a line a gate, after problems and infeasible milestones."""
    from dcsim.study.checks.gate_check import totals_line  # noqa: PLC0415  (--help does without)

    for one in (one for one in checked if not one.unchanged):
        yield one.name
        yield from (f"  {line}" for line in _scenario_lines(one))
    yield totals_line(checked)


def _scenario_lines(one: CheckResult) -> Iterator[str]:
    for problem in one.problems:
        yield f"FAIL  {problem}"
    for lost in one.infeasible:
        sign = KNOWN_SIGN if lost.is_known else SIGNS["fail"]
        yield f"{sign:<5} {lost.milestone} is infeasible: {lost.reason}{_as_before(lost)}"
        yield f"      {lost.where}: {lost.key}"
    for verdict in one.verdicts:
        sign = KNOWN_SIGN if verdict.is_known else SIGNS[verdict.outcome]
        yield f"{sign:<5} {verdict.gate}: {verdict.text}"
    for note in one.notes:
        yield f"NOTE  {note}"
    for milestone in one.unjudged:
        yield f"{NOT_JUDGED_SIGN:<5} {milestone.text}"
    if remark := one.nothing_judged:
        yield remark
    if one.n_failed:
        yield (
            f"{one.n_failed} replications came to no result and count as misses, the first for "
            f"this reason: {one.cause}"
        )


def github_lines(checked: Sequence[CheckResult]) -> Iterator[str]:
    """Yield annotations; at most as many of each level as GitHub shows, and how many more."""
    found = list(findings(checked))
    for level, command in (("error", "error"), ("warning", "warning"), ("note", "notice")):
        of_level = [one for one in found if one.level == level]
        shown = of_level[: MAX_ANNOTATIONS if len(of_level) <= MAX_ANNOTATIONS else 9]
        for one in shown:
            file, title = _escaped_property(one.file), _escaped_property(one.title)
            place = f"file={file},line={one.line},title={title}"
            yield f"::{command} {place}::{_escaped_message(one.message)}"
        if len(of_level) > len(shown):
            yield f"::{command}::{len(of_level) - len(shown)} more; see the summary"


def _escaped_message(text: str) -> str:
    """Escape the message of an annotation, as its reader undoes it."""
    return printable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escaped_property(text: str) -> str:
    return _escaped_message(text).replace(":", "%3A").replace(",", "%2C")


def verdict_data(checked: Sequence[CheckResult]) -> list[dict[str, Any]]:
    """Return all verdicts as plain data."""
    return [
        {
            "scenario": one.name,
            "problems": [problem._asdict() for problem in one.problems],
            "impossible": [lost._asdict() for lost in one.infeasible],
            "gates": [_gate_data(verdict) for verdict in one.verdicts],
            "not_judged": [_milestone_data(milestone) for milestone in one.unjudged],
            "notes": one.notes,
            "judged": one.is_judged,
            "unchanged": one.unchanged,
            "replications_failed": one.n_failed,
        }
        for one in checked
    ]


def _milestone_data(milestone: UnjudgedMilestone) -> dict[str, Any]:
    return {**milestone._asdict(), "by": milestone.by.isoformat()}


def _gate_data(verdict: Verdict) -> dict[str, Any]:
    return {
        "gate": verdict.gate,
        "outcome": verdict.outcome,
        "metric": verdict.metric,
        "expected": verdict.expected,
        "found": verdict.found,
        "where": verdict.where,
        "replications_needed": verdict.needed,
        "because": verdict.because,
        "known": verdict.is_known,
        "before": verdict.before,
    }


def sarif(checked: Sequence[CheckResult], version: str) -> str:
    """Return what did not pass in the Static Analysis Results Interchange Format, 2.1.0."""
    results = [
        {
            "ruleId": one.rule,
            "level": one.level,
            "message": {"text": printable(f"{one.title}: {one.message}")},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": _uri(one.file)},
                        "region": {"startLine": max(one.line, 1)},
                    }
                }
            ],
        }
        for one in findings(checked)
    ]
    rules = [{"id": name, "shortDescription": {"text": text}} for name, text in RULES.items()]
    driver = {"name": "dcsim", "version": version, "rules": rules}
    log = {
        "$schema": SARIF_SCHEMA,
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }
    return json.dumps(log, indent=1, ensure_ascii=True)


def _uri(file: str) -> str:
    from urllib.parse import quote  # noqa: PLC0415  (only here)

    return quote(file.replace("\\", "/"))


def junit(checked: Sequence[CheckResult]) -> bytes:
    """Return a test suite a scenario, a test case a gate, as JUnit writes them."""
    suites = ET.Element("testsuites", name="dcsim check")
    for one in checked:
        suite = ET.SubElement(suites, "testsuite", name=_xml_text(one.name))
        cases = [*_test_cases(one)]
        for name, outcome, message in cases:
            case = ET.SubElement(
                suite, "testcase", classname=_xml_text(one.name), name=_xml_text(name)
            )
            if outcome == "fail":
                ET.SubElement(case, "failure", message=_xml_text(message))
            elif outcome in SKIPPED:
                ET.SubElement(case, "skipped", message=_xml_text(f"{outcome}: {message}"))
            elif outcome == "error":
                ET.SubElement(case, "error", message=_xml_text(message))
        _set_counts(suite, [outcome for _, outcome, _ in cases])
    _set_counts(suites, [outcome for one in checked for _, outcome, _ in _test_cases(one)])
    return bytes(ET.tostring(suites, encoding="utf-8", xml_declaration=True))


def _test_cases(one: CheckResult) -> Iterator[tuple[str, str, str]]:
    yield "input", "error" if one.problems else "pass", "; ".join(map(str, one.problems))
    for lost in one.infeasible:
        outcome = "known failure" if lost.is_known else "fail"
        text = f"{lost.where}: {lost.key}: {lost.reason}{_as_before(lost)}"
        yield f"{lost.milestone} is feasible", outcome, text
    for verdict in one.verdicts:
        outcome = "known failure" if verdict.is_known else verdict.outcome
        yield verdict.gate, outcome, verdict.text
    for milestone in one.unjudged:
        yield milestone.milestone, "not judged", milestone.text
    if remark := one.nothing_judged:
        yield "gates", "not judged", remark


def _set_counts(element: ET.Element, outcomes: Sequence[str]) -> None:
    element.set("tests", str(len(outcomes)))
    for name, counted in (("failures", ("fail",)), ("errors", ("error",)), ("skipped", SKIPPED)):
        element.set(name, str(sum(outcome in counted for outcome in outcomes)))


def _xml_text(text: str) -> str:
    """Return text that XML can hold: control characters escaped."""
    return printable(cut(text, 2000))
