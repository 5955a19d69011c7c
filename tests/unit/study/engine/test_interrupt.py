from __future__ import annotations

import os
import signal
import sys

import pytest

from dcsim.study.engine.interrupt import interruptible, raise_if_lost


class Ending:
    """An object in whose end a signal comes."""

    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)


def lose_and_look():
    with interruptible():
        ending = Ending()
        del ending
        raise_if_lost()


def test_an_interrupt_in_the_end_of_an_object_is_raised_again(capsys):
    with pytest.raises(KeyboardInterrupt, match="SIGTERM"):
        lose_and_look()
    assert capsys.readouterr().err == ""


def test_without_an_interrupt_nothing_is_raised_and_all_is_as_before():
    usual = sys.unraisablehook, signal.getsignal(signal.SIGTERM)
    with interruptible():
        raise_if_lost()
    assert (sys.unraisablehook, signal.getsignal(signal.SIGTERM)) == usual
