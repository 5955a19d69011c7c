from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import dask
import psutil
import pytest

from dcsim.errors import OutputError, ScenarioError
from dcsim.study.engine import scheduler as dispatch
from dcsim.study.engine.cluster import check_address
from dcsim.study.engine.engine import Done, Engine, Job, run_jobs
from dcsim.study.engine.local import local_cluster

sys.path.insert(0, str(Path(__file__).parents[3] / "faults" / "programs"))
from engine_works import echo, obey, order

FAULTS = Path(__file__).parents[3] / "faults"
PAYLOADS = [f"payload {number}".encode() * number for number in range(60)]
JOBS = [Job(str(number), payload) for number, payload in enumerate(PAYLOADS)]


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


@pytest.fixture
def cluster(start, tmp_path):
    """Address and scheduler of a cluster of two workers, as a batch job would start it."""
    file = tmp_path / "scheduler.json"
    local = ("--no-dashboard", "--scheduler-file", str(file))
    scheduler = start("dask_scheduler", "--host", "127.0.0.1", "--port", "0", *local)
    start("dask_worker", "--nworkers", "2", "--nthreads", "1", "--host", "127.0.0.1", *local)
    until_s = time.monotonic() + 30
    while not file.exists() and time.monotonic() < until_s:
        time.sleep(0.05)
    return json.loads(file.read_text())["address"], scheduler


def data_of(outcomes):
    return {outcome.key: outcome.data for outcome in outcomes if isinstance(outcome, Done)}


@pytest.mark.parametrize(
    "address",
    ["tls://login1:8786", "tcp://127.0.0.1:8786", "tcp://localhost:1", "tcp://[::1]:8786"],
)
def test_an_encrypted_or_local_address_is_taken(address):
    check_address(address)


@pytest.mark.parametrize(
    "address", ["tcp://login1:8786", "tcp://10.0.0.1:8786", "tcp://localhost.evil.org:8786"]
)
def test_another_host_in_the_clear_needs_a_word(address):
    with pytest.raises(ScenarioError, match="use tls://, or say --i-know-insecure"):
        check_address(address)
    check_address(address, allow_insecure=True)


@pytest.mark.parametrize(
    "address", ["", "login1:8786", "http://login1:8786", "tls://login1", "tcp://127.0.0.1@evil:80"]
)
def test_what_is_no_address_is_refused(address):
    with pytest.raises(ScenarioError, match="write tls://HOST:PORT or tcp://HOST:PORT"):
        run_jobs(JOBS, echo, Engine(cluster=address, allow_insecure=True))


def test_a_cluster_that_does_not_answer_is_one_error(monkeypatch):
    monkeypatch.setattr("dcsim.study.engine.cluster.CONNECT_S", 0.5)
    with pytest.raises(OutputError, match=r"tcp://127\.0\.0\.1:1: no cluster answers there"):
        list(run_jobs(JOBS, echo, Engine(cluster="tcp://127.0.0.1:1")))


def test_a_cluster_whose_certificates_are_unknown_is_one_error():
    with pytest.raises(OutputError, match="tls://login1:8786: no certificates to speak to it"):
        list(run_jobs(JOBS, echo, Engine(cluster="tls://login1:8786")))
    nowhere = {f"distributed.comm.tls.{name}": "/nowhere" for name in ("ca-file", "client.cert")}
    with (
        dask.config.set(nowhere),
        pytest.raises(OutputError, match=r"its certificates: .*No such file"),
    ):
        list(run_jobs(JOBS, echo, Engine(cluster="tls://login1:8786")))


def test_a_cluster_without_workers_is_one_error(start, tmp_path, monkeypatch):
    file = tmp_path / "alone.json"
    start(
        *("dask_scheduler", "--host", "127.0.0.1", "--port", "0"),
        *("--no-dashboard", "--scheduler-file", str(file)),
    )
    while not file.exists():
        time.sleep(0.05)
    monkeypatch.setattr(dispatch, "PATIENCE_S", 0.5)
    with pytest.raises(OutputError, match="no worker has been there"):
        list(run_jobs(JOBS, echo, Engine(cluster=json.loads(file.read_text())["address"])))


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
    assert time.monotonic() - begin_s < 10


def test_workers_of_this_machine_listen_on_loopback_only():
    with local_cluster(2) as client:
        client.wait_for_workers(2, timeout=60)
        family = [psutil.Process(), *psutil.Process().children(recursive=True)]
        heard = [
            connection.laddr.ip
            for process in family
            for connection in process.net_connections(kind="inet")
            if connection.status == psutil.CONN_LISTEN
        ]
    assert len(heard) >= 3
    assert set(heard) == {"127.0.0.1"}
