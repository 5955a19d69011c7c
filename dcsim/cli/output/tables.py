"""Tables of text and plain data as JSON, for terminals."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

from dcsim.cli.output.fitting import fitted_widths, terminal_width, text_width, wrapped
from dcsim.errors import printable_json


def text_table(
    names: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    width: int | None = None,
    ditto: int = 0,
    ruled: bool = True,
    to_right: Collection[int] = (),
) -> list[str]:
    """Return rows as lines with aligned columns under a rule, numbers to the right.

    Parameters
    ----------
    names : sequence of str
        Titles of the columns; the first column says what a row is about.
    rows : sequence of sequence
        Their cells.
    width : int, optional
        Columns of a line, those of the terminal by default. Where they are too few, cells are
        wrapped, and then columns are put below one another; nothing is cut.
    ditto : int
        First columns that name a row together; what repeats the row above is left blank.
    ruled : bool
        Whether a rule stands below the titles.
    to_right : collection of int
        Columns of texts that stand to the right, as columns of numbers do.

    Returns
    -------
    list of str

    Examples
    --------
    >>> text_table(["case", "runs"], [["a", 3], ["bb", 12]])
    ['case  runs', '----  ----', 'a        3', 'bb      12']
    """
    cells = [[_cell_text(value) for value in row] for row in rows]
    right = [
        index in to_right or all(isinstance(row[index], int | float | None) for row in rows)
        for index in range(len(names))
    ]
    return _laid_out(_Grid(names, cells, right, ruled=ruled, ditto=ditto), width)


def right_table(
    names: Sequence[str], rows: Sequence[Sequence[str]], *, width: int | None = None
) -> list[str]:
    """Return rows as lines, all columns but the first to the right.

    Parameters
    ----------
    names, rows, width
        As in `text_table`.

    Returns
    -------
    list of str

    Examples
    --------
    >>> right_table(["cause", "P50"], [["crews", "7"], ["hall", "1,200"]])
    ['cause    P50', 'crews      7', 'hall   1,200']
    >>> right_table(["cause", "P50"], [["waits for crews", "7 GPUs"]], width=17)
    ['cause         P50', 'waits for  7 GPUs', 'crews']
    """
    right = [False, *[True] * (len(names) - 1)]
    return _laid_out(_Grid(names, rows, right, ruled=False), width)


class _Grid(NamedTuple):
    """Titles and cells of a table, and which columns stand to the right."""

    names: Sequence[str]
    cells: Sequence[Sequence[str]]
    right: Sequence[bool]
    ruled: bool
    ditto: int = 0
    """First columns that name a row together."""

    def of(self, chosen: Sequence[int]) -> _Grid:
        """Return the table with some of its columns."""
        return _Grid(
            [self.names[i] for i in chosen],
            [[row[i] for i in chosen] for row in self.cells],
            [self.right[i] for i in chosen],
            self.ruled,
        )

    @property
    def shown(self) -> list[list[str]]:
        """The rows, blank in what repeats the row above."""
        rows = [list(row) for row in self.cells]
        for above, row in zip(self.cells, rows[1:], strict=False):
            if tuple(row[: self.ditto]) == tuple(above[: self.ditto]):
                row[: self.ditto] = [""] * self.ditto
        return rows

    @property
    def columns(self) -> list[list[str]]:
        """Each column with its title."""
        return [[name, *(row[i] for row in self.cells)] for i, name in enumerate(self.names)]


def _laid_out(grid: _Grid, width: int | None) -> list[str]:
    """Return a table whole if it fits, else in groups of its columns, else a cell a line."""
    room = terminal_width() if width is None else width
    if (widths := fitted_widths(grid.columns, room)) is not None:
        return _table_lines(grid, widths)
    if grid.ditto:
        return _stacked_lines(grid, room)
    lines: list[str] = []
    first, chosen = 0, [0]
    for index in range(1, len(grid.names)):
        if fitted_widths(grid.of([*chosen, index]).columns, room) is None and chosen != [first]:
            lines += [*_group_lines(grid.of(chosen), room), ""]
            chosen = [first]
        if fitted_widths(grid.of([first, index]).columns, room) is None:
            return _stacked_lines(grid, room)
        chosen.append(index)
    return lines + _group_lines(grid.of(chosen), room)


def _group_lines(grid: _Grid, room: int) -> list[str]:
    widths = fitted_widths(grid.columns, room)
    assert widths is not None
    return _table_lines(grid, widths)


def _table_lines(grid: _Grid, widths: Sequence[int]) -> list[str]:
    rule = [["-" * width for width in widths]] if grid.ruled else []
    rows = [list(grid.names), *rule, *grid.shown]
    return [line for row in rows for line in _row_lines(row, widths, grid.right)]


def _row_lines(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> list[str]:
    columns = [wrapped(text, width) for text, width in zip(cells, widths, strict=True)]
    lines = []
    for texts in zip_longest(*columns, fillvalue=""):
        padded = [
            " " * (width - text_width(text)) + text
            if to_right
            else text + " " * (width - text_width(text))
            for text, width, to_right in zip(texts, widths, right, strict=True)
        ]
        lines.append("  ".join(padded).rstrip())
    return lines


def _stacked_lines(grid: _Grid, room: int) -> list[str]:
    """Return each row as its first cell and a line a further one."""
    lines = []
    for row, shown in zip(grid.cells, grid.shown, strict=True):
        lines += wrapped(row[0], room) if shown[0] or not grid.ditto else []
        for name, text in zip(grid.names[1:], shown[1:], strict=True):
            if text:
                lines += wrapped(f"  {name}: {text}" if name else f"  {text}", room, indent="    ")
    return lines


def json_line(value: Any) -> str:
    """Return plain data as JSON for a terminal; numbers that are not finite become null.

    >>> json_line({"npv": math.nan, "runs": 3})
    '{"npv": null, "runs": 3}'
    """
    return printable_json(json.dumps(_finite_data(value), default=str, ensure_ascii=False))


def _finite_data(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {key: _finite_data(inner) for key, inner in value.items()}
    return [_finite_data(inner) for inner in value] if isinstance(value, list | tuple) else value


def _cell_text(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 1e6 else f"{value:,.0f}"
    return str(value)
