from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import sys
from pathlib import Path

import psutil
import pytest

from dcsim.errors import OutputError
from dcsim.study.engine.engine import Engine, run_jobs
from dcsim.study.engine.jobs import Done, Job
from dcsim.study.engine.local import local_cluster

sys.path.insert(0, str(Path(__file__).parents[3] / "faults" / "programs"))
from engine_works import echo, obey, order, tell_threads

PAYLOADS = [f"payload {number} \0\xff".encode() for number in range(300)]


def jobs_of(payloads):
    return (Job(f"job {number}", payload) for number, payload in enumerate(payloads))


def data_of(outcomes):
    found = list(outcomes)
    assert len({outcome.key for outcome in found}) == len(found)
    return {outcome.key: outcome.data for outcome in found if isinstance(outcome, Done)}


def workers_of_this_process():
    return [
        child
        for child in psutil.Process().children(recursive=True)
        if "spawn_main" in " ".join(child.cmdline())
    ]


def test_workers_have_one_thread_each_for_linear_algebra_whatever_the_caller_has(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    (told,) = data_of(run_jobs(jobs_of([b""]), tell_threads, Engine(workers=2))).values()
    assert set(json.loads(told).values()) == {"1"}
    assert os.environ["OMP_NUM_THREADS"] == "7"


def test_closing_ends_workers_that_are_at_work():
    payloads = [order("nothing"), *[order("hang")] * 4]
    with contextlib.closing(run_jobs(jobs_of(payloads), obey, Engine(workers=2))) as outcomes:
        next(outcomes)
        assert len(workers_of_this_process()) == 2
    assert workers_of_this_process() == []
    assert multiprocessing.active_children() == []


def test_workers_that_cannot_be_started_are_one_error():
    with pytest.raises(OutputError, match="no workers could be started"):
        list(run_jobs(jobs_of(PAYLOADS), echo, Engine(workers=2, memory_limit="much")))


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
