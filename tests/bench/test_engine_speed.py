"""What the engine itself costs, on work that is none.

Outside the default tests: ``python -m pytest -s tests/bench``.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from dcsim.study.engine.engine import Engine, run_jobs
from dcsim.study.engine.jobs import Done, Job

sys.path.insert(0, str(Path(__file__).parents[1] / "faults" / "programs"))
from engine_works import echo, order
from engine_works import obey as take_a_moment

PAYLOAD = bytes(20_000)
"""As large as that of a unit of the default site."""


def timed(jobs, work, engine):
    """Seconds to the first outcome, and from there to the end."""
    begin_s = time.perf_counter()
    outcomes = run_jobs(iter(jobs), work, engine)
    assert isinstance(next(outcomes), Done)
    first_s = time.perf_counter()
    assert all(isinstance(outcome, Done) for outcome in outcomes)
    return first_s - begin_s, time.perf_counter() - first_s


@pytest.mark.parametrize(("workers", "budget_ms"), [(1, 0.05), (2, 5.0)])
def test_a_job_costs_less_than_its_budget(workers, budget_ms):
    jobs = [Job(str(number), PAYLOAD) for number in range(1000)]
    start_s, rest_s = timed(jobs, echo, Engine(workers=workers))
    found_ms = rest_s * 1000 / len(jobs)
    print(
        f"\n{workers} worker(s): first result after {start_s:.2f} s, then {found_ms:.3f} ms a job, "
        f"budget {budget_ms:g} ms"
    )
    assert found_ms < budget_ms


def test_a_job_of_half_a_second_costs_less_than_a_tenth_more_on_two_workers():
    jobs = [Job(str(number), order("sleep", 0.5)) for number in range(20)]
    _, rest_s = timed(jobs, take_a_moment, Engine(workers=2))
    # Of the two jobs of the first moment one is behind us.
    overhead = rest_s / (0.5 * (len(jobs) - 2) / 2) - 1
    print(f"\njobs of 0.5 s on two workers: {overhead:.1%} above the ideal, budget 10%")
    assert overhead < 0.1


def test_workers_are_there_within_ten_seconds():
    start_s, _ = timed([Job("0", PAYLOAD)], echo, Engine(workers=2))
    print(f"\nstart of two workers, imports included: {start_s:.2f} s")
    assert start_s < 10
