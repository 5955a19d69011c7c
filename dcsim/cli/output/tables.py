"""Tables of text and plain data as JSON, for terminals."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from dcsim.errors import printable_json


def text_table(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    """Return rows as lines with aligned columns under a rule, numbers to the right.

    >>> text_table(["case", "runs"], [["a", 3], ["bb", 12]])
    ['case  runs', '----  ----', 'a        3', 'bb      12']
    """
    cells = [[_cell_text(value) for value in row] for row in rows]
    widths = [
        max([len(name), *(len(row[index]) for row in cells)]) for index, name in enumerate(names)
    ]
    right = [
        all(isinstance(row[index], int | float | None) for row in rows)
        for index in range(len(names))
    ]

    def line(texts: Sequence[str]) -> str:
        parts = (
            text.rjust(width) if to_right else text.ljust(width)
            for text, width, to_right in zip(texts, widths, right, strict=True)
        )
        return "  ".join(parts).rstrip()

    return [line(names), line(["-" * width for width in widths]), *map(line, cells)]


def right_table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as lines, all columns but the first to the right.

    >>> right_table(["cause", "P50"], [["crews", "7"], ["hall", "1,200"]])
    ['cause    P50', 'crews      7', 'hall   1,200']
    """
    widths = [max(map(len, column)) for column in zip(names, *rows, strict=True)]

    def line(cells: Sequence[str]) -> str:
        first = cells[0].ljust(widths[0])
        rest = (cell.rjust(w) for cell, w in zip(cells[1:], widths[1:], strict=True))
        return "  ".join((first, *rest)).rstrip()

    return [line(names), *map(line, rows)]


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
