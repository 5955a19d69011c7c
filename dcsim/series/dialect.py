"""Dialect of a text table: its first lines in, the delimiter and the row of titles out."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

from dcsim.series.numbers import HOLES, is_number
from dcsim.series.stamps import looks_like_stamp

DELIMITERS = (",", ";", "\t", "|")
COMMENT = "#"
SAMPLE_LINES = 120
"""Lines from which the dialect is told."""
MAX_UNIT = 40
"""Letters of a unit or an explanation beneath a title, at most."""


class Dialect(NamedTuple):
    """Writing of the cells of a table, and the line they begin on."""

    delimiter: str
    titles: tuple[str, ...]
    title_at: int
    """Place of the line of titles, from 0."""
    units: tuple[str, ...]
    """Row of units beneath the titles; empty where there is none."""
    first_at: int
    """Place of the first line that may hold data."""


class _Sample(NamedTuple):
    """The first lines as one delimiter parts them."""

    delimiter: str
    rows: list[list[str]]
    places: list[int]
    """Line of each row, from 0."""
    title: int | None
    """Row of the titles; None where the titles that are wanted are not found."""

    def fitting(self) -> float:
        """Return the share of rows beneath the titles that have as many cells as these."""
        if self.title is None:
            return -1.0
        width = len(self.rows[self.title])
        below = self.rows[self.title + 1 :]
        return sum(len(row) == width for row in below) / max(len(below), 1)


def split_cells(line: str, delimiter: str) -> list[str]:
    """Return the cells of one line, without blanks around them or empty ones at its end."""
    try:
        cells = [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]
    except csv.Error:
        return []
    while cells and not cells[-1]:
        cells.pop()
    return cells


def dialect_of(lines: Sequence[str], wanted: Collection[str] = ()) -> Dialect | None:
    """Return the dialect in which the first lines of a table make most sense.

    Parameters
    ----------
    lines : sequence of str
        The file.
    wanted : collection of str
        Titles that the row of titles holds, all or some; it may stand below a preamble.

    Returns
    -------
    Dialect or None
        None where no line holds anything.
    """
    head = [(at, line) for at, line in enumerate(lines[:SAMPLE_LINES]) if line.strip()]
    delimiters = _delimiters_in(head)
    samples = [_sample(head, delimiter, wanted) for delimiter in delimiters]
    if not any(sample.title is not None for sample in samples):
        samples = [_sample(head, delimiter, ()) for delimiter in delimiters]
    best = max(samples, key=lambda sample: _sample_rank(sample, wanted))
    if best.title is None:
        return None
    titles = tuple(best.rows[best.title])
    below = _units_below(best)
    units = tuple(best.rows[below]) if below is not None else ()
    last = best.places[best.title if below is None else below]
    return Dialect(best.delimiter, titles, best.places[best.title], units, last + 1)


def _delimiters_in(head: list[tuple[int, str]]) -> list[str]:
    """Return the delimiters that are there, and one that is not: there may be a single column."""
    there = [each for each in DELIMITERS if any(each in line for _, line in head)]
    absent = [each for each in DELIMITERS if each not in there]
    return [*there, *absent[:1]]


def _sample_rank(sample: _Sample, wanted: Collection[str]) -> tuple[float, ...]:
    """Return what makes one delimiter better than another, first things first."""
    if sample.title is None:
        return (-1.0,)
    width = len(sample.rows[sample.title])
    n_wanted = len(set(wanted) & set(sample.rows[sample.title]))
    return (float(n_wanted), float(width > 1 and not wanted), sample.fitting(), float(width))


def _sample(head: list[tuple[int, str]], delimiter: str, wanted: Collection[str]) -> _Sample:
    rows, places = [], []
    for at, line in head:
        cells = split_cells(line, delimiter)
        if cells:
            rows.append(cells)
            places.append(at)
    title = _wanted_row(rows, wanted) if wanted else _first_titles(rows)
    if title is not None and rows[title][0].startswith(COMMENT) and rows[title][0] not in wanted:
        rows[title] = [rows[title][0].lstrip(COMMENT + " "), *rows[title][1:]]
    return _Sample(delimiter, rows, places, title)


def _wanted_row(rows: list[list[str]], wanted: Collection[str]) -> int | None:
    """Return the row in which most of the wanted titles stand, rather one as wide as the data."""
    if not rows:
        return None
    width = _usual_width(rows)
    found = [
        (len(set(wanted) & {*row, row[0].lstrip(COMMENT + " ")}), len(row) == width) for row in rows
    ]
    return found.index(max(found)) if max(found)[0] else None


def _usual_width(rows: list[list[str]]) -> int:
    return Counter(len(row) for row in rows).most_common(1)[0][0]


def _first_titles(rows: list[list[str]]) -> int | None:
    """Return the first row that is as wide as most rows and is no comment."""
    plain = [at for at, row in enumerate(rows) if not row[0].startswith(COMMENT)]
    if not plain:
        return None
    width = _usual_width([rows[at] for at in plain])
    return next(at for at in plain if len(rows[at]) >= width or at == plain[-1])


def _units_below(sample: _Sample) -> int | None:
    """Return the row beneath the titles if it holds units: short texts, no number and no time."""
    assert sample.title is not None
    at = sample.title + 1
    if at + 1 >= len(sample.rows):
        return None
    cells = [cell for cell in sample.rows[at] if cell]
    if len(sample.rows[at]) > len(sample.rows[sample.title]) or cells[0].startswith(COMMENT):
        return None
    return at if all(_is_word(cell) for cell in cells) else None


def _is_word(cell: str) -> bool:
    bare = cell.casefold()
    return (
        len(cell) <= MAX_UNIT
        and bare not in HOLES
        and not is_number(cell)
        and not looks_like_stamp(cell)
    )
