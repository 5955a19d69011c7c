"""Runs that are made up in milliseconds, some of which break their worker."""

from __future__ import annotations

import json
import os
import resource
import signal
import time
from pathlib import Path

import numpy as np

from dcsim.study.records.rows import RUN_OK, Rows, text_column, to_bytes

ROOM_BYTES = 300_000_000


def made_up_rows(number, first, last):
    """Return the rows of a unit: numbers that depend on case and replication alone."""
    numbers = np.arange(first, last + 1, dtype=float)
    values = np.sin(numbers * (1 + number))
    return Rows(
        {
            "replication": numbers,
            "status": text_column([RUN_OK] * len(numbers)),
            "cause": text_column([None] * len(numbers)),
            "value": values,
        },
        {"series": values[:, None] * np.ones(2000)},
        np.arange(2000).astype("datetime64[M]"),
    )


def compute_unit(payload):
    """Stand in for `dcsim.study.engine.unit_job.compute_unit`."""
    said = json.loads(payload)
    number = int(said["resolved"]["deployment"]["crews"])
    first, last = said["first"], said["last"]
    misdeed = json.loads(os.environ.get("MADE_UP_BAD", "{}")).get(str(number))
    if misdeed:
        MISDEEDS[misdeed]()
    time.sleep(float(os.environ["MADE_UP_SECONDS"]) * (last - first + 1))
    return b"{}\n" + to_bytes(made_up_rows(number, first, last))


def allocate():
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    most = used + ROOM_BYTES
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (most, before[1]))
    try:
        bytearray(2 * ROOM_BYTES)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def kill():
    os.kill(os.getpid(), signal.SIGKILL)


def hang():
    while True:
        pass


def leave():
    os._exit(1)


MISDEEDS = {"allocate": allocate, "kill": kill, "hang": hang, "exit": leave}
