"""What a worker does first: it leaves Ctrl-C to the driver."""

from __future__ import annotations

import signal
from typing import Any


def dask_setup(_worker: Any) -> None:
    """Ignore the interrupt that a terminal sends to all processes: the driver ends its workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
