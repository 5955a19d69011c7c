from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
from pathlib import Path

import psutil
import pytest

from dcsim.errors import MissingExtraError, OutputError, ScenarioError
from dcsim.study.engine import engine as engine_module
from dcsim.study.engine.batch import JobStatus, run_batch, unpack_batch
from dcsim.study.engine.engine import Done, Engine, Job, Lost, run_jobs
from dcsim.study.engine.interrupt import interruptible

sys.path.insert(0, str(Path(__file__).parents[3] / "faults" / "programs"))
from engine_works import echo, obey, order, tell_threads

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
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
    with pytest.raises(ScenarioError, match="--workers: 0: must be at least 1"):
        run_jobs(jobs_of(PAYLOADS), echo, Engine(workers=0))


def test_a_parcel_gives_back_what_was_done_and_what_was_raised():
    payloads = [order("nothing"), order("raise", "häßlich"), order("no memory"), order("quit")]
    pieces = unpack_batch(run_batch(obey, payloads))
    assert [piece.how for piece in pieces] == [
        JobStatus.DONE,
        JobStatus.RAISED,
        JobStatus.OUT_OF_MEMORY,
        JobStatus.RAISED,
    ]
    assert [piece.data for piece in pieces] == [
        payloads[0],
        "ValueError: häßlich".encode(),
        b"",
        b"SystemExit: 3",
    ]
    assert unpack_batch(run_batch(obey, [])) == []


def test_a_parcel_with_one_bit_changed_is_refused():
    parcel = bytearray(run_batch(echo, [b"abc"]))
    for at in range(len(parcel)):
        parcel[at] ^= 1
        with pytest.raises(ValueError, match="damaged"):
            unpack_batch(bytes(parcel))
        parcel[at] ^= 1


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
    # Jobs that take no time travel by the handful, and no more than that waits.
    assert len(taken) <= 2 * 32
    assert len(list(tmp_path.iterdir())) == 1
    many = {first.key: first.data, **data_of(outcomes)}
    assert many == data_of(run_jobs(jobs_of(PAYLOADS), echo))
    assert dict(os.environ) == before
    assert list(tmp_path.iterdir()) == []
    assert workers_of_this_process() == []
    assert not [t for t in threading.enumerate() if t.name.startswith("dcsim-workers")]


def test_workers_have_one_thread_each_for_linear_algebra_whatever_the_caller_has(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    (told,) = data_of(run_jobs(jobs_of([b""]), tell_threads, Engine(workers=2))).values()
    assert set(json.loads(told).values()) == {"1"}
    assert os.environ["OMP_NUM_THREADS"] == "7"


def test_what_work_raises_on_a_worker_loses_the_job_with_its_text():
    payloads = [order("raise", "no such file"), order("quit"), order("nothing")]
    outcomes = run_jobs(jobs_of(payloads), obey, Engine(workers=2, start_method="forkserver"))
    found = {outcome.key: outcome for outcome in outcomes}
    assert found["job 0"] == Lost("job 0", "ValueError: no such file")
    assert found["job 1"] == Lost("job 1", "SystemExit: 3")
    assert isinstance(found["job 2"], Done)


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


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_interrupts_once(number, monkeypatch):
    monkeypatch.setattr("atexit.register", lambda *_: None)
    tidied = []

    def run():
        with interruptible():
            try:
                os.kill(os.getpid(), number)
                signal.pause()
            finally:
                os.kill(os.getpid(), number)  # not heard: it would break off the tidying up
                tidied.append(True)

    before = {each: signal.getsignal(each) for each in SIGNALS}
    try:
        with pytest.raises(KeyboardInterrupt):
            run()
        os.kill(os.getpid(), number)  # nor on the way out
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
    assert tidied == [True]


def test_a_program_that_is_not_interrupted_keeps_its_handlers():
    before = signal.getsignal(signal.SIGTERM)
    with interruptible():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_signal_that_is_ignored_stays_so():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interruptible():
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)
