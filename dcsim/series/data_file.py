"""Text files of numbers that strangers wrote: read whole, bounded, and judged line by line.

A message names file, line and column and says what was wanted; it never repeats what the file says,
because the file may be one its writer had no right to show.
"""

from __future__ import annotations

import codecs
import math
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dcsim.clock import Floats
from dcsim.errors import Problem, ScenarioError

MAX_BYTES = 64 * 2**20
"""Largest file that is read; sixty years of hours take less."""
MAX_FAULTS = 20
"""Faults of one file that are listed; the rest is counted."""


class Faults:
    """What is wrong with one file, gathered so that all of it is told at once."""

    def __init__(self, shown: str, key: str) -> None:
        self.shown = shown
        self.key = key
        self._problems: list[Problem] = []
        self._n_more = 0

    def add(self, line: int | None, message: str) -> None:
        """Note a fault, on a line counted from 1 or of the whole file."""
        where = self.shown if line is None else f"{self.shown}:{line}"
        if len(self._problems) < MAX_FAULTS:
            self._problems.append(Problem(where, self.key, message))
        else:
            self._n_more += 1

    def stop_if_any(self) -> None:
        """Raise `ScenarioError` with all that was noted."""
        if self._n_more:
            more = Problem(self.shown, self.key, f"has {self._n_more} more faults of this kind")
            self._problems.append(more)
            self._n_more = 0
        if self._problems:
            raise ScenarioError(self._problems)

    def stop(self, line: int | None, message: str) -> ScenarioError:
        """Return the error that a last fault makes, with those before it."""
        self.add(line, message)
        return ScenarioError(self._problems)


def read_lines(path: Path, faults: Faults, *, any_encoding: bool = False) -> list[str]:
    """Return the lines of a regular UTF-8 file, without a byte-order mark or trailing blank lines.

    With `any_encoding` a file may also be UTF-16 with its mark, or in any encoding that holds
    ASCII: then only its numbers can be trusted, and names of places come out as they may.

    Raises
    ------
    ScenarioError
        If `path` is no regular file, cannot be read, is too large, or is not UTF-8 text.
    """
    try:
        # A pipe or a device has no end; is_file is false for both.
        if not path.is_file():
            raise faults.stop(None, "is not a file")
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else "unreadable"
        raise faults.stop(None, f"cannot be read: {reason}") from None
    if len(raw) > MAX_BYTES:
        raise faults.stop(None, f"is larger than {MAX_BYTES // 2**20} MiB")
    text = _decoded(raw, faults, any_encoding=any_encoding)
    lines = text.replace("\r\n", "\n").split("\n")
    if any_encoding and len(lines) == 1:
        lines = text.split("\r")
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


def _decoded(raw: bytes, faults: Faults, *, any_encoding: bool) -> str:
    if any_encoding and raw[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        try:
            return raw.decode("utf-16")
        except UnicodeDecodeError:
            raise faults.stop(None, "begins as UTF-16 text but is none") from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if any_encoding and b"\0" not in raw:
            return raw.decode("latin-1")
        line = raw[: error.start].count(b"\n") + 1
        raise faults.stop(line, "is not UTF-8 text; save the file in that encoding") from None


def number(text: str) -> float:
    """Return the finite number `text` holds; NaN when it holds none.

    >>> number(" 1.5"), number("1e3"), number("1_0"), number("inf")
    (1.5, 1000.0, nan, nan)
    """
    try:
        value = float(text)
    except ValueError:
        return math.nan
    # Python also reads 1_000 and the digits of other scripts; a data file has neither.
    return value if math.isfinite(value) and text.isascii() and "_" not in text else math.nan


def column(texts: Sequence[str]) -> Floats:
    """Return the numbers of a column, NaN where there is none, shape ``(n_rows,)``."""
    try:
        values = np.array([float(text) for text in texts], dtype=np.float64)
    except ValueError:
        return np.array([number(text) for text in texts], dtype=np.float64)
    joined = "".join(texts)
    if not joined.isascii() or "_" in joined or not np.isfinite(values).all():
        return np.array([number(text) for text in texts], dtype=np.float64)
    return values
