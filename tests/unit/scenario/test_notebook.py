from __future__ import annotations

from dcsim.scenario.notebook import MAX_CELL, html_card


def test_markup_in_a_text_is_shown_as_it_is():
    card = html_card("<script>x</script>", [("a & b", '"quoted" <i>')])
    assert "<script>" not in card
    assert "&lt;script&gt;x&lt;/script&gt;" in card
    assert "<th>a &amp; b</th><td>&quot;quoted&quot; &lt;i&gt;</td>" in card


def test_a_long_text_is_cut_and_control_characters_are_spelled():
    card = html_card("a\x1b[0m", [("long", "x" * 5000)])
    assert "\x1b" not in card
    assert len(card) < MAX_CELL + 200
