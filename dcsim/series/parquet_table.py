"""Parquet tables of other programs: a path in, numbers and times of named columns out.

Whatever DuckDB says of a file becomes one line: no type or damage of a stranger's file ends a run
otherwise.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dcsim.clock import Floats
from dcsim.database_paths import literal_pattern
from dcsim.errors import ScenarioError, cut
from dcsim.series.data_file import MAX_SERIES_BYTES, Faults
from dcsim.series.numbers import AmbiguousNumbersError, column_numbers
from dcsim.series.stamps import MAX_STAMP, NO_OFFSET, DayOrder, Stamps, read_stamps
from dcsim.series.text_table import SAMPLE_ROWS, column_place
from dcsim.series.time_columns import TimeColumns
from dcsim.untrusted_files import FileRefusedError, refuse_unless_small

MAX_PARQUET_ROWS = 8_000_000
"""Rows of a Parquet file that is read: seventy years by five minutes."""
MAX_TEXT_ROWS = 2_000_000
"""Rows of which texts are read."""
_NUMBERS = ("DOUBLE", "FLOAT", "DECIMAL", "INT", "BIGINT", "SMALLINT", "TINYINT", "HUGEINT")
_MEMORY = "1GB"
_SECOND_US = 1e6
_READ_PARQUET = "read_parquet(?, hive_partitioning = false)"


def _alias(place: int) -> str:
    return f"c{place}"


class ParquetTable:
    """A Parquet file: its titles and types at once, its columns when they are asked for."""

    title_line: None = None
    """It has no lines."""

    def __init__(self, path: Path, faults: Faults) -> None:
        """Read the titles.

        Parameters
        ----------
        path : Path
            The file; taken literally, whatever its letters.
        faults : Faults
            Where its faults go.

        Raises
        ------
        ScenarioError
            If it is no whole Parquet file, or holds more rows than are read.
        """
        self._faults = faults
        try:
            refuse_unless_small(path, MAX_SERIES_BYTES)
            self._pattern = literal_pattern(path)
        except (FileRefusedError, ValueError) as error:
            raise faults.stop(None, str(error)) from None
        counted = "SELECT sum(num_rows) FROM parquet_file_metadata(?)"
        with self._connection() as connection:
            # A small file may hold many rows: nothing is read before it is known how many.
            (n_rows,) = connection.execute(counted, [self._pattern]).fetchone() or (0,)
            described = f"DESCRIBE SELECT * FROM {_READ_PARQUET}"
            shown = connection.execute(described, [self._pattern]).fetchall()
        self.n_rows = int(n_rows or 0)
        if self.n_rows > MAX_PARQUET_ROWS:
            raise faults.stop(None, f"has {n_rows:,} rows; at most {MAX_PARQUET_ROWS:,} are read")
        self.titles: tuple[str, ...] = tuple(str(row[0]) for row in shown)
        self._kinds = tuple(str(row[1]) for row in shown)

    @contextlib.contextmanager
    def _connection(self) -> Iterator[Any]:
        import duckdb  # noqa: PLC0415  (slow to import, needed for Parquet only)

        try:
            with contextlib.closing(duckdb.connect()) as connection:
                connection.execute("SET threads = 1")
                connection.execute("SET TimeZone = 'UTC'")
                connection.execute(f"SET memory_limit = '{_MEMORY}'")
                yield connection
        except ScenarioError:
            raise
        except Exception:  # DuckDB raises many kinds for what is no file of its own
            raise self._faults.stop(None, "is no whole Parquet file, or none of its kind") from None

    def _fetch(self, *expressions: str, limit: int | None = None) -> list[Any]:
        """Return one masked array for each expression over the columns."""
        names = ", ".join(f"{text} AS e{at}" for at, text in enumerate(expressions))
        # Columns by their place: a title may be empty, or stand there twice.
        columns = ", ".join(map(_alias, range(len(self.titles))))
        sql = f"SELECT {names} FROM {_READ_PARQUET} AS t({columns})"
        with self._connection() as connection:
            found = connection.execute(
                sql + ("" if limit is None else f" LIMIT {limit}"), [self._pattern]
            ).fetchnumpy()
            return [found[f"e{at}"] for at in range(len(expressions))]

    def place_of(self, title: str) -> int:
        """Return the place of a column by its title; ScenarioError if there is no such one."""
        return column_place(title, self.titles, None, self._faults)

    def sample(self) -> list[list[str]]:
        """Return the first rows as texts, nested columns as empty ones."""
        texts = [
            self._text(place) if self._is_plain(place) else "''"
            for place in range(len(self.titles))
        ]
        columns = [_texts_of(each) for each in self._fetch(*texts, limit=SAMPLE_ROWS)]
        return [list(row) for row in zip(*columns, strict=True)]

    def _is_plain(self, place: int) -> bool:
        kind = self._kinds[place]
        return not any(mark in kind for mark in ("[", "STRUCT", "MAP", "BLOB", "UNION", "VARIANT"))

    def _text(self, place: int) -> str:
        return f"left(CAST({_alias(place)} AS VARCHAR), {MAX_STAMP + 1})"

    def numbers(self, place: int) -> Floats:
        """Return the numbers of a column, NaN where it has none, shape ``(n_rows,)``.

        Raises
        ------
        ScenarioError
            If it holds anything but numbers, or texts of numbers.
        """
        kind, title = self._kinds[place], cut(self.titles[place], 60)
        if kind == "VARCHAR":
            (cells,) = self._fetch_texts([place])
            try:
                return column_numbers(cells)
            except AmbiguousNumbersError:
                message = f"column {title!r} has texts such as 1,234: save it as numbers"
                raise self._faults.stop(None, message) from None
        if not any(kind.startswith((name, f"U{name}")) for name in _NUMBERS) or "[" in kind:
            raise self._faults.stop(None, f"column {title!r} holds no numbers")
        (found,) = self._fetch(f"CAST({_alias(place)} AS DOUBLE)")
        values = np.ma.filled(found.astype(np.float64), np.nan)
        return np.where(np.isfinite(values), values, np.nan)

    def stamps(self, columns: TimeColumns, order: DayOrder | None) -> Stamps:
        """Return the times of rows as they are stored, in a type of times or as texts.

        Parameters
        ----------
        columns : TimeColumns
            Where they stand.
        order : {"day-first", "month-first"}, optional
            Order of day and month in texts.
        """
        place = columns.places[0]
        kind = self._kinds[place]
        is_moment = kind == "DATE" or kind.startswith("TIMESTAMP")
        if not is_moment or len(columns.places) > 1:
            texts = self._fetch_texts(columns.places)
            return read_stamps(columns.texts(dict(zip(columns.places, texts, strict=True))), order)
        has_zone = "ZONE" in kind or kind == "TIMESTAMPTZ"
        cell = _alias(place)
        (found,) = self._fetch(f"epoch_us({cell if has_zone else f'CAST({cell} AS TIMESTAMP)'})")
        clock_s = np.ma.filled(found.astype(np.float64), np.nan) / _SECOND_US
        offset_min = np.full(clock_s.size, 0 if has_zone else NO_OFFSET, dtype=np.int64)
        return Stamps(clock_s, offset_min, np.zeros(clock_s.size, dtype=np.bool_), True, False)

    def _fetch_texts(self, places: Sequence[int]) -> list[list[str]]:
        if self.n_rows > MAX_TEXT_ROWS:
            message = f"has {self.n_rows:,} rows of texts; at most {MAX_TEXT_ROWS:,} are read"
            raise self._faults.stop(None, message)
        return [_texts_of(each) for each in self._fetch(*map(self._text, places))]


def _texts_of(cells: Any) -> list[str]:
    """Return texts with empty ones where there is nothing."""
    return ["" if cell is None else str(cell) for cell in np.ma.filled(cells, None).tolist()]
