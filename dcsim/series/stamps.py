"""Stamps: the texts of times as other programs write them in, the clock they show out.

Texts of one shape, such as all that are written ``2030-01-31 13:00``, are read at once from the
places of their digits; a column has few shapes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dcsim.clock import Floats, Integers
from dcsim.units import HOURS_PER_DAY, MINUTES_PER_HOUR, SECONDS_PER_DAY, SECONDS_PER_MINUTE

DayOrder = Literal["day-first", "month-first"]

MAX_STAMP = 48
"""Letters of a time, at most."""
MAX_SHAPES = 300
"""Ways in which one column may be written."""
CHUNK_ROWS = 200_000
NO_OFFSET = -(10**6)
"""Stands for the offset of a time that states none."""
FIRST_YEAR, LAST_YEAR = 1800, 2300
EPOCH_DIGITS = {10: 1.0, 13: 1e-3}
"""Digits of seconds and of milliseconds since 1970, and how many seconds one of them is."""

_MONTHS = [
    *("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
]
_STAMP = re.compile(
    r"""\s*(?:
        (?P<year>\d{4})(?P<sep>[-/.])(?P<month>\d{1,2})(?P=sep)(?P<day>\d{1,2})
      | (?P<one>\d{1,2})(?P<part>[-/.])(?P<two>\d{1,2})(?P=part)(?P<last>\d{4})
      | (?P<named>\d{1,2})[- ](?P<name>[A-Za-z]{3})[- ](?P<after>\d{4})
      | (?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})
    )(?:
        (?(y)[T:\ ]?|(?:[T:]|,?\ {1,2}))
        (?P<hour>\d{1,2})(?::?(?P<minute>\d{2})(?::?(?P<second>\d{2})(?:[.,](?P<frac>\d{1,9}))?)?)?
        (?:\ ?(?P<half>[AaPp])\.?[Mm]\.?)?
    )?
    \ ?(?:(?P<zero>Z|z|UTC|GMT)|(?P<sign>[-+])(?P<east>\d{2})(?::?(?P<past>\d{2}))?)?\s*""",
    re.VERBOSE | re.ASCII,
)


class Stamps(NamedTuple):
    """Clock times as they are written, shape ``(n_rows,)`` each."""

    clock_s: Floats
    """Seconds since 1970-01-01 on the clock of the file; NaN where there is no time. [s]"""
    offset_min: Integers
    """That clock minus UTC where the text says, else `NO_OFFSET`. [min]"""
    is_24: NDArray[np.bool_]
    """Where the hour is written as 24."""
    has_clock: bool
    """Whether any is more than a date."""
    is_open: bool
    """Whether day and month cannot be told apart; then `clock_s` has the month first."""

    def backward(self) -> Stamps:
        """Return the rows from the last to the first."""
        return self._replace(
            clock_s=self.clock_s[::-1],
            offset_min=self.offset_min[::-1],
            is_24=self.is_24[::-1],
        )


def looks_like_stamp(text: str) -> bool:
    """Tell whether a cell is a date and no number, with or without a time of day."""
    is_short = len(text) <= MAX_STAMP
    return is_short and not text.strip().isdigit() and _STAMP.fullmatch(text) is not None


def read_stamps(texts: Sequence[str], order: DayOrder | None = None) -> Stamps:
    """Return the times that the texts of a column show.

    Read are ISO 8601 and its customary variants (a blank for the T, slashes), days and months in
    either order before the year, months by their English name, twelve hours with AM and PM, the
    hour 24, and seconds or milliseconds since 1970.

    Parameters
    ----------
    texts : sequence of str
        Cells of the column.
    order : {"day-first", "month-first"}, optional
        Order of ``01/02/2030``; by default a number above 12 in the column shows it.

    Returns
    -------
    Stamps
    """
    epoch = _epoch_s(texts)
    if epoch is not None:
        none = np.zeros(epoch.size, dtype=np.int64)
        return Stamps(epoch, none, none > 0, True, False)
    fields = _all_fields(texts)
    two_orders = fields["one"] > 0
    is_open = False
    if two_orders.any():
        one, two = fields["one"][two_orders], fields["two"][two_orders]
        is_open = order is None and one.max() <= 12 and two.max() <= 12 and bool((one != two).any())
        day_first = order == "day-first" or (order is None and one.max() > 12)
        fields["day"][two_orders], fields["month"][two_orders] = (
            (one, two) if day_first else (two, one)
        )
    clock_s = _clock_s(fields)
    return Stamps(
        clock_s,
        fields["offset"],
        fields["hour"] == HOURS_PER_DAY,
        bool((fields["has_hour"] > 0).any()),
        is_open,
    )


def _epoch_s(texts: Sequence[str]) -> Floats | None:
    """Return seconds since 1970 where all texts are such counts."""
    lengths = {len(text) for text in texts}
    if len(lengths) != 1 or not lengths <= EPOCH_DIGITS.keys():
        return None
    if not all(text.isascii() and text.isdigit() for text in texts):
        return None
    epoch_s = np.array(texts, dtype=np.float64) * EPOCH_DIGITS[lengths.pop()]
    # Whole minutes: 2030013113 is an hour of a date.
    return epoch_s if not (epoch_s % SECONDS_PER_MINUTE).any() else None


_FIELDS = (
    *("year", "month", "day", "one", "two", "hour", "has_hour"),
    *("minute", "second", "micro", "offset", "is_time"),
)


def _all_fields(texts: Sequence[str]) -> dict[str, Integers]:
    parts = [_fields(texts[at : at + CHUNK_ROWS]) for at in range(0, len(texts), CHUNK_ROWS)]
    if not parts:
        return {name: np.zeros(0, dtype=np.int64) for name in _FIELDS}
    return {name: np.concatenate([part[name] for part in parts]) for name in _FIELDS}


def _fields(texts: Sequence[str]) -> dict[str, Integers]:
    """Return the numbers in texts of times, shape by shape; `is_time` is 0 where there is none."""
    found = {name: np.zeros(len(texts), dtype=np.int64) for name in _FIELDS}
    found["offset"][:] = NO_OFFSET
    if max(map(len, texts)) > MAX_STAMP:
        texts = [text if len(text) <= MAX_STAMP else "" for text in texts]
    array = np.array(texts, dtype=np.str_)
    width = array.dtype.itemsize // 4
    if not width:
        return found
    codes = array.view(np.uint32).reshape(-1, width)
    is_digit = (codes >= ord("0")) & (codes <= ord("9"))
    shapes = np.where(is_digit, ord("0"), codes)
    rest = np.arange(len(texts))
    for _ in range(MAX_SHAPES):
        if not rest.size:
            break
        same = (shapes[rest] == shapes[rest[0]]).all(axis=1)
        rows, rest = rest[same], rest[~same]
        match = _STAMP.fullmatch(texts[rows[0]])
        if match is not None:
            _take(match, codes[rows].astype(np.int64) - ord("0"), rows, found)
    return found


def _take(
    match: re.Match[str], digits: Integers, rows: Integers, found: dict[str, Integers]
) -> None:
    """Put the numbers of rows of one shape into their fields, by the places of one of them."""

    def number(*names: str) -> Integers:
        name = next((name for name in names if match[name] is not None), None)
        total = np.zeros(rows.size, dtype=np.int64)
        for place in range(*match.span(name)) if name is not None else ():
            total = total * 10 + digits[:, place]
        return total

    month = number("month", "m")
    if match["name"] is not None:
        word = match["name"].lower()
        month = month + (_MONTHS.index(word) + 1 if word in _MONTHS else 0)
    late_h = 12 * (match["half"] in ("P", "p"))
    hour = number("hour")
    east_min = number("east") * MINUTES_PER_HOUR + number("past")
    values = {
        "year": number("year", "last", "after", "y"),
        "month": month,
        "day": number("day", "d", "named"),
        "one": number("one"),
        "two": number("two"),
        "hour": hour if match["half"] is None else hour % 12 + late_h,
        "has_hour": np.int64(match["hour"] is not None),
        "minute": number("minute"),
        "second": number("second"),
        "micro": number("frac") * 10 ** (9 - len(match["frac"] or "")) // 1000,
        "offset": _offset_min(match, east_min),
        "is_time": np.int64(1),
    }
    for name, each in values.items():
        found[name][rows] = each


def _offset_min(match: re.Match[str], east_min: Integers) -> Integers:
    if match["sign"] is not None:
        return east_min if match["sign"] == "+" else -east_min
    return np.full_like(east_min, 0 if match["zero"] is not None else NO_OFFSET)


def _clock_s(fields: dict[str, Integers]) -> Floats:
    """Return seconds since 1970 of dates and times of day, NaN where they are none."""
    year, month, day, hour = (fields[name] for name in ("year", "month", "day", "hour"))
    minute, second = fields["minute"], fields["second"]
    fine = (fields["is_time"] > 0) & (year >= FIRST_YEAR) & (year <= LAST_YEAR)
    fine &= (month >= 1) & (month <= 12) & (day >= 1)
    fine &= (hour < HOURS_PER_DAY) | ((hour == HOURS_PER_DAY) & (minute == 0) & (second == 0))
    fine &= (minute < MINUTES_PER_HOUR) & (second < SECONDS_PER_MINUTE)
    months = np.where(fine, (year - 1970) * 12 + month - 1, 0)
    first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    after = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    fine &= day <= after - first
    clock_s = (first + day - 1) * SECONDS_PER_DAY + second + fields["micro"] * 1e-6
    clock_s = clock_s + (hour * MINUTES_PER_HOUR + minute) * SECONDS_PER_MINUTE
    return np.where(fine, clock_s, np.nan)
