"""Scenarios in a notebook: a title and rows of text in, a small HTML table out."""

from __future__ import annotations

import html
from collections.abc import Iterable

from dcsim.errors import cut, printable

MAX_CELL = 300
"""Longest text of a cell. [characters]"""


def html_card(title: str, rows: Iterable[tuple[str, str]]) -> str:
    """Return a title and labeled texts as HTML; nothing in a text is taken for markup.

    >>> print(html_card("One hall", [("Digest", "<b>")]))
    <p><strong>One hall</strong></p>
    <table>
    <tr><th>Digest</th><td>&lt;b&gt;</td></tr>
    </table>
    """
    lines = (f"<tr><th>{_cell(label)}</th><td>{_cell(text)}</td></tr>" for label, text in rows)
    return "\n".join([f"<p><strong>{_cell(title)}</strong></p>", "<table>", *lines, "</table>"])


def _cell(text: str) -> str:
    return html.escape(cut(printable(text), MAX_CELL))
