"""Workers that die, hang or eat all memory; drivers that are interrupted or killed."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from dcsim.study.engine.engine import Engine, run_jobs
from dcsim.study.engine.jobs import Done, Job, Lost

sys.path.insert(0, str(Path(__file__).parent / "programs"))
from engine_works import obey, order, tell_process

HERE = Path(__file__).parent
DIED = "its worker died (out of memory, or killed), twice"


def test_four_bad_jobs_of_forty_cost_four(tmp_path):
    orders = [order("sleep", 0.01)] * 40
    orders[7] = order("allocate")
    orders[13] = order("kill")
    orders[22] = order("hang")
    orders[39] = order("exit", 1)
    # And one that breaks its worker the first time only, as when a neighbor took the memory.
    orders[30] = order("kill once", str(tmp_path / "marker"))
    jobs = (Job(str(number), payload) for number, payload in enumerate(orders))
    engine = Engine(workers=2, memory_limit="400 MB", unit_timeout_s=3)
    outcomes = list(run_jobs(jobs, obey, engine))
    assert sorted(int(outcome.key) for outcome in outcomes) == list(range(40))
    lost = {outcome.key: outcome.cause for outcome in outcomes if isinstance(outcome, Lost)}
    assert lost == {
        "7": DIED,
        "13": DIED,
        "22": "it took longer than 3 s, twice",
        "39": DIED,
    }
    assert (tmp_path / "marker").exists()


def test_workers_that_are_killed_from_outside_cost_nothing():
    keys = []
    for outcome in run_jobs(
        (Job(str(number), order("sleep", 0.1)) for number in range(50)), obey, Engine(workers=2)
    ):
        assert isinstance(outcome, Done)
        keys.append(int(outcome.key))
        if len(keys) in (5, 15, 25):
            children = psutil.Process().children()
            workers = [child for child in children if "spawn_main" in " ".join(child.cmdline())]
            workers[len(keys) // 10 % len(workers)].kill()
    assert sorted(keys) == list(range(50))


def test_a_suspect_is_tried_again_with_nothing_beside_it(tmp_path):
    orders = [order("kill once", str(tmp_path / "marker")), *[order("sleep", 0.3)] * 8]
    jobs = (Job(str(number), payload) for number, payload in enumerate(orders))
    outcomes = list(run_jobs(jobs, obey, Engine(workers=2)))
    assert outcomes[-1].key == "0"
    assert isinstance(outcomes[-1], Done)


def test_work_is_spread_over_all_workers():
    jobs = (Job(str(number), b"") for number in range(200))
    outcomes = run_jobs(jobs, tell_process, Engine(workers=2))
    assert len({outcome.data for outcome in outcomes if isinstance(outcome, Done)}) == 2


@contextlib.contextmanager
def driver(*words):
    """Start a driver in a session of its own, as a terminal would."""
    process = subprocess.Popen(
        [sys.executable, str(HERE / "programs" / "engine_driver.py"), *words],
        env={**os.environ, "PYTHONPATH": str(HERE.parents[1])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def members(group):
    """Processes of a group that still run."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, ProcessLookupError):
            if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
    return found


def gone_within(group, seconds):
    until_s = time.monotonic() + seconds
    while members(group) and time.monotonic() < until_s:
        time.sleep(0.02)
    return not members(group)


SIGNALS = {
    "once": [signal.SIGINT],
    "twice": [signal.SIGINT, signal.SIGINT],
    "terminated": [signal.SIGTERM],
    "terminal closed": [signal.SIGHUP],
}


@pytest.mark.parametrize("numbers", SIGNALS.values(), ids=SIGNALS)
@pytest.mark.parametrize("action", ["hang", "start"])
def test_an_interrupt_leaves_no_process_and_no_traceback(numbers, action):
    with driver("2", "spawn", "hang", "1", "2", "3", "4") as process:
        if action == "hang":
            assert process.stdout.readline() == "begun\n"
            assert process.stdout.readline() == "first\n"
        else:  # while workers are being started
            assert process.stdout.readline() == "begun\n"
            time.sleep(0.4)
        for number in numbers:
            os.killpg(process.pid, number)
            time.sleep(0.1)
        _, errors = process.communicate(timeout=60)
        assert errors == ""
        assert process.returncode == 5
        assert gone_within(process.pid, 20)


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_workers_end_when_their_driver_is_killed(method):
    with driver("2", method, "hang", "1", "2", "3", "4") as process:
        assert process.stdout.readline() == "begun\n"
        assert process.stdout.readline() == "first\n"
        assert len(members(process.pid)) >= 3
        process.kill()
        assert gone_within(process.pid, 20)
