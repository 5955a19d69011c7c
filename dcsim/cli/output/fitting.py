"""Text that fits a terminal: lines and cells in, wrapped between words and never in a number out.

A figure that is cut reads as another figure, so nothing here shortens text: it is wrapped where a
reader would pause, or it is longer than the terminal.
"""

from __future__ import annotations

import re
import shutil
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import pairwise

NARROWEST = 20
"""Narrower terminals are treated as this one. [characters]"""
_PAUSE = re.compile(
    r"(?<=[^\d\s+–]) +"  # a space, but not between a figure and its unit
    r"|(?<=\d) +(?=\(|\[|to |and |of |in |or |/ |-> |is |each |at |for )"
)
_KEEP = re.compile(r"(?:bn|mn|k|per) +$")
"""What belongs to the unit behind it."""
_LONG = 16
"""Words beyond that may be wrapped at the marks within a path of keys. [characters]"""
_WITHIN = re.compile(r"(?<=[A-Za-z\d][._/-])(?=[A-Za-z])")


def terminal_width(most: int | None = None) -> int:
    """Return the columns of the terminal, those of ``COLUMNS`` if it is set, or 80 in a pipe.

    Parameters
    ----------
    most : int, optional
        Width beyond which text is not spread.
    """
    width = max(shutil.get_terminal_size((80, 24)).columns, NARROWEST)
    return width if most is None else min(width, most)


def text_width(text: str) -> int:
    """Return the columns that a text takes: two for a wide letter, such as one of Hangul.

    >>> text_width("Ulsan"), text_width("울산")
    (5, 4)
    """
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return len(text) + wide - sum(unicodedata.combining(letter) > 0 for letter in text)


def breakable_parts(text: str) -> list[str]:
    """Return the parts of a text between which it may be wrapped, each with what follows it.

    >>> breakable_parts("works.grid-103mw.slip of 41.5 MW")
    ['works.', 'grid-103mw.', 'slip ', 'of ', '41.5 MW']
    """
    marks = [match.span() for match in _PAUSE.finditer(text)]
    ends = [end for _, end in marks if not _KEEP.search(text[:end])]
    words = [text[start:end] for start, end in pairwise([0, *ends, len(text)])]
    return [piece for word in words for piece in _parts(word)]


def _parts(word: str) -> list[str]:
    """Return a word, a long one in parts; a figure with its unit is one word."""
    whole = len(word) <= _LONG or " " in word.rstrip()
    return [word] if whole else _WITHIN.split(word)


def wrapped(text: str, width: int, *, indent: str = "") -> list[str]:
    """Return a text as lines of at most `width` columns, unless a part alone is wider.

    Parameters
    ----------
    text : str
    width : int
        Columns of a line.
    indent : str
        Begins each line after the first.

    Returns
    -------
    list of str

    Examples
    --------
    >>> wrapped("Facility draw, peak / mean 103.5 MW / 96.5 MW", 26)
    ['Facility draw, peak / mean', '103.5 MW / 96.5 MW']
    """
    lines, line = [], ""
    for piece in breakable_parts(text):
        if line.strip() and text_width((line + piece).rstrip()) > width:
            lines.append(line.rstrip())
            line = indent + piece
        else:
            line += piece
    return [*lines, line.rstrip()]


def lines_within(lines: Iterable[str], width: int) -> list[str]:
    """Return lines as lines of at most `width` columns, the rest of each further indented.

    >>> lines_within(["UPS", "  bridges the start"], 14)
    ['UPS', '  bridges the', '    start']
    """
    return [
        part
        for line in lines
        for part in wrapped(line, width, indent=" " * (len(line) - len(line.lstrip()) + 2))
    ]


def least_width(text: str) -> int:
    """Return the columns of the widest part of a text, which cannot be wrapped."""
    return max((text_width(piece.rstrip()) for piece in breakable_parts(text)), default=0)


def fitted_widths(
    columns: Sequence[Sequence[str]], width: int, *, gap: int = 2
) -> list[int] | None:
    """Return widths for columns of cells within a line of `width`; None if they do not fit.

    Titles are wrapped first, then the widest columns.

    Parameters
    ----------
    columns : sequence of sequence of str
        Title and cells of each column.
    width : int
        Columns of a line.
    gap : int
        Between two columns.

    Returns
    -------
    list of int or None
    """
    least = [max(map(least_width, cells), default=0) for cells in columns]
    whole = [max(map(text_width, cells), default=0) for cells in columns]
    room = width - gap * (len(columns) - 1)
    if sum(least) > room:
        return None
    body = [max(map(text_width, cells[1:]), default=0) for cells in columns]
    widths = [max(pair) for pair in zip(body, least, strict=True)]
    while sum(widths) > room:
        # The widest of those that can still give way.
        widest = max((w, i) for i, w in enumerate(widths) if w > least[i])[1]
        widths[widest] -= 1
    for i, most in enumerate(whole):
        widths[i] += min(most - widths[i], room - sum(widths))
    return widths
