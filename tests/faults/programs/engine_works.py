"""What jobs do in the tests of the engine; a module of its own, so that workers can import it."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path


def echo(payload: bytes) -> bytes:
    return payload[::-1]


def tell_process(payload: bytes) -> bytes:
    return str(os.getpid()).encode()


def tell_threads(payload: bytes) -> bytes:
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    return json.dumps({name: os.environ.get(name) for name in names}).encode()


def order(action, value=None) -> bytes:
    """Return a payload for `obey`."""
    return json.dumps({"do": action, "value": value}).encode()


def obey(payload: bytes) -> bytes:
    """Do what the payload says, which may break the worker in one of several ways."""
    said = json.loads(payload)
    ACTIONS[said["do"]](said["value"])
    return payload


def kill(_):
    os.kill(os.getpid(), signal.SIGKILL)


def kill_once(marker):
    if not Path(marker).exists():
        Path(marker).touch()
        kill(None)


def hang(_):
    while True:
        pass


def allocate(_):
    held = []
    while True:
        held.append(bytearray(b"x" * 50_000_000))


def complain(text):
    raise ValueError(text)


def leave(_):
    raise SystemExit(3)


def want_memory(_):
    raise MemoryError


ACTIONS = {
    "nothing": lambda _: None,
    "sleep": time.sleep,
    "kill": kill,
    "kill once": kill_once,
    "exit": os._exit,
    "hang": hang,
    "allocate": allocate,
    "raise": complain,
    "quit": leave,
    "no memory": want_memory,
}
