"""A driver of its own process, for tests that interrupt or kill it: ends with 5 if interrupted.

Usage: engine_driver.py WORKERS START_METHOD ACTION VALUE...
Says "begun" when it can be interrupted, does a first job, and one for each value.
"""

from __future__ import annotations

import contextlib
import sys

from engine_works import obey, order

from dcsim.study.engine.engine import Engine, run_jobs
from dcsim.study.engine.interrupt import interruptible
from dcsim.study.engine.jobs import Job


def main() -> int:
    workers, method, action, *values = sys.argv[1:]
    engine = Engine(workers=int(workers), start_method=method)
    jobs = [Job("first", order("nothing"))]
    jobs += [Job(value, order(action, value)) for value in values]
    with interruptible(), contextlib.closing(run_jobs(jobs, obey, engine)) as outcomes:
        print("begun", flush=True)
        for outcome in outcomes:
            print(outcome.key, flush=True)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(5)
