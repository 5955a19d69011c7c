"""Verdicts as Markdown."""

from __future__ import annotations

from dcsim.cli.output.markdown import inert, markdown_summary, markdown_table
from dcsim.errors import Problem
from dcsim.study.checks.check import CheckResult
from dcsim.study.checks.gates import Verdict


def test_untrusted_text_cannot_link_tag_or_break_a_table():
    assert inert("a|b https://x <b>") == "a\\|b https&#58;//x &lt;b&gt;"


def test_a_table_has_a_rule_under_its_heads():
    assert list(markdown_table(("a", "b"), [("1", "2")])) == [
        "| a | b |",
        "| --- | --- |",
        "| 1 | 2 |",
    ]


def test_scenarios_that_fail_come_first_and_failed_gates_before_passed_ones():
    sound, failed, broken = (
        CheckResult("sound.yaml"),
        CheckResult("late.yaml"),
        CheckResult("x.yaml"),
    )
    failed.verdicts = [
        Verdict("pue", "late.yaml", "pass", "at most 1.3", "1.2", "pue_mean"),
        Verdict("date", "late.yaml", "fail", "by May", "June", "milestone.all"),
    ]
    broken.problems = [Problem("x.yaml:3", "start", "is no day")]
    text = markdown_summary([sound, failed, broken])
    order = [text.index(f"### {name}") for name in ("late.yaml", "x.yaml", "sound.yaml")]
    assert order == sorted(order)
    assert text.index("❌ fail | date") < text.index("✅ pass | pue")
    assert "- ❌ x.yaml:3: start: is no day" in text
    assert "1 passed, 1 failed, 0 inconclusive, 1 problem of input" in text
    assert text.rstrip().endswith("Read; it has no gate: nothing was run, nothing was judged.")
