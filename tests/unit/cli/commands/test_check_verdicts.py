"""Output of verdicts: files, summaries, exit codes."""

from __future__ import annotations

import pytest


def test_junit_is_read_by_its_readers(gated, check, change) -> None:
    junitparser = pytest.importorskip("junitparser")
    change("at_most: 1.25", "at_most: 1.05")
    assert check("plan", "--junit", "check.xml").exit_code == 1
    read = junitparser.JUnitXml.fromfile("check.xml")
    assert (read.tests, read.failures, read.errors) == (3, 1, 0)
    (suite,) = read
    results = {case.name: [type(r).__name__ for r in case.result] for case in suite}
    assert results == {"input": [], "in-time": [], "pue": ["Failure"]}


def test_the_summary_goes_where_the_host_wants_it(gated, monkeypatch, check) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(gated / "step.md"))
    (gated / "step.md").write_text("before\n")
    assert check("plan", "--summary", "s.md").exit_code == 0
    text = (gated / "step.md").read_text()
    assert text.startswith("before\n")
    assert text.endswith((gated / "s.md").read_text())


def test_a_summary_that_is_too_long_is_cut(monkeypatch) -> None:
    from dcsim.cli.commands import check_verdicts

    monkeypatch.setattr(check_verdicts, "MAX_SUMMARY_BYTES", 1000)
    text = check_verdicts._fit_summary("line\n" * 1000)
    assert len(text.encode()) <= 1000
    assert text.endswith("does not fit into a summary.\n")
