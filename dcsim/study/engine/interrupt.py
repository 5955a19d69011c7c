"""Interrupts: signals in, one `KeyboardInterrupt` out, however often and whichever of them comes.

Example: a user presses Ctrl-C three times in a second. The first SIGINT raises `KeyboardInterrupt`
in the main thread, which ends the workers and releases the claims on its way out; the second and
third arrive during that and are ignored, or they would break it off halfway.
"""

from __future__ import annotations

import atexit
import contextlib
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from types import FrameType
from typing import Any

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")  # Windows has no SIGHUP
_PATIENCE_S = 5.0
"""Signals this soon after the first are ignored: the end is on its way. [s]"""


class _Lost:
    """The interrupt that Python raised inside a finalizer (``__del__``), where it is dropped.

    Python runs signal handlers between any two bytecodes of the main thread, those of finalizers
    included. An exception there is printed and swallowed, so the signal would be lost.
    """

    name: str | None = None


def raise_if_lost() -> None:
    """Raise an interrupt again that was dropped in a finalizer.

    Loops that wait for other processes call it in every turn.
    """
    if _Lost.name is not None:
        name, _Lost.name = _Lost.name, None
        raise KeyboardInterrupt(name)


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Turn the signals that end a program into one KeyboardInterrupt.

    Further signals within some seconds are ignored, so that they cannot break off the clean-up that
    the first one began, nor the exit of the program after it. A signal that was ignored before
    stays ignored, as `nohup` intends. Only the main thread can be interrupted; in any other thread
    this does nothing.
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
    usual = sys.unraisablehook
    sys.unraisablehook = _noting(usual, interrupted=lambda: heard_s is not None)
    _Lost.name = None
    try:
        yield
    finally:
        _Lost.name = None
        if heard_s is None:
            sys.unraisablehook = usual
            _restore(before)
        else:
            # Handlers and hook stay until the process ends, and at the very end signals are
            # ignored.
            atexit.register(_restore, dict.fromkeys(heeded, signal.SIG_IGN))


def _noting(usual: Callable[[Any], None], interrupted: Callable[[], bool]) -> Callable[[Any], None]:
    """Return a hook that notes an interrupt which Python drops; see `raise_if_lost`.

    An interrupt may also break off the making of an object, whose finalizer then misses attributes:
    after an interrupt such errors are its consequences, and say nothing to the user.
    """

    def note(unraisable: Any) -> None:
        if issubclass(unraisable.exc_type, KeyboardInterrupt):
            _Lost.name = str(unraisable.exc_value or "SIGINT")
        elif not interrupted():
            usual(unraisable)

    return note


def _restore(handlers: Mapping[int, Any]) -> None:
    for number, handler in handlers.items():
        signal.signal(number, handler)
