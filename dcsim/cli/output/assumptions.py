"""Changed assumptions as lines: key, value before, value after, source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dcsim.cli.output.fitting import breakable_parts

if TYPE_CHECKING:
    from dcsim.study.attribution.differences import Assumption

_NESTING = {"[": 1, "{": 1, "(": 1, "]": -1, "}": -1, ")": -1}


def assumption_line(change: Assumption, *, most: int = 60, with_source: bool = True) -> str:
    """Return a changed assumption as one line.

    Parameters
    ----------
    change : Assumption
    most : int
        Characters beyond which a value is shortened, see `shortened_value`.
    with_source : bool
        Whether the source follows in brackets, if there is one.

    Examples
    --------
    >>> from dcsim.study.attribution.differences import Assumption
    >>> assumption_line(Assumption("hall.racks", None, "400", "plan"))
    'hall.racks: nothing -> 400  [plan]'
    """
    before, after = (
        "nothing" if text is None else shortened_value(text, most)
        for text in (change.before, change.after)
    )
    source = f"  [{change.source}]" if change.source and with_source else ""
    return f"{change.key}: {before} -> {after}{source}"


def shortened_value(text: str, most: int) -> str:
    """Return a value: a long series as its first and last, long prose to a pause; no figure cut.

    >>> shortened_value("{2025: 3.00 USD, 2026: 2.50 USD, 2027: 2.25 USD}", 30)
    '{2025: 3.00 USD … 2027: 2.25 USD}'
    >>> shortened_value("two halls of 1,234,567 GPUs in a row", 24)
    'two halls of…'
    """
    if len(text) <= most:
        return text
    if text[0] in "[{" and text[-1] in "]}":
        first, *more = _items_of_series(text[1:-1])
        return f"{text[0]}{first} … {more[-1]}{text[-1]}" if len(more) > 1 else text
    shown = ""
    for part in breakable_parts(text):
        if shown and len(shown + part.rstrip()) >= most:
            return f"{shown.rstrip()}…"
        shown += part
    return text


def _items_of_series(text: str) -> list[str]:
    """Return what stands between the commas that are in no brackets."""
    items, depth, begin = [], 0, 0
    for place, mark in enumerate(text):
        depth += _NESTING.get(mark, 0)
        if mark == "," and depth == 0 and text[place + 1 : place + 2] in ("", " "):
            items.append(text[begin:place].strip())
            begin = place + 1
    return [*items, text[begin:].strip()]
