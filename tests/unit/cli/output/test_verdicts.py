"""Verdicts as annotations, SARIF and JUnit."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest

from dcsim.cli.output.markdown import inert
from dcsim.cli.output.verdicts import github_lines, junit, sarif
from dcsim.errors import Problem
from dcsim.study.checks.check import CheckResult
from dcsim.study.checks.gates import Verdict


def verdict(name: str, outcome: str, where: str = "plan/site.yaml:3") -> Verdict:
    return Verdict(name, "plan/site.yaml", outcome, "at most 1", "2", "pue_mean", where)


def test_annotations_keep_to_what_the_host_shows_and_are_inert() -> None:
    one = CheckResult("plan/site.yaml")
    one.verdicts = [verdict(f"gate {n}: a, b\n::warning::x", "fail") for n in range(14)]
    lines = list(github_lines([one]))
    assert len(lines) == 10
    assert lines[-1] == "::error::5 more; see the summary"
    assert all(line.startswith("::error ") for line in lines[:-1])
    assert all("\n" not in line and "::warning" not in line[1:] for line in lines)
    assert "title=gate 0%3A a%2C b" in lines[0]
    assert "file=plan/site.yaml,line=3" in lines[0]


def test_sarif_says_where_and_how_bad() -> None:
    one = CheckResult("plan/site.yaml")
    one.verdicts = [verdict("a", "fail"), verdict("b", "inconclusive"), verdict("c", "pass")]
    one.problems = [Problem("plan/site.yaml:7", "start", "is no day")]
    said = json.loads(sarif([one], "1.0"))
    (run_,) = said["runs"]
    levels = [result["level"] for result in run_["results"]]
    assert levels == ["error", "error", "warning"]
    place = run_["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "plan/site.yaml"
    assert place["region"]["startLine"] == 7
    rules = {rule["id"] for rule in run_["tool"]["driver"]["rules"]}
    assert {result["ruleId"] for result in run_["results"]} <= rules


@pytest.mark.parametrize(
    "name", ["a|b", "<script>", "![x](http://y)", "`x`", "@team", "a\n# b", "\x1b[2J", "$x$", "]]>"]
)
def test_names_are_inert_in_summaries_and_xml(name: str) -> None:
    shown = inert(name)
    assert "\n" not in shown
    assert "<" not in shown
    assert not re.search(r"(?<!\\)[|`@$\[]", shown)
    one = CheckResult(name)
    one.verdicts = [verdict(name, "fail")]
    root = ElementTree.fromstring(junit([one]))
    assert root.get("failures") == "1"
