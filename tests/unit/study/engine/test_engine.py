from __future__ import annotations

import os
import sys
import tempfile
import threading
from pathlib import Path

import psutil
import pytest

from dcsim.errors import MissingExtraError, ScenarioError
from dcsim.study.engine import engine as engine_module
from dcsim.study.engine.engine import Engine, run_jobs
from dcsim.study.engine.jobs import Done, Job, Lost

sys.path.insert(0, str(Path(__file__).parents[3] / "faults" / "programs"))
from engine_works import echo, obey, order

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


def test_one_worker_works_in_this_process_and_lets_jobs_come_one_by_one():
    taken = []

    def jobs():
        for number in range(3):
            taken.append(number)
            yield Job(str(number), b"abc")

    outcomes = run_jobs(jobs(), echo)
    assert taken == []
    for number in range(3):
        outcome = next(outcomes)
        assert (outcome.key, outcome.data) == (str(number), b"cba")
        assert taken == list(range(number + 1))
        assert outcome.seconds >= 0


def test_one_worker_does_without_dask(monkeypatch):
    monkeypatch.setattr(engine_module, "find_spec", lambda name: None)
    assert data_of(run_jobs(jobs_of([b"abc"]), echo)) == {"job 0": b"cba"}


def test_what_work_raises_in_this_process_is_the_callers():
    with pytest.raises(ValueError, match="a defect"):
        list(run_jobs(jobs_of([order("raise", "a defect")]), obey))


def test_too_little_memory_in_this_process_loses_the_job():
    outcomes = list(run_jobs(jobs_of([order("no memory"), order("nothing")]), obey))
    assert outcomes[0] == Lost("job 0", "out of memory")
    assert isinstance(outcomes[1], Done)


@pytest.mark.parametrize("choice", [{"workers": 2}, {"cluster": "tcp://127.0.0.1:1"}])
def test_without_dask_many_workers_name_the_extra_before_anything_runs(monkeypatch, choice):
    monkeypatch.setattr(engine_module, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"^.* needs the extra 'cluster': pip install .*$"):
        run_jobs(jobs_of(PAYLOADS), echo, Engine(**choice))


def test_no_worker_is_refused():
    with pytest.raises(ScenarioError, match="workers 0: must be at least 1"):
        run_jobs(jobs_of(PAYLOADS), echo, Engine(workers=0))


def test_two_workers_return_what_one_returns_and_leave_nothing_behind(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = dict(os.environ)
    taken = []

    def jobs():
        for job in jobs_of(PAYLOADS):
            taken.append(job.key)
            yield job

    outcomes = run_jobs(jobs(), echo, Engine(workers=2))
    first = next(outcomes)
    # Short jobs travel in batches, and no more than a batch a worker is read ahead.
    assert len(taken) <= 2 * 32
    assert len(list(tmp_path.iterdir())) == 1
    many = {first.key: first.data, **data_of(outcomes)}
    assert many == data_of(run_jobs(jobs_of(PAYLOADS), echo))
    assert dict(os.environ) == before
    assert list(tmp_path.iterdir()) == []
    assert workers_of_this_process() == []
    assert not [t for t in threading.enumerate() if t.name.startswith("dcsim-workers")]
