from __future__ import annotations

import gc
import os
import signal
import sys
import time

import pytest

from dcsim.study.engine.interrupt import interruptible, raise_if_lost

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


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


class HalfMade:
    """An object whose making is interrupted, and whose end needs what it did not get."""

    def __init__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(20)
        self.client = None

    def __del__(self):
        assert self.client is None


def test_an_object_that_an_interrupt_left_half_made_ends_without_a_word(capsys, monkeypatch):
    monkeypatch.setattr("atexit.register", lambda *_: None)
    monkeypatch.setattr(sys, "unraisablehook", sys.__unraisablehook__)
    before = {each: signal.getsignal(each) for each in SIGNALS}
    try:
        with pytest.raises(KeyboardInterrupt), interruptible():
            HalfMade()
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
    gc.collect()
    assert capsys.readouterr().err == ""


def test_an_object_that_ends_badly_is_told_where_nothing_was_interrupted(capsys, monkeypatch):
    monkeypatch.setattr(sys, "unraisablehook", sys.__unraisablehook__)
    with interruptible():
        HalfMade.__new__(HalfMade)
        gc.collect()
    assert "AttributeError" in capsys.readouterr().err


def test_without_an_interrupt_nothing_is_raised_and_all_is_as_before():
    usual = sys.unraisablehook, signal.getsignal(signal.SIGTERM)
    with interruptible():
        raise_if_lost()
    assert (sys.unraisablehook, signal.getsignal(signal.SIGTERM)) == usual


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_interrupts_once(number, monkeypatch):
    monkeypatch.setattr("atexit.register", lambda *_: None)
    tidied = []

    def run():
        with interruptible():
            try:
                os.kill(os.getpid(), number)
                time.sleep(20)  # the signal ends it, or its handler runs after it
            finally:
                os.kill(os.getpid(), number)  # not heard: it would break off the tidying up
                tidied.append(True)

    # `nohup` ignores one of them.
    before = {each: signal.signal(each, signal.SIG_DFL) for each in SIGNALS}
    try:
        with pytest.raises(KeyboardInterrupt):
            run()
        os.kill(os.getpid(), number)  # nor on the way out
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
    assert tidied == [True]


def test_a_program_that_is_not_interrupted_keeps_its_handlers():
    before = signal.getsignal(signal.SIGTERM)
    with interruptible():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_signal_that_is_ignored_stays_so():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interruptible():
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)
