"""Where the tests of faults find what does the damage."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "kill"))
# So that an assertion in them tells what it found, as those in tests do.
pytest.register_assert_rewrite("damage", "moments", "sweeps", "tampering")


@pytest.fixture(scope="session", autouse=True)
def heard_signals() -> Iterator[None]:
    """Let programs hear signals, also where a shell started the tests in the background.

    Such a shell has them ignored, programs inherit that, and one that is told to ignore a signal
    rightly does.
    """
    before = {}
    for name in ("SIGINT", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            before[number] = signal.signal(number, signal.default_int_handler)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
