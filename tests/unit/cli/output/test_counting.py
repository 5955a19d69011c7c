"""Progress of many runs in a pipe."""

from __future__ import annotations

import pytest

from dcsim.cli.output import counting
from dcsim.cli.output.counting import Counting, duration, state_text
from dcsim.study.run.runner import RunProgress


def test_a_state_says_runs_failures_and_time_left():
    assert state_text(RunProgress(1200, 300, 2, 100.0)) == "300 of 1,200 runs, 2 failed, 2 min left"
    assert state_text(RunProgress(4, 4, 0, 0.0)) == "4 of 4 runs"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (89, "89 s"), (90, "2 min"), (5399, "90 min"), (9000, "2.5 h")],
)
def test_a_time_is_told_in_the_unit_that_reads_best(seconds, text):
    assert duration(seconds) == text


def test_a_pipe_gets_the_last_state_and_none_in_between(capsys):
    with Counting("study", "again") as progress:
        progress(RunProgress(3, 1, 0, None))
        progress(RunProgress(3, 3, 0, None))
    assert capsys.readouterr().err == "study: 3 of 3 runs\n"


def test_a_pipe_gets_a_line_once_enough_time_has_passed(capsys, monkeypatch):
    with Counting("study", "again") as progress:
        monkeypatch.setattr(counting, "LINE_EVERY_S", 0.0)
        progress(RunProgress(3, 1, 0, None))
    assert capsys.readouterr().err == "study: 1 of 3 runs\n"


def interrupted_study():
    with Counting("s", "dcsim sweep s", quiet=True) as progress:
        progress(RunProgress(3, 1, 0, None))
        raise KeyboardInterrupt


def test_an_interrupted_study_says_how_to_go_on_and_exits_with_5(capsys):
    with pytest.raises(SystemExit) as left:
        interrupted_study()
    assert left.value.code == 5
    message = "interrupted; 1 of 3 runs are stored. Go on with: dcsim sweep s\n"
    assert capsys.readouterr().err == message
