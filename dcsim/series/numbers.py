"""Numbers as other programs write them: the texts of a column in, numbers out.

A decimal comma and separators of thousands are told apart by the column itself; where it leaves
both open, as ``1,234`` does, the scenario has to say which one it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

import numpy as np

from dcsim.clock import Floats
from dcsim.series.data_file import parse_numbers

DecimalMark = Literal["point", "comma"]

HOLES = frozenset({"", "nan", "na", "n/a", "#n/a", "null", "none", "-", "--", "nat", "missing"})
"""Texts by which programs say that there is no value, in lower case."""

_SIGN, _EXPONENT = r"[-+]?", r"(?:[eE][-+]?\d+)?"
_EITHER = re.compile(rf"{_SIGN}[1-9]\d{{0,2}}[.,]\d{{3}}", re.ASCII)
_WITH_COMMA = re.compile(rf"{_SIGN}(?:\d*|\d{{1,3}}(?:\.\d{{3}})+),\d*{_EXPONENT}", re.ASCII)
_THOUSANDS = re.compile(rf"{_SIGN}\d{{1,3}}(?:,\d{{3}})+(?:\.\d*)?{_EXPONENT}", re.ASCII)
_SPACES = re.compile(r"(?<=\d)[ '\u00a0\u202f\u2019](?=\d{3})")


class AmbiguousNumbersError(ValueError):
    """A column may be read with a decimal comma and without."""


def is_number(text: str) -> bool:
    """Tell whether a cell holds a number, whatever its decimal mark."""
    text = text.strip()
    if _WITH_COMMA.fullmatch(text) or _THOUSANDS.fullmatch(text):
        return any(character.isdigit() for character in text)
    value = parse_numbers([text])[0]
    return bool(value == value)  # noqa: PLR0124  (NaN where there is no number)


def decimal_mark_of(texts: Sequence[str]) -> DecimalMark | None:
    """Return the decimal mark that the numbers of a column show, None where they show none.

    Raises
    ------
    AmbiguousNumbersError
        If each comma stands before three digits, where it may also part thousands.
    """
    marked = [text for text in map(str.strip, texts) if "," in text]
    if not marked:
        return "point" if any("." in t and not _EITHER.fullmatch(t) for t in texts) else None
    sure = [text for text in marked if not _EITHER.fullmatch(text)]
    if not sure:
        raise AmbiguousNumbersError
    return "comma" if all(_WITH_COMMA.fullmatch(text) for text in sure) else "point"


def column_numbers(
    texts: Sequence[str], mark: DecimalMark | None = None, *, table_mark: DecimalMark | None = None
) -> Floats:
    """Return the numbers of a column, NaN where there is none, shape ``(n_rows,)``.

    Parameters
    ----------
    texts : sequence of str
        Its cells.
    mark : {"point", "comma"}, optional
        Decimal mark that the scenario states; by default the column shows it.
    table_mark : {"point", "comma"}, optional
        Decimal mark that other columns of the table show.

    Raises
    ------
    AmbiguousNumbersError
        If the column may be read with either mark.

    Examples
    --------
    >>> column_numbers(["0,5", "1.234,5", "n/a"])
    array([5.0000e-01, 1.2345e+03,        nan])
    """
    joined = "".join(texts)
    if "," not in joined and mark != "comma" and table_mark != "comma":
        values = parse_numbers(texts)
        if np.isnan(values).any() and _SPACES.search(joined):
            return parse_numbers(_joined_digits(texts))
        return values
    texts = _joined_digits(texts)
    found = mark or _mark_among(texts, table_mark)
    if found == "comma":
        return parse_numbers([_point_text(text) for text in texts])
    return parse_numbers([t.replace(",", "") if _THOUSANDS.fullmatch(t) else t for t in texts])


def _mark_among(texts: Sequence[str], table_mark: DecimalMark | None) -> DecimalMark:
    try:
        found = decimal_mark_of(texts)
    except AmbiguousNumbersError:
        if table_mark is None:
            raise
        return table_mark
    if found is None and any(_EITHER.fullmatch(text) for text in texts):
        raise AmbiguousNumbersError  # 1.234 beside columns with a decimal comma
    return found or "point"


def _joined_digits(texts: Sequence[str]) -> list[str]:
    """Return texts without the spaces or apostrophes that part thousands."""
    return [_SPACES.sub("", text).strip() for text in texts]


def _point_text(text: str) -> str:
    if _WITH_COMMA.fullmatch(text):
        return text.replace(".", "").replace(",", ".")
    # What has a point only parts thousands with it, in a column of decimal commas.
    return text.replace(".", "") if _EITHER.fullmatch(text) or "." not in text else ""
