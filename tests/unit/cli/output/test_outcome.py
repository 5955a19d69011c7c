"""Lines on how a batch of runs went."""

from __future__ import annotations

from collections import Counter

from dcsim.cli.output.outcome import outcome_lines
from dcsim.study.run.runner import RunReport


def test_runs_time_and_reused_stages_are_counted():
    report = RunReport(
        20,
        n_computed=10,
        n_stored=10,
        n_failed=1,
        seconds=5.0,
        computed_stages=Counter(weather=1, power=10),
        cached_stages=Counter(weather=9),
    )
    assert list(outcome_lines(report)) == [
        "10 runs computed in 5 s (0.50 s each), 10 were stored already, 1 failed",
        "Read from the stage cache: weather 9 of 10, power 0 of 10; the rest is computed in every "
        "run",
    ]


def test_nothing_computed_has_no_time_each_and_damaged_files_are_named():
    report = RunReport(2, n_stored=2, damaged=["a.rows: is cut short"])
    assert list(outcome_lines(report)) == [
        "Damaged and computed again: a.rows: is cut short",
        "0 runs computed in 0 s (0.00 s each), 2 were stored already, 0 failed",
    ]
