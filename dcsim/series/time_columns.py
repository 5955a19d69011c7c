"""Columns of times: titles and first rows of a table in, the columns that say when out.

A column is known by what it holds; its title decides between several, and what its clock is.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from dcsim.errors import cut
from dcsim.series.data_file import Faults
from dcsim.series.stamps import MAX_STAMP, looks_like_stamp, read_stamps


def _words(text: str) -> list[str]:
    return text.split("|")


STAMP_TITLES = frozenset(
    _words(
        "time|timestamp|time stamp|datetime|date time|snapshot|snapshots|valid time|utc timestamp"
        "|timestamp utc|utc time|time utc|datetime utc|utc datetime|utc|date|local time"
        "|interval start|start time|start|begin|from|period start|ts|zeit|zeitstempel|datum"
        "|datum von|mtu|index level 0"
    )
)
"""Titles of times in the tables of the field: without case, and with blanks for other marks."""
INDEX_TITLES = frozenset(("", "index", "unnamed: 0", "period", "interval"))
"""Titles of times or of a mere count of rows, as their cells show."""
CLOCK_TITLES = frozenset(
    _words(
        "hour|hr|h|he|hour ending|hour of day|time|clock|stunde|uhrzeit|hour start|start hour"
        "|hour beginning|time of day|local time|interval"
    )
)
"""Titles of the time of day beside a column of dates."""
PART_TITLES = (
    ("year", "yr", "yyyy"),
    ("month", "mo", "mm"),
    ("day", "dy", "dd"),
    ("hour", "hr", "h", "he", "hour ending"),
    ("minute", "min"),
)
"""Titles of columns that each hold a part of a date; the last may be absent."""
ZONE_WORDS = frozenset(
    _words(
        "local|kst|jst|cst|cdt|est|edt|mst|mdt|pst|pdt|cet|cest|eet|eest|wet|west|bst|ist|sgt|hkt"
        "|aest|aedt|acst|awst|nzst|nzdt|msk|brt|art|sast|gst|pkt|ict|wib"
    )
)
"""Words of titles that name a clock other than UTC."""
_END = re.compile(r"\b(end|ending|ends|to|until|till|bis|he)\b")
_TIME_OF_DAY = re.compile(r"\d{1,2}(:\d{2}(:\d{2})?)?(\.0)?( ?[AaPp]\.?[Mm]\.?)?|\d{3,4}")
_LIKE_DATE = re.compile(
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d:\d\d"
    r"|\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b.*\d",
    re.IGNORECASE,
)
"""Part of a cell by which people know a date or a time of day, whether it can be read or not."""
_WHOLE = re.compile(r"\d+(\.0+)?")


class TimeColumns(NamedTuple):
    """Where a table says when its rows are."""

    places: tuple[int, ...]
    """Of the stamps; of dates and times of day; or of year, month, day, hour and minute."""
    titles: tuple[str, ...]
    is_parts: bool = False
    """Whether each column holds one part of a date."""

    @property
    def says_utc(self) -> bool:
        """True if a title says that the clock is UTC."""
        return any({"utc", "gmt"} & set(plain_title(title).split()) for title in self.titles)

    @property
    def says_zone(self) -> bool:
        """True if a title names another clock."""
        return any(ZONE_WORDS & set(plain_title(title).split()) for title in self.titles)

    @property
    def says_end(self) -> bool:
        """True if a title says that a row ends at its time."""
        return any(_END.search(plain_title(title)) for title in self.titles)

    def texts(self, columns: dict[int, list[str]]) -> list[str]:
        """Return one text a row from the cells of these columns."""
        cells = [columns[place] for place in self.places]
        if self.is_parts:
            return [_of_parts(row) for row in zip(*cells, strict=True)]
        if len(cells) == 1:
            return cells[0]
        clock = _clock_texts(cells[1])
        return [f"{day.strip()} {hour}" for day, hour in zip(cells[0], clock, strict=True)]


_UNEVEN = 1e-7
"""Difference of steps that rounding explains, over the numbers themselves."""
_NUMBERED = (
    ("days of a spreadsheet", 20_000.0, 80_000.0, 1.0),
    ("seconds since 1970", 5e8, 5e9, 86_400.0),
    ("milliseconds since 1970", 5e11, 5e12, 86_400e3),
)
"""Times as numbers: what they count, the years 1954 to 2119 or so, and steps of at most a day."""


def plain_title(title: str) -> str:
    """Return a title without case, units or marks between its words.

    >>> plain_title("Date/Time"), plain_title("Datetime (UTC)"), plain_title("__index_level_0__")
    ('date time', 'datetime utc', 'index level 0')
    """
    return " ".join(re.sub(r"[^\w:]|_", " ", title.casefold()).split())


def find_time_columns(
    titles: Sequence[str],
    rows: Sequence[Sequence[str]],
    faults: Faults,
    *,
    named: str | None = None,
    others: Collection[int] = (),
    line: int | None = 1,
) -> TimeColumns | None:
    """Return the columns that say when the rows of a table are, None where none does.

    Parameters
    ----------
    titles : sequence of str
        Of all columns.
    rows : sequence of sequence of str
        First rows, each as long as the titles.
    faults : Faults
        Where faults go.
    named : str, optional
        Title that the scenario gives for the column of times.
    others : collection of int
        Places of columns that hold values.
    line : int, optional
        Line of the titles, for messages.

    Raises
    ------
    ScenarioError
        If `named` is no title, several columns hold times and no title decides, or a column may
        hold times as mere numbers.
    """
    places = [place for place in range(len(titles)) if place not in others]
    if named is None:
        parts = _part_columns(titles, places)
        if parts is not None:
            return parts
    stamp = _named_column(titles, named, line, faults) if named is not None else None
    if stamp is None:
        stamp = _stamp_column(titles, rows, places, faults, line)
    if stamp is None:
        _refuse_numbered_times(rows, places, faults, line)
        return None
    clock = _clock_column(titles, rows, [p for p in places if p != stamp], stamp)
    found = (stamp,) if clock is None else (stamp, clock)
    return TimeColumns(found, tuple(titles[place] for place in found))


def _refuse_numbered_times(
    rows: Sequence[Sequence[str]], places: Sequence[int], faults: Faults, line: int | None
) -> None:
    """Refuse a table without times that has a column of evenly rising numbers like times."""
    for place in places:
        try:
            numbers = [float(row[place]) for row in rows if row[place]]
        except ValueError:
            continue
        steps = [later - before for before, later in itertools.pairwise(numbers)]
        if len(steps) < 2 or steps[0] <= 0 or max(steps) - min(steps) > _UNEVEN * numbers[0]:
            continue
        for what, first, last, longest in _NUMBERED:
            if first <= numbers[0] <= last and steps[0] <= longest:
                message = f"column {place + 1} may be times as {what}; write them as dates"
                raise faults.stop(line, f"{message}, or leave the column out")


def _named_column(titles: Sequence[str], named: str, line: int | None, faults: Faults) -> int:
    if named in titles:
        return titles.index(named)
    same = [place for place, title in enumerate(titles) if title.casefold() == named.casefold()]
    if len(same) != 1:
        raise faults.stop(line, f"has no column of times titled {cut(named, 60)!r}")
    return same[0]


def _part_columns(titles: Sequence[str], places: Sequence[int]) -> TimeColumns | None:
    plain = {plain_title(titles[place]): place for place in reversed(places)}
    found = [next((plain[t] for t in known if t in plain), None) for known in PART_TITLES]
    there = tuple(place for place in found if place is not None)
    if None in found[:4]:
        return None
    return TimeColumns(there, tuple(titles[place] for place in there), is_parts=True)


def _stamp_column(
    titles: Sequence[str],
    rows: Sequence[Sequence[str]],
    places: Sequence[int],
    faults: Faults,
    line: int | None,
) -> int | None:
    """Return the column of times that its title or its cells show."""
    ranks: dict[int, tuple[int, int]] = {}
    for place in places:
        cells = [row[place].strip() for row in rows if row[place].strip()]
        is_stamp = bool(cells) and all(looks_like_stamp(cell) for cell in cells)
        is_stamp = is_stamp or _are_compact_dates(cells)
        plain = plain_title(titles[place])
        is_known = plain in STAMP_TITLES and not _is_count(cells)
        is_like = bool(cells) and all(_LIKE_DATE.search(cell[:MAX_STAMP]) for cell in cells)
        if not is_stamp and is_like and not is_known:
            ranks[place] = (6, 0)  # never taken as no time; that it cannot be read is told
        elif is_stamp or is_known or (plain in INDEX_TITLES and _are_numbered_times(cells)):
            # Times of day alone come last: there may be dates beside them.
            has_dates = is_stamp or not _is_clock(cells)
            ranks[place] = (
                _title_rank(plain) if has_dates else 5,
                -int(any(":" in cell for cell in cells)),
            )
    if not ranks:
        return None
    best = min(ranks.values())
    first = [place for place, rank in ranks.items() if rank == best]
    if len(first) > 1:
        raise faults.stop(
            line, f"has {len(first)} columns of times: name the one to read with the key time"
        )
    return first[0]


def _title_rank(plain: str) -> int:
    """Return which title is taken first: UTC, a known one, any other, the end of a step."""
    words = set(plain.split())
    if _END.search(plain):
        return 4
    if {"utc", "gmt"} & words:
        return 0
    if plain in STAMP_TITLES:
        return 2 if ZONE_WORDS & words else 1
    return 3


def _is_clock(cells: Sequence[str]) -> bool:
    return bool(cells) and all(_TIME_OF_DAY.fullmatch(cell) for cell in cells)


def _is_count(cells: Sequence[str]) -> bool:
    """Tell whether cells only count rows, by ones from 0 or 1."""
    if not cells or not all(_WHOLE.fullmatch(cell) and len(cell) < 8 for cell in cells):
        return False
    counts = [int(float(cell)) for cell in cells]
    return counts[0] in (0, 1) and counts == list(range(counts[0], counts[0] + len(counts)))


def _are_compact_dates(cells: Sequence[str]) -> bool:
    """Tell whether cells of digits alone are dates with a time of day, one after another."""
    if len(cells) < 2 or not all(cell.isdigit() and len(cell) in (12, 14) for cell in cells):
        return False
    clock_s = read_stamps(cells).clock_s
    return bool((clock_s[1:] > clock_s[:-1]).all())


def _are_numbered_times(cells: Sequence[str]) -> bool:
    """Tell whether cells without separators are times: seconds since 1970, or compact dates."""
    if not cells or not all(_WHOLE.fullmatch(cell) and len(cell) >= 8 for cell in cells):
        return False
    stamps = read_stamps(cells)
    return bool((stamps.clock_s == stamps.clock_s).all())


def _clock_column(
    titles: Sequence[str], rows: Sequence[Sequence[str]], places: Sequence[int], stamp: int
) -> int | None:
    """Return the column with the time of day where the stamps are dates alone."""
    days = [row[stamp].strip() for row in rows if row[stamp].strip()]
    if not days or any(":" in day for day in days) or read_stamps(days).has_clock:
        return None
    fits = []
    for place in places:
        cells = [row[place].strip() for row in rows if row[place].strip()]
        if not _is_clock(cells):
            continue
        if plain_title(titles[place]) in CLOCK_TITLES or all(":" in cell for cell in cells):
            fits.append(place)
    return fits[0] if len(fits) == 1 else None


def _clock_texts(cells: Sequence[str]) -> list[str]:
    """Return times of day as ``hour:minute``, from hours, ``HHMM`` or what is one already."""
    plain = [cell.strip().removesuffix(".0") for cell in cells]
    if all(cell.isdigit() for cell in plain) and any(len(cell) > 2 for cell in plain):
        return [f"{cell.zfill(4)[:-2]}:{cell.zfill(4)[-2:]}" for cell in plain]
    return plain


def _of_parts(cells: Sequence[str]) -> str:
    year, month, day, hour, *minute = (cell.strip().removesuffix(".0") for cell in cells)
    return f"{year}-{month}-{day} {hour}:{(minute or ['00'])[0].zfill(2)}"
