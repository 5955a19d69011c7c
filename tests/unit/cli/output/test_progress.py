"""Progress of one run in a pipe."""

from __future__ import annotations

import re

from dcsim.cli.output.progress import Progress


def test_a_pipe_gets_a_line_a_stage_when_it_ends(capsys):
    with Progress() as progress:
        progress("ramp")
        assert capsys.readouterr().err == ""
        progress("power")
    lines = capsys.readouterr().err.splitlines()
    assert all(re.fullmatch(r"(ramp|power) +\d+\.\d\d s", line) for line in lines), lines
    assert len(lines) == 2


def test_a_quiet_run_and_a_failed_stage_print_nothing(capsys):
    with Progress(quiet=True) as progress:
        progress("ramp")
    try:
        with Progress() as progress:
            progress("ramp")
            raise ValueError
    except ValueError:
        pass
    assert capsys.readouterr().err == ""
