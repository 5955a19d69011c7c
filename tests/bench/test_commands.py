"""The command line as a user meets it: a new interpreter each time, timed by the wall."""

from __future__ import annotations

import os
import subprocess
import sys
import time

MAX_RUN_S, MAX_RUN_MB, MAX_HELP_S = 4.0, 500, 0.2
DCSIM = [sys.executable, "-c", "from dcsim.cli import main; main()"]


def command(arguments, environment):
    """Run a command; return its seconds by the wall and its most memory in MB."""
    start = time.perf_counter()
    process = subprocess.Popen([*DCSIM, *arguments], env=environment, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    unit = 1e6 if sys.platform == "darwin" else 1e3  # bytes there, kilobytes elsewhere
    return seconds, used.ru_maxrss / unit


def measured(benchmark, arguments, environment, rounds):
    """Return the fastest time and the most memory of some rounds after a first one."""
    command(arguments(0), environment)  # writes the byte code
    found = []
    numbers = iter(range(1, rounds + 1))
    benchmark.pedantic(
        lambda: found.append(command(arguments(next(numbers)), environment)), rounds=rounds
    )
    seconds, megabytes = min(s for s, _ in found), max(mb for _, mb in found)
    benchmark.extra_info |= {"seconds": seconds, "megabytes": megabytes}
    return seconds, megabytes


def test_a_whole_run_takes_less_than_four_seconds_and_half_a_gigabyte(
    benchmark, environment, scenarios, tmp_path
):
    def arguments(number):
        return ["run", str(scenarios / "ulsan-103mw.yaml"), "--out", str(tmp_path / f"{number}")]

    seconds, megabytes = measured(benchmark, arguments, environment, 5)
    assert seconds < MAX_RUN_S
    assert megabytes < MAX_RUN_MB


def test_help_is_there_at_once(benchmark, environment):
    seconds, _ = measured(benchmark, lambda _: ["--help"], environment, 10)
    assert seconds < MAX_HELP_S
