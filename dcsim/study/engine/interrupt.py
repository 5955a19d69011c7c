"""Stopping by signal: one clean end, whichever signal and however often it comes."""

from __future__ import annotations

import atexit
import contextlib
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from types import FrameType
from typing import Any

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")  # Windows has no SIGHUP
_PATIENCE_S = 5.0
"""A signal this soon after the first is the same wish: the end is on its way, let it be clean."""


class _Lost:
    """The interrupt that Python raised where nothing can be raised, in the end of an object."""

    name: str | None = None


def raise_if_lost() -> None:
    """Raise the interrupt again that came while an object was ended, and was dropped there.

    Loops that wait for other processes call it each time around.
    """
    if _Lost.name is not None:
        name, _Lost.name = _Lost.name, None
        raise KeyboardInterrupt(name)


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Turn the signals that end a program into one KeyboardInterrupt.

    A second one within some seconds is not heard, so that it cannot break off the tidying up that
    the first began, nor the way out of the program after that. Signals that are ignored stay so:
    `nohup` means it. Only the main thread can be interrupted; elsewhere nothing is done.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard_s: float | None = None

    def stop(number: int, _frame: FrameType | None) -> None:
        nonlocal heard_s
        now_s = time.monotonic()
        if heard_s is None or now_s - heard_s > _PATIENCE_S:
            heard_s = now_s
            raise KeyboardInterrupt(signal.Signals(number).name)

    numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    heeded = [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, stop) for number in heeded}
    try:
        with _noting_lost():
            yield
    finally:
        if heard_s is None:
            _restore(before)
        else:
            atexit.register(_restore, dict.fromkeys(heeded, signal.SIG_IGN))


@contextlib.contextmanager
def _noting_lost() -> Iterator[None]:
    """Note an interrupt that Python would print and drop; see `raise_if_lost`."""
    usual = sys.unraisablehook

    def note(unraisable: Any) -> None:
        if issubclass(unraisable.exc_type, KeyboardInterrupt):
            _Lost.name = str(unraisable.exc_value or "SIGINT")
        else:
            usual(unraisable)

    _Lost.name = None
    sys.unraisablehook = note
    try:
        yield
    finally:
        sys.unraisablehook = usual
        _Lost.name = None


def _restore(handlers: Mapping[int, Any]) -> None:
    for number, handler in handlers.items():
        signal.signal(number, handler)
