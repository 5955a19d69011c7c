"""What a thousand replications of the first site cost, on two workers against one.

Outside the default tests: ``python -m pytest -s tests/bench``.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
import psutil

import dcsim
from dcsim.study.engine.engine import Engine
from dcsim.study.run.replications import case_of, replicate_case
from dcsim.study.store.store import ResultStore

SITE = Path(__file__).parents[2] / "scenarios" / "ulsan-103mw.yaml"
N_ALONE, N_TOGETHER = 100, 1000
MOST_SHARE, MOST_S, MOST_MB = 0.65, 360.0, 600.0


class Watched:
    """The memory of the workers, looked at twice a second."""

    def __init__(self):
        self.seen = []
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.look, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

    def look(self):
        begin = time.monotonic()
        while not self.over.wait(0.5):
            for child in psutil.Process().children(recursive=True):
                try:
                    held = child.memory_info().rss
                except psutil.Error:
                    continue
                self.seen.append((time.monotonic() - begin, held / 1e6))

    def most_mb(self, begin_share, end_share):
        """Most that one process held within a part of the time."""
        last = self.seen[-1][0]
        within = [mb for s, mb in self.seen if begin_share * last <= s <= end_share * last]
        return max(within)


def seconds_each(folder, n, workers):
    case = case_of(dcsim.load(SITE), "site")
    begin_s = time.monotonic()
    rows, outcome = replicate_case(
        case, n, ResultStore.open(folder, create=True), Engine(workers=workers)
    )
    assert rows.n_rows == n
    assert outcome.n_failed == 0
    return (time.monotonic() - begin_s) / n, outcome.peak_mb


def test_a_thousand_replications_on_two_workers(tmp_path):
    before_s, alone_mb = seconds_each(tmp_path / "a", N_ALONE, 1)
    with Watched() as watched:
        together_s, peak_mb = seconds_each(tmp_path / "b", N_TOGETHER, 2)
    after_s, _ = seconds_each(tmp_path / "c", N_ALONE, 1)
    alone_s = float(np.mean([before_s, after_s]))
    early_mb, late_mb = watched.most_mb(0.1, 0.4), watched.most_mb(0.7, 1.0)
    print(
        f"\none worker {alone_s:.3f} s a replication ({before_s:.3f} before, {after_s:.3f} after), "
        f"{alone_mb:.0f} MB\ntwo workers {together_s:.3f} s, share {together_s / alone_s:.2f} of "
        f"at most {MOST_SHARE}; {N_TOGETHER} in {together_s * N_TOGETHER:.0f} s of {MOST_S:.0f} s"
        f"\nmemory of a worker: most {peak_mb:.0f} MB of {MOST_MB:.0f} MB; "
        f"{early_mb:.0f} MB early, {late_mb:.0f} MB late"
    )
    assert together_s / alone_s <= MOST_SHARE
    assert together_s * N_TOGETHER < MOST_S
    assert peak_mb < MOST_MB
    assert late_mb <= 1.05 * early_mb
