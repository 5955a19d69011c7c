"""Benchmarks: what a run may cost, as a ratio to something measured in the same process.

They are outside the default suite. Run them with

    python -m pytest tests/bench                              # table and budgets
    python -m pytest tests/bench --benchmark-autosave         # keep the numbers, and later
    python -m pytest tests/bench --benchmark-compare          # hold them against the last ones

A machine is now fast and now slow, so no budget is in seconds where a ratio says the same: ours and
the yardstick take turns, A B A B, and the fastest of each are compared. Only what starts a new
interpreter is held to a time.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROUNDS = 5
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="session")
def scenarios() -> Path:
    """The folder of scenarios."""
    return ROOT / "scenarios"


@pytest.fixture
def environment() -> dict[str, str]:
    """The environment of a user: byte code is kept, and dcsim is found."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPATH": str(ROOT)}


@pytest.fixture
def ratio_to(benchmark: Any) -> Callable[..., float]:
    """Run two things in turns; return the processor time of the first over that of the second."""

    def measure(ours: Callable[[], object], yardstick: Callable[[], object]) -> float:
        spent: dict[str, list[float]] = {"ours": [], "yardstick": []}

        def clocked(name: str, work: Callable[[], object]) -> None:
            gc.collect()
            start = time.process_time()
            work()
            spent[name].append(time.process_time() - start)

        ours()  # imports, caches of units and of weather
        benchmark.pedantic(
            clocked,
            args=("ours", ours),
            setup=lambda: clocked("yardstick", yardstick),
            rounds=ROUNDS,
        )
        ratio = min(spent["ours"]) / min(spent["yardstick"])
        benchmark.extra_info |= {"ratio": ratio, "yardstick_s": min(spent["yardstick"])}
        return ratio

    return measure
