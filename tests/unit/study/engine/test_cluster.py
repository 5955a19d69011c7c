from __future__ import annotations

import sys
from pathlib import Path

import dask
import pytest

from dcsim.errors import OutputError, ScenarioError
from dcsim.study.engine.cluster import check_address
from dcsim.study.engine.engine import Engine, run_jobs
from dcsim.study.engine.jobs import Job

sys.path.insert(0, str(Path(__file__).parents[3] / "faults" / "programs"))
from engine_works import echo

PAYLOADS = [f"payload {number}".encode() * number for number in range(60)]
JOBS = [Job(str(number), payload) for number, payload in enumerate(PAYLOADS)]


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
    with pytest.raises(ScenarioError, match=r"use tls://, or .* \(allow_insecure=True in Python\)"):
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
