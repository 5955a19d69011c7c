"""Paths for DuckDB: a path in, text that DuckDB takes for this file and no other out.

DuckDB reads ``name[1].parquet`` as a pattern, which matches ``name1.parquet``; what was judged to
lie in a scenario's folder would not be what is read.
"""

from __future__ import annotations

import os
from pathlib import Path

_PATTERN_MARKS = "[*?"


def literal_pattern(path: Path) -> str:
    """Return the pattern that matches a path alone, for functions of DuckDB that take patterns.

    Raises
    ------
    ValueError
        If there is none: the path is not UTF-8 text, or has a backslash beside marks of patterns.

    Examples
    --------
    >>> literal_pattern(Path("pv[1].parquet"))[-16:]
    '/pv[[]1].parquet'
    """
    # Absolute, so that no name begins like an address of the network.
    text = os.path.abspath(path)  # noqa: PTH100  (links stay as they are)
    _check_utf8(text)
    if not any(mark in text for mark in _PATTERN_MARKS):
        return text
    if "\\" in text and os.sep != "\\":
        raise ValueError("its path has a backslash beside one of [ * ?; rename it")
    return "".join(f"[{letter}]" if letter in _PATTERN_MARKS else letter for letter in text)


def quoted_target(path: Path) -> str:
    """Return a path in quotes, for a statement of DuckDB that writes a file.

    Raises
    ------
    ValueError
        If the path is not UTF-8 text.

    Examples
    --------
    >>> quoted_target(Path("/data/it's.parquet"))
    "'/data/it''s.parquet'"
    """
    text = os.path.abspath(path)  # noqa: PTH100  (links stay as they are)
    _check_utf8(text)
    return "'" + text.replace("'", "''") + "'"


def _check_utf8(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("its path is not UTF-8 text; rename it") from None
