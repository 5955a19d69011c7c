"""Untrusted text files of numbers: a path in, bounded lines and checked numbers out.

A message names file, line and column and says what was wanted; it never repeats what the file says,
because the file may be one its writer had no right to show.
"""

from __future__ import annotations

import codecs
import datetime
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dcsim.clock import Floats, Integers
from dcsim.errors import Problem, ScenarioError
from dcsim.log import logger_of
from dcsim.units import SECONDS_PER_MINUTE
from dcsim.untrusted_files import FileRefusedError, read_untrusted_file

_LOG = logger_of(__name__)

MAX_SERIES_BYTES = 64 * 2**20
"""Largest file that is read; sixty years of hours take less."""
MAX_LINES = 3_000_000
"""Lines of a file that is read: five years of minutes."""
MAX_LINE_LETTERS = 1 << 20
"""Letters of a line of a table that is read."""
MAX_FAULTS = 20
"""Faults of one file that are listed; the rest is counted."""


class Faults:
    """The faults of one file, gathered so that all of them are reported at once."""

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


def read_lines(path: Path, faults: Faults) -> list[str]:
    """Return the lines of a regular text file, without a byte-order mark or trailing blank lines.

    Lines end as on any system. The text may be UTF-8, UTF-16 with its mark, or in any encoding that
    holds ASCII: then only its numbers can be trusted, and other letters come out as they may.

    Parameters
    ----------
    path : Path
        The file.
    faults : Faults
        Where its faults go; it knows what messages call the file.

    Raises
    ------
    ScenarioError
        If `path` is no regular file, cannot be read, is too large, or is no text.
    """
    try:
        raw = read_untrusted_file(path, MAX_SERIES_BYTES)
    except FileRefusedError as error:
        raise faults.stop(None, str(error)) from None
    text = _decoded(raw, faults)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    n_lines = text.count("\n") + 1
    if n_lines > MAX_LINES:
        raise faults.stop(None, f"has {n_lines:,} lines; at most {MAX_LINES:,} are read")
    lines = text.split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    _LOG.info("read %s, %d lines", faults.shown, len(lines))
    return lines


def refuse_long_lines(lines: Sequence[str], faults: Faults) -> None:
    """Raise `ScenarioError` for a line that no table has, before anything parts it into cells."""
    longest = max(map(len, lines), default=0)
    if longest > MAX_LINE_LETTERS:
        at = next(at for at, line in enumerate(lines) if len(line) == longest)
        message = f"is a line of {longest:,} letters; at most {MAX_LINE_LETTERS:,} are read"
        raise faults.stop(at + 1, message)


def _decoded(raw: bytes, faults: Faults) -> str:
    wide = _wide_encoding(raw)
    if wide is not None:
        try:
            return raw.decode(wide).removeprefix("\ufeff")
        except UnicodeDecodeError:
            raise faults.stop(None, "begins as UTF-16 text but is none") from None
    if b"\0" in raw:
        raise faults.stop(raw[: raw.index(b"\0")].count(b"\n") + 1, "is no text")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _wide_encoding(raw: bytes) -> str | None:
    """Return the encoding of two bytes a letter that a text begins in, by its mark or its zeros."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    head = raw[:64]
    if len(head) > 3 and not any(head[1::2]) and all(head[0::2]):
        return "utf-16-le"
    return "utf-16-be" if len(head) > 3 and not any(head[0::2]) and all(head[1::2]) else None


def parse_number(text: str) -> float:
    """Return the finite number `text` holds; NaN when it holds none.

    >>> parse_number(" 1.5"), parse_number("1e3"), parse_number("1_0"), parse_number("inf")
    (1.5, 1000.0, nan, nan)
    """
    try:
        value = float(text)
    except ValueError:
        return math.nan
    # Python also reads 1_000 and the digits of other scripts; a data file has neither.
    return value if math.isfinite(value) and text.isascii() and "_" not in text else math.nan


def parse_numbers(texts: Sequence[str]) -> Floats:
    """Return the numbers of a column, NaN where there is none, shape ``(n_rows,)``."""
    try:
        values = np.array([float(text) for text in texts], dtype=np.float64)
    except ValueError:
        return np.array([parse_number(text) for text in texts], dtype=np.float64)
    joined = "".join(texts)
    if not joined.isascii() or "_" in joined or not np.isfinite(values).all():
        return np.array([parse_number(text) for text in texts], dtype=np.float64)
    return values


def iso_minutes(
    texts: Sequence[str], first_line: int, faults: Faults, *, subject: str = ""
) -> Integers:
    """Return times in ISO 8601 as whole minutes since 1970-01-01 UTC, and note what is none.

    Parameters
    ----------
    texts : sequence of str, length n_rows
        Times; one without an offset is UTC.
    first_line : int
        Line of the file on which the first stands.
    faults : Faults
        Where faults go.
    subject : str
        Begins each message, such as ``"column time "``.

    Returns
    -------
    ndarray of int, shape (n_rows,)
        Minutes; 0 where a fault was noted. [min]
    """
    time_min = np.zeros(len(texts), dtype=np.int64)
    for at, text in enumerate(texts):
        try:
            moment = datetime.datetime.fromisoformat(text.strip())
            zone = moment.tzinfo or datetime.UTC
            second = moment.replace(tzinfo=zone).timestamp()
        except (ValueError, OverflowError):
            faults.add(first_line + at, f"{subject}is not a time such as 2030-01-31T13:00Z")
            continue
        if second % SECONDS_PER_MINUTE:
            faults.add(first_line + at, f"{subject}is not a time of a whole minute")
        time_min[at] = second // SECONDS_PER_MINUTE
    return time_min
