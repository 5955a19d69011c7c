"""What the budgets are measured against, in plain SimPy."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

import numpy as np
import simpy


def bare_timeouts(n: int) -> None:
    """Let SimPy process `n` timeouts of one process that does nothing else."""
    env = simpy.Environment()

    def wait():
        for _ in range(n):
            yield env.timeout(1)

    env.process(wait())
    env.run()


def callback_fleet(n_servers: int, years: float, rate: float, hands: float) -> int:
    """Fail and repair servers with one SimPy callback an event; return the failures.

    Exponential times to failure, recovery of 2.2 h or repair of 4 days, technicians as a counter.
    """
    env = simpy.Environment()
    rng = np.random.default_rng(1)
    horizon_h = years * 8766.0
    mean_h = 8766.0 / rate
    draws = iter(rng.random(4_000_000).tolist())
    gaps = iter((rng.exponential(mean_h, 2_000_000)).tolist())
    failures, busy = 0, 0

    def fail(event):
        nonlocal failures, busy
        failures += 1
        busy += 1
        down_h = 96.0 if next(draws) < hands else 2.2
        timeout = env.timeout(down_h)
        timeout.callbacks.append(back)

    def back(event):
        nonlocal busy
        busy -= 1
        env.timeout(next(gaps)).callbacks.append(fail)

    for _ in range(n_servers):
        env.timeout(next(gaps)).callbacks.append(fail)
    env.run(until=horizon_h)
    return failures


def ratio(ours: Callable[[], object], yardstick: Callable[[], object], rounds: int = 5) -> float:
    """Return the least time of `ours` over the least of `yardstick`, measured in turn."""
    times: dict[str, list[float]] = {"ours": [], "yardstick": []}
    for _ in range(rounds):
        for name, action in (("ours", ours), ("yardstick", yardstick)):
            gc.collect()
            begin = time.perf_counter()
            action()
            times[name].append(time.perf_counter() - begin)
    return min(times["ours"]) / min(times["yardstick"])
