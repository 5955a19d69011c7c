"""Untrusted text in figures is one short line."""

from __future__ import annotations

from dcsim.plots.style import plain


def test_plain_text_is_one_short_line():
    assert plain("a\nb\tc") == "a b c"
    assert plain("x" * 100, most=10) == "x" * 9 + "…"
    assert plain("\x1b[31m\u202e") == "\\x1b[31m\\u202e"
