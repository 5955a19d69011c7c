from __future__ import annotations

import contextlib
import json
import logging
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dcsim.errors import OutputError
from dcsim.study.engine import scheduler as scheduler_module
from dcsim.study.engine.engine import Engine, run_jobs
from dcsim.study.engine.jobs import Done, Job, Lost

sys.path.insert(0, str(Path(__file__).parents[3] / "faults" / "programs"))
from engine_works import echo, obey, order

FAULTS = Path(__file__).parents[3] / "faults"
PAYLOADS = [f"payload {number}".encode() * number for number in range(60)]
JOBS = [Job(str(number), payload) for number, payload in enumerate(PAYLOADS)]


def jobs_of(payloads):
    return (Job(f"job {number}", payload) for number, payload in enumerate(payloads))


def test_what_work_raises_on_a_worker_loses_the_job_with_its_text(caplog):
    payloads = [order("raise", "no such file"), order("quit"), order("nothing")]
    with caplog.at_level(logging.INFO, "dcsim"):
        outcomes = run_jobs(jobs_of(payloads), obey, Engine(workers=2, start_method="forkserver"))
        found = {outcome.key: outcome for outcome in outcomes}
    assert caplog.records[0].message.startswith("starting 2 workers took ")
    assert sum(record.message.endswith("is there") for record in caplog.records) == 2
    assert found["job 0"] == Lost("job 0", "ValueError: no such file")
    assert found["job 1"] == Lost("job 1", "SystemExit: 3")
    assert isinstance(found["job 2"], Done)


@pytest.fixture
def start(tmp_path):
    """Start a program of Dask and return it; ended with the test."""
    here = os.pathsep.join([str(FAULTS / "programs"), str(FAULTS.parents[1])])
    environment = {**os.environ, "PYTHONPATH": here, "DASK_LOGGING__DISTRIBUTED": "critical"}

    with contextlib.ExitStack() as stack:

        def begin(module, *words):
            command = [sys.executable, "-m", f"distributed.cli.{module}", *words]
            process = subprocess.Popen(
                command,
                env=environment,
                cwd=tmp_path,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            stack.callback(process.wait)
            stack.callback(process.kill)
            return process

        yield begin


def test_a_cluster_without_workers_is_one_error(start, tmp_path, monkeypatch):
    file = tmp_path / "alone.json"
    start(
        *("dask_scheduler", "--host", "127.0.0.1", "--port", "0"),
        *("--no-dashboard", "--scheduler-file", str(file)),
    )
    while not file.exists():
        time.sleep(0.05)
    monkeypatch.setattr(scheduler_module, "PATIENCE_S", 0.5)
    with pytest.raises(OutputError, match="no worker has been there"):
        list(run_jobs(JOBS, echo, Engine(cluster=json.loads(file.read_text())["address"])))


@pytest.fixture
def cluster(start, tmp_path):
    """Address and scheduler of a cluster of two workers, as a batch job would start it."""
    file = tmp_path / "scheduler.json"
    local = ("--no-dashboard", "--scheduler-file", str(file))
    scheduler = start("dask_scheduler", "--host", "127.0.0.1", "--port", "0", *local)
    start("dask_worker", "--nworkers", "2", "--nthreads", "1", "--host", "127.0.0.1", *local)
    until_s = time.monotonic() + 120
    while not file.exists() and time.monotonic() < until_s:
        time.sleep(0.05)
    return json.loads(file.read_text())["address"], scheduler


def data_of(outcomes):
    return {outcome.key: outcome.data for outcome in outcomes if isinstance(outcome, Done)}


def test_a_cluster_returns_what_one_worker_returns_unless_it_is_another_version(cluster):
    address, scheduler = cluster
    engine = Engine(cluster=address)
    found = data_of(run_jobs(JOBS, echo, engine))
    assert found == data_of(run_jobs(JOBS, echo))

    mine = os.getpid()
    other = Engine(cluster=address, identity=lambda: f"version {os.getpid() == mine}")
    with pytest.raises(
        OutputError, match=r"has dcsim version False, this is version True; .* same"
    ):
        list(run_jobs(JOBS, echo, other))

    # What hangs there is ended there, and the rest is done.
    orders = [Job("hangs", order("hang")), *[Job(str(n), order("nothing")) for n in range(20)]]
    lost = run_jobs(orders, obey, Engine(cluster=address, unit_timeout_s=1))
    causes = {outcome.key: outcome.cause for outcome in lost if not isinstance(outcome, Done)}
    assert causes == {"hangs": "it took longer than 1 s, twice"}

    # A scheduler that goes away in the middle is an error of the environment, at once.
    slow = run_jobs([Job(str(n), order("sleep", 0.3)) for n in range(100)], obey, engine)
    assert isinstance(next(slow), Done)
    scheduler.kill()
    begin_s = time.monotonic()
    with pytest.raises(OutputError, match="the scheduler of the workers is gone"):
        list(slow)
    assert time.monotonic() - begin_s < 60
