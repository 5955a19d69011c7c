"""Text tables of other programs: lines in, the cells of named columns and their lines out."""

from __future__ import annotations

import csv
import difflib
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats, Integers
from dcsim.errors import cut
from dcsim.series.data_file import Faults, refuse_long_lines
from dcsim.series.dialect import COMMENT, Dialect, dialect_of
from dcsim.series.numbers import (
    HOLES,
    AmbiguousNumbersError,
    DecimalMark,
    column_numbers,
    decimal_mark_of,
    is_number,
)

MAX_CELLS = 40_000_000
"""Cells of a table that is read."""
MAX_EVEN_LETTERS = 8_000_000
"""Letters of a table of which all cells are held at a time."""
SAMPLE_ROWS = 50
"""Rows by which the contents of columns are told."""


class ForeignTable(NamedTuple):
    """Columns of a table of another program, of whatever format, row by row."""

    columns: dict[int, list[str]]
    """Texts by the place of their column."""
    line: Integers
    """Line of the file on which each row stands, shape ``(n_rows,)``; empty where it has none."""

    @property
    def n_rows(self) -> int:
        """Number of rows with any content."""
        return len(next(iter(self.columns.values()), ()))

    def line_of(self, row: int) -> int | None:
        """Return the line of a row, of the last one beyond it; None in a file without lines."""
        return int(self.line[min(row, self.line.size - 1)]) if self.line.size else None


class TextTable:
    """A text with a row of titles, its dialect told from its first lines.

    Titles and units are known at once; `read` takes the cells of some columns in one pass, so that
    a wide file costs no more memory than what is read of it.
    """

    def __init__(self, lines: Sequence[str], faults: Faults, wanted: Collection[str] = ()) -> None:
        """Tell delimiter, titles and units.

        Parameters
        ----------
        lines : sequence of str
            The file.
        faults : Faults
            Where its faults go.
        wanted : collection of str
            Titles that the row of titles holds; with them it is found below a preamble.

        Raises
        ------
        ScenarioError
            If the file is empty, or holds more than it is read for.
        """
        self._lines = lines
        self._faults = faults
        refuse_long_lines(lines, faults)
        self.dialect: Dialect = dialect_of(lines, wanted) or Dialect(",", (), 0, (), 1)
        self._n_letters = sum(map(len, lines))
        if self._n_letters > MAX_CELLS:  # a cell is a letter at least
            n_cells = sum(line.count(self.dialect.delimiter) for line in lines) + len(lines)
            if n_cells > MAX_CELLS:
                raise faults.stop(None, f"holds {n_cells:,} cells; at most {MAX_CELLS:,} are read")

    @property
    def titles(self) -> tuple[str, ...]:
        """Titles of the columns, without blanks around them."""
        return self.dialect.titles

    @property
    def title_line(self) -> int:
        """Line of the titles, from 1."""
        return self.dialect.title_at + 1

    def unit(self, place: int) -> str:
        """Return the unit beneath a title, empty where there is none."""
        units = self.dialect.units
        return units[place] if place < len(units) else ""

    def sample(self) -> list[list[str]]:
        """Return the first rows, each as long as the titles."""
        width = len(self.titles)
        rows = []
        for _, row in self._rows():
            rows.append([*row[:width], *[""] * (width - len(row))])
            if len(rows) == SAMPLE_ROWS:
                break
        return rows

    def read(self, places: Sequence[int]) -> ForeignTable:
        """Return the cells of some columns; rows without content are left out.

        Parameters
        ----------
        places : sequence of int
            Places of the columns, from 0.

        Raises
        ------
        ScenarioError
            If rows have more or fewer cells than there are titles, by line.
        """
        even = self._read_even(places)
        if even is not None:
            return even
        width = len(self.titles)
        columns: list[list[str]] = [[] for _ in places]
        put = [(column.append, place) for column, place in zip(columns, places, strict=True)]
        line: list[int] = []
        for at, row in self._rows():
            if len(row) != width and not self._fits(row):
                if row[0].lstrip().startswith(COMMENT):
                    continue
                self._faults.add(at + 1, f"has {len(row)} columns, not {width}")
                continue
            line.append(at + 1)
            for append, place in put:
                append(row[place])
        self._faults.stop_if_any()
        by_place = dict(zip(places, columns, strict=True))
        return ForeignTable(by_place, np.array(line, dtype=np.int64))

    def _read_even(self, places: Sequence[int]) -> ForeignTable | None:
        """Return the cells of a table in which each line is a row with all its cells, else None.

        That is what most files are, and half the time of a look at each row.
        """
        lines = self._lines[self.dialect.first_at :]
        if self._n_letters > MAX_EVEN_LETTERS or not lines:
            return None
        try:
            rows = list(csv.reader(lines, delimiter=self.dialect.delimiter))
        except csv.Error:
            return None
        if len(rows) != len(lines) or set(map(len, rows)) != {len(self.titles)}:
            return None
        columns = {place: [row[place] for row in rows] for place in places}
        if not all(map(str.strip, columns[places[0]])):
            return None
        return ForeignTable(columns, np.arange(len(rows)) + self.dialect.first_at + 1)

    def _fits(self, row: list[str]) -> bool:
        """Tell whether what a row has beyond the titles is empty."""
        return len(row) > len(self.titles) and not any(map(str.strip, row[len(self.titles) :]))

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield line and cells of each row that has any content."""
        first = self.dialect.first_at
        reader = csv.reader(self._lines[first:], delimiter=self.dialect.delimiter)
        try:
            for row in reader:
                if row and (row[0].strip() or any(map(str.strip, row))):
                    yield first + reader.line_num - 1, row
        except csv.Error:
            line = first + reader.line_num
            raise self._faults.stop(line, "has a cell that is too long or never closed") from None

    def place_of(self, title: str) -> int:
        """Return the place of a column by its title.

        Raises
        ------
        ScenarioError
            If there is none, or more than one.
        """
        return column_place(title, self.titles, self.title_line, self._faults)

    def numbers(self, texts: Sequence[str], title: str, mark: DecimalMark | None = None) -> Floats:
        """Return the numbers of a column, NaN where it has none, shape ``(n_rows,)``.

        Parameters
        ----------
        texts : sequence of str
            Its cells.
        title : str
            Its title, for messages.
        mark : {"point", "comma"}, optional
            Decimal mark that the scenario states.

        Raises
        ------
        ScenarioError
            If they may be read with a decimal comma and without.
        """
        try:
            return column_numbers(texts, mark, table_mark=self._table_mark())
        except AmbiguousNumbersError:
            raise self._faults.stop(
                self.title_line,
                f"column {cut(title, 60)!r} has numbers such as 1,234, which may be 1.234 or "
                "1234: write decimal: comma or decimal: point",
            ) from None

    def _table_mark(self) -> DecimalMark | None:
        """Return the decimal mark that the first rows show where cells may hold commas."""
        cells = [cell for row in self.sample() for cell in row if "," in cell]
        numbers = [cell for cell in cells if is_number(cell)]
        try:
            return decimal_mark_of(numbers) if numbers else None
        except AmbiguousNumbersError:
            return None


def column_place(title: str, titles: Sequence[str], line: int | None, faults: Faults) -> int:
    """Return the place of a column by its title; a message names like titles and no others.

    Parameters
    ----------
    title : str
        Title that a scenario gives.
    titles : sequence of str
        Titles of the file.
    line : int, optional
        Line on which they stand.
    faults : Faults
        Where faults go.

    Raises
    ------
    ScenarioError
        If there is none, or more than one.
    """
    if titles.count(title) == 1:
        return titles.index(title)
    if title in titles:
        raise faults.stop(line, f"has two columns titled {cut(title, 60)!r}")
    folded = {known.casefold(): known for known in titles}
    near = difflib.get_close_matches(title.casefold(), folded, n=1, cutoff=0.75)
    hint = f"; did you mean {cut(folded[near[0]], 60)!r}?" if near else ""
    n_titles = f"{len(titles)} column" + ("" if len(titles) == 1 else "s")
    raise faults.stop(line, f"has no column {cut(title, 60)!r} among its {n_titles}{hint}")


def is_hole(text: str) -> bool:
    """Tell whether a cell says that there is no value."""
    return text.strip().casefold() in HOLES
